"""What a host does after Markdown is rendered does not happen to a quote.

Each text is converted and put into a quote. A model of the host's rules finds nothing live in it.
"""

import gzip
import json
import random
import re
from collections.abc import Callable, Iterator
from html import escape as escaped
from pathlib import Path

import pytest
from markdownify import markdownify

from reddit_archive import markup
from reddit_archive.markup import targets
from tests.support import dataview_rules, dom, host_rules, katex_rules, renderers
from tests.support.inertness import build_document

CASES = Path(__file__).parent.parent / "data" / "hosts"
CASE = re.compile(
    r"^## (?P<title>[^\n]+)\n\n- target: (?P<target>\w+)\n- must not read: (?P<what>[^\n]+)\n\n"
    r"```html\n(?P<html>.*?)\n```$",
    re.MULTILINE | re.DOTALL,
)


def find_live_in_file(markdown: str) -> list[str]:
    """Return what VS Code, GitLab and GitHub set as mathematics, draw, or link to a page."""
    found = [*katex_rules.find_math(markdown), *host_rules.find_math_in_source(markdown)]
    found += host_rules.find_math_in_file(markdown)
    mathematics = [f"mathematics: {text}" for text in found]
    return [
        *mathematics,
        *host_rules.find_drawn_code(markdown),
        *host_rules.find_wiki_links(markdown),
    ]


def find_live_in_vault(markdown: str) -> list[str]:
    """Return what Obsidian's plugins read, and mathematics. VS Code's rule finds more of that."""
    found = [*katex_rules.find_math(markdown), *host_rules.find_math_in_source(markdown)]
    return [f"mathematics: {text}" for text in found] + dataview_rules.find_fields(markdown)


FIND_LIVE: dict[str, Callable[[str], list[str]]] = {
    "github": host_rules.find_live,
    "markdown": find_live_in_file,
    "obsidian": find_live_in_vault,
}


def read_cases() -> Iterator[object]:
    for path in sorted(CASES.glob("*.md")):
        for case in CASE.finditer(path.read_text("utf-8")):
            name = f"{path.stem}: {case['title']}"
            yield pytest.param(case["html"], case["target"], case["what"], id=name)


CASE_LIST = list(read_cases())
every_case = pytest.mark.parametrize(("html", "target", "what"), CASE_LIST)


def find_live(html: str, target: str) -> list[str]:
    """Convert a text, and return what is live in it, alone and in a quote."""
    text = markup.convert(html, target=target)
    quoted = dom.quoted(text, 2)
    return FIND_LIVE[target](text) + FIND_LIVE[target](quoted)


def test_cases__are_all_read() -> None:
    titles = sum(path.read_text("utf-8").count("\n## ") for path in CASES.glob("*.md"))
    assert len(CASE_LIST) == titles > 70


@every_case
def test_convert__host_reads_nothing(html: str, target: str, what: str) -> None:
    assert find_live(html, target) == []


@every_case
def test_control__model_finds_what_the_case_names(html: str, target: str, what: str) -> None:
    """The same text, written as people would type it, is live."""
    language = re.search(r"language-(\w+)", html)
    typed = markdownify(
        html,
        heading_style="ATX",
        code_language=language[1] if language else "",
        escape_misc=False,
        escape_asterisks=False,
        escape_underscores=False,
        newline_style="backslash",
        sup_symbol="<sup>",
    ).strip()
    assert what in {found.partition(":")[0] for found in FIND_LIVE[target](typed)}


# Titles and author lines

WORDS = (
    "@a",
    "#5",
    "$5",
    "6$",
    "x$",
    "$x",
    "GH-1",
    ":a:",
    "~b",
    "%c",
    "!4",
    "1f2e3d4",
    "a::b",
    "(c::d)",
)


@pytest.mark.parametrize("target", FIND_LIVE)
def test_escape_text__is_inert_in_joined_lines(target: str) -> None:
    dice = random.Random(1)
    dialect = targets.get_target(target)
    for _ in range(200):
        parts = [" ".join(dice.choices(WORDS, k=2)) for _ in range(3)]
        line = " · ".join(markup.escape_text(part, target=target) for part in parts)
        link = markup.format_link(parts[0], "https://example.com/", target=target)
        joined = dialect.escape_joined_line(f"{line} {link}")
        assert FIND_LIVE[target](f"### {joined}\n\n> {joined}") == [], parts


# Addresses

