"""Forgetting on purpose: a whole thread, or what was said in it."""

import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import check_log, forgotten_log, import_log, replacement_claims, store
from reddit_archive.archive.index import maintenance
from reddit_archive.archive.redact import rewrite, scan
from reddit_archive.archive.redact.criteria import RedactionCriteria, select_levels
from reddit_archive.archive.redact.rewrite import strip_viewer_fields
from reddit_archive.archive.redact.scan import find_threads_crossposting
from reddit_archive.archive.snapshot_format import SnapshotHeader
from reddit_archive.files import durable_files, planted_links
from reddit_archive.model import capture, redaction
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.model.redaction import ALL, AUTHOR, MARK_KEY, RedactionLevels

__all__ = [
    "RedactionCriteria",
    "RedactionResult",
    "add",
    "apply_policy",
    "count_pending",
    "filter_redacted",
    "find_threads_crossposting",
    "forget_thread",
    "has_thread",
    "list_files",
    "redact",
    "remove_orphaned_temps",
    "require_redactable",
    "strip_viewer_fields",
]

log = logging.getLogger(__name__)

POLICIES = {"keep": "", "redact-author": AUTHOR, "purge": ALL}


@dataclass(frozen=True, slots=True)
class RedactionResult:
    """What was redacted, or would be: `levels` by fullname, and how many snapshots that changes.

    `texts` counts the posts and comments that this takes out, those among them that were redacted
    before and stood in a copy.

    `post` has the thread's own post, by its fullname, if that is redacted, be it since long.
    """

    thread_id: str
    levels: RedactionLevels
    snapshot_count: int
    post_levels: RedactionLevels
    text_count: int = 0


def redact(
    root: Path,
    thread_id: str,
    criteria: RedactionCriteria,
    *,
    redacted_posts: RedactionLevels | None = None,
    dry_run: bool = False,
    accept_pending: bool = False,
) -> RedactionResult:
    """Take what is wished for out of every snapshot of a thread, and finish what was interrupted.

    With what is redacted go the posts of other threads that this one passes on, if they are
    redacted there, or are among `posts`. With `accepting`, redactions that came by import count as
    if they had been made here. Raises DamageFound for a snapshot of which nobody can tell what it
    holds; StoreError.
    """
    try:
        if accept_pending and not dry_run:
            _accept_imported_redactions(root, thread_id)
        return _redact(root, thread_id, criteria, redacted_posts or {}, dry_run, accept_pending)
    except RecursionError as error:
        raise errors.StoreError("a snapshot nests too deep", "Please report this.") from error


def count_pending(root: Path, thread_id: str) -> int:
    """Count the snapshots that imported redactions would change if they were accepted.

    Raises DamageFound, StoreError.
    """
    headers, claims = store.read_headers_with_claims(root, thread_id)
    if not any(header.is_pending and header.digest not in claims.false for header in headers):
        return 0
    return redact(
        root, thread_id, RedactionCriteria(), dry_run=True, accept_pending=True
    ).snapshot_count


def _accept_imported_redactions(root: Path, thread_id: str) -> None:
    headers, claims = store.read_headers_with_claims(root, thread_id)
    for header in headers:
        if header.is_pending and header.digest not in claims.false:
            folder = store.thread_folder(root, thread_id)
            import_log.add(folder, header.digest, import_log.ACCEPTED_AT)


