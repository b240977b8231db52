"""Rewrite snapshots without what is redacted.

A redacted snapshot is stored under its new name before the previous one is removed, and names the
snapshot that it replaces. Readers see each snapshot once, before or after the redaction, even if
the command is interrupted. The next redaction finishes it.
"""

import hashlib
import json
import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from reddit_archive import errors
from reddit_archive.archive import layout, snapshot_encoder, snapshot_format, thread_headers
from reddit_archive.archive.redact.scan import (
    LoadedSnapshot,
    find_superseded_paths,
    load_snapshots,
    redact_raw,
    remove_viewer_fields,
)
from reddit_archive.archive.snapshot_format import SnapshotHeader
from reddit_archive.archive.snapshot_reader import IncrementalReader
from reddit_archive.files import durable_files
from reddit_archive.model import redaction, viewer_fields
from reddit_archive.model.redaction import RedactionPlan
from reddit_archive.model.replacement import is_valid_replacement

log = logging.getLogger(__name__)


def rewrite_snapshots(
    root: Path, thread_id: str, snapshots: list[LoadedSnapshot], plan: RedactionPlan
) -> set[str]:
    """Store redacted snapshots until all are redacted; return the replaced digests.

    Another command may save the thread meanwhile.
    """
    superseded_digests: set[str] = set()
    processed_digests = {snapshot.header.digest for snapshot in snapshots}
    while replacements := _rewrite_once(root, thread_id, snapshots, plan):
        superseded_digests.update(replacements)
        processed_digests.update(replacements.values())
        if layout.list_digests(root, thread_id) <= processed_digests:
            break
        snapshots = load_snapshots(root, thread_id)
        processed_digests |= {snapshot.header.digest for snapshot in snapshots}
    return superseded_digests


def _rewrite_once(
    root: Path, thread_id: str, snapshots: Iterable[LoadedSnapshot], plan: RedactionPlan
) -> dict[str, str]:
    """Store each snapshot that changes under its new name, parents first.

    Of duplicate redactions only one is stored, which replaces all of them.

    Returns:
        For each replaced digest, the digest of the new snapshot.
    """
    replacements: dict[str, str] = {}
    for group in _group_duplicates(snapshots, plan):
        header, raw = group[0].header, group[0].raw
        new_raw = redact_raw(raw, plan)
        if new_raw == raw and header.parent not in replacements and len(group) == 1:
            continue
        parent = replacements.get(header.parent or "", raw["parent"])
        superseded_digests = [
            digest
            for snapshot in group
            for digest in (*snapshot.header.replaces, snapshot.header.digest)
        ]
        metadata = _build_metadata(new_raw, parent, [*dict.fromkeys(superseded_digests)])
        path, _ = durable_files.write_chunks_once(
            snapshot_encoder.iter_encoded(
                metadata, redaction.rename_foreign_marks(new_raw["things"], plan.levels)
            ),
            layout.thread_folder(root, thread_id),
            partial(snapshot_format.replace_digest_in_name, header.path),
            tmp=root / "tmp",
        )
        replacements |= dict.fromkeys(
            (snapshot.header.digest for snapshot in group), path.stem[-64:]
        )
    return replacements


def count_duplicate_redactions(snapshots: Iterable[LoadedSnapshot], plan: RedactionPlan) -> int:
    """Count the snapshots that were also redacted in another archive."""
    return sum(len(group) - 1 for group in _group_duplicates(snapshots, plan))


def _group_duplicates(
    snapshots: Iterable[LoadedSnapshot], plan: RedactionPlan
) -> list[list[LoadedSnapshot]]:
    """Group snapshots that are redactions of the same snapshot, made in different archives.

    Each must be proven, because anybody can claim an origin.
    """
    groups: list[list[LoadedSnapshot]] = []
    groups_by_origin: dict[str, list[LoadedSnapshot]] = {}
    for snapshot in snapshots:
        origin = snapshot.header.replaces[0] if snapshot.header.replaces else snapshot.header.digest
        group = groups_by_origin.get(origin)
        if group and not snapshot.header.is_pending and _is_duplicate(snapshot, group[0], plan):
            group.append(snapshot)
        else:
            groups.append([snapshot])
            if not snapshot.header.is_pending:
                groups_by_origin.setdefault(origin, groups[-1])
    return groups


def _is_duplicate(snapshot: LoadedSnapshot, other: LoadedSnapshot, plan: RedactionPlan) -> bool:
    """Return whether the other snapshot, redacted again, can replace this one."""
    has_same_time = snapshot.header.captured_at == other.header.captured_at
    return has_same_time and is_valid_replacement(snapshot.raw, redact_raw(other.raw, plan))


def _build_metadata(
    raw: Mapping[str, Any], parent: str | None, replaces: list[str]
) -> dict[str, Any]:
    """Build a snapshot's metadata, with `parent` and `replaces` in its header."""
    metadata: dict[str, Any] = {}
    for key, value in raw.items():
        if key == "things":
            continue
        if key == "parent":
            metadata |= {"parent": parent, "replaces": replaces}
        elif key != "replaces":
            metadata[key] = value
    return metadata


