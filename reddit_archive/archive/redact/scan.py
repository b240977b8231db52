"""Find out what is redacted in an archive, and which files still contain it.

Archives are merged by copying one over the other, so an older copy may bring back what was
redacted. A crosspost contains a post of another thread.
"""

import json
import logging
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reddit_archive import errors
from reddit_archive.archive import (
    layout,
    redaction_ledger,
    replacement_claims,
    snapshot_format,
    thread_headers,
)
from reddit_archive.archive.replacement_claims import Claims
from reddit_archive.archive.snapshot_format import SnapshotHeader
from reddit_archive.archive.snapshot_reader import IncrementalReader, gc_paused
from reddit_archive.files import regular_files
from reddit_archive.model import redacted_captures, redaction, viewer_fields
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.model.redaction import ALL, RedactionLevels, RedactionPlan
from reddit_archive.model.replacement import is_valid_replacement

log = logging.getLogger(__name__)

CROSSPOST_START = b'"crosspost_parent_list":[{'
"""The bytes before a crossposted post. In a JSON string a quote has a backslash."""


@dataclass(frozen=True, slots=True)
class LoadedSnapshot:
    """A snapshot's header, its JSON as stored (`raw`), and its capture."""

    header: SnapshotHeader
    raw: dict[str, Any]
    capture: Capture


def load_snapshots(
    root: Path, thread_id: str, *, accept_pending: bool = False
) -> list[LoadedSnapshot]:
    """Load a thread's snapshots as they are stored. Raises DamageFoundError, StoreError."""
    return thread_headers.retry_if_removed(lambda: _load_snapshots(root, thread_id, accept_pending))


def _load_snapshots(root: Path, thread_id: str, accept_pending: bool) -> list[LoadedSnapshot]:
    reader = IncrementalReader()
    snapshots = []
    for header in thread_headers.read_headers(root, thread_id, accept_pending=accept_pending):
        capture = snapshot_format.load_with_header(header, reader=reader).capture
        snapshots.append(
            LoadedSnapshot(header, reader.parse(regular_files.read_bytes(header.path)), capture)
        )
    return snapshots


def load_readable_raws(root: Path, thread_id: str) -> dict[SnapshotHeader, dict[str, Any]]:
    """Return the JSON of a thread's readable snapshots. `verify` names the others."""
    reader = IncrementalReader()
    raws: dict[SnapshotHeader, dict[str, Any]] = {}
    with gc_paused():
        for header in thread_headers.read_headers(root, thread_id):
            with suppress(OSError, ValueError, RecursionError, errors.ArchiveError):
                data = regular_files.read_bytes(header.path)
                if snapshot_format.integrity_error(header.path, data) is None:
                    raw = reader.parse(data)
                    snapshot_format.parse_capture(raw, header.path)
                    raws[header] = raw
    return raws


def read_levels(root: Path, thread_id: str) -> RedactionLevels:
    """Return what this archive redacted in a thread, by fullname.

    An archive without a ledger was written by an older version: there the marks in its redacted
    snapshots count. They also count while a file of the ledger is damaged.
    """
    ledger = redaction_ledger.read(root) or redaction_ledger.NO_LEDGER
    levels = ledger.get_levels(thread_id)
    if ledger.is_complete:
        return levels
    marks = collect_marks(root, thread_id, is_strict=False)
    return redacted_captures.merge_levels(levels, marks)


def find_levels(root: Path, thread_id: str, things: Iterable[Thing]) -> RedactionLevels:
    """Return what is redacted of these things: in their thread, or in the threads they crosspost.

    Raises:
        DamageFoundError: The archive has no whole ledger, and a redacted snapshot can't be read.
    """
    ledger = redaction_ledger.read(root) or redaction_ledger.NO_LEDGER
    levels = ledger.find_levels(thread_id, things)
    if ledger.is_complete or not layout.is_archive(root):
        return levels
    marks = collect_marks(root, thread_id, is_strict=True)
    levels = redacted_captures.merge_levels(levels, marks)
    for name in redaction.find_crossposted(things):
        match = layout.THREAD_NAME.fullmatch(name)
        if match is not None and match[1] != thread_id:
            other_levels = collect_marks(root, match[1], is_strict=False)
            post_levels = redacted_captures.select_own_post(match[1], other_levels)
            levels = redacted_captures.merge_levels(levels, post_levels)
    return levels


