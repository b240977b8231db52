"""For any text, the meaning is the same at any depth, nothing is lost, every escape is needed."""

import gzip
import html as entities
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reddit_archive import markup
from tests.support import dom, renderers
from tests.support.markup_cases import SAME

COMMONMARK = MarkdownIt("commonmark", {"maxNesting": 200}).render
DEPTHS = st.integers(0, 4)
FEW = settings(max_examples=10, suppress_health_check=list(HealthCheck))
MANY = settings(FEW, max_examples=120)

# HTML as Reddit writes it

letters = "ab 1é習*_`[]<>&~|\\{}!#-+.:$^()\"'“\u00a0/@"
typed = """snake_case;3 * 4;1. a;- a;# a;> a;***;---;http://a.b/c_d;&copy,
{{ a }};{% a %};{: .a};[^1];[a]: /b;| a |;**a**;\\;</p>;~~a~~"""
words = st.text(st.sampled_from(letters), min_size=1, max_size=8) | st.sampled_from(
    re.split(r"[;\n]", typed)
)
escaped = words.map(lambda text: entities.escape(text))
hrefs = st.sampled_from(
    [
        "https://example.com/a_(b)",
        "/r/python",
        "#a",
        "https://a.b/?c=d&amp;copy;=1",
        "http://a.b/*c*",
    ]
)


def _tagged(pair: tuple[str, str]) -> str:
    return f"<{pair[0]}>{pair[1]}</{pair[0]}>"


