"""Export a thread in the format of Reddit's `/comments/ID.json`, which other tools can read.

Each post and comment has the last text that was seen. If Reddit no longer shows that text, there
are two more fields: `_lost`, the reason, and `_seen_utc`, when the text was last seen.
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
"""The ID of a `more` that Reddit shows as "continue this thread"."""


def iter_chunks(thread_data: ThreadData) -> Iterator[str]:
    """Yield the JSON of a thread in parts, all on one line.

    This does not recurse, because threads may be deeper than Python's recursion limit. Things that
    are not posts, comments or `more` are left out.
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
    """Yield the comments below the post, each with its replies."""
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
    """Group missing comments by the ID of their parent comment; None stands for the post."""
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
    """Return the raw data in its original order, with the fields that a reader requires."""
    data = {**viewer_fields.drop(dict(content.raw)), "name": content.fullname, "id": content.id}
    if isinstance(content, Comment):
        data["link_id"] = get_str(data, "link_id") or f"t3_{thread_data.thread.id}"
    if "_escaped" in data or not (get_str(data, "body_html") or get_str(data, "selftext_html")):
        data["_escaped"] = False  # without HTML, a reader can't tell whether `&amp;` was typed
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
    except ValueError:  # some responses contain NaN or Infinity, which JSON does not allow
        return json.dumps({"kind": kind, "data": _remove_non_finite(data)}, separators=(",", ":"))


def _remove_non_finite(value: Any, depth: int = 0) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if depth < MAX_JSON_DEPTH and isinstance(value, dict):
        return {key: _remove_non_finite(item, depth + 1) for key, item in value.items()}
    if depth < MAX_JSON_DEPTH and isinstance(value, list):
        return [_remove_non_finite(item, depth + 1) for item in value]
    return value
