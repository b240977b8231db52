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
    layout,
    redact,
    replacement_claims,
    snapshot_format,
    snapshot_order,
    thread_headers,
)
from reddit_archive.archive.bags import reader
from reddit_archive.archive.bags.reader import PAYLOAD_NAME, Bag
from reddit_archive.archive.index import maintenance
from reddit_archive.archive.redact import scan
from reddit_archive.archive.snapshot_format import SnapshotHeader
from reddit_archive.files import durable_files, fast_json, planted_links, regular_files
from reddit_archive.model import capture
from reddit_archive.model.replacement import is_valid_replacement


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """The result of restoring a bag: its threads, and the counts of new and existing snapshots.

    `pending_thread_ids` are the threads with redactions from another archive that nobody accepted.
    """

    thread_ids: tuple[str, ...]
    new_count: int
    existing_count: int
    pending_thread_ids: tuple[str, ...] = ()


def restore_bag(root: Path, bag: Bag) -> RestoreResult:
    """Add the snapshots of a bag that the archive lacks, without what was redacted here.

    Raises DamageFoundError if anything in the bag is wrong. Nothing is added then.
    """
    try:
        reader.check_bag(bag)
        checked_threads = [
            _check_thread(root, bag, thread_id) for thread_id in _find_thread_ids(bag)
        ]
    except (OSError, zipfile.BadZipFile, RuntimeError, ValueError, RecursionError) as error:
        raise reader.refusal_error(bag, str(error)) from error
    layout.initialize(root)
    new_count = sum(
        _store_thread(root, bag, thread_id, headers) for thread_id, headers, _ in checked_threads
    )
    thread_ids = tuple(thread_id for thread_id, _, _ in checked_threads)
    count = sum(count for _, _, count in checked_threads)
    pending_thread_ids = tuple(
        thread_id for thread_id in thread_ids if _has_pending_redactions(root, thread_id)
    )
    return RestoreResult(thread_ids, new_count, count - new_count, pending_thread_ids)


def _has_pending_redactions(root: Path, thread_id: str) -> bool:
    with suppress(errors.DamageFoundError):  # `archive verify` names it
        return redact.count_pending(root, thread_id) > 0
    return False


def _find_thread_ids(bag: Bag) -> list[str]:
    matches = (PAYLOAD_NAME.fullmatch(name) for name in bag.file_names)
    thread_ids = sorted({match["thread"] for match in matches if match and match["thread"]})
    if not thread_ids:
        raise reader.refusal_error(bag, "it contains no thread")
    return thread_ids


def _check_thread(root: Path, bag: Bag, thread_id: str) -> tuple[str, list[SnapshotHeader], int]:
    """Check a thread's snapshots in a bag.

    Returns:
        The thread's ID, the headers of the snapshots to add, parents first, and the number of
        snapshots in the bag.
    """
    existing_headers, claims = thread_headers.read_headers_with_claims(root, thread_id)
    existing_by_digest = {header.digest: header for header in existing_headers}
    matches = [match for name in bag.file_names if (match := PAYLOAD_NAME.fullmatch(name))]
    snapshot_names = [
        match["snapshot"] for match in matches if match["thread"] == thread_id and match["snapshot"]
    ]
    bag_headers = {
        header.digest: header
        for header in (_check_snapshot(root, bag, thread_id, name) for name in snapshot_names)
    }
    if not existing_by_digest and not any(
        _has_thread(bag, thread_id, header) for header in bag_headers.values()
    ):
        raise reader.refusal_error(
            bag, f"it contains neither the post t3_{thread_id} nor a comment on it"
        )
    replacements: dict[str, str] = {}
    for header in bag_headers.values():
        replacements |= _check_replacements(bag, thread_id, header, existing_by_digest, bag_headers)
    for header in existing_headers:
        if scan.is_redaction(header) and header.digest not in claims.false:
            replacements |= _find_redacted_here(bag, thread_id, header, bag_headers)
    ordered_headers = snapshot_order.topological_order([*bag_headers.values()], replacements)
    new_headers = [
        header
        for header in ordered_headers
        if header.digest not in existing_by_digest
        and not _is_stored_unstripped(bag, thread_id, header, existing_by_digest)
    ]
    if new_headers and scan.read_levels(root, thread_id):
        redact.require_redactable(root, thread_id)  # to remove what was redacted here
    return thread_id, new_headers, len(bag_headers)


