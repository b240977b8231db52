"""Read dumps of Pushshift and Arctic Shift: objects of single posts and comments.

Each was retrieved soon after it was written, at the time in `retrieved_on` or `retrieved_utc`. Some
of the oldest have no such time.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from reddit_archive.model import capture, comment_tree
from reddit_archive.model.capture import Capture, Thing, get_fullname
from reddit_archive.model.json_fields import get_datetime
from reddit_archive.sources import extract
from reddit_archive.sources.saved_json.joiner import SavedPage, get_content_fields

NAME = "dump"


def to_thing(value: dict[str, Any]) -> Thing | None:
    """Convert a single plain post or comment to a thing, which then owns the object.

    Returns None for anything else, and for nested posts or comments (see `extract.extract_things`).
    """
    kind = extract.detect_kind(value)
    if kind is None or extract.has_nested(value):
        return None
    extract.complete_ids(kind, value)
    value.pop("replies", None)
    return convert_created_utc({"kind": kind, "data": value})


def convert_created_utc(thing: Thing) -> Thing:
    """Convert `created_utc` from text to a number, as in Reddit's own JSON."""
    created = thing["data"].get("created_utc")
    if isinstance(created, str) and created.isdecimal() and len(created) < 12:
        thing["data"]["created_utc"] = int(created)
    return thing


def get_retrieved_at(data: dict[str, Any]) -> datetime | None:
    return get_datetime(data, "retrieved_on") or get_datetime(data, "retrieved_utc")


def build_captures(
    thread_id: str, pages: Sequence[SavedPage], *, is_partial: bool
) -> Iterator[Capture]:
    """Build captures of a thread in dumps, with the time of the last retrieval.

    Without any such time, the modification time of the file is used. If a post or comment has
    several texts, each later text is in a capture of its own. Siblings are sorted by score, because
    a dump does not have Reddit's order.
    """
    files = sorted({page.file_name for page in pages})
    for layer in _split_into_layers(pages):
        things = comment_tree.merge_listings((), (thing for thing, _ in layer))
        request: dict[str, Any] = {"file": files[0]} if len(files) == 1 else {"files": files}
        if is_partial:
            request["whole"] = False
        retrieval_times = [
            captured_at for thing, _ in layer if (captured_at := get_retrieved_at(thing["data"]))
        ]
        captured_at = min(
            max(retrieval_times or [captured_at for _, captured_at in layer]), capture.utc_now()
        ).replace(microsecond=0)
        yield Capture(thread_id, captured_at, NAME, request, things, is_live=False)


def _split_into_layers(pages: Sequence[SavedPage]) -> list[list[tuple[Thing, datetime]]]:
    """Split things into layers: the first text of each in the first layer, the next in the next."""
    versions_by_name: dict[str, dict[tuple[str, ...], tuple[Thing, datetime]]] = {}
    others: list[tuple[Thing, datetime]] = []
    for page in pages:
        for thing in page.things:
            retrieved_at = get_retrieved_at(thing["data"]) or page.modified_at
            if thing["kind"] not in ("t1", "t3"):
                others.append((thing, retrieved_at))
                continue
            versions = versions_by_name.setdefault(get_fullname(thing) or "", {})
            existing = versions.setdefault(get_content_fields(thing), (thing, retrieved_at))
            if retrieved_at > existing[1]:  # the later one has the final score
                versions[get_content_fields(thing)] = (thing, retrieved_at)
    layers = [others] if others else []
    for versions in versions_by_name.values():
        for number, version in enumerate(sorted(versions.values(), key=lambda version: version[1])):
            if number == len(layers):
                layers.append([])
            layers[number].append(version)
    return layers
