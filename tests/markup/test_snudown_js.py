"""Random texts are rendered as by snudown-js, which is Reddit's own renderer in JavaScript."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reddit_archive.markup.snudown import lines, render, spoilers
from reddit_archive.quote.html_outline import extract_lines
from tests.support import snudown_js

DOCUMENTS = 20_000
MARKS = (
    *("*", "**", "_", "__", "~~", "`", "^", "^(", ")", "(", "[", "]", "](", "![", "\\", "+", "!"),
    *(">", ">!", ">!", "!<", "#", "- ", "1. ", "    ", "|", "\n", "\n\n", "\n", "-|-\n", "---\n"),
    *("  \n", "===\n", "* ", ":-|", "a|b", "{x}", "'", '"', "&", "<", ">", "&amp;", "&lt;"),
    *("https://", "http://a.b", "www.a.b", "r/", "r/ub", "/r/all-ab", "/u/me", "a@b.c", "[]:x"),
    *("[a]: /b\n", "[b]:", "[a]", "(/b)", "[a][b]", "word", "a", " ", " b "),
)
NESTED = (
    *("x", "*x*", "***x***", "[x](/b)", '[*x*](/b "t")', "[x][a]", "^x", ">!x!<", "x\n===", "#x"),
    *(
        "- *x*",
        "- a\n\n    - x",
        "- a\n    - b\n        - x",
        "a|b\n-|-\nx|[y](/b)",
        "`x`",
        "    x",
    ),
)
DIFFERENCES = {
    "snudown-js is built without fenced code, which Reddit has": r"`{3}|~{3}",
    "snudown-js lets a space follow `>!`, which Reddit's own test cases forbid": r">![ \n]",
    "media tokens are Reddit's, and typed images are text on Reddit": r"!\[",
    "an address right after markup": r"[^ \n]@|\\.(?:http|www)",
}
"""Why texts are left out: each reason with a pattern of them."""


def list_documents(count: int) -> Iterator[str]:
    """Yield different texts that no known difference leaves out."""
    dice, seen = random.Random(21), {""}
    is_left_out = re.compile("|".join(list(DIFFERENCES.values())[:3])).search
    while len(seen) <= count:
        text = "".join(dice.choices(MARKS, k=dice.randrange(1, 30)))
        if text not in seen and not is_left_out(text):
            seen.add(text)
            yield text


def find_unequal(texts: list[str], folder: Path) -> list[str]:
    expected = snudown_js.render(texts, folder)
    return [
        text
        for text, html in zip(texts, expected, strict=True)
        if extract_lines(render(text)) != extract_lines(html)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("snudown-js")
    if not snudown_js.install(path):
        pytest.skip("snudown-js cannot be installed")
    return path


@pytest.mark.slow
def test_render__equals_snudown_js(folder: Path) -> None:
    unequal = find_unequal(list(list_documents(DOCUMENTS)), folder)
    is_known = re.compile(DIFFERENCES["an address right after markup"]).search
    assert [text for text in unequal if not is_known(text)] == []
    assert len(unequal) < DOCUMENTS / 500


@pytest.mark.slow
def test_render__nests_as_deep_as_snudown_js(folder: Path) -> None:
    texts = [
        "\n".join(f"{'>' * depth} {line}" for line in text.split("\n")) + "\n\n[a]: /b"
        for text in NESTED
        for depth in range(3, 18)
    ]
    assert find_unequal(texts, folder) == []


@pytest.mark.slow
def test_control__spoiler_that_ends_in_its_line_alone_is_found(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def starts_in_line(source: str, start: int, env: object) -> bool:
        line = source[start:].partition("\n")[0]
        return lines.SPOILER_MARKER.match(line) is not None and "!<" not in line

    monkeypatch.setattr(spoilers, "is_block_start", starts_in_line)
    assert find_unequal([">!one\ntwo!<"], folder)