def collect_marks(
    root: Path, thread_id: str, *, is_strict: bool, accept_pending: bool = False
) -> dict[str, str]:
    """Return what the marks in a thread's redacted snapshots say is redacted.

    Marks of other archives don't count: in imported snapshots that nobody accepted, and in
    snapshots that were not redacted.

    Raises:
        DamageFoundError: A redacted snapshot can't be read, if `is_strict`.
    """
    return thread_headers.retry_if_removed(
        lambda: _collect_marks(root, thread_id, is_strict, accept_pending)
    )


def _collect_marks(
    root: Path, thread_id: str, is_strict: bool, accept_pending: bool
) -> dict[str, str]:
    levels: dict[str, str] = {}
    reader = IncrementalReader()
    for header in thread_headers.read_headers(root, thread_id, accept_pending=accept_pending):
        if not is_redaction(header):
            continue
        try:
            things = snapshot_format.load(header.path, reader=reader).capture.things
        except (errors.DamageFoundError, errors.NewerFormatError):
            if is_strict:
                raise
            continue
        levels = redacted_captures.merge_levels(levels, redaction.find_redacted_items(things))
    return levels


def find_accepted_marks(
    root: Path, thread_id: str, snapshots: Iterable[LoadedSnapshot], *, accept_pending: bool
) -> dict[str, str]:
    """Return the marks that a redaction adds to the ledger.

    These are the marks in snapshots that provably replace a snapshot that is still here, since it
    is removed now. If `accept_pending`, all marks in redacted snapshots are added.
    """
    _, claims = thread_headers.read_headers_with_claims(
        root, thread_id, accept_pending=accept_pending
    )
    proven_digests = {*claims.proven.values()}
    return redaction.find_redacted_items(
        collect_distinct_things(
            snapshot.raw
            for snapshot in snapshots
            if is_redaction(snapshot.header)
            and (accept_pending or snapshot.header.digest in proven_digests)
        )
    )


def find_unlisted_redactions(
    root: Path, thread_id: str, headers: Iterable[SnapshotHeader], claims: Claims
) -> list[SnapshotHeader]:
    """Return the snapshots with redaction marks that this archive did not make.

    They came by import and nobody accepted them, or they were copied into the archive. Their marks
    hide nothing. Without a ledger that has the marks of older versions, only imported ones are
    known.
    """
    redactions = [
        header for header in headers if header.replaces and header.digest not in claims.false
    ]
    ledger = redaction_ledger.read(root) if redaction_ledger.has_all_marks(root) else None
    unlisted_headers = []
    for header in redactions:
        if not header.is_pending and ledger is not None:
            raw = replacement_claims.read_raw(header.path)
            levels = ledger.get_levels(thread_id)
            marks = redaction.find_redacted_items(raw["things"]) if raw else {}
            is_unlisted = any(levels.get(name) not in (mark, ALL) for name, mark in marks.items())
        else:
            is_unlisted = header.is_pending
        if is_unlisted:
            unlisted_headers.append(header)
    return unlisted_headers


def ensure_ledger(root: Path) -> None:
    """Create or complete the ledger from the marks in the redacted snapshots of older versions.

    If a redacted snapshot can't be read, the ledger stays missing or incomplete, and marks count.
    Raises StoreError.
    """
    if redaction_ledger.has_all_marks(root):
        return
    try:
        levels_by_thread = {
            thread_id: levels
            for thread_id in layout.iter_thread_ids(root)
            if (levels := collect_marks(root, thread_id, is_strict=True))
        }
    except (errors.DamageFoundError, errors.NewerFormatError) as error:
        log.debug("no ledger of redactions was created: %s", error.message)
        return
    if redaction_ledger.exists(root):
        redaction_ledger.complete(root, levels_by_thread)
    else:
        redaction_ledger.create(root, levels_by_thread)