def _is_stored_unstripped(
    bag: Bag,
    thread_id: str,
    header: SnapshotHeader,
    existing_by_digest: Mapping[str, SnapshotHeader],
) -> bool:
    """Return whether this snapshot is stored with the viewer's fields, which the bag's lacks."""
    stored_raws = [
        _read_stored_json(existing_by_digest[digest])
        for digest in header.replaces
        if digest in existing_by_digest
    ]
    new_raw = _read_bag_json(bag, thread_id, header) if any(stored_raws) else {}
    return any(
        new_raw["things"] == scan.remove_viewer_fields(stored_raw)["things"]
        for stored_raw in stored_raws
        if stored_raw
    )


def _check_snapshot(root: Path, bag: Bag, thread_id: str, name: str) -> SnapshotHeader:
    """Check a snapshot and its pictures, and return its header. Raises DamageFoundError."""
    path, data = (
        layout.thread_folder(root, thread_id) / name,
        bag.read(_build_payload_name(thread_id, name)),
    )
    if problem := snapshot_format.integrity_error(path, data):
        raise reader.refusal_error(bag, f"{name}: {problem}")
    if fast_json.is_bomb(data):
        raise reader.refusal_error(bag, f"{name} contains more values than fit in memory")
    for media in snapshot_format.decode(data, path).capture.media:
        payload_name = _build_payload_name(thread_id, f"media/{media.name}")
        if payload_name not in bag.file_names:
            if not layout.media_path(path, media).is_file():
                raise reader.refusal_error(bag, f"the picture {media.name} is missing")
        elif hashlib.sha256(bag.read(payload_name)).hexdigest() != media.name[:64]:
            raise reader.refusal_error(bag, f"the picture {media.name} does not match its name")
    return snapshot_format.parse_header(path, data)


def _check_replacements(
    bag: Bag,
    thread_id: str,
    header: SnapshotHeader,
    existing_by_digest: Mapping[str, SnapshotHeader],
    bag_headers: Mapping[str, SnapshotHeader],
) -> dict[str, str]:
    """Return the bag's snapshots that other snapshots in the bag replace.

    Raises DamageFoundError for a false claim to replace a snapshot in the bag or in the archive.
    """
    replacements = {}
    for digest in header.replaces:
        old_header = bag_headers.get(digest) or existing_by_digest.get(digest)
        if old_header is None or digest == header.digest:
            continue
        old_raw = (
            _read_bag_json(bag, thread_id, old_header)
            if digest in bag_headers
            else _read_stored_json(old_header)
        )
        has_same_time_and_parent = replacement_claims.has_same_time_and_parent(
            old_header, header, {**existing_by_digest, **bag_headers}
        )
        if not has_same_time_and_parent or not is_valid_replacement(
            old_raw, _read_bag_json(bag, thread_id, header)
        ):
            name = header.path.name
            raise reader.refusal_error(bag, f"{name} falsely claims to replace another snapshot")
        if digest in bag_headers:
            replacements[digest] = header.digest
    return replacements


def _find_redacted_here(
    bag: Bag, thread_id: str, header: SnapshotHeader, bag_headers: Mapping[str, SnapshotHeader]
) -> dict[str, str]:
    """Return which of the bag's snapshots were redacted in this archive."""
    old_digests = [digest for digest in header.replaces if digest in bag_headers]
    redacted_raw = _read_stored_json(header) if old_digests else {}
    return {
        digest: header.digest
        for digest in old_digests
        if is_valid_replacement(_read_bag_json(bag, thread_id, bag_headers[digest]), redacted_raw)
    }


