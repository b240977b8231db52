"""Snapshots of a thread, merged: a text once seen is never replaced by its deletion or absence."""

from collections.abc import Iterable
from typing import Any

from reddit_archive.history import overwrites, timeline
from reddit_archive.history.observation import Sights, look, says_same
from reddit_archive.history.timeline import OVERWRITTEN, body_of
from reddit_archive.model import capture, completeness, redaction
from reddit_archive.model.capture import Capture, Gap, Thing
from reddit_archive.model.content import Comment, Post
from reddit_archive.model.deletion import NOBODY, lost_text
from reddit_archive.model.thread import Thread

AUTHOR_FIELDS = ("author", "author_fullname", "author_flair_text", "author_flair_richtext")


def merge(thread_id: str, captures: Iterable[Capture] | Sights) -> Thread:
    """Unite captures, oldest first, into the thread as it is now with every text it ever had.

    Each post and comment shows its newest whole text; where that is gone from Reddit, `lost` says
    how, "overwritten" by a wipe tool included. What a later capture does not hold stays: not
    fetched is not deleted. An archive of first texts is older than whatever Reddit said.
    """
    sights = look(captures)
    newest: dict[str, Thing] = {}
    whole: dict[str, Thing] = {}
    authors: dict[str, Thing] = {}
    lost: dict[str, str | None] = {}
    for seen in sights:
        for name, thing in seen.things.items():
            before = newest.get(name)
            if before is thing:
                continue
            newest[name] = thing
            if before is None or not says_same(before, thing):
                lost[name] = _lost(thing, whole.get(name))
            is_whole = lost[name] is None or (name not in whole and timeline.marked(thing["data"]))
            if is_whole and not _is_less(thing, whole.get(name)):
                whole[name] = thing
            if thing["data"].get("author") not in NOBODY:
                authors[name] = thing
    views = {
        name: (_view(name, whole.get(name, thing), authors.get(name), name in whole), lost[name])
        for name, thing in newest.items()
    }
    imported = _imported(sights, {name: whole.get(name, thing) for name, thing in newest.items()})
    post = views.get(f"t3_{thread_id}")
    return Thread(
        thread_id,
        Post(*post, f"t3_{thread_id}" in imported) if post else None,
        (Comment(*views[name], name in imported) for name in _reading_order(sights)),
        _gaps(thread_id, sights),
    )


def _imported(sights: Sights, shown: dict[str, Thing]) -> set[str]:
    """Return the fullnames of texts that only imported captures contain."""
    found: set[str] = set()
    if any(seen.capture.is_imported for seen in sights):
        found = {*shown}
        for seen in sights:
            if not seen.capture.is_imported:
                found -= {
                    name
                    for name in found & seen.things.keys()
                    if capture.say_same([seen.things[name]], [shown[name]])
                }
    return found


def _is_less(thing: Thing, whole: Thing | None) -> bool:
    """Return whether a text was redacted in another archive and is unredacted here."""
    if whole is None or not redaction.is_emptied(thing["data"]):
        return False
    return not redaction.is_emptied(whole["data"])


def _lost(thing: Thing, former: Thing | None) -> str | None:
    if mark := timeline.marked(thing["data"]):
        return mark
    lost = lost_text(thing["kind"], thing["data"])
    if lost is None and former is not None:
        text, before = body_of(thing["data"]), body_of(former["data"])
        return OVERWRITTEN if overwrites.is_overwritten(text, before) else None
    return lost


def _view(name: str, best: Thing, known: Thing | None, is_whole: bool) -> dict[str, Any]:
    """The raw data to show: the last whole data, or else what is left."""
    data: dict[str, Any] = best["data"]
    if data.get("id") != name[3:]:
        data = {**data, "id": name[3:]}
    if data.get("author") in NOBODY and known is not None and is_whole:
        data = data | {key: known["data"].get(key) for key in AUTHOR_FIELDS}
    return data


def _reading_order(sights: Sights) -> list[str]:
    """Comments in the order of the fullest capture, the newest of equals, then all others."""
    newest_first = sorted(sights, key=lambda seen: -seen.number)
    fullest_first = sorted(newest_first, key=lambda seen: -len(seen.things) - len(seen.stubbed))
    names: dict[str, None] = {}
    for seen in fullest_first:
        names |= dict.fromkeys(seen.things)
    return [name for name in names if name.startswith("t1_")]


def _gaps(thread_id: str, sights: Sights) -> tuple[Gap, ...]:
    """Return what is missing after all captures, in their order."""
    in_order = sorted(sights, key=lambda seen: seen.number)
    for seen in in_order[-1:]:
        if completeness.shows_whole_thread(seen.capture, seen.things, seen.stubs):
            return ()
    observations = [
        completeness.observation_of(seen.capture, seen.things, seen.stubs) for seen in in_order
    ]
    return completeness.gaps(thread_id, observations)
