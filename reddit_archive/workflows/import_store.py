"""What an import brings, stored portion by portion, here or by a worker.

Everything but the index is written; what that takes comes back, for one process writes it.
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
from reddit_archive.model.capture import Capture
from reddit_archive.sources.importers import ThreadChunk


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of a capture; `is_new` is None where it was not to be stored."""

    thread_id: str
    captured_at: datetime
    source: str
    comments: int
    is_new: bool | None


@dataclass(frozen=True, slots=True)
class Stored:
    """The result of storing a portion, and index entries for the threads that are new with it.

    `first` lists the threads that were not in the archive before. `failed` lists the threads that
    were left out, because a newer version wrote their stored snapshots.
    """

    arrivals: tuple[Arrival, ...]
    entries: tuple[IndexEntry, ...] = ()
    first: tuple[str, ...] = ()
    failed: tuple[errors.IncompleteThreadError, ...] = ()


@gc_paused()
def look_at(portion: ThreadChunk) -> Stored:
    """Tell what is there, and store nothing."""
    return Stored(tuple(_arrival(taken, None) for taken in portion.iter_captures()))


@gc_paused()
def keep(root: Path, mark: Path | None, portion: ThreadChunk) -> Stored:
    """Store what is there, and leave out what was redacted. Raises StoreError.

    It must see the `mark` that `witness` left in the archive.
    """
    if mark is not None:
        shared_folder_check.require_marker(mark)
    arrivals: list[Arrival] = []
    entries: list[IndexEntry] = []
    first: list[str] = []
    failed: list[errors.IncompleteThreadError] = []
    for thread_id, captures in groupby(portion.iter_captures(), lambda taken: taken.thread_id):
        try:
            told, fresh = _keep_thread(root, mark, captures)
        except errors.NewerFormatError as error:
            what = f"t3_{thread_id} was left out: {error.message}"
            failed.append(errors.IncompleteThreadError(what, error.hint))
            continue
        arrivals += told
        if fresh and store.list_digests(root, thread_id) == fresh.keys():
            first.append(thread_id)
        entries += _entries(root, thread_id, fresh)
    return Stored(tuple(arrivals), tuple(entries), tuple(first), tuple(failed))


def _keep_thread(
    root: Path, mark: Path | None, captures: Iterable[Capture]
) -> tuple[list[Arrival], dict[str, Snapshot]]:
    """Store the captures of one thread; return the new snapshots by digest as well."""
    arrivals: list[Arrival] = []
    fresh: dict[str, Snapshot] = {}
    for taken in captures:
        added = archive_add.add(root, taken)
        is_new = added.is_new or (
            added.snapshot.digest not in fresh and _is_of_this_run(added.snapshot, mark)
        )
        arrivals.append(_arrival(taken, is_new))
        fresh |= {added.snapshot.digest: added.snapshot} if is_new else {}
    return arrivals, fresh


def _arrival(taken: Capture, is_new: bool | None) -> Arrival:
    comments = sum(thing["kind"] == "t1" for thing in taken.things)
    return Arrival(taken.thread_id, taken.captured_at, taken.source, comments, is_new)


def _is_of_this_run(shot: Snapshot, mark: Path | None) -> bool:
    """Tell what a worker stored that died before it could say so; the mark is as old as the run."""
    return mark is not None and shot.path.stat().st_mtime_ns >= mark.stat().st_mtime_ns


def _entries(root: Path, thread_id: str, fresh: Mapping[str, Snapshot]) -> Iterator[IndexEntry]:
    """The entry of a thread that changed, of all that is here of it.

    One of which something can't be read is for `reindex`.
    """
    if not fresh:
        return
    names = store.list_digests(root, thread_id)
    if names == fresh.keys():
        yield maintenance.build_entry(thread_id, [*fresh.values()])
        return
    shots = store.load_readable(root, thread_id, on_damage=lambda _: None)
    if shots and store.collect_digests(shots) == names:
        yield maintenance.build_entry(thread_id, shots)
