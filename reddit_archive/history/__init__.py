"""What the snapshots of a thread tell together: every text it ever had, and what became of it.

Pure: captures in, views out. Not fetched is never deleted; a change has a window, not a moment.
"""

from collections.abc import Iterable
from datetime import datetime

from reddit_archive import errors
from reddit_archive.history.merger import merge
from reddit_archive.history.observation import CONTENT_FIELDS, Observations, observe
from reddit_archive.history.timeline import Event, ItemTimeline, ThreadHistory, Version
from reddit_archive.history.traces import trace
from reddit_archive.model import capture
from reddit_archive.model.capture import Capture

__all__ = [
    "CONTENT_FIELDS",
    "Event",
    "ItemTimeline",
    "Observations",
    "ThreadHistory",
    "Version",
    "merge",
    "observe",
    "select_until",
    "trace",
]


def select_until(
    captures: Iterable[Capture], cutoff: datetime, *, now: datetime | None = None
) -> tuple[Capture, ...]:
    """Return the captures up to a moment. A capture from the future counts as made now.

    Raises NotArchived if there was none yet.
    """
    captures = tuple(captures)
    now = now or capture.utc_now()
    selected = tuple(item for item in captures if min(item.captured_at, now) <= cutoff)
    if selected:
        return selected
    first_captured_at = min((item.captured_at for item in captures), default=None)
    raise errors.NotArchivedError(
        f"nothing of the thread was stored until {cutoff:%Y-%m-%d %H:%M} UTC",
        f"Its first snapshot is of {first_captured_at:%Y-%m-%d %H:%M} UTC."
        if first_captured_at
        else "",
    )
