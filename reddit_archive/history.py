"""Snapshots of a thread, merged: a text once seen is never replaced by its deletion or absence."""

from collections.abc import Iterable
from typing import Any

from reddit_archive import capture
from reddit_archive.capture import Capture, Gap, Thing
from reddit_archive.thread import NO_AUTHOR, Comment, Post, Thread, lost_text

AUTHOR_FIELDS = ("author", "author_fullname", "author_flair_text", "author_flair_richtext")


def merge(thread_id: str, captures: Iterable[Capture]) -> Thread:
    """Unite captures, oldest first, into the thread as it is now with every text it ever had.

    Each post and comment shows its newest whole text; where that is gone from Reddit, `lost` says
    how. What a later capture does not hold stays: not fetched is not deleted.
    """
    captures = tuple(captures)
    newest: dict[str, Thing] = {}
    whole: dict[str, Thing] = {}
    authors: dict[str, Thing] = {}
    for thing in (thing for taken in captures for thing in capture.plain(taken.things)):
        name = capture.fullname(thing)
        if name is None or thing["kind"] not in ("t1", "t3"):
            continue
        newest[name] = thing
        if lost_text(thing["kind"], thing["data"]) is None:
            whole[name] = thing
        if thing["data"].get("author") not in (None, *NO_AUTHOR):
            authors[name] = thing
    post = newest.get(f"t3_{thread_id}")
    return Thread(
        thread_id,
        Post(*_view(post, whole, authors)) if post else None,
        (Comment(*_view(newest[name], whole, authors)) for name in _reading_order(captures)),
        _open_gaps(captures, newest),
    )


def _view(
    thing: Thing, whole: dict[str, Thing], authors: dict[str, Thing]
) -> tuple[dict[str, Any], str | None]:
    """The raw data to show, and how it is lost: the last whole data, or else what is left."""
    name = capture.fullname(thing) or ""
    lost = lost_text(thing["kind"], thing["data"])
    best = whole.get(name, thing)["data"]
    known = authors.get(name)
    data = {**best, "id": name[3:]}
    if best.get("author") in (None, *NO_AUTHOR) and known is not None and name in whole:
        data |= {key: known["data"].get(key) for key in AUTHOR_FIELDS}
    return data, lost


def _reading_order(captures: tuple[Capture, ...]) -> dict[str, None]:
    """Comments in the order of the fullest capture, the newest of equals, then all others."""
    newest_first = captures[::-1]
    fullest_first = sorted(newest_first, key=lambda taken: -len(taken.things))
    names = (
        capture.fullname(thing)
        for taken in fullest_first
        for thing in taken.things
        if thing["kind"] == "t1"
    )
    return dict.fromkeys(name for name in names if name is not None)


def _open_gaps(captures: tuple[Capture, ...], known: dict[str, Thing]) -> tuple[Gap, ...]:
    """What the newest capture misses and no other holds."""
    stubs = (thing for thing in captures[-1].things if thing["kind"] == "more") if captures else ()
    return capture.find_gaps((*stubs, *known.values()))
