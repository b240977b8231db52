"""Redact posts and comments of a thread, or forget the whole thread."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import (
    check_log,
    forgotten_log,
    import_log,
    layout,
    redaction_ledger,
    replacement_claims,
    thread_headers,
)
from reddit_archive.archive.index import maintenance
from reddit_archive.archive.redact import rewrite, scan
from reddit_archive.archive.redact.criteria import RedactionCriteria, select_levels
from reddit_archive.archive.redact.rewrite import strip_viewer_fields
from reddit_archive.archive.redact.scan import find_threads_crossposting
from reddit_archive.files import durable_files, planted_links
from reddit_archive.model import redacted_captures, redaction
from reddit_archive.model.capture import Thing
from reddit_archive.model.redaction import ALL, AUTHOR, MARK_KEY, RedactionLevels

__all__ = [
    "RedactionCriteria",
    "RedactionResult",
    "apply_policy",
    "count_pending",
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
    """What was redacted, or would be without `dry_run`.

    Attributes:
        levels: What is newly redacted, by fullname.
        snapshot_count: The number of snapshots that change.
        post_levels: The thread's own post by its fullname, if it is redacted now or before.
        text_count: The number of posts and comments that are removed. It includes those that were
            redacted before, and came back in a copy.
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
    """Redact all snapshots of a thread, and finish interrupted redactions.

    Crossposted posts are redacted, too, if they are redacted in their own threads.

    Args:
        redacted_posts: Other crossposted posts to redact, by fullname.
        dry_run: Change nothing.
        accept_pending: Also apply redactions that came by import or in copied snapshots.

    Raises:
        DamageFoundError: A snapshot can't be read, or falsely claims to replace another.
        StoreError: A file can't be read or written.
    """
    try:
        if accept_pending and not dry_run:
            _accept_imported_redactions(root, thread_id)
        return _redact(root, thread_id, criteria, redacted_posts or {}, dry_run, accept_pending)
    except RecursionError as error:
        raise errors.StoreError("a snapshot is nested too deeply", "Please report this.") from error


def count_pending(root: Path, thread_id: str) -> int:
    """Count the snapshots that redactions from elsewhere would change if they were accepted.

    They came by import, or in snapshots that were copied into the archive. Raises
    DamageFoundError, StoreError.
    """
    headers, claims = thread_headers.read_headers_with_claims(root, thread_id)
    if not scan.find_unlisted_redactions(root, thread_id, headers, claims):
        return 0
    return redact(
        root, thread_id, RedactionCriteria(), dry_run=True, accept_pending=True
    ).snapshot_count


def _accept_imported_redactions(root: Path, thread_id: str) -> None:
    headers, claims = thread_headers.read_headers_with_claims(root, thread_id)
    for header in headers:
        if header.is_pending and header.digest not in claims.false:
            folder = layout.thread_folder(root, thread_id)
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
    existing_levels = redacted_captures.merge_levels(
        scan.read_levels(root, thread_id),
        scan.find_accepted_marks(root, thread_id, snapshots, accept_pending=accept_pending),
    )
    levels = redacted_captures.merge_levels(
        existing_levels,
        select_levels(thread_id, [snapshot.capture for snapshot in snapshots], criteria),
        scan.find_levels(root, thread_id, things),
        _select_crossposted(redacted_posts, things),
    )
    new_levels = {
        name: level for name, level in levels.items() if existing_levels.get(name) != level
    }
    plan = redaction.build_plan(things, levels, has_viewer_fields=criteria.has_viewer)
    changed_count = 0
    if levels or criteria.has_viewer:
        changed_count = sum(
            scan.redact_raw(snapshot.raw, plan) != snapshot.raw for snapshot in snapshots
        )
    superseded_paths = scan.find_superseded_paths(root, thread_id, accept_pending=accept_pending)
    changed_count += len(superseded_paths)
    redacted_names = new_levels.keys() | _find_unredacted_names(
        existing_levels, things, superseded_paths
    )
    changed_count += rewrite.count_duplicate_redactions(snapshots, plan)
    if accept_pending and not changed_count:
        changed_count = _count_unlisted(root, thread_id)
        ledger = redaction_ledger.read(root)
        if ledger is not None:
            redacted_names |= ledger.find_unlisted(thread_id, existing_levels).keys()
    if new_levels or changed_count:
        _require_no_false_claims(root, thread_id)
    if (levels or changed_count) and not dry_run:
        planted_links.check_thread(layout.thread_folder(root, thread_id))
        _record(root, thread_id, levels)
        superseded_digests = rewrite.rewrite_snapshots(root, thread_id, snapshots, plan)
        remove_orphaned_temps(root)
        if changed_count:
            maintenance.refresh(root, thread_id)
        # This is last, because it completes the redaction.
        rewrite.remove_superseded(root, thread_id, superseded_digests)
        if changed_count:
            maintenance.confirm(root, [thread_id])
    return RedactionResult(
        thread_id,
        new_levels,
        changed_count,
        redacted_captures.select_own_post(thread_id, levels),
        len(redacted_names),
    )


def _select_crossposted(redacted_posts: RedactionLevels, things: list[Thing]) -> RedactionLevels:
    crossposted = redaction.find_crossposted(things)
    return {name: level for name, level in redacted_posts.items() if name in crossposted}


def _count_unlisted(root: Path, thread_id: str) -> int:
    """Count the snapshots whose marks are accepted now, although no text has to be removed."""
    headers, claims = thread_headers.read_headers_with_claims(root, thread_id, accept_pending=True)
    return len(scan.find_unlisted_redactions(root, thread_id, headers, claims))


