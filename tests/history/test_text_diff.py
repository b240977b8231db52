"""Two texts are compared by words or lines, in linear time."""

import random
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

import pytest

from reddit_archive.history import text_diff


def test_compare_words__parts_add_up_to_both_texts() -> None:
    parts = text_diff.compare_words("feed it twice a day", "feed it once a day, please")
    assert "".join(text for sign, text in parts if sign != "+") == "feed it twice a day"
    assert "".join(text for sign, text in parts if sign != "-") == "feed it once a day, please"
    assert ("-", "twice") in parts
    assert text_diff.compare_lines("a\nb", "a\nc") == [("=", "a"), ("-", "b"), ("+", "c")]


def shuffle_words(vocabulary: int, count: int, seed: int) -> str:
    rng = random.Random(seed)
    return " ".join(f"w{rng.randrange(vocabulary)}" for _ in range(count))


LONG_TEXTS = [
    (shuffle_words(150, 9_000, 1), shuffle_words(150, 9_000, 2)),
    (" ".join(map(str, range(9_000))), " ".join(f"{n}{'x' * (n % 2)}" for n in range(9_000))),
    ("?!" * 20_000, "!?" * 20_000),
]


def count_comparisons(previous: str, new: str, monkeypatch: pytest.MonkeyPatch) -> float:
    """Return how many pairs of words difflib compares at most, per word of the previous text."""
    pairs = 0

    def matcher(junk: None, a: Sequence[str], b: Sequence[str], autojunk: bool) -> Any:
        nonlocal pairs
        pairs += len(a) * len(b)
        return SequenceMatcher(junk, a[:500], b[:500], autojunk=autojunk)

    monkeypatch.setattr(text_diff, "SequenceMatcher", matcher)
    text_diff.compare_words(previous, new)
    return pairs / len(text_diff.TOKEN_PATTERN.findall(previous))


@pytest.mark.parametrize(("previous", "new"), LONG_TEXTS)
def test_compare_words__takes_linear_time(
    previous: str, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert count_comparisons(previous, new, monkeypatch) <= text_diff.MAX_WORDS_BETWEEN_ANCHORS


def test_compare_words__fault_compares_long_texts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = text_diff.MAX_WORDS_BETWEEN_ANCHORS
    monkeypatch.setattr(text_diff, "MAX_WORDS_BETWEEN_ANCHORS", 10**6)
    assert count_comparisons(*LONG_TEXTS[0], monkeypatch) > limit


@pytest.mark.parametrize(("previous", "new"), LONG_TEXTS)
def test_compare_words__parts_of_long_texts_add_up(previous: str, new: str) -> None:
    parts = text_diff.compare_words(previous, new)
    assert "".join(text for sign, text in parts if sign != "+") == previous
    assert "".join(text for sign, text in parts if sign != "-") == new


def test_compare_words__long_text_like_short_text() -> None:
    begin, end = shuffle_words(5000, 3000, 3), shuffle_words(5000, 3000, 4)
    parts = text_diff.compare_words(
        f"{begin} feed it twice {end}", f"{begin} feed it once {end} yes"
    )
    changed = [("-", "twice"), ("+", "once"), ("=", f" {end}"), ("+", " yes")]
    assert parts == [("=", f"{begin} feed it "), *changed]