def remove_superseded(root: Path, thread_id: str, superseded_digests: set[str]) -> None:
    """Remove the snapshots that others replace, and before them the media that only they name.

    This command replaced `superseded_digests`. Others are removed only if the claim is proven.
    """
    folder = layout.thread_folder(root, thread_id)
    proven_paths = {*find_superseded_paths(root, thread_id)}
    paths = layout.list_snapshot_paths(folder)
    superseded_paths = [
        path for path in paths if path in proven_paths or path.stem[-64:] in superseded_digests
    ]
    if not superseded_paths:
        return
    paths_to_remove = {*superseded_paths}
    snapshots = [
        snapshot
        for snapshot in load_snapshots(root, thread_id)
        if snapshot.header.path not in paths_to_remove
    ]
    used_media_names = {media.name for snapshot in snapshots for media in snapshot.capture.media}
    reader = IncrementalReader(has_cache=False)
    for path in reversed(superseded_paths):
        _remove_snapshot(path, reader, used_media_names)
    if (folder / layout.MEDIA_FOLDER).is_symlink():
        log.warning("%s is a link: the pictures in its target stay.", folder / layout.MEDIA_FOLDER)
    _remove_unused_media(folder, used_media_names)


def _remove_snapshot(path: Path, reader: IncrementalReader, used_media_names: set[str]) -> None:
    """Remove a snapshot, and before it the media that only it names.

    Another command may remove it at the same time.
    """
    try:
        snapshot_media = snapshot_format.load(path, reader=reader).capture.media
    except errors.StoreError as error:
        if not thread_headers.is_file_removed_error(error):
            raise
        return
    for media in snapshot_media:
        media_file = layout.media_path(path, media)
        if media.name not in used_media_names and not media_file.parent.is_symlink():
            durable_files.remove(media_file)
    durable_files.remove(path)


def list_own_media_paths(folder: Path) -> list[Path]:
    """Return the pictures in a thread's folder that this program stored, judging by their names.

    Returns none if `media` is a link, because its target may belong to somebody else.
    """
    if (folder / layout.MEDIA_FOLDER).is_symlink():
        return []
    paths = layout.list_media_paths(folder)
    return [
        path
        for path in paths
        if snapshot_format.MEDIA_NAME.fullmatch(path.name)
        and path.is_file()
        and not path.is_symlink()
    ]


def _remove_unused_media(folder: Path, used_media_names: set[str]) -> None:
    """Remove media without a snapshot, because they may show what is redacted.

    An interrupted save leaves such media.
    """
    for path in list_own_media_paths(folder):
        with suppress(FileNotFoundError):  # another process may have removed it
            is_old = path.stat().st_mtime < time.time() - layout.MAX_TEMP_AGE_SECONDS
            if path.name not in used_media_names and is_old:
                durable_files.remove(path)


@dataclass(frozen=True, slots=True)
class StrippedSnapshot:
    """A snapshot without the viewer's fields: its previous header, new name and new bytes."""

    header: SnapshotHeader
    file_name: str
    data: bytes

    @property
    def digest(self) -> str:
        return self.file_name[-69:-5]


def strip_viewer_fields(
    snapshots: Iterable[tuple[SnapshotHeader, bytes]],
) -> Iterator[StrippedSnapshot]:
    """Return snapshots without the viewer's fields, for a bag or from one; parents come first.

    A snapshot that loses fields names its old digest in `replaces`, as after `redact --viewer`, so
    that anybody who has the original can check one against the other.
    """
    replacements: dict[str, str] = {}
    for header, data in snapshots:
        stripped = _strip_snapshot(header, data, replacements)
        if stripped.digest != header.digest:
            replacements[header.digest] = stripped.digest
        yield stripped


def _strip_snapshot(
    header: SnapshotHeader, data: bytes, replacements: dict[str, str]
) -> StrippedSnapshot:
    has_new_parent = header.parent in replacements
    if not has_new_parent and not viewer_fields.may_have_values(data):
        return StrippedSnapshot(header, header.path.name, data)
    raw = json.loads(data)
    new_raw = remove_viewer_fields(raw)
    if not has_new_parent and new_raw["things"] is raw["things"]:
        return StrippedSnapshot(header, header.path.name, data)
    parent = replacements.get(header.parent or "", raw["parent"])
    metadata = _build_metadata(new_raw, parent, [*dict.fromkeys((*header.replaces, header.digest))])
    data = b"".join(snapshot_encoder.iter_encoded(metadata, new_raw["things"]))
    file_name = snapshot_format.replace_digest_in_name(
        header.path, hashlib.sha256(data).hexdigest()
    )
    return StrippedSnapshot(header, file_name, data)
