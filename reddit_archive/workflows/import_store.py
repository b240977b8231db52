"""Store the chunks of an import, in this process or by a worker.

A worker writes everything except the index, which one process writes; it returns the entries.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import add as archive_add
from reddit_archive.archive import shared_folder_check, store
from reddit_archive.archive.index import maintenance
from reddit_archive.archive.index.maintenance import IndexEntry
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.archive.snapshot_reader import gc_paused
from reddit_archive.files import durable_files
from reddit_archive.model.capture import Capture
from reddit_archive.sources.importers import ThreadChunk


@dataclass(frozen=True, slots=True)
class ImportedCapture:
    """A capture of an import; `is_new` is None if nothing was to be stored."""

    thread_id: str
    captured_at: datetime
    source: str
    comment_count: int
    is_new: bool | None


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """The result of storing a chunk.

    Attributes:
        captures: The captures of the chunk.
        entries: Index entries for the threads that changed.
        first_stored: The threads that the archive did not have before.
        failed: The threads that were left out, because a newer version wrote their snapshots.
    """

    captures: tuple[ImportedCapture, ...]
    entries: tuple[IndexEntry, ...] = ()
    first_stored: tuple[str, ...] = ()
    failed: tuple[errors.IncompleteThreadError, ...] = ()


@gc_paused()
def preview_chunk(chunk: ThreadChunk) -> ChunkResult:
    """Return what a chunk contains, and store nothing."""
    return ChunkResult(tuple(_describe(capture, None) for capture in chunk.iter_captures()))


@gc_paused()
def store_chunk(root: Path, marker: Path | None, chunk: ThreadChunk) -> ChunkResult:
    """Store a chunk without what was redacted.

    Raises StoreError, also if this process does not see the `marker` of the run in the archive.
    """
    with durable_files.sharing_flushes():
        return _store_chunk(root, marker, chunk)


def _store_chunk(root: Path, marker: Path | None, chunk: ThreadChunk) -> ChunkResult:
    if marker is not None:
        shared_folder_check.require_marker(marker)
    captures: list[ImportedCapture] = []
    entries: list[IndexEntry] = []
    first_stored: list[str] = []
    failed: list[errors.IncompleteThreadError] = []
    by_thread = groupby(chunk.iter_captures(), lambda capture: capture.thread_id)
    for thread_id, thread_captures in by_thread:
        try:
            described, new_snapshots = _store_thread(root, marker, thread_captures)
        except errors.NewerFormatError as error:
            message = f"t3_{thread_id} was left out: {error.message}"
            failed.append(errors.IncompleteThreadError(message, error.hint))
            continue
        captures += described
        if new_snapshots and store.list_digests(root, thread_id) == new_snapshots.keys():
            first_stored.append(thread_id)
        entries += _build_entries(root, thread_id, new_snapshots)
    return ChunkResult(tuple(captures), tuple(entries), tuple(first_stored), tuple(failed))


def _store_thread(
    root: Path, marker: Path | None, captures: Iterable[Capture]
) -> tuple[list[ImportedCapture], dict[str, Snapshot]]:
    """Store the captures of one thread; return the new snapshots by digest as well."""
    described: list[ImportedCapture] = []
    new_snapshots: dict[str, Snapshot] = {}
    for capture in captures:
        result = archive_add.add(root, capture)
        snapshot = result.snapshot
        is_new = result.is_new or (
            snapshot.digest not in new_snapshots and _was_stored_in_this_run(snapshot, marker)
        )
        described.append(_describe(capture, is_new))
        if is_new:
            new_snapshots[snapshot.digest] = snapshot
    return described, new_snapshots


def _describe(capture: Capture, is_new: bool | None) -> ImportedCapture:
    comment_count = sum(thing["kind"] == "t1" for thing in capture.things)
    return ImportedCapture(
        capture.thread_id, capture.captured_at, capture.source, comment_count, is_new
    )


def _was_stored_in_this_run(snapshot: Snapshot, marker: Path | None) -> bool:
    """Return whether a worker of this run stored a snapshot and was killed before it returned.

    The run's marker is as old as the run.
    """
    return marker is not None and snapshot.path.stat().st_mtime_ns >= marker.stat().st_mtime_ns


def _build_entries(
    root: Path, thread_id: str, new_snapshots: Mapping[str, Snapshot]
) -> Iterator[IndexEntry]:
    """Yield the index entry of a thread that changed.

    A thread with a file that can't be read gets none; `reindex` deals with it.
    """
    if not new_snapshots:
        return
    digests = store.list_digests(root, thread_id)
    if digests == new_snapshots.keys():
        yield maintenance.build_entry(root, thread_id, [*new_snapshots.values()])
        return
    snapshots = store.load_readable(root, thread_id, on_damage=lambda _: None)
    if snapshots and store.collect_digests(snapshots) == digests:
        yield maintenance.build_entry(root, thread_id, snapshots)