def _redact(
    root: Path,
    thread_id: str,
    criteria: RedactionCriteria,
    redacted_posts: RedactionLevels,
    dry_run: bool,
    accept_pending: bool,
) -> RedactionResult:
    snapshots = scan.load_snapshots(root, thread_id, accept_pending=accept_pending)
    things = scan.collect_distinct_things(snapshot.raw for snapshot in snapshots)
    existing_levels = scan.collect_levels((snapshot.header, snapshot.raw) for snapshot in snapshots)
    crossposted = redaction.find_crossposted(things)
    levels = scan.merge_levels(
        existing_levels,
        select_levels(thread_id, [snapshot.capture for snapshot in snapshots], criteria),
        scan.find_redacted_in_other_threads(root, thread_id, things),
        {name: level for name, level in redacted_posts.items() if name in crossposted},
    )
    new_levels = {
        name: level for name, level in levels.items() if existing_levels.get(name) != level
    }
    plan = redaction.build_plan(things, levels, has_viewer_fields=criteria.has_viewer)
    is_needed = bool(levels) or criteria.has_viewer
    changed_count = (
        sum(scan.redact_raw(snapshot.raw, plan) != snapshot.raw for snapshot in snapshots)
        if is_needed
        else 0
    )
    superseded_paths = scan.find_superseded_paths(root, thread_id, accept_pending=accept_pending)
    changed_count += len(superseded_paths)
    redacted_names = new_levels.keys() | _find_unredacted_names(
        existing_levels, things, superseded_paths
    )
    changed_count += rewrite.count_duplicate_redactions(snapshots, plan)
    if new_levels or changed_count:
        _require_no_false_claims(root, thread_id)
    if (levels or changed_count) and not dry_run:
        planted_links.check_thread(store.thread_folder(root, thread_id))
        superseded_digests = rewrite.rewrite_snapshots(root, thread_id, snapshots, plan)
        remove_orphaned_temps(root)
        if changed_count:
            maintenance.refresh(root, thread_id)
        rewrite.remove_superseded(
            root, thread_id, superseded_digests
        )  # last: until then it is not done
    return RedactionResult(
        thread_id,
        new_levels,
        changed_count,
        scan.select_own_post(thread_id, levels),
        len(redacted_names),
    )


def _find_unredacted_names(
    levels: RedactionLevels, things: list[Thing], superseded_paths: list[Path]
) -> set[str]:
    """Return what is redacted and stands in these things, or in files that should be gone."""
    raws = [
        raw for path in superseded_paths if (raw := replacement_claims.read_raw(path)) is not None
    ]
    all_things = [*things, *scan.collect_distinct_things(raws)]
    return {
        name
        for name, _, data in redaction.iter_items(all_things)
        if name in levels and MARK_KEY not in data
    }


def _require_no_false_claims(root: Path, thread_id: str) -> None:
    """Raise DamageFound if a snapshot falsely claims to replace another.

    It may hold what is to go; and once the other one is redacted, nothing would show the claim to
    be false.
    """
    headers, claims = store.read_headers_with_claims(root, thread_id)
    for header in headers:
        if header.digest in claims.false:
            raise errors.DamageFoundError(
                f"{header.path} falsely claims to replace {claims.false[header.digest]}",
                "Move it out of the archive.",
            )


def require_redactable(root: Path, thread_id: str) -> None:
    """Raise DamageFound if nothing can be redacted in a thread until somebody has repaired it."""
    _require_no_false_claims(root, thread_id)
    scan.load_snapshots(root, thread_id)


def apply_policy(
    root: Path,
    thread_id: str,
    policy: str,
    *,
    new_capture: Capture | None = None,
    headers: list[SnapshotHeader] | None = None,
) -> tuple[str, ...]:
    """Redact what is deleted on Reddit as config.yaml wants it: keep, redact-author or purge.

    Whatever the policy, a capture that was just `added` loses what was redacted since `keep_out`
    looked. With "keep" nothing else is removed: a snapshot that somebody copied into the archive
    may mark texts as redacted, and must not make a save remove them.

    Returns the threads that this may have changed. If the post is redacted, these include the
    threads that crosspost it. `heads` are the thread's, if they were read after its last change.
    """
    level = POLICIES[policy]
    if not level and (
        new_capture is None or filter_redacted(root, new_capture, headers=headers) == new_capture
    ):
        return ()
    result = redact(
        root,
        thread_id,
        RedactionCriteria(is_deleted=True, level=level) if level else RedactionCriteria(),
    )
    is_post_newly_redacted = bool(scan.select_own_post(thread_id, result.levels))
    crossposting_ids = (
        scan.find_threads_crossposting(root, result.post_levels) if is_post_newly_redacted else []
    )
    for crossposting_id in crossposting_ids:
        with suppress(errors.DamageFoundError):  # `verify` names it, and what is left in it
            redact(root, crossposting_id, RedactionCriteria())
    return (thread_id, *crossposting_ids)


def add(root: Path, new_capture: Capture) -> store.AddResult:
    """Store a capture without what was redacted in this archive, even during this call.

    Raises StoreError, and NotAThread for a capture without the post or any comment.
    """
    new_capture = filter_redacted(root, capture.require_thread(new_capture))
    add_result = store.add(root, new_capture)
    with suppress(errors.DamageFoundError):  # `verify` names it
        apply_policy(root, new_capture.thread_id, "keep", new_capture=new_capture)
    return add_result


