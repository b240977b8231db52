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
from reddit_archive.archive.snapshot_format import Head
from reddit_archive.archive.snapshot_reader import Reader, uncollected
from reddit_archive.files import regular_files
from reddit_archive.model import redaction, viewer_fields
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.model.redaction import Levels, Plan
from reddit_archive.model.replacement import holds_nothing_new

CROSSPOST = b'"crosspost_parent_list":[{'
"""How a snapshot's bytes hold a post that is passed on; in a text, each quote has a backslash."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A snapshot as it stands in its file (`raw`), and as it is read."""

    head: Head
    raw: dict[str, Any]
    capture: Capture


def load(root: Path, thread_id: str, *, accepting: bool = False) -> list[Shot]:
    """Read a thread's snapshots as they stand in their files. Raises DamageFound."""
    return store.steadily(lambda: _load(root, thread_id, accepting))


def _load(root: Path, thread_id: str, accepting: bool) -> list[Shot]:
    reader = Reader()
    shots = []
    for head in store.heads(root, thread_id, accepting=accepting):
        taken = snapshot_format.load_head(head, reader=reader).capture
        shots.append(Shot(head, reader.parse(regular_files.read_bytes(head.path)), taken))
    return shots


def legible(root: Path, thread_id: str) -> dict[Head, dict[str, Any]]:
    """The JSON of those of a thread's snapshots that can be read; the others `verify` names."""
    reader = Reader()
    found: dict[Head, dict[str, Any]] = {}
    with uncollected():
        for head in store.heads(root, thread_id):
            with suppress(OSError, ValueError, RecursionError, errors.ArchiveError):
                data = regular_files.read_bytes(head.path)
                if snapshot_format.mismatch(head.path, data) is None:
                    raw = reader.parse(data)
                    snapshot_format.understand(raw, head.path)
                    found[head] = raw
    return found


def redacted(root: Path, thread_id: str) -> set[str]:
    """Return the digests of a thread's snapshots from which this archive redacted something."""
    return {head.digest for head in store.heads(root, thread_id) if is_redaction(head)}


def replaced(root: Path, thread_id: str, *, accepting: bool = False) -> list[Path]:
    """Return the snapshots that were provably redacted and should be gone."""
    found, checked = store.judged(root, thread_id, accepting=accepting)
    return [head.path for head in found if head.digest in checked.proven]


def is_redaction(head: Head) -> bool:
    """Return whether the marks in a snapshot are redactions of this archive."""
    return bool(head.replaces) and not head.is_offered


def marked(raws: Iterable[tuple[Head, Mapping[str, Any]]]) -> dict[str, str]:
    """Return what is redacted in this archive, without redactions of other archives."""
    return redaction.marked(distinct(raw for head, raw in raws if is_redaction(head)))


def distinct(raws: Iterable[Mapping[str, Any]]) -> list[Thing]:
    """The things of several snapshots, those that did not change between them once."""
    return [*{id(thing): thing for raw in raws for thing in raw["things"]}.values()]


def rewritten(raw: Mapping[str, Any], wanted: Plan) -> dict[str, Any]:
    """A snapshot's JSON without what is to go."""
    new = {**raw, "request": asked_without(raw["request"], wanted)}
    for key in ("media", "media_gaps"):
        if raw.get(key):
            new[key] = [entry for entry in raw[key] if entry.get("of") not in wanted.hidden]
    new["things"] = list(redaction.apply(raw["things"], wanted))
    return without_viewer(new) if wanted.has_viewer else new


def without_viewer(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return a snapshot's JSON without the viewer's fields; unchanged if they are all empty."""
    if not any(viewer_fields.has_values(thing["data"]) for thing in raw["things"]):
        return {**raw}
    return {**raw, "things": list(viewer_fields.drop_from_things(raw["things"]))}


def are_twins(one: Head, other: Head) -> bool:
    """Return whether two snapshots can be redactions of the same one. True if one is damaged."""
    first, second = replacement_claims.read_json(one.path), replacement_claims.read_json(other.path)
    if first is None or second is None:
        return True
    try:
        things = [*first["things"], *second["things"]]
        wanted = redaction.plan(things, redaction.marked(things))
        return one.captured_at == other.captured_at and (
            holds_nothing_new(second, rewritten(first, wanted))
            or holds_nothing_new(first, rewritten(second, wanted))
        )
    except (KeyError, TypeError, AttributeError, RecursionError):  # not a snapshot
        return False


def asked_without(request: Mapping[str, Any], wanted: Plan) -> dict[str, Any]:
    asked: dict[str, Any] = redaction.scrub(dict(request), wanted)
    if wanted.titles and asked.get("file", "-") != "-":  # browsers name a file by its title
        asked["file"] = redaction.WORDS
    if wanted.titles and isinstance(asked.get("files"), list):
        asked["files"] = [redaction.WORDS for _ in asked["files"]]
    return asked


def left(root: Path, thread_id: str, posts: Levels) -> tuple[list[Path], dict[str, str]]:
    """Find the snapshots that hold what is redacted in others, or in the threads of `posts`.

    Tell as well whether the thread's own post is redacted, by its fullname.
    """
    raws = legible(root, thread_id)
    things = distinct(raws.values())
    known = marked(raws.items())
    inside = redaction.passed_on(things)
    levels = united(known, {name: level for name, level in posts.items() if name in inside})
    wanted = redaction.plan(things, levels)
    found = [head.path for head, raw in raws.items() if levels and rewritten(raw, wanted) != raw]
    return found, own(thread_id, known)


def own(thread_id: str, levels: Levels) -> dict[str, str]:
    """What is said of the thread's own post."""
    return {name: level for name, level in levels.items() if name == f"t3_{thread_id}"}


def elsewhere(root: Path, thread_id: str, things: Iterable[Thing]) -> dict[str, str]:
    """Tell which of the posts that are passed on here are redacted in their own threads."""
    found: dict[str, str] = {}
    for name in redaction.passed_on(things):
        match = store.THREAD_NAME.fullmatch(name)
        if match is None or match[1] == thread_id:
            continue
        if redacted(root, match[1]):
            found |= own(match[1], marked(legible(root, match[1]).items()))
    return found


def passing_on(root: Path, posts: Collection[str]) -> list[str]:
    """Find the threads that pass one of these posts on. Reads every snapshot's bytes."""
    found = []
    for thread_id in store.threads(root) if posts else ():
        wanted = {*posts} - {f"t3_{thread_id}"}
        paths = store.snapshot_paths(store.thread_folder(root, thread_id))
        if any(wanted & _passed_on(path) for path in paths):
            found.append(thread_id)
    return found


def _passed_on(path: Path) -> set[str]:
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):  # `verify` names it
        data = regular_files.read_bytes(path)
        if CROSSPOST in data:
            return redaction.passed_on(json.loads(data)["things"])
    return set()


def united(*several: Levels) -> dict[str, str]:
    """Of two levels the one that takes more."""
    found: dict[str, str] = {}
    for levels in several:
        for name, level in levels.items():
            found[name] = redaction.ALL if redaction.ALL in (level, found.get(name)) else level
    return found