REDIRECTED = "https://redirect.github.com/o/r/"


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://github.com/o/r/issues/5", REDIRECTED + "issues/5"),
        ("http://www.GitHub.com:443/o/r/pull/5/files?w=1#x", REDIRECTED + "pull/5/files?w=1#x"),
        ("https://github.com/orgs/o/discussions/5", REDIRECTED[:28] + "orgs/o/discussions/5"),
        (REDIRECTED + "issues/5", REDIRECTED + "issues/5"),
        ("https://gitlab.com/g/p/-/issues/5#note_1", "https://GITLAB.COM/g/p/-/issues/5#note_1"),
        (
            "https://git.example.com/g/h/p/commit/1f2e3d",
            "https://GIT.EXAMPLE.COM/g/h/p/commit/1f2e3d",
        ),
        ("https://github.com/o/r", "https://github.com/o/r"),
        ("https://example.com/issues/5", "https://example.com/issues/5"),
        ("https://example.com/?u=https://github.com/o/r/issues/5", None),
    ],
)
def test_get_link_url__leads_to_the_same_page(url: str, written: str | None) -> None:
    assert targets.get_target("github").get_link_url(url) == (written or url)


# Fuzzed texts

PIECES = [
    "@user",
    "#12",
    "GH-3",
    "!4",
    "&5",
    "$6",
    "$",
    "$$",
    "x$",
    "$y",
    "~z",
    "%",
    '%a"',
    '"',
    ":smile:",
    ":+1:",
    "1f2e3d4c",
    "12345678",
    "owner/repo#7\n",
    "[feature_flag:1]",
    "[TOC]",
    "[",
    "]",
    "(",
    ")",
    "[",
    "]",
    "::",
    ":",
    "a::b",
    "key::",
    "\\",
    "\\begin{x}",
    "\\end{x}",
    "<%",
    "%>",
    "^id",
    "`",
    "*",
    "_",
    "~~",
    "{+",
    "+}\n",
    "/close",
    "✅",
    "2026-01-02",
    "https://github.com/o/r/issues/1",
    "www.a.b",
    "&#36;",
    "&#58;",
    "é",
    "1.",
    "-",
    ">",
]
PLACES = (
    "<p>{}</p>",
    "<p>{}<br/>{}</p>",
    "<p><em>{}</em>{}<strong>{}</strong> {}</p>",
    "<p>{}<code>{}</code>{}</p>",
    "<p>{}<sup>{}</sup>{}</p>",
    '<p>{} <a href="https://example.com/{}">{}</a> {}</p>',
    '<p><a href="https://github.com/o/r/pull/{}" title="{}">{}</a></p>',
    "<ul><li>{}</li><li><p>{}</p><pre>{}</pre></li></ul>",
    "<h2>{}</h2>",
    "<pre><code>{}\n{}</code></pre>",
    "<table><thead><tr><th>{}</th><th>{}</th></tr></thead><tbody><tr><td>{}</td></tr></tbody></table>",
    "<blockquote><p>{}</p></blockquote>",
)


def build_text(number: int) -> str:
    """Return some HTML that is full of what hosts resolve; always the same for a number."""
    dice = random.Random(number)

    def words(_: re.Match[str]) -> str:
        pieces = dice.choices(PIECES, k=dice.randrange(1, 5))
        return escaped(dice.choice(["", " "]).join(pieces))

    return "".join(re.sub(r"\{\}", words, dice.choice(PLACES)) for _ in range(dice.randrange(1, 3)))


@pytest.mark.parametrize("texts", [300, pytest.param(8_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("target", FIND_LIVE)
def test_convert__fuzzed_text_is_inert(target: str, texts: int) -> None:
    live = [(n, found) for n in range(texts) if (found := find_live(build_text(n), target))]
    assert live == []


@pytest.mark.slow
@pytest.mark.parametrize("target", FIND_LIVE)
def test_convert__hostile_document_is_inert(target: str) -> None:
    for number in range(2_000):
        assert find_live(build_document(number)[0], target) == [], number


@pytest.mark.parametrize("target", FIND_LIVE)
def test_control__fuzzed_text_is_live_without_the_target(target: str) -> None:
    texts = [markup.convert(build_text(number), target="commonmark") for number in range(500)]
    assert sum(bool(FIND_LIVE[target](text)) for text in texts) > 5


# VS Code's own plug-in


@pytest.mark.slow
def test_katex_rules__agree_with_the_plug_in() -> None:
    render = renderers.vscode() or pytest.skip("markdown-it and its katex plug-in are missing")
    for number in range(5_000):
        for target in ("markdown", "commonmark"):  # the second one escapes no dollar sign
            text = markup.convert(build_text(number), target=target)
            has_math = "katex" in render(text)
            assert has_math == bool(katex_rules.find_math(text)), text
            assert target != "markdown" or not has_math


# Recorded texts


@pytest.mark.slow
@pytest.mark.parametrize("target", FIND_LIVE)
def test_recorded_texts__are_inert(target: str, recordings: Path) -> None:
    path = recordings / "pairs.jsonl.gz"
    if not path.exists():
        pytest.skip("no recorded texts")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    assert [row["id"] for row in rows if find_live(row["html"], target)] == []
