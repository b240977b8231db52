"""Controls of bidirectional text stay inside of their paragraph, and Hebrew keeps what it needs."""

import random

import pytest

from reddit_archive import markup
from reddit_archive.markup import bidi
from reddit_archive.markup.targets import NAMES
from tests.support.inertness import find_live_text, is_balanced

HEBREW = "\u05e9\u05dc\u05d5\u05dd"
CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"\u202b{HEBREW}\u202c", f"\u202b{HEBREW}\u202c"),
        (f"\u2067{HEBREW}\u2069", f"\u2067{HEBREW}\u2069"),
        (f"\u200f{HEBREW}\u200e", f"\u200f{HEBREW}\u200e"),
        (f"\u202b{HEBREW}", f"\u202b{HEBREW}\u202c"),
        ("gnp\u202e", "gnp\u202e\u202c"),
        (f"\u202c{HEBREW}\u2069", HEBREW),
        ("\u2067a\u202c\u2069", "\u2067a\u2069"),
        ("\u2067\u202ba\u2069b\u202c", "\u2067\u202ba\u202c\u2069b"),
    ],
    ids=["embedding", "isolate", "marks", "open", "override", "closes nothing", "inner", "crossed"],
)
def test_balance(text: str, expected: str) -> None:
    assert bidi.balance(text) == expected


@pytest.mark.parametrize("target", NAMES)
def test_convert__keeps_what_hebrew_needs(target: str) -> None:
    text = markup.convert(f"<p>\u202b{HEBREW} <em>{HEBREW}\u200f</em>!\u202c</p>", target=target)
    assert [c for c in text if c in CONTROLS + "\u200f"] == ["\u202b", "\u200f", "\u202c"]


@pytest.mark.parametrize("target", NAMES)
def test_convert__an_override_ends_with_its_paragraph(target: str) -> None:
    text = markup.convert("<p>a \u202e <em>b</em></p><p>c</p>", target=target)
    assert text.rpartition("c")[0].count("\u202e") == text.rpartition("c")[0].count("\u202c") > 0


def test_convert__an_override_does_not_reorder_an_address() -> None:
    html = '<p>\u202ea <a href="https://example.com/">b</a> c</p>'
    before = markup.convert(html, target="text").partition("<https://example.com/>")[0]
    assert before.count("\u202e") == before.count("\u202c")


def test_convert__code_has_no_controls() -> None:
    text = markup.convert("<p><code>a\u202eb</code></p><pre><code>\u2067c</code></pre>")
    assert text == "`ab`\n\n```\nc\n```"


@pytest.mark.parametrize("target", NAMES)
def test_convert__attributes_have_no_controls(target: str) -> None:
    html = '<p><img src="https://i.redd.it/x.png" alt="a\u202e" title="\u2067b">'
    html += '<a href="https://example.com/\\u202e" title="\\u202bc">d</a>'
    html += '<a href="/s" title="\\u202e">e</a>'
    assert not bidi.CONTROLS.search(markup.convert(html, target=target))


def test_convert__wrapped_lines_are_balanced_one_by_one() -> None:
    html = f"<p>\u2067{f'{HEBREW} ' * 30}\u2069</p>"
    lines = markup.convert(html, target="text", width=40).split("\n")
    assert len(lines) > 3
    assert all(line[0] == "\u2067" and line[-1] == "\u2069" for line in lines)


@pytest.mark.parametrize("target", NAMES)
def test_convert__fuzzed_controls_are_balanced(target: str) -> None:
    chance = random.Random(target)
    pieces = [*CONTROLS, *CONTROLS, "a ", HEBREW, "<em>", "</em>", "<br>", "</p><p>", "<code>x"]
    pieces += ["</code>", '<a href="https://example.com/">y', "</a>", "<ul><li>", "</ul>", "b."]
    for _ in range(400):
        html = f"<p>{''.join(chance.choices(pieces, k=14))}</p>"
        text = markup.convert(html, target=target, width=30)
        assert find_live_text(text, target) == [], html


def test_escape_text__a_title_is_balanced() -> None:
    assert is_balanced(markup.escape_text("\u202ea\u2067b\u202c c\u2069\u2069"))


def test_control__unbalanced_controls_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bidi, "balance_tree", lambda root: None)
    text = markup.convert("<p>a\u202eb</p><p>c</p>")
    assert find_live_text(text, "markdown")


def test_text__label_of_a_picture_in_a_link_has_no_controls() -> None:
    picture = '<img src="https://i.redd.it/a.png" alt="a\u202eb">'
    html = f'<p><a href="https://www.reddit.com/#s">{picture}</a></p>'
    assert "\u202e" not in markup.convert(html, target="text")
