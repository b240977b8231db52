"""`forgotten.log`: which threads were removed from an archive on purpose, and when."""

from collections.abc import Mapping
from pathlib import Path

from reddit_archive import capture, json_log, snapshot

NAME = "forgotten.log"


def add(root: Path, thread_id: str) -> None:
    """Log that a thread is forgotten now. Raises StoreError."""
    at = snapshot.write_time(capture.now())
    json_log.append({"thread": f"t3_{thread_id}", "forgotten_at": at}, root / NAME)


def read(root: Path) -> Mapping[str, str]:
    """Return when each forgotten thread was forgotten last, by its id. Raises StoreError."""
    path = root / NAME
    with snapshot.reading(path):
        entries = json_log.read(path)
    return {
        str(entry["thread"]).removeprefix("t3_"): str(entry["forgotten_at"])
        for entry in entries
        if "thread" in entry and "forgotten_at" in entry
    }
