"""The index: what `list` tells of every thread, in SQLite, so that no snapshot has to be read.

It may be deleted at any time. Reading believes no row that is not whole, and none of a thread whose
files are others than the row was made from: those are read themselves.
"""

import json
import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import fields
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import store
from reddit_archive.archive.index import cache_database
from reddit_archive.archive.index.summary import ThreadSummary, summarize, trace_snapshots
from reddit_archive.archive.index.titles import FILE_NAME, compute_checksum
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.archive.store import DamagedFile
from reddit_archive.history import ThreadHistory

log = logging.getLogger(__name__)

VERSION = 2
WAIT_SECONDS = 1.0
SCHEMA = """
    CREATE TABLE threads (
        thread_id TEXT PRIMARY KEY, digests TEXT NOT NULL, summary TEXT NOT NULL,
        proof TEXT NOT NULL
    ) WITHOUT ROWID;
"""
REINDEX_HINT = "`archive reindex` makes it anew"

ThreadRow = tuple[str, str, str]
"""A thread's id, the digest of its snapshots' digests, and its summary as JSON."""


def is_current(root: Path, thread_id: str, digests: Iterable[str]) -> bool:
    """Tell whether it has a whole row of a thread, made from these snapshots. Never raises."""
    statement = "SELECT * FROM threads WHERE thread_id = ?"
    with suppress(sqlite3.Error, OSError):
        with cache_database.open_for_reading(
            root / FILE_NAME, wait_seconds=WAIT_SECONDS
        ) as database:
            stored_row = database.execute(statement, (thread_id,)).fetchone()
        is_whole = stored_row is not None and stored_row[3] == compute_checksum(stored_row[:3])
        return is_whole and stored_row[1] == store.compute_fingerprint(digests)
    return False


def upsert(root: Path, rows: Iterable[ThreadRow]) -> None:
    """Take threads in. Never raises: what goes wrong is a warning."""
    try:
        with _open_for_writing(root) as database:
            _insert(database, rows)
    except (sqlite3.Error, OSError, errors.ArchiveError) as error:
        log.warning("the index was not updated (%s); %s", error, REINDEX_HINT)


def refresh(
    root: Path, thread_id: str, build_current_rows: Callable[[], Sequence[ThreadRow]]
) -> None:
    """Take a thread's row out, and what it is at present in; leave no trace of what it was.

    An index that can't be changed is removed, and nobody is asked where there is none.
    """
    if not (root / FILE_NAME).exists():
        return
    try:
        rows = build_current_rows()
        with _open_for_writing(root) as database:
            database.execute("DELETE FROM threads WHERE thread_id = ?", (thread_id,))
            _insert(database, rows)
        with closing(sqlite3.connect(root / FILE_NAME, timeout=WAIT_SECONDS)) as database:
            database.execute("VACUUM")  # SQLite leaves copies of rows where it has moved them
    except (sqlite3.Error, OSError, errors.ArchiveError) as error:
        cache_database.remove(root / FILE_NAME)
        log.warning("the index was removed (%s); %s", error, REINDEX_HINT)


@contextmanager
def rebuilding(root: Path) -> Iterator[Callable[[ThreadRow], None]]:
    """Make the index anew: give what takes in a thread's row. It counts once all went well.

    Raises StoreError.
    """
    with cache_database.rebuilding_database(
        root / FILE_NAME, _create_table, description="the index"
    ) as database:
        yield lambda row: _insert(database, [row])


def iter_summaries(
    root: Path, *, on_damage: Callable[[DamagedFile], None] | None = None
) -> Iterator[ThreadSummary]:
    """Give every stored thread, by id: from the index where it is right, else from the files.

    Changes nothing.
    """
    rows_by_thread = _read_rows(root)
    for thread_id in store.iter_thread_ids(root):
        digests, summary = rows_by_thread.get(thread_id, ("", None))
        if summary is None or digests != store.compute_fingerprint(
            store.list_digests(root, thread_id)
        ):
            snapshots = store.load_readable(root, thread_id, on_damage=on_damage or _ignore_damage)
            summary = (
                summarize(trace_snapshots(thread_id, snapshots), snapshots) if snapshots else None
            )
        if summary is not None:
            yield summary


def count_stale(root: Path) -> int:
    """Count the threads that the index does not list as they are on disk. Changes nothing."""
    rows_by_thread = _read_rows(root)
    return sum(
        rows_by_thread[thread_id][0]
        != store.compute_fingerprint(store.list_digests(root, thread_id))
        if thread_id in rows_by_thread
        else bool(store.list_digests(root, thread_id))
        for thread_id in store.iter_thread_ids(root)
    )


def _read_rows(root: Path) -> dict[str, tuple[str, ThreadSummary]]:
    """Read all whole rows, by thread."""
    path = root / FILE_NAME
    rows_by_thread: dict[str, tuple[str, ThreadSummary]] = {}
    if not path.exists():
        return rows_by_thread
    try:
        with cache_database.open_for_reading(path, wait_seconds=WAIT_SECONDS) as database:
            for thread_id, digests, payload, checksum in database.execute("SELECT * FROM threads"):
                if checksum == compute_checksum((thread_id, digests, payload)):
                    rows_by_thread[thread_id] = digests, ThreadSummary(**json.loads(payload))
    except (sqlite3.Error, OSError, TypeError, ValueError) as error:
        log.warning("the index can't be read (%s), so the snapshots are; %s", error, REINDEX_HINT)
        return {}
    return rows_by_thread


def build_row(thread_history: ThreadHistory, snapshots: Sequence[Snapshot]) -> ThreadRow:
    """Make the row of a thread, of all its snapshots and the history that they tell."""
    summary = summarize(thread_history, snapshots)
    payload = json.dumps({field.name: getattr(summary, field.name) for field in fields(summary)})
    return (
        thread_history.thread_id,
        store.compute_fingerprint(store.collect_digests(snapshots)),
        payload,
    )


def _insert(database: sqlite3.Connection, rows: Iterable[ThreadRow]) -> None:
    database.executemany(
        "INSERT OR REPLACE INTO threads VALUES (?, ?, ?, ?)",
        [(*row, compute_checksum(row)) for row in rows],
    )


def _open_for_writing(root: Path) -> AbstractContextManager[sqlite3.Connection]:
    return cache_database.open_for_writing(
        root / FILE_NAME, _create_table, version=VERSION, wait_seconds=WAIT_SECONDS
    )


def _create_table(database: sqlite3.Connection) -> None:
    """Make the table; one of another version is taken out, with all that it held."""
    database.executescript("DROP TABLE IF EXISTS snapshots; DROP TABLE IF EXISTS threads")
    database.executescript(f"{SCHEMA}; PRAGMA user_version = {VERSION}")


def _ignore_damage(damage: DamagedFile) -> None:
    """Leave it out: `verify` names it."""
