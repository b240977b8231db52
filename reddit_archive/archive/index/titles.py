"""Titles of threads from the index, for shell completion.

A shell runs this at each press of Tab, so it loads nothing that reads a snapshot.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from reddit_archive.files import regular_files

FILE_NAME = "index.sqlite3"


def complete_prefix(root: Path, prefix: str, *, max_results: int) -> list[tuple[str, str]]:
    """Return the first stored thread IDs with this prefix, each with its title or "".

    A title may be outdated. Changes nothing, and never raises.
    """
    with suppress(OSError):
        names = [entry.name for entry in os.scandir(root / "threads")]
        ids = sorted(name[3:] for name in names if name.startswith(f"t3_{prefix}"))[:max_results]
        titles_by_id = _read_titles(root / FILE_NAME, ids)
        return [(thread_id, titles_by_id.get(thread_id, "")) for thread_id in ids]
    return []


def compute_checksum(row: Sequence[str]) -> str:
    """Compute the checksum of a row: SQLite has none, and would return a flipped bit as it is."""
    return hashlib.sha256(json.dumps(row).encode()).hexdigest()[:16]


def _read_titles(path: Path, ids: Sequence[str]) -> dict[str, str]:
    statement = f"SELECT * FROM threads WHERE thread_id IN ({', '.join('?' * len(ids))})"
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with suppress(sqlite3.Error, OSError, TypeError, ValueError, KeyError):
        regular_files.check(path)
        with closing(sqlite3.connect(uri, uri=True, timeout=0)) as database:
            rows = database.execute(statement, ids).fetchall()
        valid_rows = [row[:-1] for row in rows if row[-1] == compute_checksum(row[:-1])]
        return {
            thread_id: str(json.loads(payload)["title"]) for thread_id, *_, payload in valid_rows
        }
    return {}
