"""Snapshots on disk: one immutable file each, named by its time and the SHA-256 of its bytes.

Adding and reading need no lock. What `add` has returned is durable; a reader sees a whole file or
none. The layout is the README's, and `sha256sum` is a complete checker of it.
"""

import hashlib
import logging
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from reddit_archive import errors
from reddit_archive.archive import (
    check_log,
    concurrent_saves,
    import_log,
    redaction_ledger,
    replacement_claims,
    snapshot_format,
    snapshot_order,
)
from reddit_archive.archive.replacement_claims import Claims
from reddit_archive.archive.snapshot_format import Snapshot, SnapshotHeader
from reddit_archive.archive.snapshot_reader import IncrementalReader, gc_paused
from reddit_archive.files import drafts, durable_files, planted_links, regular_files
from reddit_archive.model import completeness, redaction, viewer_fields
from reddit_archive.model.capture import Capture, StoredMedia, Thing, utc_now

log = logging.getLogger(__name__)

THREAD_NAME = re.compile(r"t3_([0-9a-z]{1,13})")
MEDIA_FOLDER = "media"
MAX_TEMP_AGE_SECONDS = 24 * 3600
MAX_READS = 20
MAX_UNCACHED_SNAPSHOTS = 2
"""For so many snapshots it does not pay to keep what they say, to read the next ones faster."""

