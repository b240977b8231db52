"""`archive browser`: the userscript, the bookmarklet, and what is promised about their code."""

import html
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from reddit_archive.cli import browser_script
from reddit_archive.model import viewer_fields
from tests.conftest import Run

MAX_BOOKMARK_LENGTH = 65_536
"""Firefox keeps no longer bookmark."""
SOURCE = browser_script.read_userscript()
FORBIDDEN = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|import\(|XMLHttp"
    r"|WebSocket|EventSource|sendBeacon|localStorage|sessionStorage|indexedDB|cookie\b(?!\")"
    r"|createElement\(\"(?:script|style|iframe|img|link)\"|GM_|window\.open"
)


def read_strings(name: str, source: str = SOURCE) -> list[str]:
    """Return the strings in the list that a constant of the script contains."""
    match = re.search(rf"const {name} = (?:new Set\()?\[(.*?)\]", source, re.DOTALL)
    assert match
    return re.findall(r'"(\w+)"', match[1])


def test_guide__names_the_file_and_both_ways(run: Run) -> None:
    ran = run("browser")
    assert (ran.code, ran.err) == (0, "")
    path = next(line.strip() for line in ran.out.splitlines() if line.endswith(".user.js"))
    assert Path(path).read_text() == SOURCE
    assert "archive browser --page" in ran.out


def test_userscript__is_printed_alone_or_written(run: Run, tmp_path: Path) -> None:
    assert run("browser", "--userscript").out == SOURCE
    ran = run("browser", "--userscript", "-o", "x.user.js")
    assert (ran.code, ran.out) == (0, "")
    assert (tmp_path / "x.user.js").read_text() == SOURCE


def test_options__exclude_each_other(run: Run) -> None:
    ran = run("browser", "--userscript", "--page")
    assert (ran.code, ran.out) == (2, "")
    assert "give only one of --userscript, --page" in ran.err


def test_output__is_refused_in_the_archive(run: Run, tmp_path: Path) -> None:
    (tmp_path / "archive" / "threads").mkdir(parents=True)
    ran = run("browser", "--bookmarklet", "-o", "archive/threads/x")
    assert ran.code == 1
    assert "outside the archive" in ran.err


def test_bookmarklet__is_the_userscript_as_a_url(run: Run) -> None:
    url = run("browser", "--bookmarklet").out.removesuffix("\n")
    assert re.fullmatch(r"javascript:[!-~]+", url)
    assert len(url) < MAX_BOOKMARK_LENGTH
    code = unquote(url.removeprefix("javascript:"))
    own_lines = [line.strip() for line in SOURCE.partition("==/UserScript==")[2].splitlines()]
    assert [line for line in code.splitlines() if line not in own_lines] == [
        "const START_AT_ONCE = true; // The bookmarklet has `true` here."
    ]


def test_page__has_the_bookmarklet_and_loads_nothing(run: Run) -> None:
    page = run("browser", "--page").out
    (href,) = re.findall(r'href="([^"]*)"', page)
    assert html.unescape(href) == browser_script.build_bookmarklet()
    assert not re.search(r"<(script|link|img|iframe)\b|https?://", page.replace(href, ""))


def test_viewer_fields__are_those_of_the_program() -> None:
    assert set(read_strings("VIEWER_FIELDS")) == viewer_fields.FIELDS
    assert tuple(read_strings("VIEWER_PREFIXES")) == viewer_fields.PREFIXES


def test_viewer_fields__seeded_fault_is_noticed() -> None:
    shorter = SOURCE.replace('"modhash", ', "")
    assert viewer_fields.FIELDS - set(read_strings("VIEWER_FIELDS", shorter)) == {"modhash"}


def test_head__has_the_version_of_the_code_and_reddits_pages_only() -> None:
    head = dict(re.findall(r"^// @([\w-]+)\s+(.*)$", SOURCE, re.MULTILINE))
    assert head["version"] == re.findall(r'const VERSION = "(.*)";', SOURCE)[0]
    assert head["grant"] == "none"
    hosts = re.findall(r"^// @match\s+https://(\w+)\.reddit\.com/\*$", SOURCE, re.MULTILINE)
    assert hosts == ["www", "old", "new", "sh", "np"]
    assert "noframes" in SOURCE


def test_code__asks_its_own_site_only_and_inserts_no_html() -> None:
    code = SOURCE.partition("==/UserScript==")[2]
    assert FORBIDDEN.findall(code) == []
    assert re.findall(r"https?:", code) == []
    assert re.findall(r"fetch\((.*)$", code, re.MULTILINE) == ["location.origin + path, {"]


@pytest.mark.parametrize("line", ["x.innerHTML = y", "import('x')", "document.cookie", "eval(x)"])
def test_code__seeded_fault_is_noticed(line: str) -> None:
    assert FORBIDDEN.search(line)
