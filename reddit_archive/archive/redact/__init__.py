"""Forgetting on purpose: a whole thread, or what was said in it."""

import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import check_log, forgotten_log, import_log, replacement_claims, store
from reddit_archive.archive.index import maintenance
from reddit_archive.archive.redact import rewrite, scan
from reddit_archive.archive.redact.criteria import Wish, chosen
from reddit_archive.archive.redact.rewrite import strip
from reddit_archive.archive.redact.scan import passing_on
from reddit_archive.archive.snapshot_format import Head
from reddit_archive.files import durable_files, planted_links
from reddit_archive.model import capture, redaction
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.model.redaction import ALL, AUTHOR, MARK, Levels

__all__ = [
    "Redaction",
    "Wish",
    "add",
    "apply_policy",
    "drop",
    "files",
    "holds",
    "keep_out",
    "offered",
    "passing_on",
    "redact",
    "require_redactable",
    "strip",
    "sweep",
]

log = logging.getLogger(__name__)

POLICIES = {"keep": "", "redact-author": AUTHOR, "purge": ALL}


@dataclass(frozen=True, slots=True)
class Redaction:
    """What was redacted, or would be: `levels` by fullname, and how many snapshots that changes.

    `texts` counts the posts and comments that this takes out, those among them that were redacted
    before and stood in a copy.

    `post` has the thread's own post, by its fullname, if that is redacted, be it since long.
    """

    thread_id: str
    levels: Levels
    snapshots: int
    post: Levels
    texts: int = 0


def redact(
    root: Path,
    thread_id: str,
    wish: Wish,
    *,
    posts: Levels | None = None,
    is_trial: bool = False,
    accepting: bool = False,
) -> Redaction:
    """Take what is wished for out of every snapshot of a thread, and finish what was interrupted.

    With what is redacted go the posts of other threads that this one passes on, if they are
    redacted there, or are among `posts`. With `accepting`, redactions that came by import count as
    if they had been made here. Raises DamageFound for a snapshot of which nobody can tell what it
    holds; StoreError.
    """
    try:
        if accepting and not is_trial:
            _accept(root, thread_id)
        return _redact(root, thread_id, wish, posts or {}, is_trial, accepting)
    except RecursionError as error:
        raise errors.StoreError("a snapshot nests too deep", "Please report this.") from error


def offered(root: Path, thread_id: str) -> int:
    """Count the snapshots that imported redactions would change if they were accepted.

    Raises DamageFound, StoreError.
    """
    found, checked = store.judged(root, thread_id)
    if not any(head.is_offered and head.digest not in checked.false for head in found):
        return 0
    return redact(root, thread_id, Wish(), is_trial=True, accepting=True).snapshots


def _accept(root: Path, thread_id: str) -> None:
    found, checked = store.judged(root, thread_id)
    for head in found:
        if head.is_offered and head.digest not in checked.false:
            folder = store.thread_folder(root, thread_id)
            import_log.add(folder, head.digest, import_log.ACCEPTED)


def _redact(
    root: Path, thread_id: str, wish: Wish, posts: Levels, is_trial: bool, accepting: bool
) -> Redaction:
    shots = scan.load(root, thread_id, accepting=accepting)
    things = scan.distinct(shot.raw for shot in shots)
    known = scan.marked((shot.head, shot.raw) for shot in shots)
    inside = redaction.passed_on(things)
    levels = scan.united(
        known,
        chosen(thread_id, [shot.capture for shot in shots], wish),
        scan.elsewhere(root, thread_id, things),
        {name: level for name, level in posts.items() if name in inside},
    )
    fresh = {name: level for name, level in levels.items() if known.get(name) != level}
    wanted = redaction.plan(things, levels, has_viewer=wish.viewer)
    is_needed = bool(levels) or wish.viewer
    changed = (
        sum(scan.rewritten(shot.raw, wanted) != shot.raw for shot in shots) if is_needed else 0
    )
    former = scan.replaced(root, thread_id, accepting=accepting)
    changed += len(former)
    texts = fresh.keys() | _unmarked(known, things, former)
    changed += rewrite.twins(shots, wanted)
    if fresh or changed:
        _refuse_false_claims(root, thread_id)
    if (levels or changed) and not is_trial:
        planted_links.check_thread(store.thread_folder(root, thread_id))
        moved = rewrite.publish_all(root, thread_id, shots, wanted)
        sweep(root)
        if changed:
            maintenance.renew(root, thread_id)
        rewrite.remove_former(root, thread_id, moved)  # last: until then it is not done
    return Redaction(thread_id, fresh, changed, scan.own(thread_id, levels), len(texts))


def _unmarked(known: Levels, things: list[Thing], former: list[Path]) -> set[str]:
    """Return what is redacted and stands in these things, or in files that should be gone."""
    raws = [raw for path in former if (raw := replacement_claims.read_json(path)) is not None]
    here = [*things, *scan.distinct(raws)]
    return {name for name, _, data in redaction.items(here) if name in known and MARK not in data}


def _refuse_false_claims(root: Path, thread_id: str) -> None:
    """Raise DamageFound if a snapshot falsely claims to replace another.

    It may hold what is to go; and once the other one is redacted, nothing would show the claim to
    be false.
    """
    found, checked = store.judged(root, thread_id)
    for head in found:
        if head.digest in checked.false:
            raise errors.DamageFound(
                f"{head.path} falsely claims to replace {checked.false[head.digest]}",
                "Move it out of the archive.",
            )


