"""Keep the index up to date: its tables of threads and of searchable texts, in one SQLite file.

The index may be deleted at any time; `rebuild` makes it from the snapshots.
"""

import logging
import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from reddit_archive import errors
from reddit_archive.archive import redaction_ledger, shared_folder_check, store
from reddit_archive.archive.index import (
    cache_database,
    checkpoint_table,
    search_table,
    summary,
    thread_row,
    thread_table,
)
from reddit_archive.archive.index.checkpoint_table import CheckpointRow
from reddit_archive.archive.index.resume import ResumedThread
from reddit_archive.archive.index.search_table import DamagedRowError, SearchRows
from reddit_archive.archive.index.thread_row import ThreadRow
from reddit_archive.archive.index.thread_table import REINDEX_HINT
from reddit_archive.archive.index.titles import FILE_NAME
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.archive.snapshot_reader import gc_paused
from reddit_archive.archive.store import DamagedFile
from reddit_archive.files import temp_files
from reddit_archive.history import incremental
from reddit_archive.history.incremental import IncrementalHistory
from reddit_archive.parallel import ordered_map

if TYPE_CHECKING:
    from concurrent.futures import Executor

log = logging.getLogger(__name__)

CHUNK_SIZE = 4
OLD_SEARCH_NAME = "search.sqlite3"
"""File of versions before 2.0, which held the searchable texts."""
OLD_TABLES = ("snapshots", "threads", "texts", "words")
"""Tables of any version that this one replaces."""
INDEX_ERRORS = (sqlite3.Error, OSError, UnicodeError, errors.ArchiveError, DamagedRowError)
"""UnicodeError: the message of SQLite's error has bytes of the damaged file."""


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A thread's rows in all tables. Any process can build them; one process writes them."""

    row: ThreadRow
    search_rows: SearchRows
    checkpoint: CheckpointRow | None = None

    @property
    def thread_id(self) -> str:
        return self.search_rows.thread_id


def build_entry(
    root: Path,
    thread_id: str,
    snapshots: Sequence[Snapshot],
    incremental_history: IncrementalHistory | None = None,
) -> IndexEntry:
    """Build a thread's entry from all of its snapshots.

    Args:
        root: The archive.
        thread_id: The thread.
        snapshots: All of its snapshots.
        incremental_history: What they add up to, if the caller has it.

    Raises:
        StoreError: The ledger of redactions can't be read.
    """
    ledger = redaction_ledger.read(root) or redaction_ledger.NO_LEDGER
    has_checkpoint = checkpoint_table.may_have_checkpoint(snapshots)
    if incremental_history is None and has_checkpoint:
        captures = (snapshot.capture for snapshot in snapshots)
        incremental_history = incremental.start(thread_id, captures)
    thread_history = (
        incremental_history.trace()
        if incremental_history
        else summary.trace_snapshots(thread_id, snapshots)
    )
    row = thread_row.build(root, thread_history, snapshots, ledger)
    checkpoint = None
    if incremental_history is not None and has_checkpoint:
        files = [*map(checkpoint_table.build_snapshot_key, snapshots)]
        media = checkpoint_table.list_media([snapshot.capture for snapshot in snapshots])
        crossposted = thread_row.find_crossposted_posts(snapshots)
        checkpoint = checkpoint_table.build_row(
            incremental_history, files, media, crossposted, ledger
        )
    return IndexEntry(row, search_table.build_rows(thread_history, snapshots), checkpoint)


def build_resumed_entry(root: Path, resumed: ResumedThread) -> IndexEntry:
    """Build the entry of a thread whose earlier snapshots were not read. Raises StoreError."""
    ledger = redaction_ledger.read(root) or redaction_ledger.NO_LEDGER
    outlines, thread_history = resumed.list_outlines(), resumed.history.trace()
    row = thread_row.build(root, thread_history, outlines, ledger, resumed.crossposted)
    files = [*map(checkpoint_table.build_header_key, resumed.headers)]
    checkpoint = checkpoint_table.build_row(
        resumed.history, files, resumed.media, resumed.crossposted, ledger
    )
    return IndexEntry(row, search_table.build_rows(thread_history, outlines), checkpoint)


