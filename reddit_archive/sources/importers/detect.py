"""What a JSON value is, told by its shape: whose export, of which threads."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from reddit_archive.model.capture import Thing, fullname, text_of
from reddit_archive.sources import flatten, saved_json
from reddit_archive.sources.importers import bdfr, gallery_dl, pushshift

ID = re.compile(r"[0-9a-z]{1,13}")
OTHER_KEYS = frozenset({"comments", "submission", "category"})
"""Each object of BDFR and gallery-dl has one of these keys, and Reddit's have none."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a value holds of one thread. `is_part` where its shape says that there is more."""

    thread_id: str
    source: str
    things: tuple[Thing, ...]
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class Recognized:
    """The contents of a value by thread, and the number of unreadable posts and comments."""

    found: tuple[Found, ...]
    left_out: int = 0


def recognize(value: Any) -> Recognized:
    """Return the contents of a value, which are empty if its format is unknown.

    If something in it can't be read, all of its threads are marked as partial.
    """
    source, things, left_out = _read(value)
    found = [each for each in _by_thread(source, things) if any(map(_is_said, each.things))]
    if found:  # some things name no thread, others do
        left_out += sum(map(_is_post_or_comment, things)) - sum(map(count, found))
    if left_out:
        found = [replace(each, is_part=True) for each in found]
    return Recognized(tuple(found), left_out)


def recognize_single(value: Any) -> Found | None:
    """Return the contents of a value that is one post or comment, as in most lines of dumps."""
    if not isinstance(value, dict) or not OTHER_KEYS.isdisjoint(value):
        return None
    thing = pushshift.thing(value)
    thread_id = _thread_of(thing) if thing else ""
    return Found(thread_id, pushshift.NAME, (thing,)) if thing and thread_id else None


def count(found: Found) -> int:
    """Count its posts and comments."""
    return sum(map(_is_post_or_comment, found.things))


def _read(value: Any) -> tuple[str, list[Thing], int]:
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(value, dict) and gallery_dl.is_record(value):
        return gallery_dl.NAME, list(gallery_dl.things(value)), 0
    if isinstance(value, list) and gallery_dl.is_list(value):
        return gallery_dl.NAME, list(gallery_dl.things(value)), 0
    flat = flatten.flatten(value)
    things, left_out = list(flat.things), len(flat.left_out)
    if bdfr.is_post(first) or bdfr.is_comment(first):
        return bdfr.NAME, bdfr.things(value, things), left_out
    if _is_dump(value, first) or not flat.is_from_reddit:
        return pushshift.NAME, list(map(pushshift.with_number, things)), left_out
    return saved_json.NAME, things, left_out


def _is_dump(value: Any, first: Any) -> bool:
    """Return whether this is a list of plain objects or an archive's API answer."""
    is_answer = isinstance(value, dict) and isinstance(value.get("data"), list)
    return is_answer or (isinstance(first, dict) and flatten.plain_kind(first) is not None)


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


def _is_post_or_comment(thing: Thing) -> bool:
    return thing["kind"] in ("t1", "t3")


def _is_said(thing: Thing) -> bool:
    return _is_post_or_comment(thing) and fullname(thing) is not None
