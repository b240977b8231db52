"""Find copies of snapshots and pictures that other programs left in an archive.

Programs that synchronize folders keep both versions of a file, and editors keep the previous
version, under a name that contains the original one: `X (1).json`, `X.sync-conflict-….json`,
`.X.json.Ab12Cd`. A thread's folder can be copied in the same way. Copies are not part of a thread,
and no command removes them, but they may contain what was redacted or forgotten.
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

from reddit_archive.archive import forgotten_log, layout, snapshot_format
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
    """A copy and its description.

    `has_removed_content` is true if it contains redacted or forgotten text, and for a copy that
    can't be read if its thread has redactions.
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
    """Return whether a file's name is that of a copy of a picture."""
    return (
        not snapshot_format.MEDIA_NAME.fullmatch(name) and EMBEDDED_DIGEST.search(name) is not None
    )


def find_file_copies(root: Path, thread_id: str) -> list[StrayCopy]:
    """Find the copies in a thread's own folder."""
    folder = layout.thread_folder(root, thread_id)
    files = (path for path in _iter_files(folder) if not _is_own_file(path, folder))
    return [*_describe_copies(root, thread_id, files)]


def find_folder_copies(root: Path, *, thread_ids: Iterable[str] = ()) -> list[StrayCopy]:
    """Find the files in copies of thread folders; only of `thread_ids` if any are given."""
    selected_ids = frozenset(thread_ids)
    copies: list[StrayCopy] = []
    for parent in (root / "threads", root / SYNCTHING_VERSIONS / "threads"):
        for folder in _iter_folders(parent):
            match = EMBEDDED_THREAD_NAME.search(folder.name)
            is_thread_folder = parent == root / "threads" and layout.THREAD_NAME.fullmatch(
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


def _iter_folders(parent: Path) -> Iterator[Path]:
    with suppress(OSError):
        for entry in sorted(os.scandir(parent), key=lambda item: item.name):
            if entry.is_dir(follow_symlinks=False):
                yield Path(entry.path)


def _iter_files(folder: Path) -> Iterator[Path]:
    """Yield all files below a folder whose names contain the digest of a snapshot or picture."""
    for subfolder, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if EMBEDDED_DIGEST.search(name):
                yield Path(subfolder, name)


def _is_own_file(path: Path, folder: Path) -> bool:
    """Return whether this program writes a file of this name to this folder."""
    if path.parent == folder / layout.MEDIA_FOLDER:
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
    """The state of a copy's thread, read when it is needed."""

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
        """Return whether a snapshot's JSON contains what this archive redacted."""
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
        if not data.strip(b"\0"):  # empty, or space that a download reserved
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
            return _build_removed_copy(path, f"{description} and may contain what was redacted")
    if thread_state.forgotten_on:
        return _build_removed_copy(
            path, f"{description}, which was forgotten on {thread_state.forgotten_on}"
        )
    if is_redacted:
        return _build_removed_copy(path, f"{description} and contains what was redacted")
    return StrayCopy(
        path,
        f"{description}; {_suggest_action(data, original_stem, thread_state)}",
        has_removed_content=False,
    )


def _suggest_action(data: bytes, original_stem: str, thread_state: _ThreadState) -> str:
    """Return what the user can do with a copy without removed content."""
    original_name = f"{original_stem}.json"
    original_path = layout.thread_folder(thread_state.root, thread_state.thread_id) / original_name
    with suppress(OSError):
        if (
            snapshot_format.integrity_error(original_path, regular_files.read_bytes(original_path))
            is None
        ):
            return REMOVABLE_HINT
    if snapshot_format.integrity_error(original_path, data) is None:
        return (
            f"the original is missing or damaged, but this one is not: rename it to {original_name}"
        )
    return "both this and the original are damaged"


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
            path, f"{description} that no snapshot shows and that may show what was redacted"
        )
    return StrayCopy(path, f"{description}; {REMOVABLE_HINT}", has_removed_content=False)


def _build_removed_copy(path: Path, description: str) -> StrayCopy:
    return StrayCopy(
        path, f"{description}: remove it, here and where it came from", has_removed_content=True
    )
