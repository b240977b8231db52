"""Quote blocks in Markdown pages are found and updated, and nothing else in a page changes."""

import random
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import click
import pytest

from reddit_archive import errors, history, quote
from reddit_archive.cli.quote_options import build_quote_options, selection_options
from reddit_archive.markup import targets
from reddit_archive.model import capture
from reddit_archive.model.capture import Capture
from reddit_archive.quote import Selection
from reddit_archive.quote.blocks import options
from reddit_archive.quote.blocks import pages as blocks
from reddit_archive.quote.blocks.options import QuoteOptions
from reddit_archive.quote.style import BUILT_IN_STYLES

URL = "https://www.reddit.com/r/breadlog/comments/9bread1/question/"
BLOCK = f"<!-- reddit: {URL} -->\n> old\n<!-- /reddit -->\n"
QUOTE = "### r/x: [T](https://e.example/)\n\n> [a](https://e.example/)\n>\n> text\n"
PAGES = pytest.mark.parametrize("count", [200, pytest.param(1_000, marks=pytest.mark.slow)])
"""How many generated pages."""


def only(text: str) -> blocks.QuoteBlock:
    (found,) = blocks.find_blocks(text)
    return found


def unsigned(text: str) -> str:
    return re.sub(r"(/reddit) sha256:[0-9a-f]{16}(?= -->)", r"\1", text)


def lines_of(text: str) -> list[int]:
    return [found.line for found in blocks.find_blocks(text) if not found.problem]


# Finding


def test_find_blocks__block_with_options() -> None:
    found = only(
        f"a\n\n<!-- reddit: {URL} --comment k1 -c k2 --replies all -->\nx\n<!-- /reddit -->"
    )
    assert (found.line, found.reference, found.content, found.problem) == (3, URL, "x\n", "")
    assert found.options.selection == Selection(comments=("k1", "k2"), replies=None)


@pytest.mark.parametrize(
    "text",
    [
        f"```\n{BLOCK}```\n",
        f"~~~~ md\n```\n~~~\n{BLOCK}~~~~\n",
        f"````md\n```\n{BLOCK}```\n````\n",
        "- a\n\n  ```\n  " + BLOCK.replace("\n", "\n  ").rstrip(" ") + "  ```\n",
        "1. - ```\n     " + BLOCK.replace("\n", "\n     ").rstrip(" ") + "     ```\n",
        "    " + BLOCK.replace("\n", "\n    ").rstrip(" "),
        "\t" + BLOCK.replace("\n", "\n\t").rstrip("\t"),
        "> " + BLOCK.replace("\n", "\n> ").rstrip(" >") + "\n",
        f"<pre>\n{BLOCK}</pre>\n",
        f"---\nx: |\n  a\n{BLOCK}---\n",
        f"\ufeff+++\n{BLOCK}+++\n",
        f"```\n{BLOCK}",
        "see `<!-- reddit: x -->` and `<!-- /reddit -->`\n",
        "<!-- reddit and its users -->\n<!-- redditors: x -->\n",
    ],
)
def test_find_blocks__none_in_code_front_matter_or_prose(text: str) -> None:
    assert blocks.find_blocks(text) == []


