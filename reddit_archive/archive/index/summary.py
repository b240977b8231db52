"""What a list tells of a thread: what it is, how much of it is here, and what Reddit has lost."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reddit_archive import history
from reddit_archive.archive.snapshot_format import Snapshot, write_time
from reddit_archive.history import History, Life
from reddit_archive.model import capture
from reddit_archive.model.content import Post, described_post
from reddit_archive.model.json_fields import Raw

UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Summary:
    """A thread in a line; times are written as in a snapshot.

    The post is as it was last seen whole. `comments` were seen ever, `texts` of them and of the
    post are here, and `kept` are those of which Reddit shows nothing more. `post_lost` says what
    became of the post's text.
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
    kept: int
    post_lost: str | None
    is_post_kept: bool
    comments_lost: int


def trace(thread_id: str, shots: Sequence[Snapshot]) -> History:
    return history.trace(thread_id, (shot.capture for shot in shots))


def gone(
    checks: Sequence[Mapping[str, Any]], last_snapshot: str, *, now: datetime | None = None
) -> str | None:
    """Return why Reddit did not return the thread at the last check; None if it is available.

    A check with a date in the future counts as made now. A snapshot with a date in the future does
    not count as later than the check.
    """
    result = str(checks[-1].get("result", "")) if checks else UNCHANGED
    checked_at = str(checks[-1].get("checked_at", "")) if checks else ""
    is_old = checked_at < last_snapshot <= write_time(now or capture.now())
    return None if is_old or result == UNCHANGED else result


def _latest(lives: Iterable[Life]) -> Iterator[Raw]:
    return (life.latest.raw for life in lives if life.latest)


def summarise(past: History, shots: Sequence[Snapshot]) -> Summary:
    """Say what a thread's snapshots, one at least, and the history that they tell come to."""
    life = past.post
    latest = life.latest if life else None
    comments = list(past.comments)
    post = Post(latest.raw) if latest else None
    if life is None:
        post = described_post(past.thread_id, _latest(comments))
    post = post or Post({})
    return Summary(
        past.thread_id,
        post.subreddit,
        post.title,
        post.permalink if post.raw else None,
        life.author if life else None,
        write_time(post.created_at) if post.created_at else None,
        write_time(shots[0].capture.captured_at),
        write_time(shots[-1].capture.captured_at),
        len(shots),
        len(comments),
        sum(each.latest is not None for each in past.lives.values()),
        sum(each.is_kept for each in past.lives.values()),
        life.lost if life else None,
        life is not None and life.is_kept,
        sum(each.lost is not None for each in comments),
    )
