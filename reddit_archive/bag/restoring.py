"""A bag, taken in: what the archive lacks of it, and nothing that was redacted here."""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reddit_archive import capture, catalogue, chain, disk, forget, snapshot, store
from reddit_archive.bag import reading
from reddit_archive.bag.reading import STORED, Bag
from reddit_archive.snapshot import Head


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of a bag: its threads, and how many snapshots were new or here before."""

    threads: tuple[str, ...]
    new: int
    known: int


def restore(root: Path, bag: Bag) -> Restored:
    """Add what a bag holds and the archive does not. Raises DamageFound, and then took nothing.

    What was redacted here stays out, also where the bag has it whole.
    """
    try:
        reading.check(bag)
        found = [_thread(root, bag, thread_id) for thread_id in _thread_ids(bag)]
    except (OSError, zipfile.BadZipFile, RuntimeError, ValueError, RecursionError) as error:
        raise reading.refused(bag, str(error)) from error
    store.claim(root)
    new = sum(_take(root, bag, thread_id, heads) for thread_id, heads, _ in found)
    threads = tuple(thread_id for thread_id, _, _ in found)
    return Restored(threads, new, sum(count for _, _, count in found) - new)


def _thread_ids(bag: Bag) -> list[str]:
    matches = (STORED.fullmatch(name) for name in bag.names)
    found = sorted({match["thread"] for match in matches if match and match["thread"]})
    if not found:
        raise reading.refused(bag, "it holds no thread")
    return found


def _thread(root: Path, bag: Bag, thread_id: str) -> tuple[str, list[Head], int]:
    """Check a thread's snapshots; give those to add, parents first, and how many the bag has."""
    here = {head.digest: head for head in store.heads(root, thread_id)}
    redacted = chain.successors([*here.values()])
    matches = [match for name in bag.names if (match := STORED.fullmatch(name))]
    names = [match["shot"] for match in matches if match["thread"] == thread_id and match["shot"]]
    heads = [_head(root, bag, thread_id, name, here) for name in names]
    if not here and not any(_holds_thread(bag, thread_id, head) for head in heads):
        raise reading.refused(bag, f"it holds neither the post t3_{thread_id} nor a comment of it")
    wanted = [head for head in chain.in_order(heads) if head.digest not in redacted]
    return thread_id, [head for head in wanted if head.digest not in here], len(heads)


def _head(root: Path, bag: Bag, thread_id: str, name: str, here: Mapping[str, Head]) -> Head:
    """Check a snapshot, its pictures, and that it replaces nothing but what it was."""
    path, data = store.thread_folder(root, thread_id) / name, bag.read(_inside(thread_id, name))
    if what := snapshot.mismatch(path, data):
        raise reading.refused(bag, f"{name}: {what}")
    for media in snapshot.decode(data, path).capture.media:
        inside = _inside(thread_id, f"media/{media.name}")
        if inside not in bag.names:
            if not store.media_path(path, media).is_file():
                raise reading.refused(bag, f"the picture {media.name} is missing")
        elif hashlib.sha256(bag.read(inside)).hexdigest() != media.name[:64]:
            raise reading.refused(bag, f"the picture {media.name} does not match its name")
    head = snapshot.read_head(path, data)
    for old in head.replaces:
        if old in here and not forget.is_former(here[old].path, json.loads(data)):
            raise reading.refused(bag, f"{name} would replace a snapshot of something else")
    return head


def _holds_thread(bag: Bag, thread_id: str, head: Head) -> bool:
    things = snapshot.decode(bag.read(_inside(thread_id, head.path.name)), head.path).capture.things
    return any(capture.is_of_thread(thing, thread_id) for thing in things)


def _inside(thread_id: str, name: str) -> str:
    return f"data/threads/t3_{thread_id}/{name}"


def _take(root: Path, bag: Bag, thread_id: str, heads: list[Head]) -> int:
    """Publish media, then snapshots, parents first, and then what was logged."""
    folder = store.thread_folder(root, thread_id)
    for head in heads:
        data = bag.read(_inside(thread_id, head.path.name))
        if snapshot.mismatch(head.path, data):
            raise reading.refused(bag, "it changed while it was read")
        for media in snapshot.decode(data, head.path).capture.media:
            inside = _inside(thread_id, f"media/{media.name}")
            if inside in bag.names:
                picture = bag.read(inside)
                disk.publish(picture, store.media_path(head.path, media), tmp=root / "tmp")
        disk.publish(data, head.path, tmp=root / "tmp")
    if heads:
        forget.redact(root, thread_id, forget.Wish())
        catalogue.renew(root, thread_id)
    if folder.is_dir() and _inside(thread_id, store.CHECKS) in bag.names:
        _take_checks(root, thread_id, bag.read(_inside(thread_id, store.CHECKS)))
    return len(heads)


def _take_checks(root: Path, thread_id: str, log: bytes) -> None:
    path = store.thread_folder(root, thread_id) / store.CHECKS
    here = set(path.read_bytes().splitlines()) if path.is_file() else set()
    for line in log.splitlines():
        try:
            is_ours = set(json.loads(line)) == {"checked_at", "source", "result"}
        except (ValueError, TypeError):
            continue
        if is_ours and line not in here and len(line) < 1000:
            disk.append(line + b"\n", path)