@pytest.mark.parametrize(
    "text",
    [
        f"```\ncode\n```\n{BLOCK}",
        f"~~~\n```\n~~~\n{BLOCK}",
        f"`` ` ``\n```a`b\n{BLOCK}",
        f"- ```\n  code\n{BLOCK}",
        f"    ```\n{BLOCK}",
        f"<pre>\n```\n</pre>\n{BLOCK}",
        f"<!-- a\n```\n-->\n{BLOCK}",
        f"---\nx: 1\n---\n{BLOCK}",
        f"---\nnever closed\n{BLOCK}",
        "- a\n  - b\n\n    " + BLOCK.replace("\n", "\n    ").rstrip(" "),
        "\ufeff" + BLOCK,
        "   " + BLOCK,
        BLOCK.replace("\n", "\r"),
    ],
)
def test_find_blocks__block_beside_code(text: str) -> None:
    assert only(text).problem == ""


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (f"a\n<!-- reddit: {URL} -->\nb\n", [(2, "not closed")]),
        ("a\n<!-- /reddit -->\n", [(2, "closes no block")]),
        (
            f"<!-- reddit: {URL} -->\n{BLOCK}<!-- /reddit -->\n",
            [(2, "inside the block of line 1")],
        ),
        (f"<!-- reddit: {URL}\n-->\n", [(1, "on one line")]),
        (f"<!-- reddit: {URL} --> and more\n", [(1, "on one line")]),
        (BLOCK.replace(" -->", " --commnt x -->", 1), [(1, "Did you mean '--comment'?")]),
        (BLOCK.replace(URL, ""), [(1, "no thread is named")]),
        (BLOCK.replace(URL, f"{URL} 'x"), [(1, "not closed")]),
        (BLOCK.replace(URL, f"{URL} --comment https://example.com/"), [(1, "is not a comment")]),
    ],
)
def test_find_blocks__problems_have_lines(text: str, problems: list[tuple[int, str]]) -> None:
    found = blocks.find_blocks(text)
    assert [each.line for each in found] == [line for line, _ in problems]
    assert all(words in each.problem for each, (_, words) in zip(found, problems, strict=True))


def test_find_blocks__block_after_a_problem() -> None:
    assert lines_of(BLOCK.replace(URL, f"{URL} --foo") + BLOCK) == [4]


# Updating


def test_replace_quotes__replaces_only_the_content() -> None:
    text = f"a\n\n{BLOCK}b"
    written = blocks.replace_quotes(text, {only(text): "> new\n"})
    assert unsigned(written) == text.replace("> old\n", "\n> new\n\n")


def test_replace_quotes__keeps_line_ends_and_indentation() -> None:
    text = (
        f"- a\r\n\r\n  {BLOCK}".replace("\n", "\r\n").replace("\r\r", "\r").replace("\n<", "\n  <")
    )
    written = blocks.replace_quotes(text, {only(text): "> a\n>\n> b\n"})
    assert "\r\n\r\n  > a\r\n  >\r\n  > b\r\n\r\n  <!-- /reddit" in written


def test_replace_quotes__second_time_changes_no_byte() -> None:
    once = blocks.replace_quotes(BLOCK, {only(BLOCK): QUOTE})
    assert blocks.replace_quotes(once, {only(once): QUOTE}) == once


def test_replace_quotes__block_with_a_problem_is_refused() -> None:
    text = BLOCK.replace(URL, f"{URL} --foo")
    with pytest.raises(ValueError, match="has a problem"):
        blocks.replace_quotes(text, {only(text): "> new\n"})


@pytest.mark.parametrize("content", ["<!-- /reddit -->", "a\n<!-- reddit: x -->", "```", "<!--"])
def test_replace_quotes__content_that_would_break_the_page_is_refused(content: str) -> None:
    with pytest.raises(errors.RenderMismatchError):
        blocks.replace_quotes(
            f"{BLOCK}\n{BLOCK}", {blocks.find_blocks(f"{BLOCK}\n{BLOCK}")[0]: content}
        )


def test_write_block__is_found_again() -> None:
    chosen = QuoteOptions(Selection(comments=("k1",), has_post=False), excerpt="a --> b")
    found = only(blocks.write_block(f"{URL}?x=1&y='2'", chosen, QUOTE))
    assert (found.reference, found.options) == (f"{URL}?x=1&y='2'", chosen)
    text = blocks.write_block(URL, chosen, QUOTE)
    assert blocks.replace_quotes(text, {only(text): QUOTE}) == text


def test_read_front_matter__is_unchanged() -> None:
    assert blocks.read_front_matter("\ufeff---\r\nreddit: {to: jekyll}\r\n---\r\nx") == (
        "reddit: {to: jekyll}\r\n"
    )
    assert (
        blocks.read_front_matter("x\n---\ny\n---\n")
        == blocks.read_front_matter("+++\nx\n+++\n")
        == ""
    )


