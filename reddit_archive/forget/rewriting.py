"""Snapshots rewritten without what is to go.

A redacted snapshot is published under its new name before the former one is removed, and says
which one it replaces. So a reader sees each of them once, as it was or as it is, however early the
work was ended; the same command again finishes it.
"""

import logging
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from reddit_archive import capture, disk, errors, snapshot, store
from reddit_archive.capture import Capture
from reddit_archive.redaction import Plan
from reddit_archive.remains import Shot, load, rewritten
from reddit_archive.rereading import Reader

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
    for group in _united(shots):
        head, raw = group[0].head, group[0].raw
        new = rewritten(raw, wanted)
        if new == raw and head.parent not in renamed and len(group) == 1:
            continue
        parent = renamed.get(head.parent or "", raw["parent"])
        former = [old for shot in group for old in (*shot.head.replaces, shot.head.digest)]
        front = _relinked(new, parent, [*dict.fromkeys(former)])
        path, _ = disk.publish_pieces(
            snapshot.write(front, new["things"]),
            store.thread_folder(root, thread_id),
            partial(snapshot.name_like, head.path),
            tmp=root / "tmp",
        )
        renamed |= dict.fromkeys((shot.head.digest for shot in group), path.stem[-64:])
    return renamed


def twins(shots: Iterable[Shot]) -> int:
    """Count the snapshots of which there is another, redacted in another archive."""
    return sum(len(group) - 1 for group in _united(shots))


def _united(shots: Iterable[Shot]) -> list[list[Shot]]:
    """Put snapshots together that were one before they were redacted, each in its own archive."""
    groups: list[list[Shot]] = []
    by_origin: dict[str, list[Shot]] = {}
    for shot in shots:
        origin = shot.head.replaces[0] if shot.head.replaces else shot.head.digest
        group = by_origin.get(origin)
        if group and _shape(group[0].capture) == _shape(shot.capture):
            group.append(shot)
        else:
            groups.append([shot])
            by_origin.setdefault(origin, groups[-1])
    return groups


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

    `moved` are those of which we know it; any other is removed if it looks like it.
    """
    folder = store.thread_folder(root, thread_id)
    former = store.replaced(root, thread_id)
    if not former:
        return
    shots = load(root, thread_id)
    by_former = {old: shot.raw for shot in shots for old in shot.head.replaces}
    named = {media.name for shot in shots for media in shot.capture.media}
    reader = Reader(has_text=False)
    for path in reversed(former):
        if path.stem[-64:] not in moved and not is_former(path, by_former.get(path.stem[-64:], {})):
            continue  # `verify` names it
        _remove(path, reader, named)
    if (folder / store.MEDIA_FOLDER).is_symlink():
        log.warning("%s is a link: pictures behind it stay.", folder / store.MEDIA_FOLDER)
    _remove_unnamed(folder, named)


def _remove(path: Path, reader: Reader, named: set[str]) -> None:
    """Remove a snapshot, and before it the media that it alone names; another may do so as well."""
    try:
        shown = snapshot.load(path, reader=reader).capture.media
    except errors.StoreError as error:
        if not store.is_gone(error):
            raise
        return
    for media in shown:
        media_file = store.media_path(path, media)
        if media.name not in named and not media_file.parent.is_symlink():
            disk.remove(media_file)
    disk.remove(path)


def is_former(path: Path, raw: Mapping[str, Any]) -> bool:
    """Tell whether the snapshot at `path` is what the one of this JSON was before redacting."""
    try:
        taken = snapshot.load(path).capture
        later = snapshot.understand(raw, path)
    except errors.DamageFound:
        return False  # nobody can tell what it was
    except errors.StoreError as error:
        if not store.is_gone(error):
            raise
        return False
    return _shape(taken) == _shape(later)


def _shape(taken: Capture) -> list[object]:
    """What redacting leaves as it is."""
    names = [capture.fullname(thing) or thing["kind"] for thing in taken.things]
    return [taken.captured_at, taken.source, names]


def own_media_paths(folder: Path) -> list[Path]:
    """The pictures in a thread's folder that this program put there, as their names tell.

    None if `media` is a link: what lies behind it may be somebody else's.
    """
    if (folder / store.MEDIA_FOLDER).is_symlink():
        return []
    found = store.media_paths(folder)
    return [
        path
        for path in found
        if snapshot.MEDIA_NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink()
    ]


def _remove_unnamed(folder: Path, named: set[str]) -> None:
    """Remove media whose snapshot never came: they may show what is redacted."""
    for path in own_media_paths(folder):
        with suppress(FileNotFoundError):  # another process may remove it as well
            is_old = path.stat().st_mtime < time.time() - store.DRAFT_LIFE_SECONDS
            if path.name not in named and is_old:
                disk.remove(path)
