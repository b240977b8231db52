"""What the snapshots of a thread tell together: every text it ever had, and what became of it.

Pure: captures in, views out. Not fetched is never deleted; a change has a window, not a moment.
"""

from collections.abc import Iterable
from datetime import datetime

from reddit_archive import errors
from reddit_archive.history.merger import merge
from reddit_archive.history.observation import SAYING, Sights, look
from reddit_archive.history.timeline import Event, History, Life, Version
from reddit_archive.history.traces import trace
from reddit_archive.model import capture
from reddit_archive.model.capture import Capture

__all__ = [
    "SAYING",
    "Event",
    "History",
    "Life",
    "Sights",
    "Version",
    "as_of",
    "look",
    "merge",
    "trace",
]


def as_of(
    captures: Iterable[Capture], moment: datetime, *, now: datetime | None = None
) -> tuple[Capture, ...]:
    """Return the captures up to a moment. A capture from the future counts as made now.

    Raises NotArchived if there was none yet.
    """
    captures = tuple(captures)
    now = now or capture.now()
    until = tuple(each for each in captures if min(each.captured_at, now) <= moment)
    if until:
        return until
    first = min((taken.captured_at for taken in captures), default=None)
    raise errors.NotArchived(
        f"nothing of the thread was stored until {moment:%Y-%m-%d %H:%M} UTC",
        f"Its first snapshot is of {first:%Y-%m-%d %H:%M} UTC." if first else "",
    )