def filter_redacted(
    root: Path, new_capture: Capture, *, headers: list[SnapshotHeader] | None = None
) -> Capture:
    """Remove from a new capture what was redacted in this archive before.

    `heads` are the thread's heads, if they were read after the capture arrived.
    """
    levels = scan.find_redacted_in_other_threads(root, new_capture.thread_id, new_capture.things)
    if _has_redactions(root, new_capture.thread_id, headers):
        snapshots = scan.load_snapshots(root, new_capture.thread_id)
        thread_levels = scan.collect_levels(
            (snapshot.header, snapshot.raw) for snapshot in snapshots
        )
        levels = scan.merge_levels(levels, thread_levels)
    if not levels:
        return new_capture
    plan = redaction.build_plan(new_capture.things, levels)
    return replace(
        new_capture,
        request=scan.redact_request(new_capture.request, plan),
        things=redaction.apply(new_capture.things, plan),
        media=tuple(media for media in new_capture.media if media.of not in plan.media_to_remove),
        missing_media=tuple(
            missing
            for missing in new_capture.missing_media
            if missing.of not in plan.media_to_remove
        ),
    )


def _has_redactions(root: Path, thread_id: str, headers: list[SnapshotHeader] | None) -> bool:
    current_headers = store.read_headers(root, thread_id) if headers is None else headers
    return any(scan.is_redaction(header) for header in current_headers)


def forget_thread(root: Path, thread_id: str) -> None:
    """Remove a thread with all that is stored of it; `forgotten.log` keeps its id and the time.

    Raises NotArchived, StoreError.
    """
    folder = store.thread_folder(root, thread_id)
    store.check_format(root)
    planted_links.check_thread(folder)
    remove_orphaned_temps(root)
    if not has_thread(root, thread_id):
        raise errors.NotArchivedError(
            f"the archive {root.absolute()} has no thread {thread_id}",
            "`archive list` shows what it holds.",
        )
    forgotten_log.add(root, thread_id)
    maintenance.refresh(root, thread_id, is_forgotten=True)
    for header in reversed(store.read_headers(root, thread_id)):  # no child without its parent
        durable_files.remove(header.path)
    for path in list_files(root, thread_id):
        durable_files.remove(path)
    _remove_empty_folder(folder / store.MEDIA_FOLDER)
    _remove_empty_folder(folder)
    maintenance.refresh(
        root, thread_id, is_forgotten=True
    )  # whoever saved it meanwhile has noted it


def list_files(root: Path, thread_id: str) -> list[Path]:
    """Return the files of a thread that this program wrote: snapshots, pictures and logs."""
    folder = store.thread_folder(root, thread_id)
    log_paths = (folder / check_log.FILE_NAME, folder / import_log.FILE_NAME)
    return [
        *store.list_snapshot_paths(folder),
        *rewrite.list_own_media_paths(folder),
        *(path for path in log_paths if path.is_file()),
    ]


def has_thread(root: Path, thread_id: str) -> bool:
    """Return whether anything of a thread is left, including an empty folder."""
    folder = store.thread_folder(root, thread_id)
    media_folder = folder / store.MEDIA_FOLDER
    if not folder.is_dir():
        return False
    if list_files(root, thread_id):
        return True
    has_empty_media_folder = (
        media_folder.is_dir() and not media_folder.is_symlink() and not any(media_folder.iterdir())
    )
    return all(path == media_folder and has_empty_media_folder for path in folder.iterdir())


def _remove_empty_folder(folder: Path) -> None:
    """Remove a folder or the link in its place. A folder with the user's own files stays."""
    if folder.is_symlink() and folder.name != store.MEDIA_FOLDER:
        durable_files.remove(folder)
    elif folder.is_symlink() or (folder.is_dir() and any(folder.iterdir())):
        log.warning("%s stays, because this program did not write the files left in it.", folder)
    else:
        durable_files.remove(folder)


def remove_orphaned_temps(root: Path) -> None:
    """Remove what ended work has left among the drafts: it may hold what is to go."""
    durable_files.clean_tmp_folder(root / "tmp")
