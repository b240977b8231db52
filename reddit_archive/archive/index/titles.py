"""The titles of threads, as the index has them, for whoever types an id and waits for the rest.

A shell asks with each key that is pressed: nothing is loaded here that reads a snapshot.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from reddit_archive.files import regular_files

FILE = "index.sqlite3"


def beginning(root: Path, start: str, *, most: int) -> list[tuple[str, str]]:
    """Give the first stored threads whose ids begin so, each with its title or "".

    A title may be that of the snapshot before. Changes nothing, and never raises.
    """
    with suppress(OSError):
        names = [entry.name for entry in os.scandir(root / "threads")]
        ids = sorted(name[3:] for name in names if name.startswith(f"t3_{start}"))[:most]
        known = _known(root / FILE, ids)
        return [(each, known.get(each, "")) for each in ids]
    return []


def _known(path: Path, ids: Sequence[str]) -> dict[str, str]:
    asked = f"SELECT * FROM threads WHERE thread_id IN ({', '.join('?' * len(ids))})"
    address = f"{path.absolute().as_uri()}?mode=ro"
    with suppress(sqlite3.Error, OSError, TypeError, ValueError, KeyError):
        regular_files.check(path)
        with closing(sqlite3.connect(address, uri=True, timeout=0)) as database:
            rows = database.execute(asked, ids).fetchall()
        whole = [row[:3] for row in rows if row[3] == proof(row[:3])]
        return {thread_id: str(json.loads(said)["title"]) for thread_id, _, said in whole}
    return {}


def proof(row: Sequence[str]) -> str:
    """SQLite has no checksums: a flipped bit in a title would be shown as it is."""
    return hashlib.sha256(json.dumps(row).encode()).hexdigest()[:16]