def require_redactable(root: Path, thread_id: str) -> None:
    """Raise DamageFound if nothing can be redacted in a thread until somebody has repaired it."""
    _refuse_false_claims(root, thread_id)
    scan.load(root, thread_id)


def apply_policy(
    root: Path,
    thread_id: str,
    policy: str,
    *,
    added: Capture | None = None,
    heads: list[Head] | None = None,
) -> tuple[str, ...]:
    """Redact what is deleted on Reddit as config.yaml wants it: keep, redact-author or purge.

    Whatever the policy, a capture that was just `added` loses what was redacted since `keep_out`
    looked. With "keep" nothing else is removed: a snapshot that somebody copied into the archive
    may mark texts as redacted, and must not make a save remove them.

    Returns the threads that this may have changed. If the post is redacted, these include the
    threads that crosspost it. `heads` are the thread's, if they were read after its last change.
    """
    level = POLICIES[policy]
    if not level and (added is None or keep_out(root, added, heads=heads) == added):
        return ()
    done = redact(root, thread_id, Wish(deleted=True, level=level) if level else Wish())
    is_fresh = bool(scan.own(thread_id, done.levels))
    others = scan.passing_on(root, done.post) if is_fresh else []
    for other in others:
        with suppress(errors.DamageFound):  # `verify` names it, and what is left in it
            redact(root, other, Wish())
    return (thread_id, *others)


def add(root: Path, taken: Capture) -> store.Added:
    """Store a capture without what was redacted in this archive, even during this call.

    Raises StoreError, and NotAThread for a capture without the post or any comment.
    """
    taken = keep_out(root, capture.require_thread(taken))
    added = store.add(root, taken)
    with suppress(errors.DamageFound):  # `verify` names it
        apply_policy(root, taken.thread_id, "keep", added=taken)
    return added


def keep_out(root: Path, taken: Capture, *, heads: list[Head] | None = None) -> Capture:
    """Remove from a new capture what was redacted in this archive before.

    `heads` are the thread's heads, if they were read after the capture arrived.
    """
    known = scan.elsewhere(root, taken.thread_id, taken.things)
    if _is_redacted(root, taken.thread_id, heads):
        here = scan.load(root, taken.thread_id)
        marks = scan.marked((shot.head, shot.raw) for shot in here)
        known = scan.united(known, marks)
    if not known:
        return taken
    wanted = redaction.plan(taken.things, known)
    return replace(
        taken,
        request=scan.asked_without(taken.request, wanted),
        things=redaction.apply(taken.things, wanted),
        media=tuple(media for media in taken.media if media.of not in wanted.hidden),
        media_gaps=tuple(gap for gap in taken.media_gaps if gap.of not in wanted.hidden),
    )


def _is_redacted(root: Path, thread_id: str, heads: list[Head] | None) -> bool:
    found = store.heads(root, thread_id) if heads is None else heads
    return any(scan.is_redaction(head) for head in found)


def drop(root: Path, thread_id: str) -> None:
    """Remove a thread with all that is stored of it; `forgotten.log` keeps its id and the time.

    Raises NotArchived, StoreError.
    """
    folder = store.thread_folder(root, thread_id)
    store.check_format(root)
    planted_links.check_thread(folder)
    sweep(root)
    if not holds(root, thread_id):
        raise errors.NotArchived(
            f"the archive {root.absolute()} holds no thread {thread_id}",
            "`archive list` shows what it holds.",
        )
    forgotten_log.add(root, thread_id)
    maintenance.renew(root, thread_id, is_gone=True)
    for head in reversed(store.heads(root, thread_id)):  # no child without its parent
        durable_files.remove(head.path)
    for path in files(root, thread_id):
        durable_files.remove(path)
    _remove_empty(folder / store.MEDIA_FOLDER)
    _remove_empty(folder)
    maintenance.renew(root, thread_id, is_gone=True)  # whoever saved it meanwhile has noted it


def files(root: Path, thread_id: str) -> list[Path]:
    """Return the files of a thread that this program wrote: snapshots, pictures and logs."""
    folder = store.thread_folder(root, thread_id)
    logs = (folder / check_log.NAME, folder / import_log.LOG)
    return [
        *store.snapshot_paths(folder),
        *rewrite.own_media_paths(folder),
        *(path for path in logs if path.is_file()),
    ]


def holds(root: Path, thread_id: str) -> bool:
    """Return whether anything of a thread is left, including an empty folder."""
    folder = store.thread_folder(root, thread_id)
    media = folder / store.MEDIA_FOLDER
    if not folder.is_dir():
        return False
    if files(root, thread_id):
        return True
    is_bare = media.is_dir() and not media.is_symlink() and not any(media.iterdir())
    return all(path == media and is_bare for path in folder.iterdir())


def _remove_empty(folder: Path) -> None:
    """Remove a folder or the link in its place. A folder with the user's own files stays."""
    if folder.is_symlink() and folder.name != store.MEDIA_FOLDER:
        durable_files.remove(folder)
    elif folder.is_symlink() or (folder.is_dir() and any(folder.iterdir())):
        log.warning("%s stays, because this program did not write the files left in it.", folder)
    else:
        durable_files.remove(folder)


def sweep(root: Path) -> None:
    """Remove what ended work has left among the drafts: it may hold what is to go."""
    durable_files.sweep_tmp(root / "tmp")
