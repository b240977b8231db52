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

EMBEDDED_SNAPSHOT_NAME = re.compile(r"(?<!\d)(\d{8}T\d{6}Z-([0-9a-f]{64}))(?![0-9a-f])", re.I)
EMBEDDED_DIGEST = re.compile(r"(?<![0-9a-f])([0-9a-f]{64})(?![0-9a-f])", re.I)
EMBEDDED_THREAD_NAME = re.compile(r"(?<![0-9a-z])t3_([0-9a-z]{1,13})(?![0-9a-z])", re.I)
SYNCTHING_VERSIONS = ".stversions"
"""Where Syncthing keeps previous versions, in the folder that it synchronises."""
REMOVABLE_HINT = "another program made it, and you can remove it"


@dataclass(frozen=True, slots=True)
class StrayCopy:
    """A copy, and its description. `holds_removed`: it contains redacted or forgotten text.

    `holds_removed` is also true for a copy that can't be read, if its thread has redactions.
    """

    path: Path
    description: str
    has_removed_content: bool


def is_snapshot_copy(name: str) -> bool:
    """Return whether a file's name is that of a copy of a snapshot."""
    return (
        not snapshot_format.SNAPSHOT_NAME.fullmatch(name)
        and EMBEDDED_SNAPSHOT_NAME.search(name) is not None
    )


def is_media_copy(name: str) -> bool:
    """Return whether a file's name, in a folder of pictures, is that of a copy of one."""
    return (
        not snapshot_format.MEDIA_NAME.fullmatch(name) and EMBEDDED_DIGEST.search(name) is not None
    )


def find_file_copies(root: Path, thread_id: str) -> list[StrayCopy]:
    """Find the copies in a thread's own folder."""
    folder = store.thread_folder(root, thread_id)
    files = (path for path in _iter_files(folder) if not _is_own_file(path, folder))
    return [*_describe_copies(root, thread_id, files)]


def find_folder_copies(root: Path, *, thread_ids: Iterable[str] = ()) -> list[StrayCopy]:
    """Find the copies of whole thread folders, and what is in them; of these threads if any."""
    selected_ids = frozenset(thread_ids)
    copies: list[StrayCopy] = []
    for parent in (root / "threads", root / SYNCTHING_VERSIONS / "threads"):
        for folder in _iter_folders(parent):
            match = EMBEDDED_THREAD_NAME.search(folder.name)
            is_thread_folder = parent == root / "threads" and store.THREAD_NAME.fullmatch(
                folder.name
            )
            if (
                match is None
                or is_thread_folder
                or (selected_ids and match[1].lower() not in selected_ids)
            ):
                continue
            copies += _describe_copies(root, match[1].lower(), _iter_files(folder))
    return copies


def find_returned_threads(root: Path) -> dict[str, str]:
    """Return the forgotten threads that are here again, and when each was forgotten.

    They came by copying: from an older copy of the archive, or from one on another machine.
    """
    return {
        thread_id: forgotten_at
        for thread_id, forgotten_at in sorted(forgotten_log.read(root).items())
        if store.THREAD_NAME.fullmatch(f"t3_{thread_id}") and store.list_digests(root, thread_id)
    }


def _iter_folders(parent: Path) -> Iterator[Path]:
    with suppress(OSError):
        for entry in sorted(os.scandir(parent), key=lambda item: item.name):
            if entry.is_dir(follow_symlinks=False):
                yield Path(entry.path)


def _iter_files(folder: Path) -> Iterator[Path]:
    """Give all files in a folder and below whose names hold that of a snapshot or a picture."""
    for subfolder, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if EMBEDDED_DIGEST.search(name):
                yield Path(subfolder, name)


def _is_own_file(path: Path, folder: Path) -> bool:
    """Return whether a file is where this program puts one of this name."""
    if path.parent == folder / store.MEDIA_FOLDER:
        return snapshot_format.MEDIA_NAME.fullmatch(path.name) is not None
    return path.parent == folder and snapshot_format.SNAPSHOT_NAME.fullmatch(path.name) is not None


def _describe_copies(root: Path, thread_id: str, files: Iterable[Path]) -> Iterator[StrayCopy]:
    thread_state = _ThreadState(root, thread_id)
    for path in files:
        if match := EMBEDDED_SNAPSHOT_NAME.search(path.name):
            yield _describe_snapshot_copy(path, match[1], thread_state)
        elif match := EMBEDDED_DIGEST.search(path.name):
            yield _describe_media_copy(path, match[1].lower(), thread_state)