def _read_bag_json(bag: Bag, thread_id: str, header: SnapshotHeader) -> dict[str, Any]:
    return _parse_object(bag.read(_build_payload_name(thread_id, header.path.name)))


def _read_stored_json(header: SnapshotHeader) -> dict[str, Any]:
    """Read the JSON of a stored snapshot; {} if it is damaged."""
    with snapshot_format.translate_read_errors(header.path):
        data = regular_files.read_bytes(header.path)
    return _parse_object(data) if snapshot_format.integrity_error(header.path, data) is None else {}


def _parse_object(data: bytes) -> dict[str, Any]:
    raw = json.loads(data)
    return raw if isinstance(raw, dict) else {}


def _has_thread(bag: Bag, thread_id: str, header: SnapshotHeader) -> bool:
    things = snapshot_format.decode(
        bag.read(_build_payload_name(thread_id, header.path.name)), header.path
    ).capture.things
    return any(capture.is_of_thread(thing, thread_id) for thing in things)


def _build_payload_name(thread_id: str, name: str) -> str:
    return f"data/threads/t3_{thread_id}/{name}"


def _store_thread(root: Path, bag: Bag, thread_id: str, headers: Sequence[SnapshotHeader]) -> int:
    """Store media, then snapshots, parents first, then the log; return how many were new."""
    folder = layout.thread_folder(root, thread_id)
    planted_links.check_thread(folder)
    has_own_snapshots = any(
        not header.is_imported
        for header in thread_headers.read_headers_with_claims(root, thread_id)[0]
    )
    new_count = 0
    for stripped in redact.strip_viewer_fields(
        _read_bag_snapshot(bag, thread_id, header) for header in headers
    ):
        if (folder / stripped.file_name).exists():  # imported before, without the viewer's fields
            continue
        path = folder / stripped.file_name
        for media in snapshot_format.decode(stripped.data, path).capture.media:
            payload_name = _build_payload_name(thread_id, f"media/{media.name}")
            if payload_name in bag.file_names:
                media_bytes = bag.read(payload_name)
                durable_files.write_once(
                    media_bytes, layout.media_path(path, media), tmp=root / "tmp"
                )
        # The log is written first, so that an interrupted import leaves no unmarked snapshot.
        import_log.add(folder, stripped.digest)
        durable_files.write_once(stripped.data, path, tmp=root / "tmp")
        new_count += 1
    if new_count:
        scan.ensure_ledger(root)
        if scan.read_levels(root, thread_id):
            redact.redact(root, thread_id, redact.RedactionCriteria())
        maintenance.refresh(root, thread_id)
    log_name = _build_payload_name(thread_id, check_log.FILE_NAME)
    # A log of our own checks is not mixed with one of others.
    if folder.is_dir() and log_name in bag.file_names and not has_own_snapshots:
        _merge_checks(root, thread_id, bag.read(log_name))
    return new_count


def _read_bag_snapshot(
    bag: Bag, thread_id: str, header: SnapshotHeader
) -> tuple[SnapshotHeader, bytes]:
    data = bag.read(_build_payload_name(thread_id, header.path.name))
    if snapshot_format.integrity_error(header.path, data):
        raise reader.refusal_error(bag, "it changed while it was read")
    return header, data


def _merge_checks(root: Path, thread_id: str, log: bytes) -> None:
    path = layout.thread_folder(root, thread_id) / check_log.FILE_NAME
    existing_lines = set(regular_files.read_bytes(path).splitlines()) if path.is_file() else set()
    for line in log.splitlines():
        try:
            entry = json.loads(line)
            is_valid = set(entry) == {"checked_at", "source", "result"}
            is_valid = is_valid and str(entry["checked_at"]) <= snapshot_format.format_time(
                capture.utc_now()
            )
        except (ValueError, TypeError):
            continue
        if is_valid and line not in existing_lines and len(line) < 1000:
            durable_files.append(line + b"\n", path)
