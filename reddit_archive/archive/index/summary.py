"""The summary of a thread that `list` shows: its post, its size, and what Reddit has deleted."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from reddit_archive import history
from reddit_archive.archive.snapshot_format import Snapshot, format_time
from reddit_archive.history import ItemTimeline, ThreadHistory
from reddit_archive.model import capture
from reddit_archive.model.content import Post, build_post_from_comments
from reddit_archive.model.json_fields import Raw

UNCHANGED = "unchanged"
DATE_LENGTH = len("2026-01-03")


class ThreadSummary(NamedTuple):
    """A thread in one line. A dataclass would take 2 µs more of the 6 that `list` has for each.

    Attributes:
        title, url, author, created_at: From the last version of the post that has a text.
        first_snapshot, last_snapshot: Their times, written as in a snapshot.
        comments: Number of all comments that were ever seen.
        texts: Number of posts and comments whose text is stored.
        preserved: Number of stored texts that Reddit has deleted.
        post_deletion_status: How the post's text was deleted on Reddit, if it was.
        deleted_comments: Number of comments that were deleted on Reddit.
    """

    thread_id: str
    subreddit: str
    title: str
    url: str | None
    author: str | None
    created_at: str | None
    first_snapshot: str
    last_snapshot: str
    snapshots: int
    comments: int
    texts: int
    preserved: int
    post_deletion_status: str | None
    is_post_preserved: bool
    deleted_comments: int


def build_cells(summary: ThreadSummary, deleted: str) -> tuple[str | int, ...]:
    """Return the cells of a thread's line in `list`, given what to say of deleted texts."""
    return (
        f"t3_{summary.thread_id}",
        summary.subreddit,
        summary.last_snapshot[:DATE_LENGTH],
        summary.comments,
        deleted,
        summary.title,
    )


def build_line(summary: ThreadSummary) -> str:
    """Return the line that `list` prints of a thread, if Reddit still shows all that is stored.

    Returns "" if a text was deleted, or if a character has to be replaced before it is printed.
    """
    cells = [*map(str, build_cells(summary, ""))]
    is_printable = all(cell.isprintable() and cell == " ".join(cell.split()) for cell in cells)
    return "\t".join(cells) if is_printable and not summary.preserved else ""


def trace_snapshots(thread_id: str, snapshots: Sequence[Snapshot]) -> ThreadHistory:
    """Build the history of a thread from its snapshots."""
    return history.trace(thread_id, (snapshot.capture for snapshot in snapshots))


def unavailable_reason(
    last_check: Mapping[str, Any], last_snapshot: str, *, now: datetime | None = None
) -> str | None:
    """Return why Reddit did not return the thread at the last check; None if it did.

    A check with a date in the future counts as made now. A snapshot with a date in the future does
    not count as later than the check.
    """
    result = str(last_check.get("result", ""))
    checked_at = str(last_check.get("checked_at", ""))
    is_older_than_snapshot = checked_at < last_snapshot <= format_time(now or capture.utc_now())
    return None if is_older_than_snapshot or result == UNCHANGED else result


def summarize(thread_history: ThreadHistory, snapshots: Sequence[Snapshot]) -> ThreadSummary:
    """Summarize a thread from its snapshots, at least one, and their history."""
    post_timeline = thread_history.post
    latest = post_timeline.last_author_version if post_timeline else None
    comments = list(thread_history.comments)
    post = Post(latest.raw) if latest else None
    if post_timeline is None:
        post = build_post_from_comments(thread_history.thread_id, _iter_latest_raw(comments))
    post = post or Post({})
    return ThreadSummary(
        thread_history.thread_id,
        post.subreddit,
        post.title,
        post.permalink if post.raw else None,
        post_timeline.author if post_timeline else None,
        format_time(post.created_at) if post.created_at else None,
        format_time(snapshots[0].capture.captured_at),
        format_time(snapshots[-1].capture.captured_at),
        len(snapshots),
        len(comments),
        sum(
            timeline.last_author_version is not None
            for timeline in thread_history.timelines.values()
        ),
        sum(timeline.is_preserved for timeline in thread_history.timelines.values()),
        post_timeline.deletion_status if post_timeline else None,
        post_timeline is not None and post_timeline.is_preserved,
        sum(timeline.deletion_status is not None for timeline in comments),
    )


def _iter_latest_raw(timelines: Iterable[ItemTimeline]) -> Iterator[Raw]:
    return (
        timeline.last_author_version.raw for timeline in timelines if timeline.last_author_version
    )
