"""Snapshots on disk: one immutable file each, named by its time and the SHA-256 of its bytes.

Adding and reading need no lock. What `add` has returned is durable; a reader sees a whole file or
none. The layout is the README's, and `sha256sum` is a complete checker of it.
"""

import hashlib
import logging
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from reddit_archive import errors
from reddit_archive.archive import (
    check_log,
    concurrent_saves,
    import_log,
    replacement_claims,
    snapshot_format,
    snapshot_order,
)
from reddit_archive.archive.replacement_claims import Claims
from reddit_archive.archive.snapshot_format import Head, Snapshot
from reddit_archive.archive.snapshot_reader import Reader, uncollected
from reddit_archive.files import drafts, durable_files, planted_links, regular_files
from reddit_archive.model import completeness, viewer_fields
from reddit_archive.model.capture import Capture, Media, now

log = logging.getLogger(__name__)

THREAD_NAME = re.compile(r"t3_([0-9a-z]{1,13})")
MEDIA_FOLDER = "media"
DRAFT_LIFE_SECONDS = 24 * 3600
MOST_READS = 20
FEW = 2
"""For so many snapshots it does not pay to keep what they say, to read the next ones faster."""

UPDATE = "Update reddit-archive to read it."

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Added:
    """What `add` did: the snapshot that holds the capture, and whether it is a new file.

    `reader` knows what was read for it, for whoever reads the thread's other snapshots next.
    """

    snapshot: Snapshot
    is_new: bool
    reader: Reader = field(default_factory=Reader, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Damage:
    """A file that is not what its name says, how that shows, and what to do."""

    path: Path
    what: str
    hint: str = "`archive verify` lists every damage."


def add(root: Path, taken: Capture, *, before: list[Head] | None = None) -> Added:
    """Store a capture durably, unless nothing but counters moved since the one before it.

    Then `checks.log` gets a line instead. Fields about the viewer are never stored. `before` are
    the thread's heads, where they were read a moment ago. Raises StoreError.
    """
    try:
        return _add(
            root, replace(taken, things=viewer_fields.drop_from_things(taken.things)), before
        )
    except RecursionError as error:
        raise errors.StoreError(
            "a field of the capture nests too deep to be written",
            "Reddit writes none that does: take it out of the saved file, or save the thread from "
            "Reddit itself.",
        ) from error


def _add(root: Path, taken: Capture, known: list[Head] | None) -> Added:
    claim(root)
    folder = thread_folder(root, taken.thread_id)
    planted_links.check_thread(folder)
    if known is None:
        known = heads(root, taken.thread_id)
    reader = Reader(taken.things if known else (), has_text=len(known) > FEW)
    before = _predecessor(known, taken)
    for twin in _twins(known, taken):
        if same := _same(twin, taken, reader):
            durable_files.make_folder(folder)
            durable_files.sync_folder(folder)  # its writer may have been killed before it could
            return Added(same, is_new=False, reader=reader)
    if before is not None and (same := _same(before, taken, reader)):
        # This flushes the folder as well: its writer may have been killed before it could.
        check_log.add(folder, taken.captured_at, taken.source, "unchanged")
        return Added(same, is_new=False, reader=reader)
    for media in taken.media:
        if not (folder / MEDIA_FOLDER / media.name).is_file():
            raise errors.StoreError(
                f"the picture {media.name} is not in the archive", "Please report this."
            )
    parent = before.digest if before else None
    path, is_new = durable_files.publish_pieces(
        snapshot_format.pieces(taken, parent=parent),
        folder,
        lambda digest: snapshot_format.name(taken.captured_at, digest),
        tmp=root / "tmp",
    )
    with snapshot_format.reading(path):
        stored = Snapshot(path, path.stem[-64:], parent, taken, path.stat().st_size)
    return Added(stored, is_new, reader)


def _predecessor(known: list[Head], taken: Capture) -> Head | None:
    """The snapshot to follow: the last one, or for a capture dated by others the last until then.

    A live capture follows all existing ones, even if the clock was set back meanwhile. Our own
    captures follow our own if there are any, not imported ones.
    """
    known = [head for head in known if not head.is_imported] or known
    if not taken.live:
        until = [head for head in known if head.captured_at <= taken.captured_at]
        known = [head for head in until if head.source == taken.source] or until
    return known[-1] if known else None


def _twins(known: list[Head], taken: Capture) -> list[Head]:
    """The snapshots of the same look: a file or a dump may be taken in again at any time.

    That is no new look at Reddit, so that it is no line in the log.
    """
    if taken.live:
        return []
    start = f"{taken.captured_at.strftime(snapshot_format.NAME_TIME)}-"
    return [
        head for head in known if head.source == taken.source and head.path.name.startswith(start)
    ]


def _same(before: Head, taken: Capture, reader: Reader) -> Snapshot | None:
    """The snapshot before, where it is whole and says the same as `taken`."""
    if before.source != taken.source:
        return None
    try:
        stored = snapshot_format.load_head(before, reader=reader)
    except errors.DamageFound:
        return None
    except errors.StoreError as error:
        if not is_gone(error):
            raise
        return None
    is_covered = stored.capture.covers(taken)
    return stored if is_covered and not completeness.tells_more(taken, stored.capture) else None


def snapshots(
    root: Path,
    thread_id: str,
    *,
    on_damage: Callable[[Damage], None] | None = None,
    added: Added | None = None,
    known: list[Head] | None = None,
) -> tuple[Snapshot, ...]:
    """Load a thread's snapshots in the order in which they were taken; () where there is none.

    Those that say the same because two commands saved the thread at the same time are one.

    A file that does not match its name goes to `on_damage` and is left out. Without `on_damage` it
    raises DamageFound. What was just `added` is not read again, nor are the heads that are
    `known`, unless one of their files is gone.
    """
    once = [known] if known is not None else []

    def read() -> tuple[tuple[Snapshot, ...], list[Damage]]:
        found = once.pop() if once else heads(root, thread_id)
        return _snapshots(found, added, on_damage is None)

    shots, damages = steadily(read)
    if on_damage is not None:
        for damage in damages:
            on_damage(damage)
    return shots


def _snapshots(
    known: list[Head], added: Added | None, is_strict: bool
) -> tuple[tuple[Snapshot, ...], list[Damage]]:
    reader = added.reader if added else Reader(has_text=len(known) > FEW)
    shots, damages = [], []
    with uncollected():
        for head in known:
            if added is not None and head.path == added.snapshot.path:
                shots.append(snapshot_format.dated(added.snapshot, head))
                continue
            try:
                shots.append(snapshot_format.load_head(head, reader=reader))
            except errors.DamageFound as error:
                if is_strict:
                    raise
                damages.append(Damage(head.path, error.message))
    return concurrent_saves.united(shots), damages


def steadily(read: Callable[[], Answer]) -> Answer:
    """Read a thread, and again where a file of it went meanwhile: another redacts it, or forgets.

    What replaces such a file was there before it went.
    """
    for _ in range(MOST_READS):
        try:
            return read()
        except errors.StoreError as error:
            if not is_gone(error):
                raise
    return read()


def is_gone(error: errors.StoreError) -> bool:
    """Tell whether a file that was to be read is not there any more."""
    return isinstance(error.__cause__, FileNotFoundError)


def last(root: Path, thread_id: str) -> Snapshot:
    """Load the last snapshot of a thread. Raises DamageFound where it has none, StoreError."""
    return steadily(lambda: _last(root, thread_id))


def _last(root: Path, thread_id: str) -> Snapshot:
    known = heads(root, thread_id)
    if not known:
        raise errors.DamageFound(f"no snapshot of the thread {thread_id} is left")
    return snapshot_format.load_head(known[-1])


def legible(
    root: Path, thread_id: str, *, on_damage: Callable[[Damage], None]
) -> tuple[Snapshot, ...]:
    """Load what of a thread can be read: one that a newer version wrote is no reason to stop."""
    try:
        return snapshots(root, thread_id, on_damage=on_damage)
    except errors.NewerFormat as error:
        on_damage(Damage(thread_folder(root, thread_id), error.message, UPDATE))
        return ()


def heads(root: Path, thread_id: str, *, accepting: bool = False) -> list[Head]:
    """Read the heads of a thread's snapshots, sorted by time, with corrected times.

    Left out are snapshots with a redacted replacement, snapshots that falsely claim to replace
    another one, and imported redactions that nobody accepted; `accepting` includes the latter.
    """
    found, checked = judged(root, thread_id, accepting=accepting)
    believed = [head for head in found if head.digest not in checked.false]
    return snapshot_order.in_order(believed, {**checked.proven, **checked.offered}, now=now())


def judged(root: Path, thread_id: str, *, accepting: bool = False) -> tuple[list[Head], Claims]:
    """Read the heads of all of a thread's snapshots, and check what they claim to replace."""
    check_format(root)

    def read() -> tuple[list[Head], Claims]:
        found = _heads(root, thread_id)
        if accepting:
            found = [replace(head, is_offered=False) for head in found]
        return found, replacement_claims.judge(found)

    return steadily(read)


def _heads(root: Path, thread_id: str) -> list[Head]:
    folder = thread_folder(root, thread_id)
    entries = _entries(folder)
    found = [_head(entry) for entry in entries if snapshot_format.NAME.fullmatch(entry.name)]
    if not any(entry.name == import_log.LOG for entry in entries):
        return found
    return import_log.annotate(found, folder)


def _head(entry: os.DirEntry[str]) -> Head:
    with snapshot_format.reading(entry.path):
        found = entry.stat()
    return _read_head(entry.path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=4096)
def _read_head(path: str, mtime_ns: int, size_bytes: int) -> Head:
    """Read one that nobody rewrites, for all who ask for a thread's heads in the same run."""
    return snapshot_format.head(Path(path))


def names(root: Path, thread_id: str) -> set[str]:
    """The digests of all files that look like a thread's snapshots, by their names alone."""
    paths = snapshot_paths(thread_folder(root, thread_id))
    return {path.stem[-64:] for path in paths}


def digests(snapshots: Iterable[Snapshot]) -> set[str]:
    """The digests of all files that these snapshots stand for."""
    return {digest for each in snapshots for digest in each.digests}


def fingerprint(digests: Iterable[str]) -> str:
    """A thread is what its snapshots are: other files, another SHA-256 of their digests."""
    return hashlib.sha256(" ".join(sorted(digests)).encode()).hexdigest()


def threads(root: Path) -> Iterator[str]:
    """Give the ids of all threads that have a folder, sorted."""
    check_format(root)
    folder = root / "threads"
    with snapshot_format.reading(folder):
        names = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    for name in names:
        if match := THREAD_NAME.fullmatch(name):
            yield match[1]


def media_path(shot: Path, media: Media) -> Path:
    """Where a picture lies that the snapshot at `shot` names."""
    return shot.parent / MEDIA_FOLDER / media.name


def media_paths(folder: Path) -> list[Path]:
    with snapshot_format.reading(folder / MEDIA_FOLDER):
        is_there = (folder / MEDIA_FOLDER).is_dir()
        return sorted((folder / MEDIA_FOLDER).iterdir()) if is_there else []


def thread_folder(root: Path, thread_id: str) -> Path:
    if not THREAD_NAME.fullmatch(f"t3_{thread_id}"):
        raise errors.BadReference(f"{thread_id!r} is no id of a thread")
    return root / "threads" / f"t3_{thread_id}"


def snapshot_paths(folder: Path, *, strict: bool = True) -> list[Path]:
    """The snapshots of a folder by name; all of its .json files unless `strict`."""
    names = (entry.name for entry in _entries(folder))
    return [
        folder / name
        for name in names
        if name.endswith(".json") and (not strict or snapshot_format.NAME.fullmatch(name))
    ]


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What is in a folder, by name; nothing where there is none."""
    with snapshot_format.reading(folder):
        found = [*os.scandir(folder)] if folder.is_dir() else []
    return sorted(found, key=lambda entry: entry.name)


def is_archive(root: Path) -> bool:
    """Tell an archive, be it empty, from a folder that is none: where nothing was saved yet."""
    with snapshot_format.reading(root):
        return (root / "ARCHIVE").is_file() or (root / "threads").is_dir()


def check_format(root: Path) -> None:
    """Refuse a folder that a newer version has written. Raises StoreError."""
    marker = root / "ARCHIVE"
    with snapshot_format.reading(marker):
        if not marker.exists():
            return
        text = regular_files.read_text(marker).strip()
    if text != snapshot_format.FORMAT:
        raise errors.StoreError(
            f"{root} is an archive of the format {text[:40]!r}, which this version does not know",
            "Install a newer reddit-archive.",
        )


def claim(root: Path) -> None:
    """Make the folder an archive, if it is none yet, and sweep old drafts. Raises StoreError."""
    check_format(root)
    planted_links.check(root / "tmp")
    if not (root / "ARCHIVE").exists():
        durable_files.publish(
            f"{snapshot_format.FORMAT}\n".encode(), root / "ARCHIVE", tmp=root / "tmp"
        )
    drafts.sweep_archive(root / "tmp", before=time.time() - DRAFT_LIFE_SECONDS)


def find(root: Path, fullname: str) -> str | None:
    """Find the thread that holds a comment: its id, or None. Reads every snapshot's bytes."""
    needle = f'"{fullname}"'.encode()
    for thread_id in threads(root):
        for path in snapshot_paths(thread_folder(root, thread_id)):
            with snapshot_format.reading(path):
                if needle in regular_files.read_bytes(path):
                    return thread_id
    return None
