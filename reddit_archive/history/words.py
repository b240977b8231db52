"""Two texts, compared word by word or line by line."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

Part = tuple[str, str]
"""("=", what both say), ("-", what only the former says) or ("+", what only the later says)."""

TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
MOST_EXACT = 2000
"""Beyond so many words difflib takes shortcuts, for it would take minutes."""


def compare_words(former: str, later: str) -> list[Part]:
    """Compare words and the blanks between them; the parts make up both texts to the letter."""
    return list(_compare(TOKEN.findall(former), TOKEN.findall(later)))


def compare_lines(former: str, later: str) -> list[Part]:
    """Compare whole lines, one to each part, without their ends."""
    parts = _compare(_lines(former), _lines(later))
    return [(sign, line) for sign, text in parts for line in text.splitlines()]


def _lines(text: str) -> list[str]:
    return [f"{line}\n" for line in text.splitlines()]


def _compare(former: list[str], later: list[str]) -> Iterator[Part]:
    is_long = max(len(former), len(later)) > MOST_EXACT
    matcher = SequenceMatcher(None, former, later, autojunk=is_long)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield "=", "".join(former[a:b])
            continue
        if a < b:
            yield "-", "".join(former[a:b])
        if c < d:
            yield "+", "".join(later[c:d])
