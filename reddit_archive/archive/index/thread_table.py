"""The index's table of threads: a summary of each, so that `list` reads no snapshot.

Threads without a current row are read from their files.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from reddit_archive import errors
from reddit_archive.archive import check_log, redaction_ledger, store
from reddit_archive.archive.index import cache_database, thread_row
from reddit_archive.archive.index.summary import ThreadSummary, summarize, trace_snapshots
from reddit_archive.archive.index.thread_row import ThreadRecord, ThreadRow
from reddit_archive.archive.index.titles import FILE_NAME
from reddit_archive.archive.snapshot_reader import gc_paused
from reddit_archive.archive.store import DamagedFile

log = logging.getLogger(__name__)

VERSION = 4
"""Version of all tables of the index."""
SCHEMA = (
    """
    CREATE TABLE threads (
        thread_id TEXT PRIMARY KEY, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,
        levels TEXT NOT NULL, line TEXT NOT NULL, record BLOB NOT NULL, checksum INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
)
REINDEX_HINT = "run `archive reindex` to rebuild it"


class IndexedThread(NamedTuple):
    """A stored thread, and the last entry of its log of checks."""

    summary: ThreadSummary
    last_check: dict[str, Any] | None


def replace(database: sqlite3.Connection, row: ThreadRow) -> None:
    """Insert a thread's row, or replace the existing one."""
    database.execute("INSERT OR REPLACE INTO threads VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def delete_thread(database: sqlite3.Connection, thread_id: str) -> None:
    database.execute("DELETE FROM threads WHERE thread_id = ?", (thread_id,))


def read_rows(database: sqlite3.Connection, *thread_ids: str) -> list[ThreadRow]:
    """Read the rows of all threads, or of these. Any value may be damaged. Raises sqlite3.Error."""
    marks = ", ".join("?" * len(thread_ids))
    condition = f"WHERE thread_id IN ({marks})" if thread_ids else ""
    return database.execute(f"SELECT * FROM threads {condition}", thread_ids).fetchall()


def is_current(root: Path, thread_id: str) -> bool:
    """Return whether the index has a current row of the thread. Never raises."""
    with suppress(sqlite3.Error, OSError, UnicodeError, errors.StoreError):
        ledger = redaction_ledger.read(root) or redaction_ledger.NO_LEDGER
        with cache_database.open_for_reading(root / FILE_NAME, version=VERSION) as database:
            rows = read_rows(database, thread_id)
        return any(map(thread_row.parse_record, rows)) and any(
            thread_row.select_current(root, rows, ledger)
        )
    return False


def iter_summaries(
    root: Path, *, on_damage: Callable[[DamagedFile], None] | None = None
) -> Iterator[ThreadSummary]:
    """Yield a summary of every stored thread, sorted by ID. Changes nothing."""
    return (thread.summary for thread in iter_threads(root, on_damage=on_damage))


def iter_threads(
    root: Path, *, on_damage: Callable[[DamagedFile], None] | None = None
) -> Iterator[IndexedThread]:
    """Yield every stored thread, sorted by ID. Changes nothing."""
    for thread_id, row, is_same in _iter_rows(root):
        if thread := _load(root, thread_id, row, is_same, on_damage):
            yield thread


@gc_paused()
def list_lines(
    root: Path,
    format_line: Callable[[IndexedThread], str],
    *,
    on_damage: Callable[[DamagedFile], None] | None = None,
) -> list[str]:
    """Return what `list` prints of every stored thread, sorted by ID. Changes nothing.

    Most lines are in the index, which takes half the time of making them with `format_line`.
    """
    lines: list[str] = []
    for thread_id, row, is_same in _iter_rows(root):
        if is_same and row and row[4] and thread_row.is_valid(row):
            lines.append(row[4])
        elif thread := _load(root, thread_id, row, is_same, on_damage):
            lines.append(format_line(thread))
    return lines


def _iter_rows(root: Path) -> Iterator[tuple[str, ThreadRow | None, bool]]:
    """Yield each stored thread, its current row, and whether its folder has the row's times."""
    rows_by_thread = {pair[0][0]: pair for pair in _read_current_rows(root)}
    for thread_id in store.iter_thread_ids(root):
        row, is_same = rows_by_thread.get(thread_id, (None, False))
        yield thread_id, row, is_same


def _load(
    root: Path,
    thread_id: str,
    row: ThreadRow | None,
    is_same: bool,
    on_damage: Callable[[DamagedFile], None] | None,
) -> IndexedThread | None:
    """Load a thread from its row, or else from its files; None if it has no readable snapshot."""
    record = thread_row.parse_record(row) if row else None
    if record is not None:
        last_check = _read_last_check(root, thread_id, record, is_same)
        return IndexedThread(ThreadSummary._make(record.summary), last_check)
    snapshots = store.load_readable(root, thread_id, on_damage=on_damage or ignore_damage)
    if not snapshots:
        return None
    summary = summarize(trace_snapshots(thread_id, snapshots), snapshots)
    return IndexedThread(summary, check_log.read_last(store.thread_folder(root, thread_id)))


def count_stale(root: Path) -> int:
    """Count stored threads whose row is missing, damaged or outdated. Changes nothing."""
    return len(find_stale(root, {row[0] for row, _ in _read_current_rows(root)}))


def find_stale(root: Path, current_ids: Set[str]) -> set[str]:
    """Return the IDs of the stored threads that are not among those with a current row."""
    other_ids = (each for each in store.iter_thread_ids(root) if each not in current_ids)
    return {thread_id for thread_id in other_ids if store.list_digests(root, thread_id)}


def ignore_damage(damage: DamagedFile) -> None:
    """Skip a damaged snapshot; `verify` reports it."""


def _read_last_check(
    root: Path, thread_id: str, record: ThreadRecord, is_same: bool
) -> dict[str, Any] | None:
    """Return the last check of a thread, whose folder is the same as when it was indexed or not."""
    if is_same and not record.log_state:  # a new log would have changed the folder
        return None
    if is_same and record.log_state == thread_row.read_log_state(root, thread_id):
        return record.last_check
    return check_log.read_last(store.thread_folder(root, thread_id))


def _read_current_rows(root: Path) -> Iterable[tuple[ThreadRow, bool]]:
    path = root / FILE_NAME
    if not path.exists():
        return ()
    try:
        with cache_database.open_for_reading(path, version=VERSION) as database:
            rows = read_rows(database)
    except (sqlite3.Error, OSError, UnicodeError) as error:
        log.warning("can't read the index (%s), so the snapshots are read; %s", error, REINDEX_HINT)
        return ()
    ledger = redaction_ledger.read(root) or redaction_ledger.NO_LEDGER
    return thread_row.select_current(root, rows, ledger)