def add(
    root: Path,
    thread_id: str,
    snapshots: Sequence[Snapshot],
    incremental_history: IncrementalHistory | None = None,
) -> None:
    """Index a thread. Never raises: a failure is logged as a warning.

    Nothing is written if the thread has other snapshots by now: it is then read from its files.

    Args:
        root: The archive.
        thread_id: The thread.
        snapshots: All of its snapshots.
        incremental_history: What they add up to, if the caller has it.
    """
    digests = store.collect_digests(snapshots)
    _add(
        root,
        thread_id,
        digests,
        lambda: build_entry(root, thread_id, snapshots, incremental_history),
    )


def add_resumed(root: Path, resumed: ResumedThread) -> None:
    """Index a thread whose earlier snapshots were not read, as `add` does."""
    thread_id = resumed.history.thread_id
    _add(root, thread_id, resumed.digests, lambda: build_resumed_entry(root, resumed))


def _add(root: Path, thread_id: str, digests: set[str], build: Callable[[], IndexEntry]) -> None:
    try:
        is_complete = store.list_digests(root, thread_id) == digests
        if is_complete and not thread_table.is_current(root, thread_id):
            upsert(root, [build()])
            _refresh_if_removed(root, thread_id, digests)
    except (OSError, errors.ArchiveError) as error:
        log.warning("the index was not updated (%s); %s", error, REINDEX_HINT)


def upsert(root: Path, entries: Iterable[IndexEntry]) -> None:
    """Write the entries of different threads. Never raises: a failure is logged as a warning."""
    entries = [*entries]
    try:
        remove_old_search(root)
        with _open_for_writing(root) as database:
            for entry in entries:
                _write(database, entry)
    except INDEX_ERRORS as error:
        log.warning("the index was not updated (%s); %s", error, REINDEX_HINT)


def confirm(root: Path, thread_ids: Iterable[str]) -> None:
    """Note the present state of threads' folders, after a check of them or a removal of files.

    A thread that changed otherwise stays outdated. Never raises: a failure is logged as a warning.
    """
    thread_ids = [*thread_ids]
    if not thread_ids or not (root / FILE_NAME).exists():
        return
    try:
        with _open_for_writing(root) as database:
            for thread_id in thread_ids:
                for row in thread_table.read_rows(database, thread_id):
                    confirmed_row = thread_row.confirm(root, row)
                    if confirmed_row is not None and confirmed_row != row:
                        thread_table.replace(database, confirmed_row)
    except INDEX_ERRORS as error:
        log.warning("the index was not updated (%s); %s", error, REINDEX_HINT)


def refresh(root: Path, thread_id: str, *, is_forgotten: bool = False) -> None:
    """Replace a thread's entry with its current state, and leave no trace of the previous one.

    An index that can't be changed is removed. Without an index nothing is read or written.

    Args:
        root: The archive.
        thread_id: The thread.
        is_forgotten: Remove the entry, although the snapshots may still exist.

    Raises:
        StoreError: The index, or a left-over file of version 1, can't be removed.
    """
    _erase_old_search(root)
    path = root / FILE_NAME
    if not path.exists():
        return
    try:
        snapshots = (
            ()
            if is_forgotten
            else store.load_snapshots(root, thread_id, on_damage=thread_table.ignore_damage)
        )
        entry = build_entry(root, thread_id, snapshots) if snapshots else None
        with _open_for_writing(root) as database:
            thread_table.delete_thread(database, thread_id)
            search_table.delete_thread(database, thread_id)
            checkpoint_table.delete_thread(database, thread_id)
            if entry is not None:
                _write(database, entry)
            search_table.optimize(database)
        cache_database.compact(path)
    except INDEX_ERRORS as error:
        cache_database.remove(path)
        log.warning("the index was removed (%s); %s", error, REINDEX_HINT)


