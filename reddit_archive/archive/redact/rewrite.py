"""Snapshots rewritten without what is to go.

A redacted snapshot is published under its new name before the former one is removed, and says
which one it replaces. So a reader sees each of them once, as it was or as it is, however early the
work was ended; the same command again finishes it.
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
from reddit_archive.archive import snapshot_format, store
from reddit_archive.archive.redact.scan import Shot, load, replaced, rewritten, without_viewer
from reddit_archive.archive.snapshot_format import Head
from reddit_archive.archive.snapshot_reader import Reader
from reddit_archive.files import durable_files
from reddit_archive.model import redaction, viewer_fields
from reddit_archive.model.redaction import Plan
from reddit_archive.model.replacement import holds_nothing_new

log = logging.getLogger(__name__)


def publish_all(root: Path, thread_id: str, shots: list[Shot], wanted: Plan) -> set[str]:
    """Publish until nothing is left to do; give the digests of what was replaced.

    Somebody may save the thread meanwhile.
    """
    former: set[str] = set()
    seen = {shot.head.digest for shot in shots}
    while moved := _publish(root, thread_id, shots, wanted):
        former.update(moved)
        seen.update(moved.values())
        if store.names(root, thread_id) <= seen:
            break
        shots = load(root, thread_id)
        seen |= {shot.head.digest for shot in shots}
    return former


def _publish(root: Path, thread_id: str, shots: Iterable[Shot], wanted: Plan) -> dict[str, str]:
    """Store each snapshot that changes under its new name, parents first; give both digests.

    Of twins one is stored, which replaces both.
    """
    renamed: dict[str, str] = {}
    for group in _united(shots, wanted):
        head, raw = group[0].head, group[0].raw
        new = rewritten(raw, wanted)
        if new == raw and head.parent not in renamed and len(group) == 1:
            continue
        parent = renamed.get(head.parent or "", raw["parent"])
        former = [old for shot in group for old in (*shot.head.replaces, shot.head.digest)]
        front = _relinked(new, parent, [*dict.fromkeys(former)])
        path, _ = durable_files.publish_pieces(
            snapshot_format.write(front, redaction.disown(new["things"], wanted.levels)),
            store.thread_folder(root, thread_id),
            partial(snapshot_format.name_like, head.path),
            tmp=root / "tmp",
        )
        renamed |= dict.fromkeys((shot.head.digest for shot in group), path.stem[-64:])
    return renamed


def twins(shots: Iterable[Shot], wanted: Plan) -> int:
    """Count the snapshots of which there is another, redacted in another archive."""
    return sum(len(group) - 1 for group in _united(shots, wanted))


def _united(shots: Iterable[Shot], wanted: Plan) -> list[list[Shot]]:
    """Group snapshots that are redactions of the same snapshot, made in different archives.

    Each must be proven, because anybody can claim an origin.
    """
    groups: list[list[Shot]] = []
    by_origin: dict[str, list[Shot]] = {}
    for shot in shots:
        origin = shot.head.replaces[0] if shot.head.replaces else shot.head.digest
        group = by_origin.get(origin)
        if group and not shot.head.is_offered and _is_twin(shot, group[0], wanted):
            group.append(shot)
        else:
            groups.append([shot])
            if not shot.head.is_offered:
                by_origin.setdefault(origin, groups[-1])
    return groups


def _is_twin(shot: Shot, other: Shot, wanted: Plan) -> bool:
    """Return whether the other snapshot, redacted again, can replace this one."""
    is_in_time = shot.head.captured_at == other.head.captured_at
    return is_in_time and holds_nothing_new(shot.raw, rewritten(other.raw, wanted))


def _relinked(raw: Mapping[str, Any], parent: str | None, replaces: list[str]) -> dict[str, Any]:
    """What stands before a snapshot's things, with both links where its head is read."""
    found: dict[str, Any] = {}
    for key, value in raw.items():
        if key == "things":
            continue
        if key == "parent":
            found |= {"parent": parent, "replaces": replaces}
        elif key != "replaces":
            found[key] = value
    return found