def test_decode__invalid_utf_8_is_restored() -> None:
    content = b"\xef\xbb\xbfa\xff\xfe\r\n" + BLOCK.encode() + b"\x80"
    text = blocks.decode(content)
    assert blocks.encode(text) == content
    assert blocks.encode(blocks.replace_quotes(text, {only(text): "> n\n"})).endswith(b"-->\n\x80")


# Options

TYPED = [
    "",
    "--comment k1 --comment k2 --context 2",
    "--all --depth 3 --to jekyll",
    "--replies all --top 3 --no-post --no-heading",
    "--style dated --as-of 2026-01-05 --images embed --pseudonyms",
    "--excerpt 'first words … last'",
]


@pytest.mark.parametrize("typed", TYPED)
def test_options__parse_reverses_serialize(typed: str) -> None:
    reference, found = options.parse(f"{URL} {typed}")
    assert (reference, options.serialize(found)) == (URL, typed)


@pytest.mark.parametrize("words", ["a --> b", "--x", "it's", 'a "b" --!> c', "--", "a\n--> $b `c`"])
def test_options__words_cannot_end_a_comment(words: str) -> None:
    written = options.serialize(QuoteOptions(excerpt=words))
    assert not re.search("--!?>|\n", written)
    assert options.parse(f"x {written}")[1].excerpt == " ".join(words.split())


@pytest.mark.parametrize("typed", TYPED[:4])
def test_options__mean_the_same_on_the_command_line(typed: str) -> None:
    seen: list[Selection] = []

    @click.command()
    @selection_options
    def command(**values: object) -> None:
        seen.append(build_quote_options(values).selection)

    command.main(shlex.split(typed), standalone_mode=False)
    assert seen == [options.parse(f"x {typed}")[1].selection]


def test_options__are_the_same_on_the_command_line() -> None:
    @click.command()
    @selection_options
    def command(**values: object) -> None: ...

    option_names = {name for each in command.params for name in each.opts if name.startswith("--")}
    assert option_names - {"--output", "--json", "--block", "--copy"} | {"--as-of"} == set(
        options.OPTION_NAMES
    )


# A thousand pages


@dataclass
class Made:
    """A page and the contents of its blocks in order."""

    text: str
    contents: list[str]


def make(seed: int) -> Made:
    """Return a page with blocks and text that looks like blocks."""
    dice = random.Random(seed)
    newline = dice.choice(["\n", "\r\n", "\r"])
    parts: list[str] = ["---\ntitle: x\n# <!-- reddit: y -->\n---\n"] * (dice.random() < 0.3)
    contents: list[str] = []
    for number in range(dice.randrange(12)):
        if dice.random() < 0.5:
            content = dice.choice(["", "\n", "> old\n", "> a\n>\n> > b\n\n\n", f"x{number}\n"])
            indent = dice.choice(["", "", " ", "   "])
            parts.append(f"{indent}<!-- reddit: {URL}{number} -->\n{content}")
            parts.append(f"{indent}<!-- /reddit -->\n")
            contents.append(content.replace("\n", newline))
        else:
            parts.append(dice.choice(DECOYS)(dice))
        parts.append(dice.choice(["", "\n", "text\n\n", "text\n", "<!-- note -->\n", "\n \n"]))
    text = dice.choice(["", "\ufeff"]) + "".join(parts)
    if dice.random() < 0.4:
        text = text.rstrip("\n")
    return Made(text.replace("\n", newline), contents)


def _fence(dice: random.Random) -> str:
    mark = dice.choice("`~") * dice.randrange(3, 7)
    inner = dice.choice(
        [BLOCK, f"```\n{BLOCK}", "<!-- /reddit -->\n", "<!-- reddit: x -->\n", "\n"]
    )
    inner = inner.replace("```", mark[1:]) if len(mark) > 3 else inner.replace("```", "``")
    indent = " " * dice.randrange(4)
    return f"{indent}{mark}\n{inner}{indent}{mark}\n"


def _listed(dice: random.Random) -> str:
    marker = dice.choice(["- ", "* ", "1. ", "12) ", "-   "])
    body = f"item\n\n{_fence(dice)}".replace("\n", "\n" + " " * len(marker)).rstrip(" ")
    return f"{marker}{body}\nend\n\n"