def find_superseded_paths(
    root: Path, thread_id: str, *, accept_pending: bool = False
) -> list[Path]:
    """Return the snapshots that were provably redacted and should be gone."""
    headers, claims = thread_headers.read_headers_with_claims(
        root, thread_id, accept_pending=accept_pending
    )
    return [header.path for header in headers if header.digest in claims.proven]


def is_redaction(header: SnapshotHeader) -> bool:
    """Return whether the marks in a snapshot are redactions of this archive."""
    return bool(header.replaces) and not header.is_pending


def collect_distinct_things(raws: Iterable[Mapping[str, Any]]) -> list[Thing]:
    """Return the things of several snapshots; each that did not change between them once."""
    return [*{id(thing): thing for raw in raws for thing in raw["things"]}.values()]


def redact_raw(raw: Mapping[str, Any], plan: RedactionPlan) -> dict[str, Any]:
    """Return a snapshot's JSON without what is redacted."""
    new = {**raw, "request": redacted_captures.redact_request(raw["request"], plan)}
    for key in ("media", "media_gaps"):
        if raw.get(key):
            new[key] = [entry for entry in raw[key] if entry.get("of") not in plan.media_to_remove]
    new["things"] = list(redaction.apply(raw["things"], plan))
    return remove_viewer_fields(new) if plan.has_viewer_fields else new


def remove_viewer_fields(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return a snapshot's JSON without the viewer's fields; unchanged if they are all empty."""
    if not any(viewer_fields.has_values(thing["data"]) for thing in raw["things"]):
        return {**raw}
    return {**raw, "things": list(viewer_fields.drop_from_things(raw["things"]))}


def can_have_same_origin(first_header: SnapshotHeader, second_header: SnapshotHeader) -> bool:
    """Return whether two snapshots can be redactions of the same one. True if one is damaged."""
    first_raw, second_raw = (
        replacement_claims.read_raw(first_header.path),
        replacement_claims.read_raw(second_header.path),
    )
    if first_raw is None or second_raw is None:
        return True
    try:
        things = [*first_raw["things"], *second_raw["things"]]
        plan = redaction.build_plan(things, redaction.find_redacted_items(things))
        return first_header.captured_at == second_header.captured_at and (
            is_valid_replacement(second_raw, redact_raw(first_raw, plan))
            or is_valid_replacement(first_raw, redact_raw(second_raw, plan))
        )
    except (KeyError, TypeError, AttributeError, RecursionError):  # not a snapshot
        return False


def find_unredacted_files(
    root: Path, thread_id: str, redacted_posts: RedactionLevels
) -> tuple[list[Path], dict[str, str]]:
    """Find the snapshots with what is redacted in this thread, or with a post in `redacted_posts`.

    Returns:
        The paths, and the level of the thread's own post by its fullname, if it is redacted.
    """
    raws = load_readable_raws(root, thread_id)
    things = collect_distinct_things(raws.values())
    thread_levels = read_levels(root, thread_id)
    crossposted = redaction.find_crossposted(things)
    levels = redacted_captures.merge_levels(
        thread_levels,
        {name: level for name, level in redacted_posts.items() if name in crossposted},
    )
    plan = redaction.build_plan(things, levels)
    unredacted_paths = [
        header.path for header, raw in raws.items() if levels and redact_raw(raw, plan) != raw
    ]
    return unredacted_paths, redacted_captures.select_own_post(thread_id, thread_levels)


def find_threads_crossposting(root: Path, post_names: Collection[str]) -> list[str]:
    """Return the IDs of the threads that crosspost one of these posts. Reads every snapshot."""
    thread_ids = []
    for thread_id in layout.iter_thread_ids(root) if post_names else ():
        other_posts = {*post_names} - {f"t3_{thread_id}"}
        paths = layout.list_snapshot_paths(layout.thread_folder(root, thread_id))
        if any(other_posts & _read_crossposted(path) for path in paths):
            thread_ids.append(thread_id)
    return thread_ids


def _read_crossposted(path: Path) -> set[str]:
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):  # `verify` names it
        data = regular_files.read_bytes(path)
        if CROSSPOST_START in data:
            return redaction.find_crossposted(json.loads(data)["things"])
    return set()
