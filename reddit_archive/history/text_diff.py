"""Two texts, compared word by word or line by line, in a time that their length alone bounds."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

Part = tuple[str, str]
"""("=", what both say), ("-", what only the former says) or ("+", what only the later says)."""
Run = tuple[int, int, int]
"""Where the same stands in the former and in the later, and how many words long."""

TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
MOST_EXACT = 2000
"""Beyond so many words difflib takes minutes, so that longer texts are cut at what they share."""
MOST_BETWEEN = 500
RUN = 8


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
    a = b = 0
    for start, other, size in (*_joined(_runs(former, later)), (len(former), len(later), 0)):
        if a < start:
            yield "-", "".join(former[a:start])
        if b < other:
            yield "+", "".join(later[b:other])
        if size:
            yield "=", "".join(former[start : start + size])
        a, b = start + size, other + size


def _joined(runs: Iterator[Run]) -> Iterator[Run]:
    """Make one of runs that meet."""
    a = b = size = 0
    for start, other, more in runs:
        if (start, other) != (a + size, b + size):
            if size:
                yield a, b, size
            a, b, size = start, other, 0
        size += more
    if size:
        yield a, b, size


def _runs(former: Sequence[str], later: Sequence[str]) -> Iterator[Run]:
    """Find what stands in both, in order."""
    todo = [(0, len(former), 0, len(later))]
    is_long = max(len(former), len(later)) > MOST_EXACT
    while todo:
        a, a_end, b, b_end = todo.pop()
        size = _common(former[a:a_end], later[b:b_end])
        yield a, b, size
        a, b = a + size, b + size
        size = _common(former[a:a_end][::-1], later[b:b_end][::-1])
        if size:
            todo.append((a_end - size, a_end, b_end - size, b_end))
            a_end, b_end = a_end - size, b_end - size
        mine, other = former[a:a_end], later[b:b_end]
        if max(len(mine), len(other)) <= (MOST_BETWEEN if is_long else MOST_EXACT):
            matcher = SequenceMatcher(None, mine, other, autojunk=False)
            yield from ((a + i, b + j, n) for i, j, n in matcher.get_matching_blocks())
            continue
        cuts = [(a + i, b + j) for i, j in _anchors(mine, other)]
        if cuts:
            ends = pairwise([(a, b), *cuts, (a_end, b_end)])
            todo += [(i, i_end, j, j_end) for (i, j), (i_end, j_end) in ends][::-1]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Count the words with which both begin."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (x, y) in enumerate(pairs) if x != y), min(len(one), len(other)))


def _anchors(former: Sequence[str], later: Sequence[str]) -> list[tuple[int, int]]:
    """Where what stands once in each is the same, be it a word or else a run of words, in order."""
    for length in (1, RUN):
        mine, theirs = _once(former, length), _once(later, length)
        found = _rising([(at, theirs[what]) for what, at in mine.items() if what in theirs])
        if found:
            return found
    return []


def _once(words: Sequence[str], length: int) -> dict[tuple[str, ...], int]:
    runs = [tuple(words[i : i + length]) for i in range(len(words) - length + 1)]
    counts = Counter(runs)
    return {run: i for i, run in enumerate(runs) if counts[run] == 1}


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The most of these pairs, ordered by the first number, of which the second rises as well."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for k, (_, at) in enumerate(pairs):
        place = bisect_left(ends, at)
        before.append(last[place - 1] if place else -1)
        ends[place : place + 1], last[place : place + 1] = [at], [k]
    found = []
    k = last[-1] if last else -1
    while k >= 0:
        found.append(pairs[k])
        k = before[k]
    return found[::-1]
