"""The index's table of threads: a summary of each, so that `list` reads no snapshot.

A row is used only if its checksum is right, and if the thread has the same snapshots and the same
redactions in the ledger as when the row was made.
Threads without such a row are read from their files.
"""

import json
import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import redaction_ledger, store
from reddit_archive.archive.index import cache_database
from reddit_archive.archive.index.summary import ThreadSummary, summarize, trace_snapshots
from reddit_archive.archive.index.titles import FILE_NAME, compute_checksum
from reddit_archive.archive.redaction_ledger import Ledger
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.archive.store import DamagedFile
from reddit_archive.history import ThreadHistory
from reddit_archive.model.redaction import find_crossposted

log = logging.getLogger(__name__)

VERSION = 4
"""Version of all tables of the index."""
SCHEMA = (
    """
    CREATE TABLE threads (
        thread_id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, crossposted TEXT NOT NULL,
        summary TEXT NOT NULL, checksum TEXT NOT NULL
    ) WITHOUT ROWID
    """,
)
REINDEX_HINT = "run `archive reindex` to rebuild it"

ThreadRow = tuple[str, str, str, str]
"""Thread ID, fingerprint, fullnames of the posts that it crossposts, and its summary as JSON."""


def build_row(
    thread_history: ThreadHistory,
    snapshots: Sequence[Snapshot],
    ledger: Ledger,
    other_crossposted: Iterable[str] = (),
) -> ThreadRow:
    """Build the row of a thread from all of its snapshots and their history.

    `other_crossposted` are crossposted posts of snapshots that were given without their things.
    """
    summary = summarize(thread_history, snapshots)
    payload = json.dumps({field.name: getattr(summary, field.name) for field in fields(summary)})
    crossposted = " ".join(
        sorted(
            {name for each in snapshots for name in find_crossposted(each.capture.things)}.union(
                other_crossposted
            )
        )
    )
    thread_id, digests = thread_history.thread_id, store.collect_digests(snapshots)
    fingerprint = compute_fingerprint(ledger, thread_id, digests, crossposted)
    return thread_id, fingerprint, crossposted, payload


def compute_fingerprint(
    ledger: Ledger, thread_id: str, digests: Iterable[str], crossposted: str
) -> str:
    """Compute the fingerprint of a thread with these snapshots that crossposts these posts."""
    return store.compute_fingerprint(digests, ledger.select_levels(thread_id, crossposted.split()))


def replace(database: sqlite3.Connection, row: ThreadRow) -> None:
    """Insert a thread's row, or replace the existing one."""
    database.execute(
        "INSERT OR REPLACE INTO threads VALUES (?, ?, ?, ?, ?)", (*row, compute_checksum(row))
    )


def delete_thread(database: sqlite3.Connection, thread_id: str) -> None:
    database.execute("DELETE FROM threads WHERE thread_id = ?", (thread_id,))


def is_current(root: Path, thread_id: str, digests: Iterable[str]) -> bool:
    """Return whether the index has a valid row of the thread for these snapshots. Never raises."""
    statement = "SELECT * FROM threads WHERE thread_id = ?"
    with suppress(sqlite3.Error, OSError, errors.StoreError):
        ledger = redaction_ledger.read(root) or redaction_ledger.NO_LEDGER
        with cache_database.open_for_reading(root / FILE_NAME, version=VERSION) as database:
            row = database.execute(statement, (thread_id,)).fetchone()
        is_valid = row is not None and row[-1] == compute_checksum(row[:-1])
        return is_valid and row[1] == compute_fingerprint(ledger, thread_id, digests, row[2])
    return False


def iter_summaries(
    root: Path, *, on_damage: Callable[[DamagedFile], None] | None = None
) -> Iterator[ThreadSummary]:
    """Yield a summary of every stored thread, sorted by ID. Changes nothing."""
    rows_by_thread = _read_rows(root)
    ledger = redaction_ledger.read(root) or redaction_ledger.NO_LEDGER
    for thread_id in store.iter_thread_ids(root):
        fingerprint, crossposted, summary = rows_by_thread.get(thread_id, ("", "", None))
        if summary is None or fingerprint != compute_fingerprint(
            ledger, thread_id, store.list_digests(root, thread_id), crossposted
        ):
            snapshots = store.load_readable(root, thread_id, on_damage=on_damage or ignore_damage)
            summary = (
                summarize(trace_snapshots(thread_id, snapshots), snapshots) if snapshots else None
            )
        if summary is not None:
            yield summary


def count_stale(root: Path) -> int:
    """Count stored threads whose row is missing, damaged or outdated. Changes nothing."""
    rows_by_thread = _read_rows(root)
    ledger = redaction_ledger.read(root) or redaction_ledger.NO_LEDGER
    stale_count = 0
    for thread_id in store.iter_thread_ids(root):
        digests = store.list_digests(root, thread_id)
        if thread_id in rows_by_thread:
            fingerprint, crossposted, _ = rows_by_thread[thread_id]
            current = compute_fingerprint(ledger, thread_id, digests, crossposted)
            stale_count += fingerprint != current
        else:
            stale_count += bool(digests)
    return stale_count


def ignore_damage(damage: DamagedFile) -> None:
    """Skip a damaged snapshot; `verify` reports it."""


def _read_rows(root: Path) -> dict[str, tuple[str, str, ThreadSummary]]:
    """Read the valid rows: fingerprint, crossposted posts and summary by thread ID."""
    path = root / FILE_NAME
    rows_by_thread: dict[str, tuple[str, str, ThreadSummary]] = {}
    if not path.exists():
        return rows_by_thread
    try:
        with cache_database.open_for_reading(path, version=VERSION) as database:
            for *row, checksum in database.execute("SELECT * FROM threads"):
                if checksum == compute_checksum(row):
                    thread_id, fingerprint, crossposted, payload = row
                    summary = ThreadSummary(**json.loads(payload))
                    rows_by_thread[thread_id] = fingerprint, crossposted, summary
    except (sqlite3.Error, OSError, TypeError, ValueError) as error:
        log.warning("can't read the index (%s), so the snapshots are read; %s", error, REINDEX_HINT)
        return {}
    return rows_by_thread
