"""The fast parser builds the same tree as the full parser, or none."""

import gzip
import json
from pathlib import Path
from random import Random
from typing import TypeAlias

import pytest

from reddit_archive.markup import fast_parser, html_parser
from reddit_archive.markup.node import Node

PAIRS = [
    *(("<p>", "</p>"), ("<em>", "</em>"), ("<strong>", "</strong>"), ("<del>", "</del>")),
    *(('<a href="/r/x?a=1&amp;b" title="c&#39;d">', "</a>"), ("<code>", "</code>")),
    *(("<ul>\n", "</ul>\n"), ('<ol start="3">', "</ol>"), ("<li>", "</li>")),
    *(("<blockquote>\n", "</blockquote>"), ("<pre><code>", "</code></pre>"), ("<pre>\n", "</pre>")),
    *(('<span class="md-spoiler-text">', "</span>"), ("<sup>", "</sup>"), ("<h1>", "</h1>")),
    *(('<div class="md">', "</div>"), ("<table>", "</table>"), ("<td>", "</td>")),
]
PIECES = ["text", "\n", " ", "&amp;", "&lt;b&gt;", "&#x200B;", "a > b", "<br/>", "<hr/>", "\x0c"]
BROKEN = ["<p>", "</p>", "<li>", "</a>", "<", "&nbsp", "<P>", "<!-- x -->", "\r", "\0", "</div>"]

Shape: TypeAlias = "str | tuple[str, tuple[tuple[str, str], ...], tuple[Shape, ...]]"


def shape(node: Node | str) -> Shape:
    if isinstance(node, str):
        return node
    return node.name, tuple(node.attributes.items()), tuple(map(shape, node.children))


def parsed(html: str) -> Shape:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast_parser, "try_parse", lambda _: None)
        return shape(html_parser.parse(html))


def document(dice: Random, depth: int = 0) -> str:
    parts = []
    for _ in range(dice.randrange(4)):
        if dice.random() < 0.45 or depth > 6:
            parts.append(dice.choice(PIECES))
        else:
            opening, closing = dice.choice(PAIRS)
            times = 1 + (dice.random() < 0.1)
            parts.append(opening * times + document(dice, depth + 1) + closing * times)
    return "".join(parts)


def documents(count: int) -> list[str]:
    """Return random documents. Half of them are broken somewhere."""
    dice = Random(7)
    found = [document(dice) for _ in range(count)]
    for number in range(0, count, 2):
        at = dice.randrange(len(found[number]) + 1)
        found[number] = found[number][:at] + dice.choice(BROKEN) + found[number][at:]
    return found


def mistaken(htmls: list[str]) -> list[str]:
    read = [(html, fast_parser.try_parse(html)) for html in htmls]
    return [html for html, root in read if root is not None and shape(root) != parsed(html)]


def test_try_parse__builds_the_same_tree_as_the_parser() -> None:
    htmls = documents(3_000)
    assert mistaken(htmls) == []
    assert sum(fast_parser.try_parse(html) is not None for html in htmls) > 500


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        (
            "_ALLOWED_CHILDREN",
            dict.fromkeys(fast_parser._ALLOWED_CHILDREN, fast_parser._FLOW_ELEMENTS | {"li"}),
        ),
        ("_INLINE_ELEMENTS", frozenset()),  # a link in a link
        ("_NO_TEXT_ELEMENTS", frozenset()),  # the first line end in <pre>
    ],
)
def test_control__seeded_fault_is_found(
    rule: str, fault: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Disable one rule of the parser."""
    monkeypatch.setattr(fast_parser, rule, fault)
    assert mistaken(documents(3_000))


def test_try_parse__recorded_texts(recordings: Path) -> None:
    pairs = recordings / "pairs.jsonl.gz"
    if not pairs.exists():
        pytest.skip("no recorded texts")
    with gzip.open(pairs, "rt", encoding="utf-8") as file:
        htmls = [json.loads(line)["html"] for line in file][::20]
    others = [html for html in htmls if not fast_parser._PARAGRAPHS_ONLY.fullmatch(html)]
    assert mistaken(others) == []
    assert sum(fast_parser.try_parse(html) is None for html in htmls) < len(htmls) / 20


@pytest.mark.parametrize(
    "html",
    [
        *("<p>open", "open</p>", "<p>a<p>b</p></p>", "<em>a</p>", "<p><ul></ul></p>"),
        *('<a href="/x">a<a href="/y">b</a></a>', '<a href="/x" href="/y">b</a>', "<li>a</li>"),
        *("<a href=/x>b</a>", "<p>&notin;</p>", "<p>&#0;</p>", "<pre>\na</pre>", "<ul>a</ul>"),
        *("<p>a\0</p>", "<p>a\rb</p>", "<p>a</p><b", "<script>a</script>", "<P>a</P>"),
        *(
            "<table><tr><td>a</td></tr></table>",
            '<p title="a<b">c</p>',
            pytest.param("<" * 1_000_000, id="many"),
        ),
    ],
)
def test_try_parse__rejects_uncertain_html(html: str) -> None:
    assert fast_parser.try_parse(html) is None


def test_try_parse__plain_paragraphs() -> None:
    html = '<!-- SC_OFF --><div class="md"><p>a &lt; b</p>\n\n<p></p>\n</div><!-- SC_ON -->'
    root = fast_parser.try_parse(html)
    assert root is not None
    assert [child.get_text() for child in root.iter_elements()] == ["a < b", ""]
