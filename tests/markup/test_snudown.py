"""Reddit's Markdown is rendered as Reddit shows it, in bounded time, and the result is inert."""

import random
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from benchmarks import dialect
from reddit_archive import markup
from reddit_archive.markup.snudown import (
    autolinks,
    blocks,
    inline,
    lines,
    nesting,
    parser,
    render,
)
from reddit_archive.model import content
from reddit_archive.quote.html_outline import extract_lines
from tests.support.inertness import PAYLOADS

CASE = re.compile(
    r"^## (?P<title>[^\n]+)\n+(?P<a>`{3,})markdown\n(?P<markdown>.*?)\n(?P=a)\n+"
    r"(?P<b>`{3,})html\n(?P<html>.*?)\n(?P=b)$",
    re.MULTILINE | re.DOTALL,
)
REAL_FLOOR = 99.8
OWN_FLOOR = 99.0
BARE = (
    *("p", "ul", "ol", "li", "pre", "hr", "br", "em", "strong", "del", "sup"),
    *("table", "thead", "tbody", "tr", "h1", "h2", "h3", "h4", "h5", "h6"),
)
ELEMENTS: dict[str, set[str]] = {
    **{name: set() for name in BARE},
    **{name: {"class"} for name in ("div", "span", "blockquote", "code")},
    **{name: {"align", "colspan"} for name in ("th", "td")},
    "a": {"href", "title"},
}
HREF = re.compile(r"(?:https?|ftp)://|mailto:|[/#]", re.IGNORECASE)
MARKS = (
    *("*", "**", "_", "__", "~~", "`", "```", "^", "^(", ")", "(", "[", "]", "](", "![", "\\"),
    *(">", ">!", "!<", "#", "- ", "1. ", "    ", "|", "\n", "\n\n", "-|-\n", "---\n", "  \n"),
    *("https://", "www.a.b", "r/", "/u/me", "a@b.c", "&amp;", "&", "<", ">", "[a]: /b\n", '"'),
    *("javascript:", "word", " ", "\u00e9", "\U0001f989", "<b onclick=x>", "\x00", "\ud800"),
)


def cases() -> Iterator[tuple[str, str, str]]:
    text = (Path(__file__).parent.parent / "data" / "snudown.md").read_text("utf-8")
    for case in CASE.finditer(text):
        yield case["title"], case["markdown"], case["html"]


CASE_LIST = list(cases())


@pytest.mark.parametrize(
    ("markdown", "html"), [each[1:] for each in CASE_LIST], ids=[each[0] for each in CASE_LIST]
)
def test_render__shows_the_same_as_reddit(markdown: str, html: str) -> None:
    assert extract_lines(render(markdown)) == extract_lines(html)


def test_control__commonmark_fails_most_cases() -> None:
    plain = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    wrong = [
        case for case in CASE_LIST if extract_lines(plain.render(case[1])) != extract_lines(case[2])
    ]
    assert len(wrong) > len(CASE_LIST) / 2


def equal_percent(rows: list[dialect.Pair]) -> float:
    return 100 - 100 * len(list(dialect.unequal(rows))) / len(rows)


def test_render__some_recorded_texts(recordings: Path) -> None:
    assert equal_percent(list(dialect.pairs(recordings))[::9]) >= REAL_FLOOR - 0.3


@pytest.mark.slow
def test_render__all_recorded_texts(recordings: Path) -> None:
    assert equal_percent(list(dialect.pairs(recordings))) >= REAL_FLOOR


def test_render__cases_of_snudown(recordings: Path) -> None:
    assert equal_percent(list(dialect.cases(recordings))) >= OWN_FLOOR


@pytest.mark.parametrize("text", ["", " ", "\n", "\x00", "\u200b"[:0], "    \n  "])
def test_render__empty_text(text: str) -> None:
    assert render(text) == ""


MEDIA = {
    "giphy|abc": {"e": "AnimatedImage", "s": {"gif": "https://example.org/abc.gif"}},
    "xyz": {"e": "Image", "s": {"u": "https://preview.redd.it/xyz.png?width=1&amp;s=2"}},
    "bad": {"s": {"u": "javascript:alert(1)"}},
    "worse": None,
}


@pytest.mark.parametrize(
    ("token", "href"),
    [
        ("![gif](giphy|abc)", 'href="https://giphy.com/gifs/abc"'),
        ("![gif](giphy|abc|downsized)", 'href="https://giphy.com/gifs/abc"'),
        ("![img](xyz)", 'href="https://preview.redd.it/xyz.png?width=1&amp;s=2"'),
        ("![img](bad)", "![img](bad)"),
        ("![img](worse)", "![img](worse)"),
        ("![img](none)", "![img](none)"),
    ],
)
def test_render__media_tokens(token: str, href: str) -> None:
    assert href in render(f"a {token} b", MEDIA)


# Hostile text


class Elements(HTMLParser):
    """Collects the elements, attributes and URLs that Reddit's HTML never has."""

    def __init__(self) -> None:
        super().__init__()
        self.odd: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        if tag not in ELEMENTS or not names <= ELEMENTS[tag]:
            self.odd.append(f"{tag} {names}")
        self.odd += [v or "" for k, v in attrs if k == "href" and not HREF.match(v or "")]

    def handle_comment(self, data: str) -> None:
        self.odd.append(data)

    handle_decl = unknown_decl = handle_pi = handle_comment


