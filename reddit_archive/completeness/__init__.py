"""What is known to be missing of a thread, after all of its captures. Pure.

The one place that tells whether a thread is complete: it is where nothing is known to be missing
but what Reddit withholds. A comment is missing where a capture names or counts it and none brings
it. Only the thread's own page, which shows or names every comment, closes what it does not bring.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from reddit_archive.capture import Capture, Gap, Thing
from reddit_archive.completeness.looks import (
    FILTERED,
    HAS_THREAD_PAGE,
    PARTLY_SHOWN,
    Look,
    is_thread_page,
    look,
    look_of,
)
from reddit_archive.completeness.tracker import Tracker

__all__ = [
    "FILTERED",
    "HAS_THREAD_PAGE",
    "PARTLY_SHOWN",
    "Look",
    "Tracker",
    "gaps",
    "is_capture_complete",
    "is_complete",
    "look",
    "look_of",
    "missing",
    "progress",
    "shows_whole_thread",
    "tells_more",
]


def gaps(thread_id: str, looks: Sequence[Look]) -> tuple[Gap, ...]:
    """List what is missing of a thread after these looks, oldest first."""
    tracker = Tracker(thread_id)
    for each in looks:
        tracker.add(each)
    return tracker.gaps()


def shows_whole_thread(
    taken: Capture, things: Mapping[str, Thing], stubs: Sequence[Mapping[str, Any]]
) -> bool:
    """Tell whether nothing is missing after a capture, whatever was before it: the common case."""
    is_here = not stubs and f"t3_{taken.thread_id}" in things
    return is_here and is_thread_page(taken, things, stubs)


def progress(thread_id: str, captures: Iterable[Capture]) -> Iterator[tuple[Gap, ...]]:
    """List what is missing after each capture and all those before it."""
    tracker = Tracker(thread_id)
    for taken in captures:
        tracker.add(look(taken))
        yield tracker.gaps()


def is_complete(found: Iterable[Gap]) -> bool:
    """Tell whether nothing is missing that somebody could fetch."""
    return all(gap.is_withheld for gap in found)


def missing(found: Iterable[Gap]) -> int:
    """Count the comments that could be fetched, as far as somebody counts them."""
    return sum(gap.count for gap in found if not gap.is_withheld)


def is_capture_complete(taken: Capture) -> bool:
    """Tell whether a capture by itself holds the whole thread."""
    return is_complete(gaps(taken.thread_id, [look(taken)]))


def tells_more(taken: Capture, stored: Capture) -> bool:
    """Tell whether a capture that holds the same as a stored one shows more of what is missing."""
    if stored.request.get(FILTERED) is True and taken.request.get(FILTERED) is not True:
        return True
    return look(taken).is_thread_page and not look(stored).is_thread_page
