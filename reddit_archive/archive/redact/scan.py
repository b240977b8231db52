"""What is redacted in one place of an archive and stands in another. Found, and not changed.

Archives are merged by copying one over another, so that a copy from before may bring back what was
redacted; and a crosspost holds the post that it passes on, whose own thread is another.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reddit_archive import errors
from reddit_archive.archive import replacement_claims, snapshot_format, store
from reddit_archive.archive.snapshot_format import SnapshotHeader
from reddit_archive.archive.snapshot_reader import IncrementalReader, gc_paused
from reddit_archive.files import regular_files
from reddit_archive.model import redaction, viewer_fields
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.model.redaction import RedactionLevels, RedactionPlan
from reddit_archive.model.replacement import is_valid_replacement

CROSSPOST_START = b'"crosspost_parent_list":[{'
"""How a snapshot's bytes hold a post that is passed on; in a text, each quote has a backslash."""


@dataclass(frozen=True, slots=True)
class LoadedSnapshot:
    """A snapshot as it stands in its file (`raw`), and as it is read."""

    header: SnapshotHeader
    raw: dict[str, Any]
    capture: Capture


def load_snapshots(
    root: Path, thread_id: str, *, accept_pending: bool = False
) -> list[LoadedSnapshot]:
    """Read a thread's snapshots as they stand in their files. Raises DamageFound."""
    return store.retry_if_removed(lambda: _load_snapshots(root, thread_id, accept_pending))


def _load_snapshots(root: Path, thread_id: str, accept_pending: bool) -> list[LoadedSnapshot]:
    reader = IncrementalReader()
    snapshots = []
    for header in store.read_headers(root, thread_id, accept_pending=accept_pending):
        capture = snapshot_format.load_with_header(header, reader=reader).capture
        snapshots.append(
            LoadedSnapshot(header, reader.parse(regular_files.read_bytes(header.path)), capture)
        )
    return snapshots


def load_readable_raws(root: Path, thread_id: str) -> dict[SnapshotHeader, dict[str, Any]]:
    """The JSON of those of a thread's snapshots that can be read; the others `verify` names."""
    reader = IncrementalReader()
    raws: dict[SnapshotHeader, dict[str, Any]] = {}
    with gc_paused():
        for header in store.read_headers(root, thread_id):
            with suppress(OSError, ValueError, RecursionError, errors.ArchiveError):
                data = regular_files.read_bytes(header.path)
                if snapshot_format.integrity_error(header.path, data) is None:
                    raw = reader.parse(data)
                    snapshot_format.parse_capture(raw, header.path)
                    raws[header] = raw
    return raws


def find_redacted_digests(root: Path, thread_id: str) -> set[str]:
    """Return the digests of a thread's snapshots from which this archive redacted something."""
    return {header.digest for header in store.read_headers(root, thread_id) if is_redaction(header)}


def find_superseded_paths(
    root: Path, thread_id: str, *, accept_pending: bool = False
) -> list[Path]:
    """Return the snapshots that were provably redacted and should be gone."""
    headers, claims = store.read_headers_with_claims(root, thread_id, accept_pending=accept_pending)
    return [header.path for header in headers if header.digest in claims.proven]


def is_redaction(header: SnapshotHeader) -> bool:
    """Return whether the marks in a snapshot are redactions of this archive."""
    return bool(header.replaces) and not header.is_pending


def collect_levels(raws: Iterable[tuple[SnapshotHeader, Mapping[str, Any]]]) -> dict[str, str]:
    """Return what is redacted in this archive, without redactions of other archives."""
    return redaction.find_redacted_items(
        collect_distinct_things(raw for header, raw in raws if is_redaction(header))
    )


def collect_distinct_things(raws: Iterable[Mapping[str, Any]]) -> list[Thing]:
    """The things of several snapshots, those that did not change between them once."""
    return [*{id(thing): thing for raw in raws for thing in raw["things"]}.values()]


def redact_raw(raw: Mapping[str, Any], plan: RedactionPlan) -> dict[str, Any]:
    """A snapshot's JSON without what is to go."""
    new = {**raw, "request": redact_request(raw["request"], plan)}
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


def redact_request(request: Mapping[str, Any], plan: RedactionPlan) -> dict[str, Any]:
    redacted_request: dict[str, Any] = redaction.redact_strings(dict(request), plan)
    if (
        plan.title_post_ids and redacted_request.get("file", "-") != "-"
    ):  # browsers name a file by its title
        redacted_request["file"] = redaction.PLACEHOLDER
    if plan.title_post_ids and isinstance(redacted_request.get("files"), list):
        redacted_request["files"] = [redaction.PLACEHOLDER for _ in redacted_request["files"]]
    return redacted_request


def find_unredacted_files(
    root: Path, thread_id: str, redacted_posts: RedactionLevels
) -> tuple[list[Path], dict[str, str]]:
    """Find the snapshots that hold what is redacted in others, or in the threads of `posts`.

    Tell as well whether the thread's own post is redacted, by its fullname.
    """
    raws = load_readable_raws(root, thread_id)
    things = collect_distinct_things(raws.values())
    existing_levels = collect_levels(raws.items())
    crossposted = redaction.find_crossposted(things)
    levels = merge_levels(
        existing_levels,
        {name: level for name, level in redacted_posts.items() if name in crossposted},
    )
    plan = redaction.build_plan(things, levels)
    unredacted_paths = [
        header.path for header, raw in raws.items() if levels and redact_raw(raw, plan) != raw
    ]
    return unredacted_paths, select_own_post(thread_id, existing_levels)


def select_own_post(thread_id: str, levels: RedactionLevels) -> dict[str, str]:
    """What is said of the thread's own post."""
    return {name: level for name, level in levels.items() if name == f"t3_{thread_id}"}


def find_redacted_in_other_threads(
    root: Path, thread_id: str, things: Iterable[Thing]
) -> dict[str, str]:
    """Tell which of the posts that are passed on here are redacted in their own threads."""
    levels: dict[str, str] = {}
    for name in redaction.find_crossposted(things):
        match = store.THREAD_NAME.fullmatch(name)
        if match is None or match[1] == thread_id:
            continue
        if find_redacted_digests(root, match[1]):
            levels |= select_own_post(
                match[1], collect_levels(load_readable_raws(root, match[1]).items())
            )
    return levels


def find_threads_crossposting(root: Path, post_names: Collection[str]) -> list[str]:
    """Find the threads that pass one of these posts on. Reads every snapshot's bytes."""
    thread_ids = []
    for thread_id in store.iter_thread_ids(root) if post_names else ():
        other_posts = {*post_names} - {f"t3_{thread_id}"}
        paths = store.list_snapshot_paths(store.thread_folder(root, thread_id))
        if any(other_posts & _read_crossposted(path) for path in paths):
            thread_ids.append(thread_id)
    return thread_ids


def _read_crossposted(path: Path) -> set[str]:
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):  # `verify` names it
        data = regular_files.read_bytes(path)
        if CROSSPOST_START in data:
            return redaction.find_crossposted(json.loads(data)["things"])
    return set()


def merge_levels(*level_maps: RedactionLevels) -> dict[str, str]:
    """Of two levels the one that takes more."""
    strongest_levels: dict[str, str] = {}
    for levels in level_maps:
        for name, level in levels.items():
            strongest_levels[name] = (
                redaction.ALL if redaction.ALL in (level, strongest_levels.get(name)) else level
            )
    return strongest_levels
