"""What the archive is looked up in: the index and the search, both of them disposable."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from reddit_archive import errors, history
from reddit_archive.archive import shared_folder_check, store
from reddit_archive.archive.index import search, summary, thread_table
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.archive.snapshot_reader import gc_paused
from reddit_archive.archive.store import DamagedFile
from reddit_archive.files import temp_files
from reddit_archive.history import Observations
from reddit_archive.parallel import ordered_map

if TYPE_CHECKING:
    from concurrent.futures import Executor

log = logging.getLogger(__name__)

CHUNK_SIZE = 4


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """What the index and the search keep of a thread: made anywhere, written by one process."""

    row: thread_table.ThreadRow
    search_rows: search.SearchRows

    @property
    def thread_id(self) -> str:
        return self.search_rows.thread_id


def add(
    root: Path,
    thread_id: str,
    snapshots: Sequence[Snapshot],
    observations: Observations | None = None,
) -> None:
    """Take a thread in, with all of its snapshots. Never raises: what goes wrong is a warning.

    One that has others besides is left as it is, to be read from its files until `reindex`. Give
    what is `seen` in them already, if it was looked at.
    """
    digests = store.collect_digests(snapshots)
    are_current = (table.is_current(root, thread_id, digests) for table in (thread_table, search))
    try:
        if store.list_digests(root, thread_id) == digests and not all(are_current):
            upsert(root, [build_entry(thread_id, snapshots, observations)])
            _refresh_if_removed(root, thread_id, digests)
    except (OSError, errors.ArchiveError) as error:
        log.warning("the index was not updated (%s); `archive reindex` makes it anew", error)


def build_entry(
    thread_id: str, snapshots: Sequence[Snapshot], observations: Observations | None = None
) -> IndexEntry:
    """Make the entry of a thread, of all its snapshots, and of what is `seen` in them."""
    thread_history = (
        history.trace(thread_id, observations)
        if observations
        else summary.trace_snapshots(thread_id, snapshots)
    )
    return IndexEntry(
        thread_table.build_row(thread_history, snapshots),
        search.build_rows(thread_history, snapshots),
    )


def upsert(root: Path, entries: Iterable[IndexEntry]) -> None:
    """Write entries, each of a thread of its own. Never raises."""
    entries = [*entries]
    thread_table.upsert(root, (entry.row for entry in entries))
    search.upsert(root, (entry.search_rows for entry in entries))


def refresh(root: Path, thread_id: str, *, is_forgotten: bool = False) -> None:
    """Take in a thread as it is now, or nothing, and leave no trace of what it was before."""

    @cache
    def build_current_entry() -> IndexEntry | None:
        snapshots = (
            () if is_forgotten else store.load_snapshots(root, thread_id, on_damage=lambda _: None)
        )
        return build_entry(thread_id, snapshots) if snapshots else None

    thread_table.refresh(
        root, thread_id, lambda: [entry.row] if (entry := build_current_entry()) else []
    )
    search.refresh(
        root, thread_id, lambda: [entry.search_rows] if (entry := build_current_entry()) else []
    )


def _refresh_if_removed(root: Path, thread_id: str, digests: Iterable[str]) -> None:
    """Take out what another run redacted or forgot while these snapshots were taken in.

    Such a run writes the index as it stood; what was added meanwhile is read from its files.
    """
    stored_digests = store.list_digests(root, thread_id)
    if not stored_digests.issuperset(digests):
        refresh(root, thread_id, is_forgotten=not stored_digests)


def rebuild(
    root: Path,
    *,
    on_damage: Callable[[DamagedFile], None] = lambda _: None,
    executor: "Executor | None" = None,
) -> int:
    """Make both anew from every snapshot, read once; tell how many those are. Raises StoreError.

    Threads are read by the `executor`, where there is one and there are many; its workers must see
    the archive where this process does.
    """
    store.initialize(root)
    temp_files.remove_orphaned_temps(root / "tmp")
    snapshot_count = 0
    digests_by_thread: dict[str, tuple[str, ...]] = {}
    with (
        thread_table.rebuilding(root) as write_thread_row,
        search.rebuilding(root) as write_search_rows,
    ):
        threads = store.iter_thread_ids(root)
        for result in ordered_map.map_ordered(
            partial(_read_thread, root),
            threads,
            executor,
            max_local_items=ordered_map.MAX_LOCAL_THREADS,
            chunk_size=CHUNK_SIZE,
        ):
            for damaged_file in result.damaged_files:
                on_damage(damaged_file)
            if result.entry is None and not result.damaged_files:
                shared_folder_check.require_no_snapshots(root, result.thread_id)
            if result.entry is not None:
                write_thread_row(result.entry.row)
                write_search_rows(result.entry.search_rows)
            digests_by_thread[result.thread_id] = result.digests
            snapshot_count += result.snapshot_count
    for thread_id, digests in digests_by_thread.items():
        _refresh_if_removed(root, thread_id, digests)
    return snapshot_count


@dataclass(frozen=True, slots=True)
class _ReadResult:
    """A thread that was read: so many snapshots of it, and those that are damaged.

    `digests` are of the files that it had when that began.
    """

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
    entry = build_entry(thread_id, snapshots) if snapshots else None
    return _ReadResult(thread_id, digests, entry, len(snapshots), tuple(damaged_files))
