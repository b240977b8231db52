"""Forgetting on purpose: a whole thread, or what was said in it."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from reddit_archive import capture, catalogue, disk, errors, redaction, remains, snapshot, store
from reddit_archive.capture import Capture
from reddit_archive.forget import rewriting
from reddit_archive.forget.rewriting import is_former
from reddit_archive.forget.wishes import Wish, chosen
from reddit_archive.redaction import ALL, AUTHOR, Levels
from reddit_archive.remains import passing_on

__all__ = [
    "Redaction",
    "Wish",
    "add",
    "apply_policy",
    "drop",
    "forgotten",
    "is_former",
    "keep_out",
    "passing_on",
    "redact",
    "sweep",
]

LOG = "forgotten.log"
POLICIES = {"keep": "", "redact-author": AUTHOR, "purge": ALL}


@dataclass(frozen=True, slots=True)
class Redaction:
    """What was redacted, or would be: `levels` by fullname, and how many snapshots that changes.

    `post` has the thread's own post, by its fullname, if that is redacted, be it since long.
    """

    thread_id: str
    levels: Levels
    snapshots: int
    post: Levels


def redact(
    root: Path, thread_id: str, wish: Wish, *, posts: Levels | None = None, is_trial: bool = False
) -> Redaction:
    """Take what is wished for out of every snapshot of a thread, and finish what was interrupted.

    With what is redacted go the posts of other threads that this one passes on, if they are
    redacted there, or are among `posts`. Raises DamageFound for a snapshot of which nobody can
    tell what it holds; StoreError.
    """
    try:
        return _redact(root, thread_id, wish, posts or {}, is_trial)
    except RecursionError as error:
        raise errors.StoreError("a snapshot nests too deep", "Please report this.") from error


def _redact(root: Path, thread_id: str, wish: Wish, posts: Levels, is_trial: bool) -> Redaction:
    shots = remains.load(root, thread_id)
    things = remains.distinct(shot.raw for shot in shots)
    known = redaction.marked(things)
    inside = redaction.passed_on(things)
    levels = remains.united(
        known,
        chosen(thread_id, [shot.capture for shot in shots], wish),
        remains.elsewhere(root, thread_id, things),
        {name: level for name, level in posts.items() if name in inside},
    )
    fresh = {name: level for name, level in levels.items() if known.get(name) != level}
    wanted = redaction.plan(things, levels)
    changed = (
        sum(remains.rewritten(shot.raw, wanted) != shot.raw for shot in shots) if levels else 0
    )
    changed += len(store.replaced(root, thread_id)) + rewriting.twins(shots)
    if levels and not is_trial:
        moved = rewriting.publish_all(root, thread_id, shots, wanted)
        sweep(root)
        if changed:
            catalogue.renew(root, thread_id)
        rewriting.remove_former(root, thread_id, moved)  # last: until then it is not done
    return Redaction(thread_id, fresh, changed, remains.own(thread_id, levels))


def apply_policy(root: Path, thread_id: str, policy: str) -> tuple[str, ...]:
    """Redact what is deleted on Reddit as config.yaml wants it: keep, redact-author or purge.

    Give the threads that this may have changed. Where the post is redacted, that are those that
    pass it on, too.
    """
    level = POLICIES[policy]
    if not level and not remains.redacted(root, thread_id):
        return ()
    done = redact(root, thread_id, Wish(deleted=True, level=level) if level else Wish())
    is_fresh = bool(remains.own(thread_id, done.levels))
    others = remains.passing_on(root, done.post) if is_fresh else []
    for other in others:
        with suppress(errors.DamageFound):  # `verify` names it, and what is left in it
            redact(root, other, Wish())
    return (thread_id, *others)


def add(root: Path, taken: Capture) -> store.Added:
    """Store a capture without what was redacted in this archive, even at this very moment.

    Raises StoreError, and NotAThread for a capture that holds nothing of its thread.
    """
    added = store.add(root, keep_out(root, capture.require_thread(taken)))
    with suppress(errors.DamageFound):  # `verify` names it
        apply_policy(root, taken.thread_id, "keep")
    return added


def keep_out(root: Path, taken: Capture) -> Capture:
    """Take out of a new capture what was redacted in this archive before."""
    known = remains.elsewhere(root, taken.thread_id, taken.things)
    if remains.redacted(root, taken.thread_id):
        here = remains.load(root, taken.thread_id)
        marks = redaction.marked(remains.distinct(shot.raw for shot in here))
        known = remains.united(known, marks)
    if not known:
        return taken
    wanted = redaction.plan(taken.things, known)
    return replace(
        taken,
        request=remains.asked_without(taken.request, wanted),
        things=redaction.apply(taken.things, wanted),
        media=tuple(media for media in taken.media if media.of not in wanted.hidden),
        media_gaps=tuple(gap for gap in taken.media_gaps if gap.of not in wanted.hidden),
    )


def drop(root: Path, thread_id: str) -> None:
    """Remove a thread with all that is stored of it; `forgotten.log` keeps its id and the time.

    Raises NotArchived, StoreError.
    """
    folder = store.thread_folder(root, thread_id)
    store.check_format(root)
    sweep(root)
    if not folder.is_dir():
        raise errors.NotArchived(
            f"the archive {root.absolute()} holds no thread {thread_id}",
            "`archive list` shows what it holds.",
        )
    line = {"thread": folder.name, "forgotten_at": snapshot.write_time(capture.now())}
    disk.append(json.dumps(line).encode() + b"\n", root / LOG)
    catalogue.renew(root, thread_id, is_gone=True)
    for head in reversed(store.heads(root, thread_id)):  # no child without its parent
        disk.remove(head.path)
    for path in store.snapshot_paths(folder):
        disk.remove(path)
    disk.remove_tree(folder / store.MEDIA_FOLDER)
    disk.remove(folder / store.CHECKS)
    disk.remove_tree(folder)  # with what is not ours in it, unless it is a link
    catalogue.renew(root, thread_id, is_gone=True)  # whoever saved it meanwhile has noted it


def sweep(root: Path) -> None:
    """Remove what ended work has left among the drafts: it may hold what is to go."""
    disk.sweep_dead(root / "tmp")


def forgotten(root: Path) -> Mapping[str, str]:
    """Tell which threads were forgotten, by id, and when last."""
    path = root / LOG
    with snapshot.reading(path):
        lines = path.read_text("utf-8", "replace").splitlines() if path.is_file() else []
    found = {}
    for line in lines:
        try:
            entry = json.loads(line)
            found[str(entry["thread"]).removeprefix("t3_")] = str(entry["forgotten_at"])
        except (ValueError, KeyError, TypeError):
            continue  # a line cut short
    return found