def remove_former(root: Path, thread_id: str, moved: set[str]) -> None:
    """Remove the snapshots that others replace, and before them the media that they alone name.

    `moved` are those that this run replaced; others are removed only if their claim is proven.
    """
    folder = store.thread_folder(root, thread_id)
    proven = {*replaced(root, thread_id)}
    paths = store.snapshot_paths(folder)
    former = [path for path in paths if path in proven or path.stem[-64:] in moved]
    if not former:
        return
    going = {*former}
    shots = [shot for shot in load(root, thread_id) if shot.head.path not in going]
    named = {media.name for shot in shots for media in shot.capture.media}
    reader = Reader(has_text=False)
    for path in reversed(former):
        _remove(path, reader, named)
    if (folder / store.MEDIA_FOLDER).is_symlink():
        log.warning("%s is a link: the pictures in its target stay.", folder / store.MEDIA_FOLDER)
    _remove_unnamed(folder, named)


def _remove(path: Path, reader: Reader, named: set[str]) -> None:
    """Remove a snapshot, and before it the media that it alone names; another may do so as well."""
    try:
        shown = snapshot_format.load(path, reader=reader).capture.media
    except errors.StoreError as error:
        if not store.is_gone(error):
            raise
        return
    for media in shown:
        media_file = store.media_path(path, media)
        if media.name not in named and not media_file.parent.is_symlink():
            durable_files.remove(media_file)
    durable_files.remove(path)


def own_media_paths(folder: Path) -> list[Path]:
    """Return the pictures in a thread's folder that this program stored, judging by their names.

    Returns none if `media` is a link, because its target may belong to somebody else.
    """
    if (folder / store.MEDIA_FOLDER).is_symlink():
        return []
    found = store.media_paths(folder)
    return [
        path
        for path in found
        if snapshot_format.MEDIA_NAME.fullmatch(path.name)
        and path.is_file()
        and not path.is_symlink()
    ]


def _remove_unnamed(folder: Path, named: set[str]) -> None:
    """Remove media whose snapshot never came: they may show what is redacted."""
    for path in own_media_paths(folder):
        with suppress(FileNotFoundError):  # another process may have removed it
            is_old = path.stat().st_mtime < time.time() - store.DRAFT_LIFE_SECONDS
            if path.name not in named and is_old:
                durable_files.remove(path)


@dataclass(frozen=True, slots=True)
class Stripped:
    """A snapshot to be stored under `name`: its bytes and its previous head."""

    head: Head
    name: str
    data: bytes

    @property
    def digest(self) -> str:
        return self.name[-69:-5]


def strip(snapshots: Iterable[tuple[Head, bytes]]) -> Iterator[Stripped]:
    """Return snapshots without the viewer's fields, for a bag or from one; parents come first.

    A snapshot that loses fields names its old digest in `replaces`, as after `redact --viewer`, so
    that anybody who has the original can check one against the other.
    """
    renamed: dict[str, str] = {}
    for head, data in snapshots:
        found = _strip(head, data, renamed)
        if found.digest != head.digest:
            renamed[head.digest] = found.digest
        yield found


def _strip(head: Head, data: bytes, renamed: dict[str, str]) -> Stripped:
    has_new_parent = head.parent in renamed
    if not has_new_parent and not viewer_fields.may_have_values(data):
        return Stripped(head, head.path.name, data)
    raw = json.loads(data)
    new = without_viewer(raw)
    if not has_new_parent and new["things"] is raw["things"]:
        return Stripped(head, head.path.name, data)
    parent = renamed.get(head.parent or "", raw["parent"])
    front = _relinked(new, parent, [*dict.fromkeys((*head.replaces, head.digest))])
    data = b"".join(snapshot_format.write(front, new["things"]))
    name = snapshot_format.name_like(head.path, hashlib.sha256(data).hexdigest())
    return Stripped(head, name, data)
