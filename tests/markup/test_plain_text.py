"""Texts without markup are rendered without the parser, and byte for byte as it renders them."""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

import pytest

from benchmarks import dialect
from reddit_archive.markup.snudown import parser, plain_text

PLAIN_RECORDED = 6_342
"""How many of the 9,000 recorded texts have no markup, at least."""
PIECES = (
    *("word", "a ", "A", " ", "  ", "\n", "\n", "\n\n", ".", ", ", "?", "!", "'", '"', "(", ")"),
    *("/", "w", "www", "www.", "com", "r", "u", "r/", "u/", "/r", "://", ":", "//", "mailto:"),
    *("- ", "-", "+ ", "+", "=", "==", "#", "# ", ">", "> ", "1", "1. ", "٣. ", "²", "{", "]", "$"),
    *("é", "—", "漢", "\U0001f989", "\xa0", "\x85", "\u2028", "\u200b", "\x7f", "\ud800"),
    *("http://a.b", "~~a~~", "[a](/b)", "a@b.c", "a|b\n-|-", ">>a>>"),
    *("*", "_", "&", "<", "[", "|", "`", "@", "^", "~", "\\", "\t", "\r", "\x00", "\ufeff"),
)


def type_texts(count: int) -> Iterator[str]:
    dice = Random(22)
    return ("".join(dice.choices(PIECES, k=dice.randrange(1, 9))) for _ in range(count))


def iter_unequal(texts: Iterable[str]) -> Iterator[str]:
    """Yield the texts that the parser renders in another way."""
    for text in texts:
        html = plain_text.try_render(text)
        if html is not None and html != parser.render(text, {}):
            yield text


def count_plain(texts: Iterable[str]) -> int:
    return sum(plain_text.try_render(text) is not None for text in texts)


def test_try_render__recorded_texts(recordings: Path) -> None:
    texts = [body for _, body, _ in dialect.pairs(recordings)]
    assert list(iter_unequal(texts)) == []
    assert count_plain(texts) >= PLAIN_RECORDED


def test_try_render__random_texts() -> None:
    texts = list(type_texts(20_000))
    assert list(iter_unequal(texts)) == []
    assert count_plain(texts) > 3_000


@pytest.mark.slow
def test_try_render__many_random_texts() -> None:
    assert list(iter_unequal(type_texts(300_000))) == []


@pytest.mark.parametrize(
    "rule",
    [
        *(r"(?<!www)", r"(?<!\b[ru])", r"(?!/)", r"(?<!  )", r"|[0-9]++\. ", "[ #=+-]|"),
        *(r"\\", "`", "*", "_", "~", r"\[", "<", ">", "&", "^", "|", "@", r"\x00-\x09", r"\ufeff"),
    ],
)
def test_control__rule_that_is_left_out_is_found(
    rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pattern, markup = plain_text._PARAGRAPHS.pattern, plain_text._MARKUP
    is_character = rule in markup
    part, replacement = (markup, markup.replace(rule, "")) if is_character else (rule, "")
    monkeypatch.setattr(plain_text, "_PARAGRAPHS", re.compile(pattern.replace(part, replacement)))
    assert next(iter_unequal(type_texts(20_000)), None)


def test_render__loads_no_parser_for_plain_text() -> None:
    code = (
        "import sys; from reddit_archive.markup import snudown\n"
        "assert snudown.render('a\\n\\nb') == '<div class=\"md\"><p>a</p>\\n<p>b</p>\\n</div>'\n"
        "sys.exit('markdown_it' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
