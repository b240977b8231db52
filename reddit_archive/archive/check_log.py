"""The log of a thread's checks that found nothing new: `checks.log` beside its snapshots."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reddit_archive import errors
from reddit_archive.archive import snapshot_format
from reddit_archive.files import durable_files, json_log, planted_links

FILE_NAME = "checks.log"


def add(folder: Path, checked_at: datetime, source: str, result: str) -> None:
    """Record a check of a thread: "unchanged", or why the source does not return it.

    Failure is only a warning: in a shared folder the file may belong to another user, and quotes
    need nothing but the snapshots. The thread's folder is flushed in any case.
    """
    entry = {
        "checked_at": snapshot_format.format_time(checked_at),
        "source": source,
        "result": result,
    }
    try:
        planted_links.check_thread(folder)
        json_log.append(entry, folder / FILE_NAME)
    except errors.StoreError as error:
        import logging  # 3 ms, which commands that only read save

        log = logging.getLogger(__name__)
        log.warning("The check of %s could not be recorded: %s.", folder.name, error.message)
        durable_files.sync_folder(folder)


def read(folder: Path) -> list[dict[str, Any]]:
    """Read the checks of a thread's folder: {checked_at, source, result}. Raises StoreError."""
    path = folder / FILE_NAME
    with snapshot_format.translate_read_errors(path):
        return json_log.read(path)


def read_last(folder: Path) -> dict[str, Any] | None:
    """Read the last check of a thread's folder, or None. Raises StoreError."""
    checks = read(folder)
    return checks[-1] if checks else None


def parse_check_time(check: Mapping[str, Any]) -> datetime:
    """Return the time of a check. Raises KeyError, TypeError, ValueError."""
    time = datetime.fromisoformat(check["checked_at"])
    return time if time.tzinfo else time.replace(tzinfo=UTC)
