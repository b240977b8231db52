"""The log of forgotten threads: which threads `forget` removed from an archive, and when.

A thread in this log that has snapshots, and was not saved again, came back by copying.
"""

from collections.abc import Mapping
from pathlib import Path

from reddit_archive.archive import layout, snapshot_format
from reddit_archive.files import json_log
from reddit_archive.model import capture

FILE_NAME = "forgotten.log"
FORGOTTEN_AT, SAVED_AGAIN_AT = "forgotten_at", "saved_again_at"


def add(root: Path, thread_id: str) -> None:
    """Log that a thread is forgotten now. Raises StoreError."""
    forgotten_at = snapshot_format.format_time(capture.utc_now())
    json_log.append({"thread": f"t3_{thread_id}", FORGOTTEN_AT: forgotten_at}, root / FILE_NAME)


def record_saved(root: Path, *thread_ids: str) -> None:
    """Log which of these threads were forgotten and are saved again. Raises StoreError."""
    forgotten_threads = read(root)
    saved_at = snapshot_format.format_time(capture.utc_now())
    for thread_id in thread_ids if forgotten_threads else ():
        if thread_id in forgotten_threads:
            json_log.append(
                {"thread": f"t3_{thread_id}", SAVED_AGAIN_AT: saved_at}, root / FILE_NAME
            )


def read(root: Path) -> Mapping[str, str]:
    """Return the times of forgotten threads that were not saved again, by ID. Raises StoreError."""
    path = root / FILE_NAME
    with snapshot_format.translate_read_errors(path):
        entries = json_log.read(path)
    forgotten_threads: dict[str, str] = {}
    for entry in entries:
        thread_id = str(entry.get("thread")).removeprefix("t3_")
        if FORGOTTEN_AT in entry:
            forgotten_threads[thread_id] = str(entry[FORGOTTEN_AT])
        elif SAVED_AGAIN_AT in entry:
            forgotten_threads.pop(thread_id, None)
    return forgotten_threads


def find_returned_threads(root: Path) -> dict[str, str]:
    """Return when each forgotten thread was forgotten that came back by copying, by ID."""
    return {
        thread_id: forgotten_at
        for thread_id, forgotten_at in sorted(read(root).items())
        if layout.THREAD_NAME.fullmatch(f"t3_{thread_id}") and layout.list_digests(root, thread_id)
    }
