"""Copies of snapshots and pictures that other programs left in an archive.

Programs that synchronise folders keep both versions of a file, and editors keep the previous one,
under a name that holds the original's: `X (1).json`, `X.sync-conflict-….json`, `.X.json.Ab12Cd`.
They are no part of a thread and nobody here removes them, but they may hold what was redacted or
forgotten. A folder of a thread can be copied in the same way. Nothing here changes anything.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from reddit_archive.archive import forgotten_log, snapshot_format, store
from reddit_archive.archive.redact import scan
from reddit_archive.files import regular_files
from reddit_archive.model import redaction

SNAPSHOT = re.compile(r"(?<!\d)(\d{8}T\d{6}Z-([0-9a-f]{64}))(?![0-9a-f])", re.I)
PICTURE = re.compile(r"(?<![0-9a-f])([0-9a-f]{64})(?![0-9a-f])", re.I)
FOLDER = re.compile(r"(?<![0-9a-z])t3_([0-9a-z]{1,13})(?![0-9a-z])", re.I)
VERSIONS = ".stversions"
"""Where Syncthing keeps previous versions, in the folder that it synchronises."""
USELESS = "another program made it, and you can remove it"


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy, and its description. `holds_removed`: it contains redacted or forgotten text.

    `holds_removed` is also true for a copy that can't be read, if its thread has redactions.
    """

    path: Path
    what: str
    holds_removed: bool


def is_of_snapshot(name: str) -> bool:
    """Return whether a file's name is that of a copy of a snapshot."""
    return not snapshot_format.NAME.fullmatch(name) and SNAPSHOT.search(name) is not None


def is_of_picture(name: str) -> bool:
    """Return whether a file's name, in a folder of pictures, is that of a copy of one."""
    return not snapshot_format.MEDIA_NAME.fullmatch(name) and PICTURE.search(name) is not None


def beside(root: Path, thread_id: str) -> list[Copy]:
    """Find the copies in a thread's own folder."""
    folder = store.thread_folder(root, thread_id)
    files = (path for path in _files(folder) if not _is_own(path, folder))
    return [*_judged(root, thread_id, files)]


def elsewhere(root: Path, *, of: Iterable[str] = ()) -> list[Copy]:
    """Find the copies of whole thread folders, and what is in them; of these threads if any."""
    wanted = frozenset(of)
    found: list[Copy] = []
    for parent in (root / "threads", root / VERSIONS / "threads"):
        for folder in _folders(parent):
            match = FOLDER.search(folder.name)
            is_own = parent == root / "threads" and store.THREAD_NAME.fullmatch(folder.name)
            if match is None or is_own or (wanted and match[1].lower() not in wanted):
                continue
            found += _judged(root, match[1].lower(), _files(folder))
    return found


def returned(root: Path) -> dict[str, str]:
    """Return the forgotten threads that are here again, and when each was forgotten.

    They came by copying: from an older copy of the archive, or from one on another machine.
    """
    return {
        thread_id: at
        for thread_id, at in sorted(forgotten_log.read(root).items())
        if store.THREAD_NAME.fullmatch(f"t3_{thread_id}") and store.names(root, thread_id)
    }


def _folders(parent: Path) -> Iterator[Path]:
    with suppress(OSError):
        for entry in sorted(os.scandir(parent), key=lambda each: each.name):
            if entry.is_dir(follow_symlinks=False):
                yield Path(entry.path)


def _files(folder: Path) -> Iterator[Path]:
    """Give all files in a folder and below whose names hold that of a snapshot or a picture."""
    for inner, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if PICTURE.search(name):
                yield Path(inner, name)


def _is_own(path: Path, folder: Path) -> bool:
    """Return whether a file is where this program puts one of this name."""
    if path.parent == folder / store.MEDIA_FOLDER:
        return snapshot_format.MEDIA_NAME.fullmatch(path.name) is not None
    return path.parent == folder and snapshot_format.NAME.fullmatch(path.name) is not None


