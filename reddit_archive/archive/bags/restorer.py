"""Restore a bag: store what the archive lacks, except what was redacted here.

Stored snapshots do not change. A snapshot that redacts one of ours is stored without effect until
`archive redact --finish` accepts it. A bag with a false claim to replace one of ours is refused.
"""

import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reddit_archive import errors
from reddit_archive.archive import (
    check_log,
    import_log,
    redact,
    replacement_claims,
    snapshot_format,
    snapshot_order,
    store,
)
from reddit_archive.archive.bags import reader
from reddit_archive.archive.bags.reader import STORED, Bag
from reddit_archive.archive.index import maintenance
from reddit_archive.archive.redact import scan
from reddit_archive.archive.snapshot_format import Head
from reddit_archive.files import durable_files, fast_json, planted_links, regular_files
from reddit_archive.model import capture
from reddit_archive.model.replacement import holds_nothing_new


@dataclass(frozen=True, slots=True)
class Restored:
    """The result of restoring a bag: its threads, and how many snapshots were new or known.

    `offered` are the threads with redactions from another archive that nobody accepted yet.
    """

    threads: tuple[str, ...]
    new: int
    known: int
    offered: tuple[str, ...] = ()


def restore(root: Path, bag: Bag) -> Restored:
    """Add what a bag holds and the archive does not. Raises DamageFound, and then took nothing.

    What was redacted here stays out, also where the bag has it whole.
    """
    try:
        reader.check(bag)
        found = [_thread(root, bag, thread_id) for thread_id in _thread_ids(bag)]
    except (OSError, zipfile.BadZipFile, RuntimeError, ValueError, RecursionError) as error:
        raise reader.refused(bag, str(error)) from error
    store.claim(root)
    new = sum(_take(root, bag, thread_id, heads) for thread_id, heads, _ in found)
    threads = tuple(thread_id for thread_id, _, _ in found)
    count = sum(count for _, _, count in found)
    offered = tuple(thread_id for thread_id in threads if _has_offer(root, thread_id))
    return Restored(threads, new, count - new, offered)


def _has_offer(root: Path, thread_id: str) -> bool:
    with suppress(errors.DamageFound):  # `archive verify` names it
        return redact.offered(root, thread_id) > 0
    return False


def _thread_ids(bag: Bag) -> list[str]:
    matches = (STORED.fullmatch(name) for name in bag.names)
    found = sorted({match["thread"] for match in matches if match and match["thread"]})
    if not found:
        raise reader.refused(bag, "it holds no thread")
    return found


def _thread(root: Path, bag: Bag, thread_id: str) -> tuple[str, list[Head], int]:
    """Check a thread's snapshots; give those to add, parents first, and how many the bag has."""
    found, checked = store.judged(root, thread_id)
    here = {head.digest: head for head in found}
    matches = [match for name in bag.names if (match := STORED.fullmatch(name))]
    names = [match["shot"] for match in matches if match["thread"] == thread_id and match["shot"]]
    coming = {head.digest: head for head in (_head(root, bag, thread_id, name) for name in names)}
    if not here and not any(_holds_thread(bag, thread_id, head) for head in coming.values()):
        raise reader.refused(bag, f"it holds neither the post t3_{thread_id} nor a comment of it")
    known: dict[str, str] = {}
    for head in coming.values():
        known |= _replaced(bag, thread_id, head, here, coming)
    for head in found:
        if scan.is_redaction(head) and head.digest not in checked.false:
            known |= _replaced_here(bag, thread_id, head, coming)
    wanted = snapshot_order.in_order([*coming.values()], known)
    new = [
        head
        for head in wanted
        if head.digest not in here and not _is_here_unstripped(bag, thread_id, head, here)
    ]
    if new and scan.redacted(root, thread_id):
        redact.require_redactable(root, thread_id)  # or what was redacted here would stay in them
    return thread_id, new, len(coming)


def _is_here_unstripped(bag: Bag, thread_id: str, head: Head, here: Mapping[str, Head]) -> bool:
    """Return whether the same snapshot is here with the viewer's fields, which this one lacks."""
    stored = [_stored(here[digest]) for digest in head.replaces if digest in here]
    new = _json(bag, thread_id, head) if any(stored) else {}
    return any(new["things"] == scan.without_viewer(old)["things"] for old in stored if old)


def _head(root: Path, bag: Bag, thread_id: str, name: str) -> Head:
    """Check a snapshot and its pictures."""
    path, data = store.thread_folder(root, thread_id) / name, bag.read(_inside(thread_id, name))
    if what := snapshot_format.mismatch(path, data):
        raise reader.refused(bag, f"{name}: {what}")
    if fast_json.is_bomb(data):
        raise reader.refused(bag, f"{name} holds more values than fit in memory")
    for media in snapshot_format.decode(data, path).capture.media:
        inside = _inside(thread_id, f"media/{media.name}")
        if inside not in bag.names:
            if not store.media_path(path, media).is_file():
                raise reader.refused(bag, f"the picture {media.name} is missing")
        elif hashlib.sha256(bag.read(inside)).hexdigest() != media.name[:64]:
            raise reader.refused(bag, f"the picture {media.name} does not match its name")
    return snapshot_format.read_head(path, data)


