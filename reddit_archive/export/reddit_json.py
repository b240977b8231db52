"""A thread as Reddit's own page of it, `/comments/ID.json`: what other tools and `archive` read.

Each post and comment is as it was last seen whole. One that Reddit no longer shows carries two
fields more: `_lost`, what became of it, and `_seen_utc`, when its text was last seen.
"""

import json
import math
from collections.abc import Iterator
from typing import Any

from reddit_archive.export.thread_data import Known
from reddit_archive.history.timeline import MARK, SEEN
from reddit_archive.model import viewer_fields
from reddit_archive.model.capture import Gap
from reddit_archive.model.content import Comment, Said
from reddit_archive.model.json_fields import DEEPEST_VALUE, text
from reddit_archive.model.thread import Thread

OPEN = (
    '{"kind":"Listing","data":{"after":null,"dist":null,"modhash":"","geo_filter":"","children":['
)
CLOSE = '],"before":null}}'
NOTHING_MORE = "_"
"""The id of a stub that Reddit calls "continue this thread"."""


def write(known: Known) -> Iterator[str]:
    """Write the page in pieces, on one line; without recursion, for threads nest as deep as talk.

    Kinds of things that such a page has no place for are left out.
    """
    thread = known.thread
    yield f"[{OPEN}"
    if thread.post:
        yield _written("t3", _data(known, thread.post))
    yield f"{CLOSE},{OPEN}"
    yield from _tree(known, _stubs(thread))
    yield f"{CLOSE}]\n"


def _tree(known: Known, stubs: dict[str | None, list[Gap]]) -> Iterator[str]:
    """Write what is below the post, each comment with what is below it."""
    thread = known.thread
    todo = [_below(thread, stubs, None)]
    is_first = True
    while todo:
        here = next(todo[-1], None)
        if here is None:
            todo.pop()
            yield f"{CLOSE}}}}}" if todo else ""
            is_first = False
            continue
        yield "" if is_first else ","
        is_first = False
        if isinstance(here, Gap):
            yield _written("more", _stub(here, level=len(todo)))
            continue
        data = _data(known, here) | {"depth": len(todo) - 1, "replies": ""}
        if not thread.replies(here.id) and here.id not in stubs:
            yield _written("t1", data)
            continue
        yield _written("t1", data).removesuffix('""}}') + OPEN
        todo.append(_below(thread, stubs, here.id))
        is_first = True


def _below(
    thread: Thread, stubs: dict[str | None, list[Gap]], comment_id: str | None
) -> Iterator[Comment | Gap]:
    yield from (thread.comments[each] for each in thread.replies(comment_id))
    yield from stubs.get(comment_id, ())


def _stubs(thread: Thread) -> dict[str | None, list[Gap]]:
    """What is missing, by the comment below which it is; None for the post."""
    found: dict[str | None, list[Gap]] = {}
    for gap in thread.gaps:
        above = gap.parent.removeprefix("t1_")
        found.setdefault(above if above in thread.comments else None, []).append(gap)
    return found


def _stub(gap: Gap, *, level: int) -> dict[str, Any]:
    first = gap.ids[0] if gap.ids else NOTHING_MORE
    shown: dict[str, Any] = {"count": gap.count, "name": f"t1_{first}", "id": first}
    shown |= {"parent_id": gap.parent, "depth": level - 1, "children": [*gap.ids]}
    return shown | {"_withheld": True} if gap.is_withheld else shown


def _data(known: Known, said: Said) -> dict[str, Any]:
    """The raw data, with the fields without which it has no place, in the order that it came."""
    data = {**viewer_fields.drop(dict(said.raw)), "name": said.fullname, "id": said.id}
    if isinstance(said, Comment):
        data["link_id"] = text(data, "link_id") or f"t3_{known.thread.id}"
    if "_escaped" in data or not (text(data, "body_html") or text(data, "selftext_html")):
        data["_escaped"] = False  # no HTML tells a reader that these `&amp;` are what was typed
    if said.is_kept:
        seen = int(known.text_seen(said).timestamp())
        data |= {MARK: known.life(said).lost or said.lost, SEEN: seen}
    return data


def _written(kind: str, data: dict[str, Any]) -> str:
    try:
        return json.dumps({"kind": kind, "data": data}, separators=(",", ":"), allow_nan=False)
    except ValueError:  # what no JSON can hold, some answers do
        return json.dumps({"kind": kind, "data": _finite(data)}, separators=(",", ":"))


def _finite(value: Any, depth: int = 0) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if depth < DEEPEST_VALUE and isinstance(value, dict):
        return {key: _finite(item, depth + 1) for key, item in value.items()}
    if depth < DEEPEST_VALUE and isinstance(value, list):
        return [_finite(item, depth + 1) for item in value]
    return value