def _judged(root: Path, thread_id: str, files: Iterable[Path]) -> Iterator[Copy]:
    thread = _Thread(root, thread_id)
    for path in files:
        if match := SNAPSHOT.search(path.name):
            yield _of_snapshot(path, match[1], thread)
        elif match := PICTURE.search(path.name):
            yield _of_picture(path, match[1].lower(), thread)


class _Thread:
    """What is known of the thread of a copy, read when it is needed."""

    def __init__(self, root: Path, thread_id: str) -> None:
        self.root, self.thread_id = root, thread_id

    @cached_property
    def raws(self) -> Mapping[snapshot_format.Head, dict[str, Any]]:
        return scan.legible(self.root, self.thread_id)

    @cached_property
    def redactions(self) -> list[snapshot_format.Head]:
        return [head for head in self.raws if scan.is_redaction(head)]

    @cached_property
    def replaced(self) -> set[str]:
        return {old for head in self.redactions for old in head.replaces}

    @cached_property
    def levels(self) -> dict[str, str]:
        return scan.marked((head, self.raws[head]) for head in self.redactions)

    @cached_property
    def pictures(self) -> set[str]:
        named = (each["name"] for raw in self.raws.values() for each in raw.get("media") or ())
        return {str(name)[:64] for name in named}

    @cached_property
    def forgotten(self) -> str:
        """The day on which the thread was forgotten, unless it is here again."""
        return "" if self.raws else forgotten_log.read(self.root).get(self.thread_id, "")[:10]

    def holds_redacted(self, raw: Any) -> bool:
        """Return whether a snapshot's JSON holds what is redacted, in this thread or elsewhere."""
        things = raw["things"]
        others = scan.elsewhere(self.root, self.thread_id, things)
        levels = scan.united(self.levels, others)
        wanted = redaction.plan(things, levels)
        return bool(levels) and scan.rewritten(raw, wanted) != raw


def _of_snapshot(path: Path, original: str, thread: _Thread) -> Copy:
    what = f"is a copy of the snapshot {original}.json of t3_{thread.thread_id}"
    try:
        data = regular_files.read_bytes(path)
        if not data.strip(b"\0"):  # or room that a download reserved
            return Copy(path, f"{what} that is empty; {USELESS}", holds_removed=False)
        raw = json.loads(data)
        is_redacted = original[-64:].lower() in thread.replaced or thread.holds_redacted(raw)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        is_redacted = bool(thread.redactions)
        what = f"{what} that can't be read"
        if is_redacted:
            return _removed(path, f"{what}, and may hold what was redacted")
    if thread.forgotten:
        return _removed(path, f"{what}, which was forgotten on {thread.forgotten}")
    if is_redacted:
        return _removed(path, f"{what}, and holds what was redacted")
    return Copy(path, f"{what}; {_use(data, original, thread)}", holds_removed=False)


def _use(data: bytes, original: str, thread: _Thread) -> str:
    """Say what to do with the copy of a snapshot that holds nothing that was removed."""
    name = f"{original}.json"
    own = store.thread_folder(thread.root, thread.thread_id) / name
    with suppress(OSError):
        if snapshot_format.mismatch(own, regular_files.read_bytes(own)) is None:
            return USELESS
    if snapshot_format.mismatch(own, data) is None:
        return f"the original is missing or damaged, and this is whole: rename it to {name}"
    return "neither this nor the original is whole"


def _of_picture(path: Path, digest: str, thread: _Thread) -> Copy:
    what = f"is a copy of a picture of t3_{thread.thread_id}"
    if thread.forgotten:
        return _removed(path, f"{what}, which was forgotten on {thread.forgotten}")
    if thread.redactions and digest not in thread.pictures:
        return _removed(path, f"{what} that no snapshot shows, and may show what was redacted")
    return Copy(path, f"{what}; {USELESS}", holds_removed=False)


def _removed(path: Path, what: str) -> Copy:
    return Copy(path, f"{what}: remove it, here and where it came from", holds_removed=True)
