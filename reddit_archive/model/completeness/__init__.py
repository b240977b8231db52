"""Decide what is missing from a thread, given all of its captures. Pure.

A thread is complete if no comment is known to be missing, except comments that Reddit withholds. A
comment is missing if one capture names or counts it and no capture contains it. The thread's own
page shows or names every comment. So comments that it neither shows nor names no longer exist,
and are no longer missing. No other capture proves that. A saved web page least of all: it can only
make the thread complete if its post reports no more comments than are known.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from reddit_archive.model.capture import Capture, MissingComments, Thing
from reddit_archive.model.completeness.coverage import (
    COMMENTS_WITHOUT_ID_KEY,
    FILTERED_KEY,
    HAS_THREAD_PAGE_KEY,
    PARTLY_SHOWN_KEY,
    Coverage,
    build_coverage,
    get_coverage,
    is_thread_page,
)
from reddit_archive.model.completeness.tracker import CompletenessTracker

__all__ = [
    "COMMENTS_WITHOUT_ID_KEY",
    "FILTERED_KEY",
    "HAS_THREAD_PAGE_KEY",
    "PARTLY_SHOWN_KEY",
    "CompletenessTracker",
    "Coverage",
    "build_coverage",
    "count_missing",
    "find_missing",
    "get_coverage",
    "has_better_coverage",
    "has_whole_thread",
    "is_capture_complete",
    "is_complete",
    "iter_missing",
]


def find_missing(thread_id: str, coverages: Sequence[Coverage]) -> tuple[MissingComments, ...]:
    """Return what is missing from a thread after all of these captures, oldest first."""
    tracker = CompletenessTracker(thread_id)
    for coverage in coverages:
        tracker.add(coverage)
    return tracker.find_missing()


def has_whole_thread(
    capture: Capture, things: Mapping[str, Thing], stubs: Sequence[Mapping[str, Any]]
) -> bool:
    """Return whether a capture alone makes the thread complete (the common case)."""
    has_post_and_no_stubs = not stubs and f"t3_{capture.thread_id}" in things
    return has_post_and_no_stubs and is_thread_page(capture, things, stubs)


def iter_missing(
    thread_id: str, captures: Iterable[Capture]
) -> Iterator[tuple[MissingComments, ...]]:
    """Yield what is missing after each capture and all earlier ones."""
    tracker = CompletenessTracker(thread_id)
    for capture in captures:
        tracker.add(get_coverage(capture))
        yield tracker.find_missing()


def is_complete(missing_comments: Iterable[MissingComments]) -> bool:
    """Return whether nothing is missing that could be fetched."""
    return all(group.is_withheld for group in missing_comments)


def count_missing(missing_comments: Iterable[MissingComments]) -> int:
    """Count the missing comments that could be fetched. Groups of unknown size count as 0."""
    return sum(group.count for group in missing_comments if not group.is_withheld)


def is_capture_complete(capture: Capture) -> bool:
    """Return whether a capture contains the whole thread."""
    return is_complete(find_missing(capture.thread_id, [get_coverage(capture)]))


def has_better_coverage(capture: Capture, stored: Capture) -> bool:
    """Return whether a capture proves more than a stored one with the same content."""
    if stored.request.get(FILTERED_KEY) is True and capture.request.get(FILTERED_KEY) is not True:
        return True
    coverage, stored_coverage = get_coverage(capture), get_coverage(stored)
    if coverage.comments_without_id > stored_coverage.comments_without_id:
        return True
    return coverage.is_thread_page and not stored_coverage.is_thread_page
