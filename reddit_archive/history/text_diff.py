"""Compare two texts by words or lines, in a time that is limited by their lengths. Pure."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

DiffPart = tuple[str, str]
"""("=", text in both), ("-", text only in the previous) or ("+", text only in the new)."""
MatchingBlock = tuple[int, int, int]
"""Start in the previous text, start in the new text, and number of words."""

TOKEN_PATTERN = re.compile(r"\s+|\w+|[^\w\s]")
MAX_EXACT_WORDS = 2000
"""difflib takes minutes for more words, so longer texts are split at words that both share."""
MAX_WORDS_BETWEEN_ANCHORS = 500
ANCHOR_WORDS = 8


def compare_words(previous: str, new: str) -> list[DiffPart]:
    """Compare words and the spaces between them. The parts add up to both texts exactly."""
    return list(_compare(TOKEN_PATTERN.findall(previous), TOKEN_PATTERN.findall(new)))


def compare_lines(previous: str, new: str) -> list[DiffPart]:
    """Compare whole lines. Each part is one line without its line break."""
    parts = _compare(_split_lines(previous), _split_lines(new))
    return [(sign, line) for sign, text in parts for line in text.splitlines()]


def _split_lines(text: str) -> list[str]:
    return [f"{line}\n" for line in text.splitlines()]


def _compare(previous: list[str], new: list[str]) -> Iterator[DiffPart]:
    a = b = 0
    for previous_start, new_start, size in (
        *_merge_adjacent(_find_matching_blocks(previous, new)),
        (len(previous), len(new), 0),
    ):
        if a < previous_start:
            yield "-", "".join(previous[a:previous_start])
        if b < new_start:
            yield "+", "".join(new[b:new_start])
        if size:
            yield "=", "".join(previous[previous_start : previous_start + size])
        a, b = previous_start + size, new_start + size


def _merge_adjacent(blocks: Iterator[MatchingBlock]) -> Iterator[MatchingBlock]:
    """Join blocks that touch each other."""
    a = b = size = 0
    for previous_start, new_start, length in blocks:
        if (previous_start, new_start) != (a + size, b + size):
            if size:
                yield a, b, size
            a, b, size = previous_start, new_start, 0
        size += length
    if size:
        yield a, b, size


def _find_matching_blocks(previous: Sequence[str], new: Sequence[str]) -> Iterator[MatchingBlock]:
    """Yield the blocks that both texts have in common, in order."""
    todo = [(0, len(previous), 0, len(new))]
    is_long = max(len(previous), len(new)) > MAX_EXACT_WORDS
    max_words = MAX_WORDS_BETWEEN_ANCHORS if is_long else MAX_EXACT_WORDS
    while todo:
        a, a_end, b, b_end = todo.pop()
        size = _count_common_start(previous[a:a_end], new[b:b_end])
        yield a, b, size
        a, b = a + size, b + size
        size = _count_common_start(previous[a:a_end][::-1], new[b:b_end][::-1])
        if size:
            todo.append((a_end - size, a_end, b_end - size, b_end))
            a_end, b_end = a_end - size, b_end - size
        previous_part, new_part = previous[a:a_end], new[b:b_end]
        if max(len(previous_part), len(new_part)) <= max_words:
            matcher = SequenceMatcher(None, previous_part, new_part, autojunk=False)
            yield from ((a + i, b + j, n) for i, j, n in matcher.get_matching_blocks())
            continue
        anchors = [(a + i, b + j) for i, j in _find_anchors(previous_part, new_part)]
        if anchors:
            bounds = pairwise([(a, b), *anchors, (a_end, b_end)])
            todo += [(i, i_end, j, j_end) for (i, j), (i_end, j_end) in bounds][::-1]


def _count_common_start(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the number of words at the start that both have in common."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (x, y) in enumerate(pairs) if x != y), min(len(one), len(other)))


def _find_anchors(previous: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return the positions of words that occur exactly once in each text, in the same order.

    If there are none, uses runs of words instead.
    """
    for length in (1, ANCHOR_WORDS):
        previous_positions = _find_unique_runs(previous, length)
        new_positions = _find_unique_runs(new, length)
        common_runs = (run for run in previous_positions if run in new_positions)
        pairs = [(previous_positions[run], new_positions[run]) for run in common_runs]
        if anchors := _find_longest_increasing(pairs):
            return anchors
    return []


def _find_unique_runs(words: Sequence[str], length: int) -> dict[tuple[str, ...], int]:
    """Return the position of each run of `length` words that occurs once."""
    runs = [tuple(words[i : i + length]) for i in range(len(words) - length + 1)]
    counts = Counter(runs)
    return {run: i for i, run in enumerate(runs) if counts[run] == 1}


def _find_longest_increasing(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest subsequence in which both numbers increase.

    Args:
        pairs: Pairs of positions, sorted by the first.
    """
    ends: list[int] = []
    last_indexes: list[int] = []
    predecessors: list[int] = []
    for k, (_, new_position) in enumerate(pairs):
        insertion_point = bisect_left(ends, new_position)
        predecessors.append(last_indexes[insertion_point - 1] if insertion_point else -1)
        ends[insertion_point : insertion_point + 1] = [new_position]
        last_indexes[insertion_point : insertion_point + 1] = [k]
    result = []
    k = last_indexes[-1] if last_indexes else -1
    while k >= 0:
        result.append(pairs[k])
        k = predecessors[k]
    return result[::-1]
