"""`forgotten.log`: which threads were removed from an archive on purpose, and when.

If one is here all the same and was not saved again, it came back by copying.
"""

from collections.abc import Mapping
from pathlib import Path

from reddit_archive.archive import snapshot_format
from reddit_archive.files import json_log
from reddit_archive.model import capture

NAME = "forgotten.log"
FORGOTTEN, SAVED = "forgotten_at", "saved_again_at"


def add(root: Path, thread_id: str) -> None:
    """Log that a thread is forgotten now. Raises StoreError."""
    at = snapshot_format.write_time(capture.now())
    json_log.append({"thread": f"t3_{thread_id}", FORGOTTEN: at}, root / NAME)


def note_saved(root: Path, *threads: str) -> None:
    """Log that forgotten threads are saved again, as somebody wanted. Raises StoreError."""
    known = read(root)
    at = snapshot_format.write_time(capture.now())
    for thread_id in threads if known else ():
        if thread_id in known:
            json_log.append({"thread": f"t3_{thread_id}", SAVED: at}, root / NAME)


def read(root: Path) -> Mapping[str, str]:
    """Return when each thread was forgotten that was not saved since, by id. Raises StoreError."""
    path = root / NAME
    with snapshot_format.reading(path):
        entries = json_log.read(path)
    found: dict[str, str] = {}
    for entry in entries:
        thread_id = str(entry.get("thread")).removeprefix("t3_")
        if FORGOTTEN in entry:
            found[thread_id] = str(entry[FORGOTTEN])
        elif SAVED in entry:
            found.pop(thread_id, None)
    return found