def rebuild(
    root: Path,
    *,
    on_damage: Callable[[DamagedFile], None] = lambda _: None,
    executor: "Executor | None" = None,
) -> int:
    """Rebuild the index from every snapshot, each read once.

    Args:
        root: The archive.
        on_damage: Receives each damaged snapshot, which is left out.
        executor: Reads the threads if there are many; its workers must see the same folder.

    Returns:
        The number of snapshots.

    Raises:
        StoreError: The index can't be written, or a worker does not see the archive.
    """
    store.initialize(root)
    temp_files.remove_orphaned_temps(root / "tmp")
    snapshot_count = 0
    digests_by_thread: dict[str, tuple[str, ...]] = {}
    with cache_database.rebuilding_database(
        root / FILE_NAME, _create_tables, description="the index"
    ) as database:
        for result in ordered_map.map_ordered(
            partial(_read_thread, root),
            store.iter_thread_ids(root),
            executor,
            max_local_items=ordered_map.MAX_LOCAL_THREADS,
            chunk_size=CHUNK_SIZE,
        ):
            for damaged_file in result.damaged_files:
                on_damage(damaged_file)
            if result.entry is not None:
                _write(database, result.entry)
            elif executor is not None and not result.damaged_files:
                shared_folder_check.require_no_snapshots(root, result.thread_id)
            digests_by_thread[result.thread_id] = result.digests
            snapshot_count += result.snapshot_count
        search_table.optimize(database)
    remove_old_search(root)
    for thread_id, digests in digests_by_thread.items():
        _refresh_if_removed(root, thread_id, digests)
    return snapshot_count


def remove_old_search(root: Path) -> None:
    """Remove the search file of version 1, if there is one and this user may do so."""
    with suppress(OSError, errors.ArchiveError):
        _erase_old_search(root)


def _erase_old_search(root: Path) -> None:
    path = root / OLD_SEARCH_NAME
    if os.path.lexists(path):
        cache_database.remove(path)


def _refresh_if_removed(root: Path, thread_id: str, digests: Iterable[str]) -> None:
    """Refresh a thread if another process redacted or forgot it while its entry was written.

    That process saw the index without this entry. A thread that only gained snapshots is left as
    it is: it will be read from its files.
    """
    stored_digests = store.list_digests(root, thread_id)
    if not stored_digests.issuperset(digests):
        refresh(root, thread_id, is_forgotten=not stored_digests)


def _write(database: sqlite3.Connection, entry: IndexEntry) -> None:
    thread_table.replace(database, entry.row)
    search_table.replace(database, entry.search_rows)
    checkpoint_table.replace(database, entry.thread_id, entry.checkpoint)


def _open_for_writing(root: Path) -> AbstractContextManager[sqlite3.Connection]:
    return cache_database.open_for_writing(
        root / FILE_NAME, _create_tables, version=thread_table.VERSION
    )


def _create_tables(database: sqlite3.Connection) -> None:
    """Create all tables, and drop those of another version with everything in them."""
    if database.execute("PRAGMA user_version").fetchone()[0]:
        log.warning("another version wrote the index, so it starts empty; %s", REINDEX_HINT)
    for table in (*OLD_TABLES, *search_table.TABLES, *checkpoint_table.TABLES):
        database.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in (*thread_table.SCHEMA, *search_table.SCHEMA, *checkpoint_table.SCHEMA):
        database.execute(statement)
    database.execute(f"PRAGMA user_version = {thread_table.VERSION}")


@dataclass(frozen=True, slots=True)
class _ReadResult:
    """A thread as a worker read it; `digests` are those that it had when reading began."""

    thread_id: str
    digests: tuple[str, ...]
    entry: IndexEntry | None
    snapshot_count: int
    damaged_files: tuple[DamagedFile, ...]


@gc_paused()
def _read_thread(root: Path, thread_id: str) -> _ReadResult:
    damaged_files: list[DamagedFile] = []
    digests = tuple(store.list_digests(root, thread_id))
    snapshots = store.load_readable(root, thread_id, on_damage=damaged_files.append)
    entry = build_entry(root, thread_id, snapshots) if snapshots else None
    return _ReadResult(thread_id, digests, entry, len(snapshots), tuple(damaged_files))
