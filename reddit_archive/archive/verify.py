"""Check that an archive is undamaged: every byte, every parent, every picture.

Nothing is changed. The digests in the file names are trusted, and nothing else.
"""

import hashlib
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import (
    import_log,
    layout,
    redaction_ledger,
    replacement_claims,
    shared_folder_check,
    snapshot_format,
    snapshot_order,
    stray_copies,
)
from reddit_archive.archive.redact import scan
from reddit_archive.archive.replacement_claims import Claims
from reddit_archive.archive.snapshot_format import SnapshotHeader
from reddit_archive.archive.store import DamagedFile
from reddit_archive.archive.stray_copies import StrayCopy
from reddit_archive.files import regular_files
from reddit_archive.model.capture import StoredMedia
from reddit_archive.model.redaction import RedactionLevels
from reddit_archive.parallel import ordered_map


@dataclass(frozen=True, slots=True)
class UnsupportedFormat:
    """An undamaged file of a newer version, whose content this version can't read."""

    path: Path
    description: str = "is undamaged, but has a newer format that this version can't read"


@dataclass(frozen=True, slots=True)
class UnredactedCopy:
    """An undamaged file that contains redacted content, and how it came there."""

    path: Path
    description: str


@dataclass(frozen=True, slots=True)
class ImportedSnapshot:
    """An undamaged file from elsewhere that claims something about this archive's snapshots."""

    path: Path
    description: str


Finding = Path | DamagedFile | UnsupportedFormat | UnredactedCopy | ImportedSnapshot | StrayCopy
MAX_SERIAL_THREADS = 499
"""An archive with more threads is checked by several processes."""
BATCH_SIZE = 16


def verify(root: Path, *, executor: Executor | None = None) -> Iterator[Finding]:
    """Check every byte of every stored file. Changes nothing.

    Args:
        executor: Checks the threads in parallel if there are many.

    Yields:
        The path of each undamaged file, or a finding. A missing picture, a missing parent, and a
        false claim to replace a snapshot are damage, too. An UnredactedCopy and an
        ImportedSnapshot come in addition to the path of their file. A StrayCopy is not a file of
        the archive.

    Raises:
        StoreError: A file can't be read, or a worker does not see the archive.
    """
    yield from _check_ledger(root)
    ledger = redaction_ledger.read(root)
    redacted_posts = dict(ledger.post_levels) if ledger else {}
    reported_paths: set[Path] = set()
    check_thread = partial(_check_until_stable, root)
    thread_ids = layout.iter_thread_ids(root)
    for result in ordered_map.map_ordered(
        check_thread,
        thread_ids,
        executor,
        chunk_size=BATCH_SIZE,
        max_local_items=MAX_SERIAL_THREADS,
    ):
        if executor is not None and not result.findings:
            shared_folder_check.require_no_snapshots(root, result.thread_id)
        yield from result.findings
        redacted_posts |= result.redacted_posts
        reported_paths |= {
            finding.path for finding in result.findings if isinstance(finding, UnredactedCopy)
        }
    for thread_id in scan.find_threads_crossposting(root, redacted_posts):
        paths, _ = _find_unredacted_files(root, thread_id, redacted_posts)
        description = "crossposts a post that is redacted in its own thread"
        yield from (
            UnredactedCopy(path, description) for path in paths if path not in reported_paths
        )
    yield from stray_copies.find_folder_copies(root)


def _check_ledger(root: Path) -> Iterator[Path | DamagedFile]:
    for path, description in redaction_ledger.find_damaged(root):
        yield DamagedFile(path, description) if description else path


@dataclass(frozen=True, slots=True)
class _ChainResult:
    """What the headers of a thread's snapshots show.

    `damaged_by_path` has the snapshots whose parent is missing, and those with a false claim.
    """

    unredacted_copies: tuple[UnredactedCopy, ...]
    damaged_by_path: dict[Path, DamagedFile]
    imported_snapshots: tuple[ImportedSnapshot, ...]


