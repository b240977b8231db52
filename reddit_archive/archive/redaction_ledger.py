"""The ledger of redactions: what this archive erased on purpose, in `redactions/` at its root.

Each redaction of a thread adds one immutable file, which is named by the SHA-256 of its bytes and
holds a time, the thread's ID, and a level for each redacted fullname. It never holds a text, a name
or a title. Two archives merge by copying one over the other.

If the folder exists, only the ledger counts, and redaction marks in snapshots hide nothing. There
are two exceptions, in which marks in redacted snapshots count as well. A file of the ledger is
damaged, so it may have listed anything. Or there is a file INCOMPLETE: some marks of an older
version are not in the ledger yet, because a snapshot was damaged when a thread was forgotten.

Older versions had no ledger: without the folder only the marks count. Neither an import nor a bag
can add to the ledger. If you copy files into the folder by hand, you accept their redactions.
`forget` keeps a thread's entries: if the thread is saved again, its redacted texts stay out.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from reddit_archive import errors
from reddit_archive.archive import snapshot_format
from reddit_archive.files import durable_files, fast_json, planted_links, regular_files, temp_files
from reddit_archive.model import capture, redacted_captures, redaction
from reddit_archive.model.capture import Thing
from reddit_archive.model.redaction import RedactionLevels

FOLDER = "redactions"
FORMAT = "reddit-archive redaction 1"
KEYS = {"format", "redacted_at", "thread", "levels"}
FILE_NAME = re.compile(r"([0-9a-f]{64})\.json")
FULLNAME = re.compile(r"t[1356]_[0-9a-z]{1,13}")
THREAD_FULLNAME = re.compile(r"t3_([0-9a-z]{1,13})")
MAX_FILE_BYTES = 64 * 2**20
INCOMPLETE_MARKER = "INCOMPLETE"


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was erased on purpose.

    Attributes:
        levels_by_thread: For each thread id, the redaction levels by fullname.
        post_levels: The levels of posts that were redacted in their own threads, by fullname.
        is_complete: Whether the ledger lists everything: no file with a name that this program
            gives is damaged, and all marks of an older version are in it.
    """

    levels_by_thread: Mapping[str, RedactionLevels]
    post_levels: RedactionLevels
    is_complete: bool = True

    def get_levels(self, thread_id: str) -> RedactionLevels:
        return self.levels_by_thread.get(thread_id, {})

    def find_unlisted(self, thread_id: str, levels: RedactionLevels) -> RedactionLevels:
        """Return those of a thread's levels that the ledger does not list."""
        listed_levels = self.get_levels(thread_id)
        return {name: level for name, level in levels.items() if listed_levels.get(name) != level}

    def find_levels(self, thread_id: str, things: Iterable[Thing]) -> RedactionLevels:
        """Return what is redacted in a thread, and of the posts that its things crosspost."""
        crossposted = redaction.find_crossposted(things) if self.post_levels else ()
        return self.select_levels(thread_id, crossposted)

    def select_levels(self, thread_id: str, crossposted: Iterable[str]) -> RedactionLevels:
        """Return what is redacted in a thread, and of the posts with these fullnames."""
        post_levels = {
            name: self.post_levels[name] for name in crossposted if name in self.post_levels
        }
        levels = self.get_levels(thread_id)
        return redacted_captures.merge_levels(levels, post_levels) if post_levels else levels


NO_LEDGER = Ledger({}, {}, is_complete=False)


def read(root: Path) -> Ledger | None:
    """Read the ledger; None if the archive has none. Logs a warning for each damaged file.

    Raises:
        StoreError: The folder is a link, or a file in it can't be read.
    """
    folder = root / FOLDER
    planted_links.check(folder)
    with snapshot_format.translate_read_errors(folder):
        if not folder.is_dir():
            return None
        stamps = tuple(_iter_stamps(folder))
        is_incomplete = os.path.lexists(folder / INCOMPLETE_MARKER)
    ledger = _read_files(folder, stamps)
    return replace(ledger, is_complete=False) if is_incomplete else ledger


def _iter_stamps(folder: Path) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name.endswith(".json"):
                stat_result = entry.stat(follow_symlinks=False)
                yield entry.name, stat_result.st_mtime_ns, stat_result.st_size


@lru_cache(maxsize=4)
def _read_files(folder: Path, stamps: tuple[tuple[str, int, int], ...]) -> Ledger:
    """Read the files of a ledger once for all that ask for it in the same run."""
    levels_lists: dict[str, list[RedactionLevels]] = {}
    is_complete = True
    for name, mtime_ns, size in stamps:
        entry = _read_cached_entry(os.path.join(folder, name), mtime_ns, size)
        if isinstance(entry, str):
            _warn_of_damage(folder / name, entry)
            is_complete = is_complete and not FILE_NAME.fullmatch(name)
            continue
        thread_id, levels = entry
        levels_lists.setdefault(thread_id, []).append(levels)
    levels_by_thread = {
        thread_id: redacted_captures.merge_levels(*levels_list)
        for thread_id, levels_list in levels_lists.items()
    }
    post_levels = {
        name: level
        for thread_id, levels in levels_by_thread.items()
        for name, level in redacted_captures.select_own_post(thread_id, levels).items()
    }
    return Ledger(levels_by_thread, post_levels, is_complete)