class _ThreadState:
    """What is known of the thread of a copy, read when it is needed."""

    def __init__(self, root: Path, thread_id: str) -> None:
        self.root, self.thread_id = root, thread_id

    @cached_property
    def raws(self) -> Mapping[snapshot_format.SnapshotHeader, dict[str, Any]]:
        return scan.load_readable_raws(self.root, self.thread_id)

    @cached_property
    def redaction_headers(self) -> list[snapshot_format.SnapshotHeader]:
        return [header for header in self.raws if scan.is_redaction(header)]

    @cached_property
    def replaced_digests(self) -> set[str]:
        return {digest for header in self.redaction_headers for digest in header.replaces}

    @cached_property
    def levels(self) -> redaction.RedactionLevels:
        return scan.read_levels(self.root, self.thread_id)

    @property
    def is_redacted(self) -> bool:
        return bool(self.levels or self.redaction_headers)

    @cached_property
    def media_digests(self) -> set[str]:
        names = (entry["name"] for raw in self.raws.values() for entry in raw.get("media") or ())
        return {str(name)[:64] for name in names}

    @cached_property
    def forgotten_on(self) -> str:
        """The day on which the thread was forgotten, unless it is here again."""
        return "" if self.raws else forgotten_log.read(self.root).get(self.thread_id, "")[:10]

    def has_redacted_content(self, raw: Any) -> bool:
        """Return whether a snapshot's JSON holds what is redacted, in this thread or elsewhere."""
        things = raw["things"]
        levels = scan.find_levels(self.root, self.thread_id, things)
        plan = redaction.build_plan(things, levels)
        return bool(levels) and scan.redact_raw(raw, plan) != raw


def _describe_snapshot_copy(
    path: Path, original_stem: str, thread_state: _ThreadState
) -> StrayCopy:
    description = f"is a copy of the snapshot {original_stem}.json of t3_{thread_state.thread_id}"
    try:
        data = regular_files.read_bytes(path)
        if not data.strip(b"\0"):  # or room that a download reserved
            return StrayCopy(
                path, f"{description} that is empty; {REMOVABLE_HINT}", has_removed_content=False
            )
        raw = json.loads(data)
        is_redacted = original_stem[
            -64:
        ].lower() in thread_state.replaced_digests or thread_state.has_redacted_content(raw)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        is_redacted = thread_state.is_redacted
        description = f"{description} that can't be read"
        if is_redacted:
            return _build_removed_copy(path, f"{description}, and may hold what was redacted")
    if thread_state.forgotten_on:
        return _build_removed_copy(
            path, f"{description}, which was forgotten on {thread_state.forgotten_on}"
        )
    if is_redacted:
        return _build_removed_copy(path, f"{description}, and holds what was redacted")
    return StrayCopy(
        path,
        f"{description}; {_suggest_action(data, original_stem, thread_state)}",
        has_removed_content=False,
    )


def _suggest_action(data: bytes, original_stem: str, thread_state: _ThreadState) -> str:
    """Say what to do with the copy of a snapshot that holds nothing that was removed."""
    original_name = f"{original_stem}.json"
    original_path = store.thread_folder(thread_state.root, thread_state.thread_id) / original_name
    with suppress(OSError):
        if (
            snapshot_format.integrity_error(original_path, regular_files.read_bytes(original_path))
            is None
        ):
            return REMOVABLE_HINT
    if snapshot_format.integrity_error(original_path, data) is None:
        return (
            f"the original is missing or damaged, and this is whole: rename it to {original_name}"
        )
    return "neither this nor the original is whole"


def _describe_media_copy(path: Path, digest: str, thread_state: _ThreadState) -> StrayCopy:
    description = f"is a copy of a picture of t3_{thread_state.thread_id}"
    if thread_state.forgotten_on:
        return _build_removed_copy(
            path, f"{description}, which was forgotten on {thread_state.forgotten_on}"
        )
    if (
        thread_state.levels or thread_state.redaction_headers
    ) and digest not in thread_state.media_digests:
        return _build_removed_copy(
            path, f"{description} that no snapshot shows, and may show what was redacted"
        )
    return StrayCopy(path, f"{description}; {REMOVABLE_HINT}", has_removed_content=False)


def _build_removed_copy(path: Path, description: str) -> StrayCopy:
    return StrayCopy(
        path, f"{description}: remove it, here and where it came from", has_removed_content=True
    )
