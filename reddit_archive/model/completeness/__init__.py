"""Decide what is missing from a thread, given all of its captures. Pure.

A thread is complete if no comment is known to be missing, except those that Reddit withholds. A
comment is missing if one capture names or counts it and no capture contains it. The thread's own
page shows or names every comment, so it also closes gaps that it does not fill; no other capture
does.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from reddit_archive.model.capture import Capture, Gap, Thing
from reddit_archive.model.completeness.observations import (
    FILTERED,
    HAS_THREAD_PAGE,
    PARTLY_SHOWN,
    Observation,
    is_thread_page,
    observation_of,
    observe,
)
from reddit_archive.model.completeness.tracker import Tracker

__all__ = [
    "FILTERED",
    "HAS_THREAD_PAGE",
    "PARTLY_SHOWN",
    "Observation",
    "Tracker",
    "gaps",
    "is_capture_complete",
    "is_complete",
    "missing",
    "observation_of",
    "observe",
    "progress",
    "shows_whole_thread",
    "tells_more",
]


def gaps(thread_id: str, observations: Sequence[Observation]) -> tuple[Gap, ...]:
    """Return what is missing from a thread after these observations, which come oldest first."""
    tracker = Tracker(thread_id)
    for each in observations:
        tracker.add(each)
    return tracker.gaps()


def shows_whole_thread(
    capture: Capture, things: Mapping[str, Thing], stubs: Sequence[Mapping[str, Any]]
) -> bool:
    """Return whether a capture alone makes the thread complete (the common case)."""
    is_here = not stubs and f"t3_{capture.thread_id}" in things
    return is_here and is_thread_page(capture, things, stubs)


def progress(thread_id: str, captures: Iterable[Capture]) -> Iterator[tuple[Gap, ...]]:
    """Yield what is missing after each capture and all earlier ones."""
    tracker = Tracker(thread_id)
    for capture in captures:
        tracker.add(observe(capture))
        yield tracker.gaps()


def is_complete(found: Iterable[Gap]) -> bool:
    """Return whether nothing is missing that could be fetched."""
    return all(gap.is_withheld for gap in found)


def missing(found: Iterable[Gap]) -> int:
    """Count the missing comments that could be fetched. Gaps of unknown size count as 0."""
    return sum(gap.count for gap in found if not gap.is_withheld)


def is_capture_complete(capture: Capture) -> bool:
    """Return whether a capture contains the whole thread."""
    return is_complete(gaps(capture.thread_id, [observe(capture)]))


def tells_more(capture: Capture, stored: Capture) -> bool:
    """Return whether a capture with the same content as a stored one closes more gaps."""
    if stored.request.get(FILTERED) is True and capture.request.get(FILTERED) is not True:
        return True
    return observe(capture).is_thread_page and not observe(stored).is_thread_page