UPDATE_HINT = "Update reddit-archive to read it."

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class AddResult:
    """What `add` did: the snapshot that holds the capture, and whether it is a new file.

    `reader` knows what was read for it, for whoever reads the thread's other snapshots next.
    """

    snapshot: Snapshot
    is_new: bool
    reader: IncrementalReader = field(default_factory=IncrementalReader, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class DamagedFile:
    """A file that is not what its name says, how that shows, and what to do."""

    path: Path
    description: str
    hint: str = "`archive verify` lists every damage."


def add(root: Path, capture: Capture) -> AddResult:
    """Store a capture durably, unless nothing but counters moved since the one before it.

    Then `checks.log` gets a line instead. Fields about the viewer are never stored. Raises
    StoreError.
    """
    try:
        return _add(root, replace(capture, things=viewer_fields.drop_from_things(capture.things)))
    except RecursionError as error:
        raise errors.StoreError(
            "a field of the capture nests too deep to be written",
            "Reddit writes none that does: take it out of the saved file, or save the thread from "
            "Reddit itself.",
        ) from error


def _add(root: Path, capture: Capture) -> AddResult:
    initialize(root)
    folder = thread_folder(root, capture.thread_id)
    planted_links.check_thread(folder)
    headers = read_headers(root, capture.thread_id)
    reader = IncrementalReader(
        capture.things if headers else (), has_cache=len(headers) > MAX_UNCACHED_SNAPSHOTS
    )
    previous = _find_previous(headers, capture)
    for candidate in _find_same_observation(headers, capture):
        if existing := _load_if_same(candidate, capture, reader):
            durable_files.make_folder(folder)
            durable_files.sync_folder(folder)  # its writer may have been killed before it could
            return AddResult(existing, is_new=False, reader=reader)
    if previous is not None and (existing := _load_if_same(previous, capture, reader)):
        # This flushes the folder as well: its writer may have been killed before it could.
        check_log.add(folder, capture.captured_at, capture.source, "unchanged")
        return AddResult(existing, is_new=False, reader=reader)
    for media in capture.media:
        if not (folder / MEDIA_FOLDER / media.name).is_file():
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
    return AddResult(snapshot, is_new, reader)


def _find_previous(headers: list[SnapshotHeader], capture: Capture) -> SnapshotHeader | None:
    """The snapshot to follow: the last one, or for a capture dated by others the last until then.

    A live capture follows all existing ones, even if the clock was set back meanwhile. Our own
    captures follow our own if there are any, not imported ones.
    """
    headers = [header for header in headers if not header.is_imported] or headers
    if not capture.is_live:
        earlier = [header for header in headers if header.captured_at <= capture.captured_at]
        headers = [header for header in earlier if header.source == capture.source] or earlier
    return headers[-1] if headers else None


def _find_same_observation(headers: list[SnapshotHeader], capture: Capture) -> list[SnapshotHeader]:
    """The snapshots of the same look: a file or a dump may be taken in again at any time.

    That is no new look at Reddit, so that it is no line in the log.
    """
    if capture.is_live:
        return []
    name_prefix = f"{capture.captured_at.strftime(snapshot_format.NAME_TIME_FORMAT)}-"
    return [
        header
        for header in headers
        if header.source == capture.source and header.path.name.startswith(name_prefix)
    ]


def _load_if_same(
    header: SnapshotHeader, capture: Capture, reader: IncrementalReader
) -> Snapshot | None:
    """The snapshot before, where it is whole and says the same as `taken`."""
    if header.source != capture.source:
        return None
    try:
        snapshot = snapshot_format.load_with_header(header, reader=reader)
    except errors.DamageFoundError:
        return None
    except errors.StoreError as error:
        if not is_file_removed_error(error):
            raise
        return None
    has_same_content = snapshot.capture.has_same_content(capture)
    return (
        snapshot
        if has_same_content and not completeness.has_better_coverage(capture, snapshot.capture)
        else None
    )


def load_snapshots(
    root: Path,
    thread_id: str,
    *,
    on_damage: Callable[[DamagedFile], None] | None = None,
    add_result: AddResult | None = None,
) -> tuple[Snapshot, ...]:
    """Load a thread's snapshots in the order in which they were taken; () where there is none.

    Those that say the same because two commands saved the thread at the same time are one.

    A file that does not match its name goes to `on_damage` and is left out. Without `on_damage` it
    raises DamageFound. What was just `added` is not read again, nor are the heads that are
    `known`, unless one of their files is gone.
    """

    def read() -> tuple[tuple[Snapshot, ...], list[DamagedFile]]:
        return _load_snapshots(root, thread_id, add_result, on_damage is None)

    snapshots, damaged_files = retry_if_removed(read)
    if on_damage is not None:
        for damaged_file in damaged_files:
            on_damage(damaged_file)
    return snapshots


def _load_snapshots(
    root: Path, thread_id: str, add_result: AddResult | None, is_strict: bool
) -> tuple[tuple[Snapshot, ...], list[DamagedFile]]:
    """Load snapshots without what is redacted, and the files that are damaged."""
    headers = read_headers(root, thread_id)
    reader = (
        add_result.reader
        if add_result
        else IncrementalReader(has_cache=len(headers) > MAX_UNCACHED_SNAPSHOTS)
    )
    snapshots, damaged_files = [], []
    with gc_paused():
        for header in headers:
            if add_result is not None and header.path == add_result.snapshot.path:
                snapshots.append(snapshot_format.apply_header_time(add_result.snapshot, header))
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

    A snapshot that was copied into the archive may bring it back. Without a ledger the marks in
    redacted snapshots count.
    """
    ledger = redaction_ledger.read(root)
    captures = tuple(snapshot.capture for snapshot in snapshots)
    if ledger is not None:
        levels = ledger.find_levels(thread_id, _iter_distinct_things(captures))
    else:
        redacted_captures = [capture for capture in captures if capture.is_redaction]
        levels = redaction.find_redacted_items(_iter_distinct_things(redacted_captures))
    if not levels:
        return tuple(snapshots)
    return tuple(
        snapshot if capture is snapshot.capture else replace(snapshot, capture=capture)
        for snapshot, capture in zip(
            snapshots, redaction.hide_redacted(captures, levels), strict=True
        )
    )


def _iter_distinct_things(captures: Iterable[Capture]) -> Iterable[Thing]:
    return {id(thing): thing for capture in captures for thing in capture.things}.values()


def retry_if_removed(read: Callable[[], ResultT]) -> ResultT:
    """Read a thread, and again where a file of it went meanwhile: another redacts it, or forgets.

    What replaces such a file was there before it went.
    """
    for _ in range(MAX_READS):
        try:
            return read()
        except errors.StoreError as error:
            if not is_file_removed_error(error):
                raise
    return read()


def is_file_removed_error(error: errors.StoreError) -> bool:
    """Tell whether a file that was to be read is not there any more."""
    return isinstance(error.__cause__, FileNotFoundError)


def load_last(root: Path, thread_id: str) -> Snapshot:
    """Load the last snapshot of a thread. Raises DamageFound where it has none, StoreError."""
    return retry_if_removed(lambda: _load_last(root, thread_id))


def _load_last(root: Path, thread_id: str) -> Snapshot:
    headers = read_headers(root, thread_id)
    if not headers:
        raise errors.DamageFoundError(f"no snapshot of the thread {thread_id} is left")
    return _hide_redacted(root, thread_id, [snapshot_format.load_with_header(headers[-1])])[0]


def load_readable(
    root: Path, thread_id: str, *, on_damage: Callable[[DamagedFile], None]
) -> tuple[Snapshot, ...]:
    """Load what of a thread can be read: one that a newer version wrote is no reason to stop."""
    try:
        return load_snapshots(root, thread_id, on_damage=on_damage)
    except errors.NewerFormatError as error:
        on_damage(DamagedFile(thread_folder(root, thread_id), error.message, UPDATE_HINT))
        return ()


def read_headers(
    root: Path, thread_id: str, *, accept_pending: bool = False
) -> list[SnapshotHeader]:
    """Read the heads of a thread's snapshots, sorted by time, with corrected times.

    Left out are snapshots with a redacted replacement, snapshots that falsely claim to replace
    another one, and imported redactions that nobody accepted; `accepting` includes the latter.
    """
    headers, claims = read_headers_with_claims(root, thread_id, accept_pending=accept_pending)
    trusted_headers = [header for header in headers if header.digest not in claims.false]
    return snapshot_order.topological_order(
        trusted_headers, {**claims.proven, **claims.pending}, now=utc_now()
    )


def read_headers_with_claims(
    root: Path, thread_id: str, *, accept_pending: bool = False
) -> tuple[list[SnapshotHeader], Claims]:
    """Read the heads of all of a thread's snapshots, and check what they claim to replace."""
    check_format(root)

    def read() -> tuple[list[SnapshotHeader], Claims]:
        headers = _read_headers(root, thread_id)
        if accept_pending:
            headers = [replace(header, is_pending=False) for header in headers]
        return headers, replacement_claims.check_claims(headers)

    return retry_if_removed(read)


def _read_headers(root: Path, thread_id: str) -> list[SnapshotHeader]:
    folder = thread_folder(root, thread_id)
    entries = _list_entries(folder)
    headers = [
        _read_entry_header(entry)
        for entry in entries
        if snapshot_format.SNAPSHOT_NAME.fullmatch(entry.name)
    ]
    if not any(entry.name == import_log.FILE_NAME for entry in entries):
        return headers
    return import_log.add_import_times(headers, folder)


def _read_entry_header(entry: os.DirEntry[str]) -> SnapshotHeader:
    with snapshot_format.translate_read_errors(entry.path):
        stat_result = entry.stat()
    return _read_cached_header(entry.path, stat_result.st_mtime_ns, stat_result.st_size)


@lru_cache(maxsize=4096)
def _read_cached_header(path: str, mtime_ns: int, size_bytes: int) -> SnapshotHeader:
    """Read one that nobody rewrites, for all who ask for a thread's heads in the same run."""
    return snapshot_format.read_header(Path(path))


def list_digests(root: Path, thread_id: str) -> set[str]:
    """The digests of all files that look like a thread's snapshots, by their names alone."""
    paths = list_snapshot_paths(thread_folder(root, thread_id))
    return {path.stem[-64:] for path in paths}


def collect_digests(snapshots: Iterable[Snapshot]) -> set[str]:
    """The digests of all files that these snapshots stand for."""
    return {digest for snapshot in snapshots for digest in snapshot.digests}


def compute_fingerprint(digests: Iterable[str]) -> str:
    """A thread is what its snapshots are: other files, another SHA-256 of their digests."""
    return hashlib.sha256(" ".join(sorted(digests)).encode()).hexdigest()


def iter_thread_ids(root: Path) -> Iterator[str]:
    """Give the ids of all threads that have a folder, sorted."""
    check_format(root)
    folder = root / "threads"
    with snapshot_format.translate_read_errors(folder):
        names = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    for name in names:
        if match := THREAD_NAME.fullmatch(name):
            yield match[1]


def media_path(snapshot_path: Path, media: StoredMedia) -> Path:
    """Where a picture lies that the snapshot at `shot` names."""
    return snapshot_path.parent / MEDIA_FOLDER / media.name


def list_media_paths(folder: Path) -> list[Path]:
    with snapshot_format.translate_read_errors(folder / MEDIA_FOLDER):
        has_folder = (folder / MEDIA_FOLDER).is_dir()
        return sorted((folder / MEDIA_FOLDER).iterdir()) if has_folder else []


def thread_folder(root: Path, thread_id: str) -> Path:
    if not THREAD_NAME.fullmatch(f"t3_{thread_id}"):
        raise errors.InvalidReferenceError(f"{thread_id!r} is no id of a thread")
    return root / "threads" / f"t3_{thread_id}"


def list_snapshot_paths(folder: Path, *, is_strict: bool = True) -> list[Path]:
    """The snapshots of a folder by name; all of its .json files unless `strict`."""
    names = (entry.name for entry in _list_entries(folder))
    return [
        folder / name
        for name in names
        if name.endswith(".json")
        and (not is_strict or snapshot_format.SNAPSHOT_NAME.fullmatch(name))
    ]


def _list_entries(folder: Path) -> list[os.DirEntry[str]]:
    """What is in a folder, by name; nothing where there is none."""
    with snapshot_format.translate_read_errors(folder):
        entries = [*os.scandir(folder)] if folder.is_dir() else []
    return sorted(entries, key=lambda entry: entry.name)


def is_archive(root: Path) -> bool:
    """Tell an archive, be it empty, from a folder that is none: where nothing was saved yet."""
    with snapshot_format.translate_read_errors(root):
        return (root / "ARCHIVE").is_file() or (root / "threads").is_dir()


def check_format(root: Path) -> None:
    """Refuse a folder that a newer version has written. Raises StoreError."""
    marker = root / "ARCHIVE"
    with snapshot_format.translate_read_errors(marker):
        if not marker.exists():
            return
        text = regular_files.read_text(marker).strip()
    if text != snapshot_format.FORMAT:
        raise errors.StoreError(
            f"{root} is an archive of the format {text[:40]!r}, which this version does not know",
            "Install a newer reddit-archive.",
        )


def initialize(root: Path) -> None:
    """Make the folder an archive, if it is none yet, and sweep old drafts. Raises StoreError."""
    check_format(root)
    planted_links.check(root / "tmp")
    is_new = not is_archive(root)
    if not (root / "ARCHIVE").exists():
        durable_files.write_once(
            f"{snapshot_format.FORMAT}\n".encode(), root / "ARCHIVE", tmp=root / "tmp"
        )
    if is_new:
        redaction_ledger.create(root, {})
    drafts.remove_orphaned_archive_temps(
        root / "tmp", written_before=time.time() - MAX_TEMP_AGE_SECONDS
    )


def find_thread(root: Path, fullname: str) -> str | None:
    """Find the thread that holds a comment: its id, or None. Reads every snapshot's bytes."""
    needle = f'"{fullname}"'.encode()
    for thread_id in iter_thread_ids(root):
        for path in list_snapshot_paths(thread_folder(root, thread_id)):
            with snapshot_format.translate_read_errors(path):
                if needle in regular_files.read_bytes(path):
                    return thread_id
    return None
