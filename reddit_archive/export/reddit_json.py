"""A thread as Reddit's own page of it, `/comments/ID.json`: what other tools and `archive` read.

Each post and comment is as it was last seen whole. One that Reddit no longer shows carries two
fields more: `_lost`, what became of it, and `_seen_utc`, when its text was last seen.
"""

import json
import math
from collections.abc import Iterator
from typing import Any

from reddit_archive.export.thread_data import ThreadData
from reddit_archive.history.timeline import EXPORTED_LAST_SEEN_KEY, EXPORTED_STATUS_KEY
from reddit_archive.model import viewer_fields
from reddit_archive.model.capture import MissingComments
from reddit_archive.model.content import Comment, UserContent
from reddit_archive.model.json_fields import MAX_JSON_DEPTH, get_str
from reddit_archive.model.thread import Thread

LISTING_START = (
    '{"kind":"Listing","data":{"after":null,"dist":null,"modhash":"","geo_filter":"","children":['
)
LISTING_END = '],"before":null}}'
CONTINUE_THREAD_ID = "_"
"""The id of a stub that Reddit calls "continue this thread"."""


def iter_chunks(thread_data: ThreadData) -> Iterator[str]:
    """Write the page in pieces, on one line; without recursion, for threads nest as deep as talk.

    Kinds of things that such a page has no place for are left out.
    """
    thread = thread_data.thread
    yield f"[{LISTING_START}"
    if thread.post:
        yield _serialize_thing("t3", _build_data(thread_data, thread.post))
    yield f"{LISTING_END},{LISTING_START}"
    yield from _iter_comment_tree(thread_data, _group_missing_by_parent(thread))
    yield f"{LISTING_END}]\n"


def _iter_comment_tree(
    thread_data: ThreadData, missing_by_parent: dict[str | None, list[MissingComments]]
) -> Iterator[str]:
    """Write what is below the post, each comment with what is below it."""
    thread = thread_data.thread
    stack = [_iter_children(thread, missing_by_parent, None)]
    is_first = True
    while stack:
        item = next(stack[-1], None)
        if item is None:
            stack.pop()
            yield f"{LISTING_END}}}}}" if stack else ""
            is_first = False
            continue
        yield "" if is_first else ","
        is_first = False
        if isinstance(item, MissingComments):
            yield _serialize_thing("more", _build_more(item, depth=len(stack)))
            continue
        data = _build_data(thread_data, item) | {"depth": len(stack) - 1, "replies": ""}
        if not thread.replies(item.id) and item.id not in missing_by_parent:
            yield _serialize_thing("t1", data)
            continue
        yield _serialize_thing("t1", data).removesuffix('""}}') + LISTING_START
        stack.append(_iter_children(thread, missing_by_parent, item.id))
        is_first = True


def _iter_children(
    thread: Thread,
    missing_by_parent: dict[str | None, list[MissingComments]],
    comment_id: str | None,
) -> Iterator[Comment | MissingComments]:
    yield from (thread.comments[child_id] for child_id in thread.replies(comment_id))
    yield from missing_by_parent.get(comment_id, ())


def _group_missing_by_parent(thread: Thread) -> dict[str | None, list[MissingComments]]:
    """What is missing, by the comment below which it is; None for the post."""
    missing_by_parent: dict[str | None, list[MissingComments]] = {}
    for missing_comments in thread.missing_comments:
        parent_id = missing_comments.parent.removeprefix("t1_")
        missing_by_parent.setdefault(
            parent_id if parent_id in thread.comments else None, []
        ).append(missing_comments)
    return missing_by_parent


def _build_more(missing_comments: MissingComments, *, depth: int) -> dict[str, Any]:
    first_id = missing_comments.ids[0] if missing_comments.ids else CONTINUE_THREAD_ID
    more: dict[str, Any] = {
        "count": missing_comments.count,
        "name": f"t1_{first_id}",
        "id": first_id,
    }
    more |= {
        "parent_id": missing_comments.parent,
        "depth": depth - 1,
        "children": [*missing_comments.ids],
    }
    return more | {"_withheld": True} if missing_comments.is_withheld else more


def _build_data(thread_data: ThreadData, content: UserContent) -> dict[str, Any]:
    """The raw data, with the fields without which it has no place, in the order that it came."""
    data = {**viewer_fields.drop(dict(content.raw)), "name": content.fullname, "id": content.id}
    if isinstance(content, Comment):
        data["link_id"] = get_str(data, "link_id") or f"t3_{thread_data.thread.id}"
    if "_escaped" in data or not (get_str(data, "body_html") or get_str(data, "selftext_html")):
        data["_escaped"] = False  # no HTML tells a reader that these `&amp;` are what was typed
    if content.is_preserved:
        last_seen = int(thread_data.get_text_last_seen(content).timestamp())
        data |= {
            EXPORTED_STATUS_KEY: thread_data.get_timeline(content).deletion_status
            or content.deletion_status,
            EXPORTED_LAST_SEEN_KEY: last_seen,
        }
    return data


def _serialize_thing(kind: str, data: dict[str, Any]) -> str:
    try:
        return json.dumps({"kind": kind, "data": data}, separators=(",", ":"), allow_nan=False)
    except ValueError:  # what no JSON can hold, some answers do
        return json.dumps({"kind": kind, "data": _remove_non_finite(data)}, separators=(",", ":"))


def _remove_non_finite(value: Any, depth: int = 0) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if depth < MAX_JSON_DEPTH and isinstance(value, dict):
        return {key: _remove_non_finite(item, depth + 1) for key, item in value.items()}
    if depth < MAX_JSON_DEPTH and isinstance(value, list):
        return [_remove_non_finite(item, depth + 1) for item in value]
    return value
