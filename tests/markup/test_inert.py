"""A page that quotes Reddit shows text and runs nothing, whatever an author typed.

Each page contains a text, the same words as a title and as a link label, alone and two quotes deep.
It is rendered with raw HTML enabled and parsed as by a browser. Images are allowed only where
Reddit itself shows one. Half of the pages load no images at all.
"""

from html import escape as escaped

import pytest
from markdownify import markdownify

from reddit_archive import markup
from reddit_archive.markup import escape
from reddit_archive.markup.targets import NAMES
from tests.support import dom, renderers
from tests.support.inertness import (
    CONTROL,
    HREF_ON_REDDIT,
    MEDIA,
    PAYLOADS,
    PLACES,
    build_document,
    find_live_html,
    find_live_text,
    find_offences,
    iter_rendered,
)

slow = pytest.mark.slow

# Fixed payloads

PAYLOAD_AND_TARGET = pytest.mark.parametrize(
    ("payload", "target"),
    [
        pytest.param(
            payload, target, id=f"{name}-{target}", marks=() if (row + column) % 3 == 0 else slow
        )
        for row, (name, payload) in enumerate(PAYLOADS.items())
        for column, target in enumerate(NAMES)
    ],
)
"""Every payload in every target; in the default run a third of them."""


@PAYLOAD_AND_TARGET
def test_convert__typed_payload_is_inert(payload: str, target: str) -> None:
    html = "".join(place.replace("{}", escaped(payload)) for place in PLACES)
    assert find_offences(html, payload, target) == []


@PAYLOAD_AND_TARGET
def test_convert__payload_in_html_is_inert(payload: str, target: str) -> None:
    html = "".join(place.replace("{}", payload) for place in PLACES)
    assert find_offences(html, payload, target) == []


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_convert__payload_in_typed_markdown_is_inert(payload: str) -> None:
    own = renderers.snudown()
    text = markup.convert("<p>x</p>", target="reddit", body=payload, media_metadata=MEDIA)
    assert not CONTROL.search(text)
    if own is not None:
        assert find_live_html(own(dom.quoted(text, 2)), HREF_ON_REDDIT) == []


@pytest.mark.parametrize("target", NAMES)
def test_convert__loads_only_images_in_image_sources(target: str) -> None:
    html = '<p><img src="https://i.redd.it/x.png" alt="a"><img src="y.png"></p>'
    text = markup.convert(html, target=target, image_sources={})
    assert not any("<img" in shown for shown in iter_rendered(text, target))


# Fuzzed documents


def fuzz(numbers: range, *, everywhere: bool) -> list[tuple[int, str, list[str]]]:
    found = []
    for number in numbers:
        html, typed = build_document(number)
        for target in NAMES:
            if bad := find_offences(html, typed, target, everywhere=everywhere):
                found.append((number, target, bad))
    return found


@pytest.mark.parametrize("documents", [30, pytest.param(300, marks=slow)])
def test_convert__fuzzed_document_is_inert(documents: int) -> None:
    assert fuzz(range(documents), everywhere=True) == []


@slow
@pytest.mark.parametrize("part", range(10))
def test_convert__ten_thousand_fuzzed_documents_are_inert(part: int) -> None:
    assert fuzz(range(1000 * part, 1000 * part + 1000), everywhere=False) == []


# Controls: the checks find what they should find


def test_control__plain_markdownify_output_is_live() -> None:
    count = 0
    for number in range(100):
        text = markdownify(build_document(number)[0])
        count += bool(
            find_live_text(text, "markdown")
            or any(map(find_live_html, iter_rendered(text, "markdown")))
        )
    assert count > 40


@pytest.mark.parametrize("target", [name for name in NAMES if name != "text"])
def test_control__output_without_escapes_is_live(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escape, "escape_line", lambda raw, **_: raw)
    monkeypatch.setattr(escape, "escape_html", lambda text: text)
    html = f"<p>{escaped(PAYLOADS['image'])}</p>"
    assert find_offences(html, "x", target)


@pytest.mark.parametrize(
    "html",
    [
        "<p onclick=x>y</p>",
        "<img src=https://x>",
        "<img src=//i.redd.it/x>",
        "<img src=x onerror=y>",
        "<img src=https://i.redd.it/x onload=y>",
        "<a href=' java\tscript:x'>y</a>",
        "<a href=data:x>y</a>",
        "<a href=logout?all=1>y</a>",
        "<a href=https:logout>y</a>",
        "<a href>y</a>",
        "<p style='color: red'>y</p>",
        "<p class=evil>y</p>",
        "<p>a\x1bb</p>",
        "<p>a\u202eb</p>",
        "<p>a\u202e</p><p>\u202cb</p>",
        "<p>\u2067a\u202c\u2069</p>",
        "<p>LEAKED</p>",
    ],
)
def test_control__live_html_is_found(html: str) -> None:
    assert find_live_html(html)


@pytest.mark.parametrize(
    "text", ["[[x]]", "a #tag", "%%x%%", "==x==", "> [!note]", "`= x`", "```\n$= x\n```", "x ^id"]
)
def test_control__live_obsidian_syntax_is_found(text: str) -> None:
    assert find_live_text(text, "obsidian")
