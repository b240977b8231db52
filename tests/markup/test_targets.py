"""Case files say what is written for each target, and its own renderer shows the same."""

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from reddit_archive import markup
from reddit_archive.markup import html_parser, media_tokens, targets
from tests.conftest import EXAMPLES
from tests.support import dom, renderers

CASES = Path(__file__).parent.parent / "data" / "targets"
PART = re.compile(
    r"^## (?P<title>[^\n]+)$|^(?P<fence>`{3,})(?P<name>[^\n`]+)\n(?P<text>.*?)\n?^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)
DIFFERS = "(differs)"  # in the title of a case that shows something else than its source on purpose
LITERAL = "-literal"
DEPTHS = (0, 2)
TYPOGRAPHY = {
    **dict.fromkeys("\u2018\u2019", "'"),
    **dict.fromkeys("\u201c\u201d", '"'),
    "\u2026": "...",
    "\u2014": "---",
    "\u2013": "--",
    "&quot;": '"',
    "&lt;&lt;": "\u00ab",
    "&gt;&gt;": "\u00bb",
    "\u00ab\u00a0": "\u00ab",
    "\u00a0\u00bb": "\u00bb",
}
Case = tuple[str, str, str, str]


def cases() -> Iterator[Case]:
    """Yield (title, HTML, target, expected). The first block of a case is the HTML."""
    for path in sorted(CASES.glob("*.md")):
        title = html = ""
        for part in PART.finditer(path.read_text("utf-8")):
            if part["title"]:
                title, html = f"{path.stem}: {part['title']}", ""
            elif not html:
                html = part["text"]
            else:
                yield f"{title} [{part['name']}]", html, part["name"].split()[-1], part["text"]


CASE_LIST = list(cases())


def only(*names: str) -> pytest.MarkDecorator:
    chosen = [c for c in CASE_LIST if c[2] in names and DIFFERS not in c[0]]
    return pytest.mark.parametrize(
        ("html", "expected"), [(c[1], c[3]) for c in chosen], ids=[c[0] for c in chosen]
    )


def converted(html: str, target: str, **options: object) -> str:
    is_literal = target.endswith(LITERAL)
    return markup.convert(html, target=target.removesuffix(LITERAL), is_literal=is_literal)


def shows(html: str, shown: str, depth: int) -> bool:
    return dom.unquoted(dom.extract_lines(shown), depth) == dom.extract_lines(html)


def folded(html: str) -> str:
    """Replace typographic quotation marks, dashes and dots by what was typed."""
    for typographic, typed in TYPOGRAPHY.items():
        html = html.replace(typographic, typed)
    return html


# Cases


def test_cases__are_all_read() -> None:
    fences = sum(path.read_text("utf-8").count("\n## ") for path in CASES.glob("*.md"))
    assert len(CASE_LIST) > fences > 70
    assert {case[2].removesuffix(LITERAL) for case in CASE_LIST} == {*targets.NAMES} - {"markdown"}


@pytest.mark.parametrize(
    ("html", "target", "expected"), [c[1:] for c in CASE_LIST], ids=[c[0] for c in CASE_LIST]
)
def test_convert__writes_what_the_case_says(html: str, target: str, expected: str) -> None:
    assert converted(html, target) == expected


@pytest.mark.parametrize("depth", DEPTHS)
@only("jekyll-literal")
def test_literal_jekyll__shows_every_character_of_its_source(
    html: str, expected: str, depth: int
) -> None:
    render = renderers.kramdown() or pytest.skip("kramdown and Liquid are not installed")
    assert shows(html, render(dom.quoted(expected, depth)), depth)


@pytest.mark.parametrize("depth", DEPTHS)
@only("jekyll")
def test_jekyll__shows_its_source_except_typography(html: str, expected: str, depth: int) -> None:
    render = renderers.kramdown() or pytest.skip("kramdown and Liquid are not installed")
    assert shows(folded(html), folded(render(dom.quoted(expected, depth))), depth)


@pytest.mark.parametrize("depth", DEPTHS)
@only("commonmark")
def test_commonmark__needs_no_extension(html: str, expected: str, depth: int) -> None:
    render = MarkdownIt("commonmark", {"maxNesting": 200}).render
    assert shows(html, render(dom.quoted(expected, depth)), depth)
    assert shows(html, renderers.gfm(dom.quoted(expected, depth)), depth)


@pytest.mark.parametrize("depth", DEPTHS)
@only("reddit")
def test_reddit__shows_its_source(html: str, expected: str, depth: int) -> None:
    render = renderers.snudown() or pytest.skip("snudown-js is not installed")
    assert shows(html, render(dom.quoted(expected, depth)), depth)


@pytest.mark.parametrize("depth", DEPTHS)
@only("obsidian")
def test_obsidian__shows_its_source_as_commonmark(html: str, expected: str, depth: int) -> None:
    for render in (renderers.gfm, renderers.markdown_it):
        # Code that Dataview would run is written as <samp>, or as <pre> without <code>.
        shown = render(dom.quoted(expected, depth)).replace("samp>", "code>")
        shown = re.sub(
            r"<pre>(?!<code)\n?(.*?)</pre>", r"<pre><code>\1</code></pre>", shown, flags=re.S
        )
        assert shows(html, re.sub(r"</?s>", "", shown), depth)


def test_control__plain_markdown_is_live_in_obsidian_and_reddit() -> None:
    assert "[[" in markup.convert("<p>[[a[b]]</p>") != converted("<p>[[a[b]]</p>", "obsidian")
    assert "<sup>" in markup.convert("<sup>x</sup>")


# Targets


def test_get_target__accepts_only_known_names() -> None:
    assert [targets.get_target(name).name for name in targets.NAMES] == list(targets.NAMES)
    for call in (markup.escape_text, markup.convert):
        with pytest.raises(ValueError, match="Unknown target 'papyrus'"):
            call("x", target="papyrus")
    with pytest.raises(ValueError, match="papyrus"):
        markup.format_link("x", "https://example.com/", target="papyrus")


def test_import__targets_load_no_parser() -> None:
    heavy = "{'selectolax', 'markdownify', 'bs4'} & set(sys.modules)"
    code = f"import sys; from reddit_archive.markup import targets; print({heavy})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


@pytest.mark.parametrize(
    "name", [name for name in targets.NAMES if targets.get_target(name).max_depth]
)
def test_max_depth__text_is_shown(name: str) -> None:
    depth = targets.get_target(name).max_depth
    renders = [renderers.gfm]
    renders += [r for r in [renderers.snudown() if name == "reddit" else renderers.kramdown()] if r]
    for render in renders:
        assert dom.text(render(dom.quoted("deep down", depth))) == "deep down"


@pytest.mark.parametrize(
    ("target", "text", "link"),
    [
        ("markdown", "a_b \\*c\\* #d", "[x](https://example.com/a_b)"),
        ("github", "a_b \\*c\\* #d", "[x](https://example.com/a_b)"),
        ("commonmark", "a_b \\*c\\* #d", "[x](https://example.com/a_b)"),
        ("jekyll", "a_b \\*c\\* #d", "[x](https://example.com/a_b)"),
        ("obsidian", "a_b \\*c\\* \\#d", "[x](https://example.com/a_b)"),
        ("reddit", "a\\_b \\*c\\* #d", "[x](https://example.com/a_b)"),
        ("html", "a_b *c* #d", '<a href="https://example.com/a_b" rel="nofollow">x</a>'),
        ("text", "a_b *c* #d", "x <https://example.com/a_b>"),
    ],
)
def test_escape_text_and_format_link__each_target(target: str, text: str, link: str) -> None:
    assert markup.escape_text("a_b *c* #d\n", target=target) == text
    assert markup.format_link("x", "https://example.com/a_b", target=target) == link
    assert markup.format_link("x", "javascript:y", target=target) == "x"


@pytest.mark.parametrize("target", targets.NAMES)
@pytest.mark.parametrize("tag", ["blockquote", "em", "sup", "ul", "li", "span", "table", "pre"])
def test_convert__deep_html_keeps_every_character(tag: str, target: str) -> None:
    assert markup.convert(f"<{tag}>x" * 3000, target=target).count("x") == 3000


# Reddit's own text


def test_typed_markdown__is_reused_for_reddit() -> None:
    body = "*a* ^(b)\r\n\r\n>!c!<\r\n\r\n    code\tx"
    assert markup.convert("<p>other</p>", target="reddit", body=body) == (
        "*a* ^(b)\n\n>!c!<\n\n    code    x"
    )


def test_typed_markdown__loses_control_characters() -> None:
    body = "a\x00b\x1b[2Jc\u2028d\x85e"
    assert markup.convert("", target="reddit", body=body) == "ab[2Jc\nd e"


def test_typed_markdown__is_not_reused_if_links_would_be_lost() -> None:
    html = '<p><a href="https://example.com/">a</a></p>'
    body = "[a][1]\n\n[1]: https://example.com/"
    assert markup.convert(html, target="reddit", body=body) == "[a](https://example.com/)"


def test_typed_markdown__is_reused_only_for_reddit() -> None:
    for target in set(targets.NAMES) - {"reddit"}:
        assert "a" in markup.convert("<p>a</p>", target=target, body="b")


def test_typed_markdown__is_not_reused_if_empty() -> None:
    assert markup.convert("<p>a</p>", target="reddit", body=" \r\n") == "a"


def test_superscript__on_reddit_keeps_a_backslash() -> None:
    html = "<p>x<sup>\\a b</sup></p>"
    assert markup.convert(html, target="reddit") == "x^(&#92;a b)"


# Comment media

METADATA = {
    "giphy|abc": {"s": {"gif": "https://example.com/abc.gif?a=1&amp;b=2"}},
    "giphy|big|downsized": {"ext": "https://giphy.com/gifs/big"},
    "emote|t5_2qh|123": {"s": {"u": "https://example.com/123.png"}},
    "emote|free_emotes_pack|joy": {"s": {"gif": "https://example.com/joy.gif"}},
    "up1": {"s": {"u": "https://preview.redd.it/up1.png?s=1"}},
    "bad": {"s": {"u": "javascript:alert(1)"}, "ext": 5},
    "lost": {"status": "invalid"},
    "odd": [1, 2],
}


@pytest.mark.parametrize(
    ("token", "written"),
    [
        ("![gif](giphy|abc)", "[gif](https://giphy.com/gifs/abc)"),
        ("![gif](giphy|abc|downsized)", "[gif](https://giphy.com/gifs/abc)"),
        ("![gif](giphy|big|downsized)", "[gif](https://giphy.com/gifs/big)"),
        ("![img](emote|t5_2qh|123)", "[:123:](https://example.com/123.png)"),
        ("![img](emote|free_emotes_pack|joy)", "[:joy:](https://example.com/joy.gif)"),
        ("![img](up1)", "[picture](https://preview.redd.it/up1.png?s=1)"),
    ],
)
def test_media_tokens__become_links(token: str, written: str) -> None:
    assert markup.convert(f"<p>a {token}.</p>", media_metadata=METADATA) == f"a {written}."
    assert (
        markup.convert("", target="reddit", body=f"a {token}.", media_metadata=METADATA)
        == f"a {written}."
    )


@pytest.mark.parametrize("token", ["![img](bad)", "![img](lost)", "![img](odd)", "![x](up1)"])
def test_media_tokens__without_an_image_stay(token: str) -> None:
    html = f"<p>a {token}</p>"
    assert markup.convert(html, media_metadata=METADATA, target="text") == f"a {token}"
    assert markup.convert(html, media_metadata=METADATA) == markup.convert(html)


def test_media_tokens__in_code_and_links_stay() -> None:
    html = "<p><code>![img](up1)</code></p><p><a href='https://example.com/'>![img](up1)</a></p>"
    assert markup.convert(html, media_metadata=METADATA) == markup.convert(html)


@pytest.mark.parametrize("raw", [{}, {"up1": None}, {1: {}}, {"up1": {"s": {"u": ["x"]}}}])
def test_media_tokens__invalid_metadata_is_ignored(raw: dict[str, object]) -> None:
    assert markup.convert("<p>![img](up1)</p>", target="text", media_metadata=raw) == "![img](up1)"


def test_media_tokens__in_an_example() -> None:
    found = {}
    for line in _comments(json.loads((EXAMPLES / "everything.json").read_text("utf-8"))):
        if line.get("media_metadata") and line.get("body_html"):
            html = unescape(line["body_html"])
            media = line["media_metadata"]
            found[line["id"]] = markup.convert(html, media_metadata=media, image_sources={})
    assert "[gif](https://giphy.com/gifs/zBreadRises01)" in found["zgiphy0"]
    assert "<https://preview.redd.it/zmyloaf0img01.jpg?" in found["zimage0"]
    assert found["zemote0"].startswith("[:joy:](https://www.redditstatic.com/")


def _comments(node: object) -> Iterator[dict[str, object]]:
    if isinstance(node, dict):
        yield node
    for child in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        yield from _comments(child)


def test_media_tokens__in_deep_html() -> None:
    root = html_parser.parse("<b>" * 3000 + "![img](up1)")
    media_tokens.link_tokens(root, METADATA)
    assert "picture" in root.get_text() or "![img](up1)" in root.get_text()


# Recorded texts

NOT_SAYABLE = {
    "t3_6zyg23"
}  # two adjacent code blocks, which snudown separates only by an empty line


def pairs(recordings: Path, step: int) -> list[dict[str, str]]:
    path = recordings / "pairs.jsonl.gz"
    if not path.exists():
        pytest.skip("no recorded texts")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for number, line in enumerate(lines) if number % step == 0]


def failed(rows: list[dict[str, str]], render: renderers.Render, **options: object) -> list[str]:
    return [
        row["id"]
        for row in rows
        if not shows(row["html"], render(dom.quoted(markup.convert(row["html"], **options), 2)), 2)
    ]


def test_recorded_texts__show_the_same_in_jekyll(recordings: Path) -> None:
    render = renderers.kramdown() or pytest.skip("kramdown and Liquid are not installed")
    rows = pairs(recordings, 100)
    assert failed(rows, render, target="jekyll", is_literal=True) == []


def test_recorded_texts__show_the_same_in_obsidian(recordings: Path) -> None:
    assert failed(pairs(recordings, 40), renderers.gfm, target="obsidian") == []


def test_recorded_texts__show_the_same_on_reddit(recordings: Path) -> None:
    render = renderers.snudown() or pytest.skip("snudown-js is not installed")
    assert set(failed(pairs(recordings, 40), render, target="reddit")) <= NOT_SAYABLE


def test_recorded_texts__show_the_same_as_html(recordings: Path) -> None:
    for row in pairs(recordings, 40):
        shown = markup.convert(row["html"], target="html")
        assert dom.extract_lines(shown) == dom.extract_lines(row["html"]), row["id"]