def _record(root: Path, thread_id: str, levels: RedactionLevels) -> None:
    """Add to the ledger what it does not list yet, before any file changes.

    A redaction that is interrupted is then finished by the next one.
    """
    scan.ensure_ledger(root)
    ledger = redaction_ledger.read(root)
    if ledger is not None and (new_levels := ledger.find_unlisted(thread_id, levels)):
        redaction_ledger.add(root, thread_id, new_levels)


def _find_unredacted_names(
    levels: RedactionLevels, things: list[Thing], superseded_paths: list[Path]
) -> set[str]:
    """Return the fullnames of redacted items that are in these things, or in replaced files."""
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
    """Raise DamageFoundError if a snapshot falsely claims to replace another.

    It may contain what is to be redacted. After the redaction of the other snapshot, nothing would
    show that the claim is false.
    """
    headers, claims = thread_headers.read_headers_with_claims(root, thread_id)
    for header in headers:
        if header.digest in claims.false:
            raise errors.DamageFoundError(
                f"{header.path} falsely claims to replace {claims.false[header.digest]}",
                "Move it out of the archive.",
            )


def require_redactable(root: Path, thread_id: str) -> None:
    """Raise DamageFoundError if a thread has damage that prevents a redaction."""
    _require_no_false_claims(root, thread_id)
    scan.load_snapshots(root, thread_id)


def apply_policy(root: Path, thread_id: str, policy: str) -> tuple[str, ...]:
    """Redact what is deleted on Reddit as config.yaml wants it: keep, redact-author or purge.

    Returns:
        The threads that may have changed. If the post is redacted, these include the threads that
        crosspost it.
    """
    level = POLICIES[policy]
    if not level:
        return ()
    result = redact(root, thread_id, RedactionCriteria(is_deleted=True, level=level))
    crossposting_ids = (
        scan.find_threads_crossposting(root, result.post_levels)
        if redacted_captures.select_own_post(thread_id, result.levels)
        else []
    )
    for crossposting_id in crossposting_ids:
        with suppress(errors.DamageFoundError):  # `verify` names the file
            redact(root, crossposting_id, RedactionCriteria())
    return (thread_id, *crossposting_ids)


def forget_thread(root: Path, thread_id: str) -> None:
    """Remove all stored files of a thread, and record its ID and the time in `forgotten.log`.

    The ledger of redactions keeps the thread's entries, which contain IDs only. If the thread is
    saved again, what was redacted stays out. Raises NotArchivedError, StoreError.
    """
    folder = layout.thread_folder(root, thread_id)
    layout.check_format(root)
    planted_links.check_thread(folder)
    remove_orphaned_temps(root)
    if not has_thread(root, thread_id):
        raise errors.NotArchivedError(
            f"the archive {root.absolute()} has no thread {thread_id}",
            "`archive list` shows what it holds.",
        )
    _keep_redactions(root, thread_id)
    forgotten_log.add(root, thread_id)
    maintenance.refresh(root, thread_id, is_forgotten=True)
    for header in reversed(
        thread_headers.read_headers(root, thread_id)
    ):  # no child without its parent
        durable_files.remove(header.path)
    for path in list_files(root, thread_id):
        durable_files.remove(path)
    _remove_empty_folder(folder / layout.MEDIA_FOLDER)
    _remove_empty_folder(folder)
    maintenance.refresh(
        root, thread_id, is_forgotten=True
    )  # again, because another command may have added it meanwhile


def _keep_redactions(root: Path, thread_id: str) -> None:
    """Make sure that the ledger lists what is redacted in a thread that is about to be removed.

    In an archive of an older version a damaged snapshot prevents a complete ledger.
    """
    scan.ensure_ledger(root)
    ledger = redaction_ledger.read(root)
    if ledger is not None and ledger.is_complete:
        return
    levels = scan.read_levels(root, thread_id)
    try:
        scan.collect_marks(root, thread_id, is_strict=True)
    except (errors.DamageFoundError, errors.NewerFormatError) as error:
        log.warning(
            "what was redacted there is not known (%s), so it comes back if you save t3_%s again",
            error.message,
            thread_id,
        )
    if new_levels := (ledger or redaction_ledger.NO_LEDGER).find_unlisted(thread_id, levels):
        if ledger is None:
            redaction_ledger.create_incomplete(root)
        redaction_ledger.add(root, thread_id, new_levels)


def list_files(root: Path, thread_id: str) -> list[Path]:
    """Return the files of a thread that this program wrote: snapshots, pictures and logs."""
    folder = layout.thread_folder(root, thread_id)
    log_paths = (folder / check_log.FILE_NAME, folder / import_log.FILE_NAME)
    return [
        *layout.list_snapshot_paths(folder),
        *rewrite.list_own_media_paths(folder),
        *(path for path in log_paths if path.is_file()),
    ]


def has_thread(root: Path, thread_id: str) -> bool:
    """Return whether anything of a thread is left, including an empty folder."""
    folder = layout.thread_folder(root, thread_id)
    media_folder = folder / layout.MEDIA_FOLDER
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
    if folder.is_symlink() and folder.name != layout.MEDIA_FOLDER:
        durable_files.remove(folder)
    elif folder.is_symlink() or (folder.is_dir() and any(folder.iterdir())):
        log.warning("%s stays, because this program did not write the files left in it.", folder)
    else:
        durable_files.remove(folder)


def remove_orphaned_temps(root: Path) -> None:
    """Remove the temp files of ended processes, which may contain what is redacted."""
    durable_files.clean_tmp_folder(root / "tmp")