def _replaced(
    bag: Bag,
    thread_id: str,
    head: Head,
    here: Mapping[str, Head],
    coming: Mapping[str, Head],
) -> dict[str, str]:
    """Return the bag's snapshots that other snapshots in the bag replace.

    Raises DamageFound for a false claim to replace a snapshot in the bag or in the archive.
    """
    known = {}
    for digest in head.replaces:
        old = coming.get(digest) or here.get(digest)
        if old is None or digest == head.digest:
            continue
        before = _json(bag, thread_id, old) if digest in coming else _stored(old)
        is_in_place = replacement_claims.is_in_place(old, head, {**here, **coming})
        if not is_in_place or not holds_nothing_new(before, _json(bag, thread_id, head)):
            name = head.path.name
            raise reader.refused(bag, f"{name} would replace a snapshot of something else")
        if digest in coming:
            known[digest] = head.digest
    return known


def _replaced_here(
    bag: Bag, thread_id: str, head: Head, coming: Mapping[str, Head]
) -> dict[str, str]:
    """Return which of the bag's snapshots were redacted in this archive."""
    olds = [digest for digest in head.replaces if digest in coming]
    after = _stored(head) if olds else {}
    return {
        digest: head.digest
        for digest in olds
        if holds_nothing_new(_json(bag, thread_id, coming[digest]), after)
    }


def _json(bag: Bag, thread_id: str, head: Head) -> dict[str, Any]:
    return _object(bag.read(_inside(thread_id, head.path.name)))


def _stored(head: Head) -> dict[str, Any]:
    """Read the JSON of a stored snapshot; {} if it is damaged."""
    with snapshot_format.reading(head.path):
        data = regular_files.read_bytes(head.path)
    return _object(data) if snapshot_format.mismatch(head.path, data) is None else {}


def _object(data: bytes) -> dict[str, Any]:
    raw = json.loads(data)
    return raw if isinstance(raw, dict) else {}


def _holds_thread(bag: Bag, thread_id: str, head: Head) -> bool:
    things = snapshot_format.decode(
        bag.read(_inside(thread_id, head.path.name)), head.path
    ).capture.things
    return any(capture.is_of_thread(thing, thread_id) for thing in things)


def _inside(thread_id: str, name: str) -> str:
    return f"data/threads/t3_{thread_id}/{name}"


def _take(root: Path, bag: Bag, thread_id: str, heads: Sequence[Head]) -> int:
    """Publish media, then snapshots, parents first, and then what was logged."""
    folder = store.thread_folder(root, thread_id)
    planted_links.check_thread(folder)
    is_ours = any(not head.is_imported for head in store.judged(root, thread_id)[0])
    new = 0
    for found in redact.strip(_read(bag, thread_id, head) for head in heads):
        if (folder / found.name).exists():  # imported before, without the viewer's fields
            continue
        path = folder / found.name
        for media in snapshot_format.decode(found.data, path).capture.media:
            inside = _inside(thread_id, f"media/{media.name}")
            if inside in bag.names:
                picture = bag.read(inside)
                durable_files.publish(picture, store.media_path(path, media), tmp=root / "tmp")
        import_log.add(folder, found.digest)  # first, so that the snapshot is never unmarked
        durable_files.publish(found.data, path, tmp=root / "tmp")
        new += 1
    if new:
        if scan.redacted(root, thread_id):
            redact.redact(root, thread_id, redact.Wish())
        maintenance.renew(root, thread_id)
    checks = _inside(thread_id, check_log.NAME)
    if folder.is_dir() and checks in bag.names and not is_ours:  # ours are about our own checks
        _take_checks(root, thread_id, bag.read(checks))
    return new


def _read(bag: Bag, thread_id: str, head: Head) -> tuple[Head, bytes]:
    data = bag.read(_inside(thread_id, head.path.name))
    if snapshot_format.mismatch(head.path, data):
        raise reader.refused(bag, "it changed while it was read")
    return head, data


def _take_checks(root: Path, thread_id: str, log: bytes) -> None:
    path = store.thread_folder(root, thread_id) / check_log.NAME
    here = set(regular_files.read_bytes(path).splitlines()) if path.is_file() else set()
    for line in log.splitlines():
        try:
            entry = json.loads(line)
            is_ours = set(entry) == {"checked_at", "source", "result"}
            is_ours = is_ours and str(entry["checked_at"]) <= snapshot_format.write_time(
                capture.now()
            )
        except (ValueError, TypeError):
            continue
        if is_ours and line not in here and len(line) < 1000:
            durable_files.append(line + b"\n", path)
