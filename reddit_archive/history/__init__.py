"""The history of a thread, from all of its captures: every text, and what happened to it. Pure.

A comment that was not fetched is never called deleted. The time of a change is a window between two
captures, not a moment.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, TypeVar

from reddit_archive import errors
from reddit_archive.history.merger import merge
from reddit_archive.history.observation import CONTENT_FIELDS, Observations, observe
from reddit_archive.history.timeline import Event, ItemTimeline, ThreadHistory, Version
from reddit_archive.history.traces import trace
from reddit_archive.model import capture

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


class Dated(Protocol):
    """A capture, or what stands for one."""

    @property
    def captured_at(self) -> datetime: ...


DatedT = TypeVar("DatedT", bound=Dated)


def select_until(
    captures: Iterable[DatedT], cutoff: datetime, *, now: datetime | None = None
) -> tuple[DatedT, ...]:
    """Return the captures up to `cutoff`. A capture from the future counts as captured now.

    Raises:
        NotArchivedError: There was no capture yet.
    """
    captures = tuple(captures)
    now = now or capture.utc_now()
    selected = tuple(item for item in captures if min(item.captured_at, now) <= cutoff)
    if selected:
        return selected
    first_captured_at = min((item.captured_at for item in captures), default=None)
    raise errors.NotArchivedError(
        f"the archive had no snapshot of the thread on {cutoff:%Y-%m-%d %H:%M} UTC",
        f"Its first snapshot was captured on {first_captured_at:%Y-%m-%d %H:%M} UTC."
        if first_captured_at
        else "",
    )
