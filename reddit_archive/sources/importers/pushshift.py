"""Objects of the dumps of Pushshift and Arctic Shift: posts and comments, each as Reddit gave it.

They were taken one by one as they were written, and each says when, in `retrieved_on` or
`retrieved_utc`; some of the oldest do not.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from reddit_archive.model import capture, comment_tree
from reddit_archive.model.capture import Capture, Thing, fullname
from reddit_archive.model.json_fields import moment
from reddit_archive.sources import flatten
from reddit_archive.sources.saved_json.joiner import Page, said

NAME = "dump"


def thing(value: dict[str, Any]) -> Thing | None:
    """Convert a single plain post or comment to a thing, which then owns the object.

    Returns None for anything else, and if others are nested in it, which `flattening` handles.
    """
    kind = flatten.plain_kind(value)
    if kind is None or flatten.has_nested(value):
        return None
    flatten.complete_ids(kind, value)
    value.pop("replies", None)
    return with_number({"kind": kind, "data": value})


def with_number(thing: Thing) -> Thing:
    """Convert `created_utc` from text to a number, as in Reddit's own JSON."""
    created = thing["data"].get("created_utc")
    if isinstance(created, str) and created.isdecimal() and len(created) < 12:
        thing["data"]["created_utc"] = int(created)
    return thing


def retrieved_at(data: dict[str, Any]) -> datetime | None:
    return moment(data, "retrieved_on") or moment(data, "retrieved_utc")


def captures(thread_id: str, pages: Sequence[Page], *, is_part: bool) -> Iterator[Capture]:
    """Make a capture of what the dumps hold of a thread, dated by the last look at any of it.

    Where no look is dated, the file's last change must do.
    Where they hold a post or comment with two texts, each later text is in a capture of its own.
    Siblings stand with the highest score first, for a dump has no order of Reddit's.
    """
    files = sorted({page.name for page in pages})
    for layer in _layers(pages):
        things = comment_tree.assemble((), (thing for thing, _ in layer))
        request: dict[str, Any] = {"file": files[0]} if len(files) == 1 else {"files": files}
        if is_part:
            request["whole"] = False
        known = [at for thing, _ in layer if (at := retrieved_at(thing["data"]))]
        at = min(max(known or [at for _, at in layer]), capture.now()).replace(microsecond=0)
        yield Capture(thread_id, at, NAME, request, things, live=False)


def _layers(pages: Sequence[Page]) -> list[list[tuple[Thing, datetime]]]:
    """Put what is there once in the first layer, and each further text of it in the next one."""
    met: dict[str, dict[tuple[str, ...], tuple[Thing, datetime]]] = {}
    others: list[tuple[Thing, datetime]] = []
    for page in pages:
        for found in page.things:
            at = retrieved_at(found["data"]) or page.at
            if found["kind"] not in ("t1", "t3"):
                others.append((found, at))
                continue
            texts = met.setdefault(fullname(found) or "", {})
            known = texts.setdefault(said(found), (found, at))
            if at > known[1]:  # the later look has the votes as they settled
                texts[said(found)] = (found, at)
    layers = [others] if others else []
    for texts in met.values():
        for number, each in enumerate(sorted(texts.values(), key=lambda each: each[1])):
            if number == len(layers):
                layers.append([])
            layers[number].append(each)
    return layers