DECOYS = [
    _fence,
    _fence,
    _listed,
    lambda dice: "\n    " + BLOCK.replace("\n", "\n    ").rstrip(" "),
    lambda dice: "> " + BLOCK.replace("\n", "\n> ").rstrip("> "),
    lambda dice: f"<pre>\n{BLOCK}</pre>\n",
    lambda dice: f"text `<!-- reddit: {URL} -->` text\n",
    lambda dice: "\n\x0b\x0c\u2028\u0085 odd ends\n",
]


Spans = list[tuple[int, int]]


def found_by_page(text: str) -> Spans:
    assert not [found for found in blocks.find_blocks(text) if found.problem]
    return [(found.start, found.end) for found in blocks.find_blocks(text)]


def found_by_pattern(text: str) -> Spans:
    return [
        found.span(1) for found in re.finditer(r"<!-- reddit:[^>]*-->\s(.*?) *<!-- /", text, re.S)
    ]


def wrong(find: Callable[[str], Spans], numbers: range) -> list[int]:
    """Return the pages where the wrong blocks are found."""
    pages = ((number, make(number)) for number in numbers)
    return [n for n, made in pages if [made.text[a:b] for a, b in find(made.text)] != made.contents]


def around(text: str) -> list[str]:
    """Return the text outside of the blocks, without the digests of the end markers."""
    ends = [0, *(place for span in found_by_page(text) for place in span), len(text)]
    return [unsigned(text[start:end]) for start, end in zip(ends[::2], ends[1::2], strict=True)]


@PAGES
def test_generated_pages__exactly_their_blocks_are_found(count: int) -> None:
    assert wrong(found_by_page, range(count)) == []


def test_control__simple_pattern_finds_other_blocks() -> None:
    assert len(wrong(found_by_pattern, range(200))) > 60


@PAGES
def test_generated_pages__text_outside_of_blocks_stays(count: int) -> None:
    dice = random.Random(6)
    for number in range(count):
        content = blocks.encode(make(number).text)
        text = blocks.decode(content)
        quotes = {found: dice.choice([QUOTE, "> a\n", ""]) for found in blocks.find_blocks(text)}
        written = blocks.replace_quotes(text, quotes)
        assert around(written) == around(text), number
        again = dict(zip(blocks.find_blocks(written), quotes.values(), strict=True))
        assert blocks.replace_quotes(written, again) == written, number


def test_control__tidied_page_is_found() -> None:
    changed = [
        n for n in range(100) if around(make(n).text.rstrip() + "\n") != around(make(n).text)
    ]
    assert len(changed) > 20


# Quotes hold no marker

MARKERS = ["<!-- /reddit -->", "<!-- reddit: x -->", "x\n<!-- /reddit -->\ny", "-->", "```", "~~~"]


@pytest.mark.parametrize("target", targets.NAMES)
@pytest.mark.parametrize("typed", MARKERS)
def test_quotes__contain_no_marker(typed: str, target: str) -> None:
    html = f"<p>{escape(typed)}</p><pre><code>{escape(typed)}\n</code></pre><p>\n{typed}\n</p>"
    data = {"author": typed, "author_flair_text": typed, "score": 1, "created_utc": 1.7e9}
    post = {**data, "id": "p1", "title": typed, "selftext": typed, "selftext_html": html}
    post |= {"permalink": f"/r/x\n{typed}", "subreddit": typed, "link_flair_text": typed}
    answer = {**data, "id": "a", "parent_id": "t3_p1", "body": typed, "body_html": html}
    things = ({"kind": "t3", "data": post}, {"kind": "t1", "data": answer})
    thread = history.merge("p1", [Capture("p1", capture.utc_now(), "saved", {}, things)])
    for style in BUILT_IN_STYLES.values():
        text = quote.render(thread, Selection(everything=True), target=target, style=style)
        written = blocks.write_block(URL, QuoteOptions(), text)
        assert blocks.replace_quotes(written, {only(written): text}) == written
