"""What a JSON value is, told by its shape: whose export, of which threads."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from reddit_archive import capture
from reddit_archive.capture import Thing, fullname, text_of
from reddit_archive.sources import saved
from reddit_archive.sources.exports import bdfr, dumps, gallery_dl

ID = re.compile(r"[0-9a-z]{1,13}")


@dataclass(frozen=True, slots=True)
class Found:
    """What a value holds of one thread. `is_part` where its shape says that there is more."""

    thread_id: str
    source: str
    things: tuple[Thing, ...]
    is_part: bool = False


def recognise(value: Any) -> list[Found]:
    """Tell what a value holds, thread by thread; [] for what is none of the forms known here."""
    source, things = _read(value)
    found = list(_by_thread(source, [thing for thing in things if thing["kind"] != "unknown"]))
    return [part for part in found if any(map(_is_said, part.things))]


def recognise_line(value: Any) -> Found | None:
    """As `recognise`, for one line of many, which is a single post or comment."""
    if (
        isinstance(value, dict)
        and (thing := dumps.thing(value))
        and not gallery_dl.is_record(value)
    ):
        thread_id = _thread_of(thing)
        return Found(thread_id, dumps.NAME, (thing,)) if thread_id else None
    found = recognise(value)
    return found[0] if len(found) == 1 else None


def _read(value: Any) -> tuple[str, Iterable[Thing]]:
    match value:
        case dict() if gallery_dl.is_record(value):
            return gallery_dl.NAME, gallery_dl.things(value)
        case dict() if bdfr.is_post(value) or bdfr.is_comment(value):
            return bdfr.NAME, bdfr.things(value)
        case dict() if dumps.kind(value):
            return dumps.NAME, filter(None, [dumps.thing(value)])
        case {"data": [*records]} if records:
            return dumps.NAME, _records(records)
        case [dict() as first, *_] if dumps.kind(first):
            return dumps.NAME, _records(value)
        case list() if gallery_dl.is_list(value):
            return gallery_dl.NAME, gallery_dl.things(value)
        case [dict() as first, *_] if bdfr.is_post(first) or bdfr.is_comment(first):
            return bdfr.NAME, (thing for each in value for thing in _read(each)[1])
    return saved.NAME, capture.flatten(value)


def _records(records: list[Any]) -> Iterator[Thing]:
    """Give the objects of an answer of an archive's API, be it a list or a tree."""
    for record in records:
        found = dumps.thing(record) if isinstance(record, dict) else None
        yield from [found] if found else capture.flatten(record)


def _by_thread(source: str, things: list[Thing]) -> Iterator[Found]:
    """Sort things by their thread. A page of one thread keeps what names none."""
    owners: dict[str, str] = {}
    groups: dict[str, list[Thing]] = {}
    for thing in things:
        above = text_of(thing, "parent_id").lower()
        owner = _thread_of(thing) or owners.get(above) or (above[3:] if above[:3] == "t3_" else "")
        if owner:
            owners[fullname(thing) or ""] = owner
        groups.setdefault(owner, []).append(thing)
    strays = groups.pop("", [])
    if len(groups) == 1:
        thread_id = next(iter(groups))
        yield Found(thread_id, source, tuple(things))
        return
    if strays and not groups:
        return
    for thread_id, part in groups.items():
        yield Found(thread_id, source, tuple(part), is_part=True)


def _thread_of(thing: Thing) -> str:
    name = fullname(thing) if thing["kind"] == "t3" else text_of(thing, "link_id").lower()
    found = (name or "").removeprefix("t3_")
    return found if ID.fullmatch(found) else ""


def _is_said(thing: Thing) -> bool:
    return thing["kind"] in ("t1", "t3") and fullname(thing) is not None
