"""The index's table of checkpoints: what a thread's snapshots add up to.

With a checkpoint a save reads the last snapshot of a thread and not all of them. A checkpoint
counts only if its checksum is right and every file that it was made from still has the same name
and stamp. Each of these files was read once, and its SHA-256 was right. Without a checkpoint all
snapshots are read.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from reddit_archive.archive.index import cache_database
from reddit_archive.archive.index.thread_table import VERSION
from reddit_archive.archive.index.titles import FILE_NAME
from reddit_archive.archive.redaction_ledger import Ledger
from reddit_archive.archive.snapshot_format import NO_STAMP, Snapshot, SnapshotHeader
from reddit_archive.archive.snapshot_list import MIN_SNAPSHOTS
from reddit_archive.files import fast_json
from reddit_archive.history import checkpoint, incremental
from reddit_archive.history.incremental import IncrementalHistory
from reddit_archive.model.capture import Capture
from reddit_archive.model.redaction import RedactionLevels

MAX_COMMENTS = 20_000
"""A larger thread has no checkpoint, whose JSON would be in memory beside the thread."""
TABLES = ("checkpoints",)
SCHEMA = (
    """
    CREATE TABLE checkpoints (
        thread_id TEXT PRIMARY KEY, files TEXT NOT NULL, state TEXT NOT NULL,
        checksum TEXT NOT NULL
    )
    """,
)

CheckpointRow = tuple[str, str]
"""The files and what is known of them as JSON, and the state of the history as JSON."""
FileKey = list[Any]
"""Name, time, source and stamp of a snapshot, as in JSON."""
MediaKey = list[Any]
"""URL, file name and size in bytes of a picture or video, as in JSON."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint as it was read.

    Attributes:
        files: The files from which it was made, in the order of the thread.
        crossposted: Fullnames of the posts that they crosspost.
        levels: What is redacted in them, by fullname.
        media: URL, file name and size of each picture and video that they name, newest first.
        state: The history, for `history.checkpoint.from_json`.
    """

    files: Sequence[FileKey]
    crossposted: Sequence[str]
    levels: RedactionLevels
    media: Sequence[MediaKey]
    state: bytes

    def matches(self, headers: Sequence[SnapshotHeader]) -> bool:
        """Return whether it was made from exactly these snapshots, none of them imported."""
        return len(headers) == len(self.files) and all(
            key == build_header_key(header) and not header.is_imported
            for key, header in zip(self.files, headers, strict=True)
        )

    @property
    def capture_times(self) -> list[datetime]:
        return [datetime.fromisoformat(captured_at) for _, captured_at, *_ in self.files]

    def parse_state(self) -> Any:
        return fast_json.loads(self.state)


def build_header_key(header: SnapshotHeader) -> FileKey:
    """Return what identifies a snapshot's file and its place in the thread."""
    return [header.path.name, header.captured_at.isoformat(), header.source, *header.stamp]


def build_snapshot_key(snapshot: Snapshot) -> FileKey:
    """Return what `build_header_key` returns for the snapshot's header."""
    capture = snapshot.capture
    return [snapshot.path.name, capture.captured_at.isoformat(), capture.source, *snapshot.stamp]


def may_have_checkpoint(snapshots: Sequence[Snapshot]) -> bool:
    """Return whether a thread with these snapshots gets a checkpoint.

    It is not worth it for few snapshots, and too large for very many comments. It is impossible if
    a snapshot changes what others mean, or does not show what is in its file.
    """
    return (
        len(snapshots) >= MIN_SNAPSHOTS
        and len(snapshots[-1].capture.things) <= MAX_COMMENTS
        and all(snapshot.stamp != NO_STAMP for snapshot in snapshots)
        and incremental.may_be_continued(snapshot.capture for snapshot in snapshots)
    )


def list_media(captures: Sequence[Capture], known: Sequence[MediaKey] = ()) -> list[MediaKey]:
    """Return the media that captures name, newest first, and then those that are known already."""
    media = [media for capture in reversed(captures) for media in capture.media]
    keys = {(each.url, each.name): [each.url, each.name, each.size_bytes] for each in media}
    return [*keys.values(), *(key for key in known if (key[0], key[1]) not in keys)]


def build_row(
    history: IncrementalHistory,
    files: Sequence[FileKey],
    media: Sequence[MediaKey],
    crossposted: Iterable[str],
    ledger: Ledger,
) -> CheckpointRow | None:
    """Build the row of a thread; None if there is none or it can't be written as JSON."""
    names = sorted(crossposted)
    if not ledger.is_complete or len(history.merger.items) > MAX_COMMENTS:
        return None
    levels = dict(ledger.select_levels(history.thread_id, names))
    with suppress(ValueError, RecursionError):
        return json.dumps([files, names, levels, media]), json.dumps(checkpoint.to_json(history))
    return None


def replace(database: sqlite3.Connection, thread_id: str, row: CheckpointRow | None) -> None:
    """Insert a thread's row after deleting the existing one."""
    delete_thread(database, thread_id)
    if row is not None:
        values = (thread_id, *row, _compute_checksum(thread_id, *row))
        database.execute("INSERT INTO checkpoints VALUES (?, ?, ?, ?)", values)


def delete_thread(database: sqlite3.Connection, thread_id: str) -> None:
    database.execute("DELETE FROM checkpoints WHERE thread_id = ?", (thread_id,))


def read(root: Path, thread_id: str) -> Checkpoint | None:
    """Read a thread's checkpoint; None if there is none or it is damaged. Never raises."""
    path = root / FILE_NAME
    statement = "SELECT files, state, checksum FROM checkpoints WHERE thread_id = ?"
    with suppress(sqlite3.Error, OSError, ValueError, TypeError):
        if not path.exists():
            return None
        with cache_database.open_for_reading(path, version=VERSION) as database:
            row = database.execute(statement, (thread_id,)).fetchone()
        if row is not None and row[2] == _compute_checksum(thread_id, *row[:2]):
            files, crossposted, levels, media = json.loads(row[0])
            return Checkpoint(files, crossposted, levels, media, row[1].encode())
    return None


def _compute_checksum(*values: str) -> str:
    return hashlib.sha256("\n".join(values).encode()).hexdigest()
