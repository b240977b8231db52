"""Snapshots on disk: one immutable file each, named by its time and the SHA-256 of its bytes.

Adding and reading need no lock. A snapshot is durable when `add` returns. A reader sees a whole
file or none. `sha256sum` can check every file.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import (
    check_log,
    concurrent_saves,
    layout,
    redaction_ledger,
    snapshot_format,
    thread_headers,
)
from reddit_archive.archive.layout import (
    MEDIA_FOLDER,
    check_format,
    initialize,
    is_archive,
    iter_thread_ids,
    list_digests,
    list_snapshot_paths,
    media_path,
    thread_folder,
)
from reddit_archive.archive.snapshot_format import Snapshot, SnapshotHeader
from reddit_archive.archive.snapshot_reader import IncrementalReader, gc_paused
from reddit_archive.archive.thread_headers import read_headers
from reddit_archive.files import durable_files, planted_links
from reddit_archive.model import completeness, redacted_captures, redaction, viewer_fields
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.model.redaction import RedactionLevels

__all__ = [
    "MEDIA_FOLDER",
    "AddResult",
    "DamagedFile",
    "add",
    "check_format",
    "collect_digests",
    "compute_fingerprint",
    "initialize",
    "is_archive",
    "iter_thread_ids",
    "list_digests",
    "list_snapshot_paths",
    "load_last",
    "load_readable",
    "load_snapshots",
    "media_path",
    "read_headers",
    "thread_folder",
]

MAX_UNCACHED_SNAPSHOTS = 2
"""A thread with more snapshots is read with a cache of its comments."""

UPDATE_HINT = "Update reddit-archive to read it."


@dataclass(frozen=True, slots=True)
class AddResult:
    """The snapshot with the capture, and whether `add` created its file.

    `reader` shares the values that `add` read. Loading other snapshots with it is faster.
    `previous` is the snapshot that `add` read to compare it with the capture.
    """

    snapshot: Snapshot
    is_new: bool
    reader: IncrementalReader = field(default_factory=IncrementalReader, compare=False, repr=False)
    previous: Snapshot | None = field(default=None, compare=False, repr=False)

    def find(self, header: SnapshotHeader) -> Snapshot | None:
        """Return the snapshot of a header if `add` stored it, or read it and it did not change."""
        if header.path == self.snapshot.path:
            return snapshot_format.apply_header(self.snapshot, header)
        previous = self.previous
        if (
            previous is not None
            and (previous.path, previous.stamp) == (header.path, header.stamp)
            and not (previous.capture.is_imported or header.is_imported)
        ):
            return snapshot_format.apply_header(previous, header)
        return None


@dataclass(frozen=True, slots=True)
class DamagedFile:
    """A damaged file, a description of the damage, and what the user can do."""

    path: Path
    description: str
    hint: str = "`archive verify` lists all damaged files."


def add(root: Path, capture: Capture) -> AddResult:
    """Store a capture durably, without fields about the viewer.

    If only counters changed since the previous capture, nothing is stored but a line in
    `checks.log`. Raises StoreError.
    """
    try:
        return _add(root, replace(capture, things=viewer_fields.drop_from_things(capture.things)))
    except RecursionError as error:
        raise errors.StoreError(
            "a field of the capture nests too deep to be written",
            "Reddit writes no such field. Remove it from the saved file, or save the thread from "
            "Reddit itself.",
        ) from error


def _add(root: Path, capture: Capture) -> AddResult:
    layout.initialize(root)
    folder = layout.thread_folder(root, capture.thread_id)
    planted_links.check_thread(folder)
    headers = thread_headers.read_headers(root, capture.thread_id)
    reader = IncrementalReader(capture.things if headers else (), has_cache=False)
    previous = _find_previous(headers, capture)
    for candidate in _find_same_observation(headers, capture):
        existing = _load_to_compare(candidate, capture, reader)
        if existing is not None and _is_same(existing, capture):
            durable_files.make_folder(folder)
            durable_files.sync_folder(folder)  # its writer may have been killed before doing so
            return AddResult(existing, is_new=False, reader=reader)
    existing = _load_to_compare(previous, capture, reader) if previous else None
    if existing is not None and _is_same(existing, capture):
        # This also flushes the folder: its writer may have been killed before doing so.
        check_log.add(folder, capture.captured_at, capture.source, "unchanged")
        return AddResult(existing, is_new=False, reader=reader)
    for media in capture.media:
        if not (folder / layout.MEDIA_FOLDER / media.name).is_file():
            raise errors.StoreError(
                f"the picture {media.name} is not in the archive", "Please report this."
            )
    parent = previous.digest if previous else None
    path, is_new = durable_files.write_chunks_once(
        snapshot_format.iter_encoded(capture, parent=parent),
        folder,
        lambda digest: snapshot_format.build_file_name(capture.captured_at, digest),
        tmp=root / "tmp",
    )
    with snapshot_format.translate_read_errors(path):
        snapshot = Snapshot(path, path.stem[-64:], parent, capture, path.stat().st_size)
    return AddResult(snapshot, is_new, reader, existing)


def _find_previous(headers: list[SnapshotHeader], capture: Capture) -> SnapshotHeader | None:
    """Return the snapshot that becomes the parent of a capture.

    A live capture follows the last snapshot, even if the clock was set back since. Any other
    capture follows the last snapshot before its time. Imported snapshots become parents only if
    there are no others.
    """
    headers = [header for header in headers if not header.is_imported] or headers
    if not capture.is_live:
        earlier = [header for header in headers if header.captured_at <= capture.captured_at]
        headers = [header for header in earlier if header.source == capture.source] or earlier
    return headers[-1] if headers else None


def _find_same_observation(headers: list[SnapshotHeader], capture: Capture) -> list[SnapshotHeader]:
    """Return the snapshots of the same time and source, if a file or dump is imported again.

    That is not a new check of the thread, so it gets no line in the log.
    """
    if capture.is_live:
        return []
    name_prefix = f"{capture.captured_at.strftime(snapshot_format.NAME_TIME_FORMAT)}-"
    return [
        header
        for header in headers
        if header.source == capture.source and header.path.name.startswith(name_prefix)
    ]


def _load_to_compare(
    header: SnapshotHeader, capture: Capture, reader: IncrementalReader
) -> Snapshot | None:
    """Load a snapshot; None if it is damaged or has another source than the capture."""
    if header.source != capture.source:
        return None
    try:
        return snapshot_format.load_with_header(header, reader=reader)
    except errors.DamageFoundError:
        return None
    except errors.StoreError as error:
        if not thread_headers.is_file_removed_error(error):
            raise
        return None


def _is_same(snapshot: Snapshot, capture: Capture) -> bool:
    """Return whether a snapshot has the content of a capture."""
    return snapshot.capture.has_same_content(capture) and not completeness.has_better_coverage(
        capture, snapshot.capture
    )


def load_snapshots(
    root: Path,
    thread_id: str,
    *,
    on_damage: Callable[[DamagedFile], None] | None = None,
    add_result: AddResult | None = None,
) -> tuple[Snapshot, ...]:
    """Load a thread's snapshots in order of time, without what is redacted.

    Snapshots with the same content are merged if two commands saved the thread at the same time.

    Args:
        on_damage: Called for each damaged file, which is then left out.
        add_result: The result of `add`, whose snapshot is not read again.

    Returns:
        The snapshots; an empty tuple if there are none.

    Raises:
        DamageFoundError: A file is damaged, and `on_damage` is None.
        StoreError: A file can't be read.
    """

    def read() -> tuple[tuple[Snapshot, ...], list[DamagedFile]]:
        return _load_snapshots(root, thread_id, add_result, on_damage is None)

    snapshots, damaged_files = thread_headers.retry_if_removed(read)
    if on_damage is not None:
        for damaged_file in damaged_files:
            on_damage(damaged_file)
    return snapshots


def _load_snapshots(
    root: Path, thread_id: str, add_result: AddResult | None, is_strict: bool
) -> tuple[tuple[Snapshot, ...], list[DamagedFile]]:
    """Load snapshots without what is redacted, and the files that are damaged."""
    headers = thread_headers.read_headers(root, thread_id)
    reader = add_result.reader if add_result else IncrementalReader(has_cache=False)
    if len(headers) > MAX_UNCACHED_SNAPSHOTS:
        reader.start_cache()
    snapshots, damaged_files = [], []
    with gc_paused():
        for header in headers:
            if add_result is not None and (loaded := add_result.find(header)):
                snapshots.append(loaded)
                continue
            try:
                snapshots.append(snapshot_format.load_with_header(header, reader=reader))
            except errors.DamageFoundError as error:
                if is_strict:
                    raise
                damaged_files.append(DamagedFile(header.path, error.message))
    visible_snapshots = _hide_redacted(root, thread_id, snapshots)
    return concurrent_saves.merge_duplicates(visible_snapshots), damaged_files


def _hide_redacted(
    root: Path, thread_id: str, snapshots: Sequence[Snapshot]
) -> tuple[Snapshot, ...]:
    """Return the snapshots without what this archive redacted.

    A snapshot that was copied into the archive may bring it back. Without a whole ledger the marks
    in redacted snapshots count.
    """
    ledger = redaction_ledger.read(root) or redaction_ledger.NO_LEDGER
    captures = tuple(snapshot.capture for snapshot in snapshots)
    levels = ledger.find_levels(thread_id, _iter_distinct_things(captures))
    if not ledger.is_complete:
        marked_captures = [capture for capture in captures if capture.is_redaction]
        marks = redaction.find_redacted_items(_iter_distinct_things(marked_captures))
        levels = redacted_captures.merge_levels(levels, marks)
    if not levels:
        return tuple(snapshots)
    return tuple(
        snapshot
        if capture is snapshot.capture
        else replace(snapshot, capture=capture, stamp=snapshot_format.NO_STAMP)
        for snapshot, capture in zip(
            snapshots, redacted_captures.hide_redacted(captures, levels), strict=True
        )
    )


def _iter_distinct_things(captures: Iterable[Capture]) -> Iterable[Thing]:
    return {id(thing): thing for capture in captures for thing in capture.things}.values()


def load_last(root: Path, thread_id: str) -> Snapshot:
    """Load the last snapshot of a thread. Raises StoreError; DamageFoundError if there is none."""
    return thread_headers.retry_if_removed(lambda: _load_last(root, thread_id))


def _load_last(root: Path, thread_id: str) -> Snapshot:
    headers = thread_headers.read_headers(root, thread_id)
    if not headers:
        raise errors.DamageFoundError(f"no snapshot of the thread {thread_id} is left")
    return _hide_redacted(root, thread_id, [snapshot_format.load_with_header(headers[-1])])[0]


def load_readable(
    root: Path, thread_id: str, *, on_damage: Callable[[DamagedFile], None]
) -> tuple[Snapshot, ...]:
    """Load the readable snapshots of a thread; none if a newer version wrote one of them."""
    try:
        return load_snapshots(root, thread_id, on_damage=on_damage)
    except errors.NewerFormatError as error:
        on_damage(DamagedFile(layout.thread_folder(root, thread_id), error.message, UPDATE_HINT))
        return ()


def collect_digests(snapshots: Iterable[Snapshot]) -> set[str]:
    """Return the digests of all files that these snapshots represent."""
    return {digest for snapshot in snapshots for digest in snapshot.digests}


def compute_fingerprint(digests: Iterable[str], levels: RedactionLevels) -> str:
    """Return one SHA-256 of a thread's digests and of what the ledger lists for it.

    It changes when the thread's snapshots change, and when `load_snapshots` hides more or less.
    """
    items = [*sorted(digests), *(f"{name}={level}" for name, level in sorted(levels.items()))]
    return hashlib.sha256(" ".join(items).encode()).hexdigest()