def odd(html: str) -> list[str]:
    reader = Elements()
    reader.feed(html)
    reader.close()
    return reader.odd


def typed(seed: int) -> str:
    dice = random.Random(seed)
    return "".join(dice.choices(MARKS, k=dice.randrange(1, 60)))


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_render__payload_is_inert(payload: str) -> None:
    for text in (payload, f"> {payload}", f"- {payload}\n\n    {payload}", f"a|b\n-|-\n{payload}|"):
        assert odd(render(text)) == []


def test_render__random_text_is_inert() -> None:
    for seed in range(500):
        html = render(typed(seed))
        assert odd(html) == [], typed(seed)
        markup.convert(html)


@pytest.mark.slow
def test_render__ten_thousand_texts_are_inert() -> None:
    for seed in range(10_000):
        assert odd(render(typed(seed))) == [], typed(seed)


@pytest.mark.parametrize(
    "html",
    ["<img src=x>", "<p onclick=x>", '<a href="javascript:x">', "<!-- x -->", '<a href="data:,">'],
)
def test_control__live_html_is_found(html: str) -> None:
    assert odd(html)


def test_render__stops_at_the_step_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nesting, "STEP_BUDGET", 10)
    assert "<em>" not in render("nothing in this text is *emphasized*")


def test_render__quotes_deeper_than_the_limit() -> None:
    assert "text" in render(">" * 15 + " text")
    assert "text" not in render(">" * 16 + " text")


# Text up to where syntax can start

SYNTAX = re.compile(
    rf"[\\`*_~\[<&^]|(?<! ) *\n|\n|>[>!]|!\[|{autolinks.AUTOLINK_START_PATTERN.pattern}"
)


def find_wrong_end(texts: Iterable[str]) -> str | None:
    """Return a text that `TEXT` does not match up to the next syntax, from some position."""
    for text in texts:
        for position in range(len(text)):
            syntax, match = SYNTAX.search(text, position), inline.TEXT.match(text, position)
            if not match or match.end() != (syntax.start() if syntax else len(text)):
                return text
    return None


def test_text__ends_where_syntax_can_start() -> None:
    assert find_wrong_end(typed(seed) for seed in range(500)) is None


@pytest.mark.parametrize(
    "part", ["@", "/", ".", r"(?!\n)", r"(?![>!])", r"(?!\[)", "(?![ru]/)", "(?<=[ ])[ ]++"]
)
def test_control__text_that_is_too_long_or_short_is_found(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pattern = inline.TEXT.pattern.replace(part, "", 1)
    monkeypatch.setattr(inline, "TEXT", re.compile(pattern, re.VERBOSE))
    assert find_wrong_end(typed(seed) for seed in range(500))


# The rule that spares most paragraphs the rules of other blocks


def find_changed_by_plain_paragraph(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the random texts that are rendered in another way without this rule."""
    texts = [typed(seed) for seed in range(400)]
    with_rule = [parser._render.__wrapped__(text, ()) for text in texts]
    monkeypatch.setattr(parser, "BLOCK_RULES", parser.BLOCK_RULES[1:])
    full_parser = parser._build_parser.__wrapped__()
    monkeypatch.setattr(parser, "_build_parser", lambda: full_parser)
    without_rule = [parser._render.__wrapped__(text, ()) for text in texts]
    return [text for text, a, b in zip(texts, with_rule, without_rule, strict=True) if a != b]


def test_plain_paragraph__changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parser.BLOCK_RULES[0][1] is blocks.plain_paragraph
    assert find_changed_by_plain_paragraph(monkeypatch) == []


@pytest.mark.parametrize("part", ["#", ">", "0-9", "|    "])
def test_control__block_start_that_is_left_out_is_found(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pattern = lines.BLOCK_START.pattern.replace(part, "")
    monkeypatch.setattr(lines, "BLOCK_START", re.compile(pattern))
    assert find_changed_by_plain_paragraph(monkeypatch)


# Where it is used


def comment(**raw: object) -> content.Comment:
    return content.Comment({"id": "a1", "author": "somebody", **raw})


def test_comment__without_html_is_rendered() -> None:
    assert comment(body="a *b*").html == '<div class="md"><p>a <em>b</em></p>\n</div>'


def test_comment__html_of_reddit_is_preferred() -> None:
    assert comment(body="a", body_html="<p>b</p>").html == "<p>b</p>"


@pytest.mark.parametrize("body", ["[deleted]", "[removed]"])
def test_comment__deleted_text_has_no_html(body: str) -> None:
    assert comment(body=body, author="[deleted]").html == ""


def test_comment__typed_placeholder_is_text() -> None:
    assert "[removed]" in comment(body="[removed]").html


def test_post__without_html_is_rendered() -> None:
    post = content.Post({"id": "a1", "author": "somebody", "selftext": "#a"})
    assert post.html == '<div class="md"><h1>a</h1>\n</div>'