@dataclass(frozen=True, slots=True)
class _ThreadResult:
    """The findings in a thread, and the level of its own post if it is redacted."""

    thread_id: str
    findings: list[Finding]
    redacted_posts: RedactionLevels


def _check_until_stable(root: Path, thread_id: str) -> _ThreadResult:
    """Check a thread, and check it again if another command changed it meanwhile."""
    digests: set[str] | None = None
    result = _ThreadResult(thread_id, [], {})
    while digests != (current_digests := layout.list_digests(root, thread_id)):
        digests, result = current_digests, _check_thread(root, thread_id)
        if all(
            isinstance(finding, Path | ImportedSnapshot | StrayCopy) for finding in result.findings
        ):
            break
    return result


def _check_thread(root: Path, thread_id: str) -> _ThreadResult:
    folder = layout.thread_folder(root, thread_id)
    chain_result = _check_chain(root, thread_id)
    findings = [*_check_files(folder, chain_result)]
    unredacted_by_path = {
        unredacted_copy.path: unredacted_copy for unredacted_copy in chain_result.unredacted_copies
    }
    redacted_posts: RedactionLevels = {}
    if scan.read_levels(root, thread_id):
        paths, redacted_posts = _find_unredacted_files(root, thread_id, {})
        description = "contains what was redacted in this archive"
        unredacted_by_path = {
            path: UnredactedCopy(path, description) for path in paths
        } | unredacted_by_path
    copies = stray_copies.find_file_copies(root, thread_id)
    return _ThreadResult(
        thread_id,
        [
            *findings,
            *unredacted_by_path.values(),
            *chain_result.imported_snapshots,
            *copies,
        ],
        redacted_posts,
    )


def _find_unlisted(
    root: Path, thread_id: str, headers: list[SnapshotHeader], claims: Claims
) -> Iterator[ImportedSnapshot]:
    """Yield copied snapshots with marks that the ledger does not list. They hide nothing."""
    for header in scan.find_unlisted_redactions(root, thread_id, headers, claims):
        if not header.is_pending:
            description = "marks texts as redacted that were not redacted in this archive"
            yield ImportedSnapshot(
                header.path, f"{description}; run `archive redact --finish` to redact them"
            )


def _check_files(folder: Path, chain_result: _ChainResult) -> Iterator[Finding]:
    superseded_paths = {unredacted_copy.path for unredacted_copy in chain_result.unredacted_copies}
    expected_media: dict[Path, Path] = {}
    for path in layout.list_snapshot_paths(folder, is_strict=False):
        if stray_copies.is_snapshot_copy(path.name):
            continue
        result = _check_snapshot(path)
        if isinstance(result, tuple):
            yield chain_result.damaged_by_path.get(path) or path
            if path not in superseded_paths:  # a redaction removes the pictures first
                expected_media.update((layout.media_path(path, media), path) for media in result)
        elif result is not None:
            yield result
    for path in layout.list_media_paths(folder):
        if stray_copies.is_media_copy(path.name):
            continue
        yield _check_media(path) or path
        expected_media.pop(path, None)
    for path, snapshot_path in sorted(expected_media.items()):
        yield DamagedFile(path, f"is missing, and {snapshot_path.name} names it")


def _find_unredacted_files(
    root: Path, thread_id: str, redacted_posts: RedactionLevels
) -> tuple[list[Path], RedactionLevels]:
    try:
        return scan.find_unredacted_files(root, thread_id, redacted_posts)
    except (errors.StoreError, RecursionError):  # somebody redacts it now; or nobody could
        return [], {}