def _inline(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    styles = st.sampled_from(["em", "strong", "del", "sup"])
    return st.lists(inner | st.tuples(styles, inner).map(_tagged), min_size=1, max_size=4).map(
        "".join
    )


coded = escaped.filter(lambda text: text.strip(" ")).map(lambda text: f"<code>{text}</code>")
broken = st.just("<br/>\n")
styled = st.recursive(escaped | coded, _inline, max_leaves=6)
linked = st.tuples(hrefs, styled).map(lambda pair: f'<a href="{pair[0]}">{pair[1]}</a>')
inline = st.lists(styled | linked, min_size=1, max_size=4).map("".join)
# Reddit writes no paragraphs that contain only breaks.
lines = st.tuples(st.lists(inline | broken, max_size=4).map("".join), inline).map("".join)
paragraph = lines.map(lambda text: f"<p>{text}</p>\n")
heading = st.tuples(st.sampled_from(["h1", "h2", "h6"]), inline).map(_tagged)
fenced = st.lists(escaped, max_size=3).map(
    lambda rows: f"<pre><code>{chr(10).join(rows)}\n</code></pre>\n"
)
aligned = st.sampled_from(["", ' align="left"', ' align="right"', ' align="center"'])


@st.composite
def tables(draw: st.DrawFn) -> str:
    marks = draw(st.lists(aligned, min_size=1, max_size=3))
    rows = draw(st.integers(1, 3))
    cells = st.lists(inline | st.just(""), min_size=len(marks), max_size=len(marks))
    head, *body = [list(zip(marks, draw(cells), strict=True)) for _ in range(rows + 1)]
    parts = [_row(head, "th"), *(_row(row, "td") for row in body)]
    return f"<table><thead>\n{parts[0]}</thead><tbody>\n{''.join(parts[1:])}</tbody></table>\n"


def _row(cells: list[tuple[str, str]], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}{a}>{text}</{tag}>" for a, text in cells) + "</tr>\n"


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    blocks = st.lists(inner, min_size=1, max_size=3).map("".join)
    tight = st.tuples(inline, st.just("") | inner).map(lambda pair: _tagged(("li", "".join(pair))))
    loose = blocks.map(lambda text: f"<li>{text}</li>")
    items = st.lists(tight, min_size=1, max_size=3) | st.lists(loose, min_size=1, max_size=3)
    lists = st.tuples(st.sampled_from(["ul", "ol"]), items.map("\n".join)).map(_tagged)
    return lists | blocks.map(lambda text: f"<blockquote>\n{text}</blockquote>\n")


plain_blocks = paragraph | heading | fenced | st.just("<hr/>\n")
documents = st.lists(
    st.recursive(plain_blocks | tables(), _nested, max_leaves=5), min_size=1, max_size=4
).map("".join)
quotes_only = st.lists(st.recursive(plain_blocks, _nested, max_leaves=5), min_size=1, max_size=4)


def shows(render: Callable[[str], str], html: str, depth: int, fold: bool = False) -> bool:
    shown = dom.extract_lines(render(dom.quoted(markup.convert(html), depth)))
    source = dom.extract_lines(html)
    return (
        dom.same(dom.folded(source), dom.folded(shown), depth)
        if fold
        else dom.same(source, shown, depth)
    )


# Meaning


def same_everywhere(html: str, depth: int) -> None:
    assert shows(renderers.gfm, html, depth)
    assert shows(renderers.markdown_it, html, depth)


@FEW
@given(html=documents, depth=DEPTHS)
def test_meaning__is_the_same_at_any_depth(html: str, depth: int):
    same_everywhere(html, depth)


@pytest.mark.slow
def test_meaning__in_many_texts() -> None:
    kramdown = renderers.kramdown()

    @MANY
    @given(html=documents, depth=DEPTHS)
    def same(html: str, depth: int) -> None:
        same_everywhere(html, depth)
        assert kramdown is None or shows(kramdown, html, depth, fold=True)

    same()
    if kramdown is None:
        pytest.skip("kramdown is not installed")


commonmark_only = quotes_only.map(lambda blocks: re.sub("</?del>", "", "".join(blocks)))


def same_in_commonmark(html: str, depth: int) -> None:
    assert shows(COMMONMARK, html, depth)


test_meaning__without_github_extensions = FEW(given(commonmark_only, DEPTHS)(same_in_commonmark))


@pytest.mark.slow
def test_meaning__without_github_extensions_in_many_texts() -> None:
    MANY(given(commonmark_only, DEPTHS)(same_in_commonmark))()


# Converting a rendered page


def same_markdown_again(html: str) -> None:
    once = markup.convert(html)
    assert markup.convert(renderers.gfm(once)) == once


test_convert__rendered_page_gives_the_same_markdown = FEW(given(documents)(same_markdown_again))


@pytest.mark.slow
def test_convert__many_rendered_pages_give_the_same_markdown() -> None:
    MANY(given(documents)(same_markdown_again))()


# Characters

soup = st.lists(
    st.sampled_from(["<p>", "</p>", "<em>", "</b>", "<ul><li>", "</ul>", "<td>", "<q>", "<pre>"])
    | st.sampled_from(["<blockquote>", "</blockquote>", "<a href=x>", "</a>", "<sup>", "<h1>"])
    | escaped,
    max_size=12,
).map("".join)


def no_character_is_lost(html: str) -> None:
    assert _characters(renderers.gfm(markup.convert(html))) == _characters(html)


test_convert__no_character_is_lost = FEW(given(documents | soup)(no_character_is_lost))


@pytest.mark.slow
def test_convert__no_character_is_lost_in_many_texts() -> None:
    MANY(given(documents | soup)(no_character_is_lost))()


def _characters(html: str) -> str:
    return re.sub(r"\s+|\ufffc", "", dom.text(html))


# Escapes

_CODE = re.compile(
    r"^( *)(`{3,}).*?^ *\2 *$|(?<![\\`])(`+)(?!`).+?(?<!`)\3(?!`)|<(pre|code|table)>.*?</\4>",
    re.M | re.S,
)
_MARK = re.compile(r"\\([!-/:-@\[-`{-~])|&#?\w+;")
_TAG = re.compile(r"</?[a-z][a-z0-9]*>|<!--")


def marks(markdown: str) -> Iterator[re.Match[str]]:
    """Yield every escape and character reference outside of code."""
    code = [found.span() for found in _CODE.finditer(markdown)]
    for mark in _MARK.finditer(markdown):
        if not any(start <= mark.start() < end for start, end in code):
            yield mark


def pages(markdown: str) -> Iterator[str]:
    """Yield pages with the Markdown alone, in a quote, and with definitions of its link names."""
    names = set(re.findall(r"\[([^\[\]\n]+)", markdown.replace("\\", "")))
    yield markdown
    yield dom.quoted(markdown, 1)
    if names:
        yield "".join(f"[{name}]: /x\n" for name in names) + "\n" + markdown


def seen(markdown: str) -> list[list[dom.OutlineLine]]:
    every = (renderers.gfm, renderers.markdown_it, renderers.kramdown())
    return [dom.extract_lines(show(page)) for page in pages(markdown) for show in every if show]


# Escapes for renderers that are not tested here, or by rules that do not look at the whole page.
KEPT = {
    "\\#": "Reddit, Obsidian and old parsers need no space after it",
    "&#123;": "three braces: Liquid may take either two of them",
    "\\{": "kramdown: attributes of a block",
    "\\$": "VS Code and GitLab set mathematics between two of them",
    "&#92;": "before a blank, and at the end of a line",
    "&lt;": "it may start a tag for another parser",
    "\\:": "it may look like the delimiter row of a table",
    "&#96;": "kramdown finds code across the cells of a row",
    "&nbsp;": "renderers differ in whether emphasis may start or end beside it",
}
# To kramdown, a bar makes a table everywhere except inside a tag.
_RAISED = re.compile(r"<sup>.*?</sup>", re.DOTALL)


def needless(markdown: str) -> list[str]:
    """Return the escapes without which every renderer would show the same.

    Each escape is removed alone, and then with all others of its kind.
    """
    found = [mark for mark in marks(markdown) if mark[0] not in KEPT]
    whole = seen(markdown) if found else []
    return [
        f"{mark[0]} in {markdown[max(0, mark.start() - 20) : mark.end() + 20]!r}"
        for mark in found
        if seen(_without(markdown, [mark])) == whole
        and seen(_without(markdown, [one for one in found if _kind(one) == _kind(mark)])) == whole
    ]


def _kind(mark: re.Match[str]) -> str:
    return "[]" if mark[0] in (r"\[", r"\]") else mark[0]


def _without(markdown: str, some: list[re.Match[str]]) -> str:
    for mark in reversed(some):
        bare = mark[1] or entities.unescape(mark[0])
        markdown = markdown[: mark.start()] + bare + markdown[mark.end() :]
    return markdown


def only_with_kramdown() -> None:
    if renderers.kramdown() is None:
        pytest.skip("kramdown, which needs half of the escapes, is not installed")


def test_escapes__each_has_its_reason():
    only_with_kramdown()
    found = [(title, needless(markup.convert(html))) for title, html, _ in SAME]
    assert [(title, marks) for title, marks in found if marks] == []


def blocks(texts: Iterable[str]) -> Iterator[str]:
    """Yield the blocks that are short enough to remove each escape."""
    for text in texts:
        prose = re.sub(r"<pre>.*?</pre>", "", text, flags=re.DOTALL)
        yield from (block for block in prose.split("\n\n") if len(block) < 1500)


def needless_in_real_texts(recordings: Path, every: int) -> list[str]:
    only_with_kramdown()
    texts = [markup.convert(html) for html in sample(recordings, every)]
    found = ((block, needless(_RAISED.sub("", block))) for block in blocks(texts))
    return [f"{mark} of {block[:60]!r}" for block, some in found for mark in some]


def test_escapes__each_has_its_reason_in_real_texts(recordings: Path):
    assert needless_in_real_texts(recordings, 120) == []


@pytest.mark.slow
def test_escapes__each_has_its_reason_in_many_real_texts(recordings: Path):
    # Some escapes are needless only in the context of the whole page.
    assert len(needless_in_real_texts(recordings, 4)) < 5


def test_control__needless_escape_is_found():
    only_with_kramdown()
    assert needless(r"snake\_case") == [r"\_ in 'snake\\_case'"]
    assert all(map(needless, [r"3 \- 2", r"a \- b \- c", r"lone \* star"]))
    assert not any(map(needless, [r"\*a*", r"1\. a", r"\`a`", "a &amp;lt; b"]))


def sample(recordings: Path, every: int) -> list[str]:
    pairs = recordings / "pairs.jsonl.gz"
    if not pairs.exists():
        pytest.skip("no recorded texts")
    with gzip.open(pairs, "rt", encoding="utf-8") as rows:
        return [json.loads(row)["html"] for number, row in enumerate(rows) if number % every == 0]


def test_escapes__are_few_in_real_texts(recordings: Path):
    texts = [markup.convert(html) for html in sample(recordings, 9)]
    escapes, tags = noise(texts)
    assert escapes <= 0.6
    assert tags <= 1.1


def test_control__careful_converter_is_too_noisy():
    texts = ["It's a plain text \\- with \\(too\\) many\\. " * 20]
    assert noise(texts)[0] > 0.6


def noise(texts: Iterable[str]) -> tuple[float, float]:
    """Return the number of escapes and of HTML tags per 1,000 characters."""
    joined = _CODE.sub("", "\n".join(texts))
    thousands = len(joined) / 1000
    return len(_MARK.findall(joined)) / thousands, len(_TAG.findall(joined)) / thousands
