"""A cache of what sources did not have when `archive fill` asked them.

`fills.log` at the archive's root has one JSON line for each answer, with IDs only. It may be
deleted at any time; the sources are then asked again.
"""

import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import snapshot_format
from reddit_archive.files import json_log
from reddit_archive.model import capture

log = logging.getLogger(__name__)

FILE_NAME = "fills.log"
MAX_AGE = timedelta(days=7)
"""After this time a source is asked again: archives add what they missed, within days."""

Answers = dict[tuple[str, str], frozenset[str]]
"""What a source did not have, by thread ID and name of the source."""


def read(root: Path, *, now: datetime | None = None) -> Answers:
    """Read the answers that are not too old. Lines that can't be read are skipped."""
    now = now or capture.utc_now()
    answers: Answers = {}
    with suppress(OSError):
        for entry in json_log.read(root / FILE_NAME):
            with suppress(KeyError, TypeError, ValueError):
                age = now - datetime.fromisoformat(entry["asked_at"])
                key = str(entry["thread"]).removeprefix("t3_"), str(entry["source"])
                if abs(age) <= MAX_AGE:
                    unavailable = frozenset(str(entry["unavailable"]).split())
                    answers[key] = answers.get(key, frozenset()) | unavailable
    return answers


def record(
    root: Path,
    thread_id: str,
    source: str,
    unavailable: Iterable[str],
    *,
    now: datetime | None = None,
) -> None:
    """Record what a source does not have of a thread. If that fails, a warning is logged."""
    entry = {
        "thread": f"t3_{thread_id}",
        "source": source,
        "asked_at": snapshot_format.format_time(now or capture.utc_now()),
        "unavailable": " ".join(sorted(unavailable)),
    }
    try:
        json_log.append(entry, root / FILE_NAME)
    except errors.StoreError as error:
        log.warning("What %s lacks could not be recorded: %s.", source, error.message)