def _check_chain(root: Path, thread_id: str) -> _ChainResult:
    folder = layout.thread_folder(root, thread_id)
    headers = []
    for path in layout.list_snapshot_paths(folder):
        with suppress(errors.StoreError):  # `_check_snapshot` names it
            headers.append(snapshot_format.read_header(path))
    headers = import_log.add_import_times(headers, folder)
    claims = replacement_claims.check_claims(headers)
    unredacted_copies = [
        UnredactedCopy(header.path, "was redacted, but the unredacted file is still here")
        for header in headers
        if header.digest in claims.proven
    ]
    damaged_by_path = {
        header.path: damaged_file for header, damaged_file in _find_orphans(headers, folder)
    }
    headers_by_replaced: dict[str, SnapshotHeader] = {}
    for header in headers:
        if replaced_digest := claims.false.get(header.digest):
            description = (
                f"falsely claims to replace the snapshot {replaced_digest}: "
                "its content is not in that one"
            )
            damaged_by_path[header.path] = DamagedFile(header.path, description)
        elif header.replaces and header.digest not in claims.proven and not header.is_pending:
            other = headers_by_replaced.setdefault(header.replaces[0], header)
            if other is header:
                continue
            if scan.can_have_same_origin(other, header):
                description = "was redacted differently in two archives"
                unredacted_copies.append(UnredactedCopy(header.path, description))
            else:
                description = (
                    f"claims to replace the same snapshot as {other.path.name}, but differs"
                )
                damaged_by_path[header.path] = DamagedFile(header.path, description)
    imported_snapshots = [
        *_find_imported(headers, claims),
        *_find_unlisted(root, thread_id, headers, claims),
    ]
    return _ChainResult(
        tuple(unredacted_copies),
        damaged_by_path,
        tuple(imported_snapshots),
    )


def _find_orphans(
    headers: list[SnapshotHeader], folder: Path
) -> Iterator[tuple[SnapshotHeader, DamagedFile]]:
    """Yield the snapshots whose parent is missing."""
    replacements, existing_digests = (
        snapshot_order.map_replacements(headers),
        {header.digest for header in headers},
    )
    for header in headers:
        if (
            header.parent
            and snapshot_order.resolve_replacement(header.parent, replacements)
            not in existing_digests
            and not any(folder.glob(f"*-{header.parent}.json"))  # added while we listed the folder
        ):
            yield header, DamagedFile(header.path, f"its parent {header.parent} is missing")


def _find_imported(headers: list[SnapshotHeader], claims: Claims) -> Iterator[ImportedSnapshot]:
    """Yield imported snapshots that name one of ours. Anybody who knows a digest can do that."""
    own_digests = {header.digest for header in headers if not header.is_imported}
    for header in headers:
        if header.digest in claims.pending:
            description = "was imported, and redacts a snapshot that is not redacted here"
            yield ImportedSnapshot(
                header.path, f"{description}; run `archive redact --finish` to redact it"
            )
        elif header.is_imported and header.parent in own_digests:
            description = "was imported, and claims that it follows your snapshot"
            yield ImportedSnapshot(header.path, f"{description} {header.parent}")


def _check_snapshot(path: Path) -> tuple[StoredMedia, ...] | DamagedFile | UnsupportedFormat | None:
    """Return the pictures of a snapshot, or a finding.

    Returns None if another command removed the file meanwhile.
    """
    try:
        data = regular_files.read_bytes(path)
        description = snapshot_format.integrity_error(path, data)
        if description is None:
            return snapshot_format.read_metadata(data, path).media
    except errors.NewerFormatError:
        return UnsupportedFormat(path)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not path.is_symlink():
            return None
        description = f"can't be read: {error.strerror}"
    except errors.ArchiveError as error:
        description = error.message
    return DamagedFile(path, description)


def _check_media(path: Path) -> DamagedFile | None:
    match = snapshot_format.MEDIA_NAME.fullmatch(path.name)
    if match is None:
        return DamagedFile(path, "its name is not one that this program gives")
    try:
        with regular_files.open_binary(path) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return DamagedFile(path, f"can't be read: {error.strerror}")
    if digest != match[1]:
        return DamagedFile(path, "its bytes do not match the SHA-256 in its name")
    return None