def _warn_of_damage(file: Path, damage: str) -> None:
    import logging  # 3 ms, and nearly every ledger is whole

    log = logging.getLogger(__name__)
    log.warning("%s is ignored: %s. `archive verify` names it.", file, damage)


@lru_cache(maxsize=100_000)
def _read_cached_entry(path: str, _mtime_ns: int, _size: int) -> tuple[str, RedactionLevels] | str:
    """Read a file once per run, also if this run adds others: nobody rewrites it."""
    return _read_entry(Path(path))


def _read_entry(path: Path) -> tuple[str, RedactionLevels] | str:
    """Return the thread id and levels in a file, or a description of its damage."""
    match = FILE_NAME.fullmatch(path.name)
    if match is None:
        return "its name is not one that this program gives"
    try:
        with snapshot_format.translate_read_errors(path):
            if path.is_symlink() or path.stat().st_size > MAX_FILE_BYTES:
                return "it is a link or too large"
            if path.is_dir():
                return "it is a folder"
            data = regular_files.read_bytes(path)
    except errors.DamageFoundError:
        return "it is not a regular file"
    if hashlib.sha256(data).hexdigest() != match[1]:
        return "its bytes do not match the SHA-256 in its name"
    return _parse_entry(data) or "it is not a record of a redaction"


def _parse_entry(data: bytes) -> tuple[str, RedactionLevels] | None:
    if fast_json.is_bomb(data):
        return None
    try:
        entry: Any = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict) or entry.keys() != KEYS or entry["format"] != FORMAT:
        return None
    match = THREAD_FULLNAME.fullmatch(str(entry["thread"]))
    levels = entry["levels"]
    if match is None or not isinstance(levels, dict) or not isinstance(entry["redacted_at"], str):
        return None
    if not all(map(FULLNAME.fullmatch, levels)):
        return None
    if any(level not in (redaction.AUTHOR, redaction.ALL) for level in levels.values()):
        return None
    return match[1], levels


def find_damaged(root: Path) -> Iterator[tuple[Path, str | None]]:
    """Yield each file of the ledger with a description of its damage, or None if it is whole."""
    planted_links.check(root / FOLDER)
    if (root / FOLDER).exists() and not (root / FOLDER).is_dir():
        yield root / FOLDER, "it is not a folder"
    with snapshot_format.translate_read_errors(root / FOLDER):
        stamps = [*_iter_stamps(root / FOLDER)] if (root / FOLDER).is_dir() else []
    for name, _, _ in stamps:
        entry = _read_entry(root / FOLDER / name)
        yield root / FOLDER / name, entry if isinstance(entry, str) else None


def add(root: Path, thread_id: str, levels: RedactionLevels) -> None:
    """Record a redaction durably. Raises StoreError."""
    planted_links.check(root / FOLDER)
    _write_entry(root / FOLDER, thread_id, levels, root / "tmp")


def _write_entry(folder: Path, thread_id: str, levels: RedactionLevels, tmp: Path) -> None:
    entry = {
        "format": FORMAT,
        "redacted_at": snapshot_format.format_time(capture.utc_now()),
        "thread": f"t3_{thread_id}",
        "levels": dict(sorted(levels.items())),
    }
    data = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
    name = f"{hashlib.sha256(data).hexdigest()}.json"
    durable_files.write_once(data, folder / name, tmp=tmp)


def create(root: Path, levels_by_thread: Mapping[str, RedactionLevels]) -> None:
    """Create the ledger with the redactions of an older version, all of them or none.

    Another process may create it at the same time. Raises StoreError.
    """
    folder, tmp = root / FOLDER, root / "tmp"
    planted_links.check(folder)
    planted_links.check(tmp)
    with durable_files.translate_os_errors(folder):
        if not levels_by_thread:
            # Not flushed: if a crash loses an empty folder, the next command creates it again.
            folder.mkdir(exist_ok=True)
            return
        durable_files.make_folder(tmp)
        with temp_files.create_temp_folder(tmp) as temp_folder:
            for thread_id, levels in levels_by_thread.items():
                _write_entry(temp_folder, thread_id, levels, tmp)
            try:
                temp_folder.rename(folder)
            except OSError:
                if not folder.is_dir():
                    raise
        durable_files.sync_folder(root)


def create_incomplete(root: Path) -> None:
    """Create a ledger that does not list all marks of an older version. Raises StoreError."""
    path = root / FOLDER / INCOMPLETE_MARKER
    planted_links.check(path.parent)
    durable_files.write_once(b"", path, tmp=root / "tmp")


def complete(root: Path, levels_by_thread: Mapping[str, RedactionLevels]) -> None:
    """Add all marks of an older version to an incomplete ledger. Raises StoreError."""
    ledger = read(root) or NO_LEDGER
    for thread_id, levels in levels_by_thread.items():
        if unlisted_levels := ledger.find_unlisted(thread_id, levels):
            add(root, thread_id, unlisted_levels)
    durable_files.remove(root / FOLDER / INCOMPLETE_MARKER)


def exists(root: Path) -> bool:
    """Return whether the archive has a ledger. Raises StoreError for a link in its place."""
    planted_links.check(root / FOLDER)
    return (root / FOLDER).is_dir()


def has_all_marks(root: Path) -> bool:
    """Return whether the ledger has the marks of older versions. Raises StoreError for a link."""
    return exists(root) and not os.path.lexists(root / FOLDER / INCOMPLETE_MARKER)
