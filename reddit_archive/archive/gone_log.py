"""A cache of the threads that a source no longer has, so that it is asked ever more rarely.

`gone.log` at the archive's root has one JSON line for each time that a source had no such thread,
with IDs only. It may be deleted at any time; the source is then asked again.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import check_log, snapshot_format
from reddit_archive.files import durable_files, json_log
from reddit_archive.model import capture

log = logging.getLogger(__name__)

FILE_NAME = "gone.log"
FIRST_INTERVAL = timedelta(days=1)
MAX_INTERVAL = timedelta(days=180)
_GONE, _BACK = "gone", "back"


@dataclass(frozen=True, slots=True)
class GoneThread:
    """A thread that a source did not have.

    Attributes:
        count: How many requests found that.
        checked_at: The time of the last one.
    """

    count: int
    checked_at: datetime

    def is_due(self, now: datetime) -> bool:
        """Return whether to ask again: after a day, then two, four, and so on to half a year.

        A time in the future comes from a wrong clock.
        """
        interval = min(FIRST_INTERVAL * 2 ** min(self.count - 1, 10), MAX_INTERVAL)
        return not timedelta(0) <= now - self.checked_at < interval


def read(root: Path, source: str) -> Mapping[str, GoneThread]:
    """Return the threads that a source did not have, by ID. Unreadable lines are skipped."""
    times: defaultdict[str, list[datetime]] = defaultdict(list)
    with suppress(OSError):
        for entry in json_log.read(root / FILE_NAME):
            with suppress(KeyError, TypeError, ValueError):
                checked_at = check_log.parse_check_time(entry)
                if entry["source"] != source:
                    continue
                thread_id = str(entry["thread"]).removeprefix("t3_")
                if entry["state"] == _GONE:
                    times[thread_id].append(checked_at)
                else:
                    times.pop(thread_id, None)
    return {thread_id: GoneThread(len(each), max(each)) for thread_id, each in times.items()}


def record_gone(root: Path, thread_id: str, source: str) -> None:
    """Record that a source has no such thread now. If that fails, a warning is logged."""
    _record(root, thread_id, source, _GONE)


def record_back(root: Path, thread_id: str, source: str) -> None:
    """Record that a source has a thread again. If that fails, a warning is logged."""
    _record(root, thread_id, source, _BACK)


def _record(root: Path, thread_id: str, source: str, state: str) -> None:
    entry = {
        "thread": f"t3_{thread_id}",
        "source": source,
        "checked_at": snapshot_format.format_time(capture.utc_now()),
        "state": state,
    }
    try:
        durable_files.make_folder(root)
        json_log.append(entry, root / FILE_NAME)
    except errors.StoreError as error:
        log.warning("That t3_%s is %s could not be recorded: %s.", thread_id, state, error.message)
