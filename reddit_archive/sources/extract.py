"""Extract posts and comments from any nested JSON: Reddit's things and plain objects.

Ids become fullnames, whatever form an archive gives them. Values that can't be read as a post or
comment are counted, never dropped silently.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from reddit_archive.model.capture import THING_KINDS, Thing, get_data_str, get_fullname

NESTED_KEYS = ("replies", "comments", "children")
CONTENT_KEYS = ("body", "title", "selftext", "kind", "parent_id")
"""Each post, comment and listing has at least one of these keys."""
PERMALINK = re.compile(r"/comments/([0-9a-z]{1,13})(?:/|$)", re.IGNORECASE)
ID = re.compile(r"[0-9a-z]{1,13}", re.IGNORECASE)
FULLNAME_PREFIXES = ("t1_", "t3_", "T1_", "T3_")
BASE36_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
MAX_INTEGER = 36**13
MIN_DECIMAL_DIGITS = 9
"""From this many digits on, text is an integer in decimal: Reddit's own ids are shorter."""


@dataclass(frozen=True, slots=True)
class Position:
    """The position of a value: fullnames of its post and parent, "" if unknown.

    `is_content_expected` means that an unreadable value at this position counts as skipped,
    because it is in a list or among replies.
    """

    link_id: str = ""
    parent_id: str = ""
    is_content_expected: bool = True


TOP_LEVEL = Position()


@dataclass(frozen=True, slots=True)
class ExtractedThings:
    """Posts, comments and other things in reading order, and the values that can't be read.

    `is_from_reddit` means that at least one has Reddit's own shape, `{"kind": …, "data": …}`.
    """

    things: tuple[Thing, ...]
    skipped_values: tuple[Any, ...]
    is_from_reddit: bool


def extract_things(value: Any) -> ExtractedThings:
    """Extract posts and comments from any JSON, without recursion because threads nest deep."""
    things: list[Thing] = []
    skipped_values: list[Any] = []
    is_from_reddit = False
    pending = [(value, TOP_LEVEL)]
    while pending:
        current, position = pending.pop()
        kind = _get_kind(current, position)
        if kind is None:
            children, child_position = _get_children(current, position)
            skipped_values += (
                [current] if _is_unreadable_content(current, children, position) else []
            )
        else:
            is_thing = _is_thing(current)
            is_from_reddit = is_from_reddit or is_thing
            data = (current["data"] if is_thing else current).copy()
            children = _pop_nested(kind, data)
            complete_ids(kind, data, position)
            things.append({"kind": kind, "data": data})
            child_position = _get_child_position(things[-1], position)
        pending.extend((child, child_position) for child in reversed(children))
    return ExtractedThings(tuple(things), tuple(skipped_values), is_from_reddit)


def detect_kind(data: dict[str, Any], position: Position = TOP_LEVEL) -> str | None:
    """Return the kind of a plain object: "t1" for a comment, "t3" for a post, None for others."""
    kind = None
    if "body" in data and (_is_fullname(data.get("link_id")) or _has_post(data, position)):
        kind = "t1"
    elif "title" in data and ("subreddit" in data or isinstance(data.get("comments"), list)):
        kind = "t3"
    return kind if kind and get_fullname({"kind": kind, "data": data}) else None


def complete_ids(kind: str, data: dict[str, Any], position: Position = TOP_LEVEL) -> None:
    """Replace `link_id` and `parent_id` of a comment by fullnames, if the data contains them.

    Archives write them as integers, in base 36 without a prefix, or not at all. A parent of null
    means that the comment replies to the post.
    """
    if kind != "t1" or (_is_fullname(data.get("link_id")) and _is_fullname(data.get("parent_id"))):
        return
    link_id = _find_link_id(data, position)
    if link_id and not _is_fullname(data.get("link_id")):
        data["link_id"] = link_id
    parent = data.get("parent_id")
    if _is_empty(parent):
        default_parent = position.parent_id or (link_id if "parent_id" in data else "")
        if default_parent:
            data["parent_id"] = default_parent
    elif parent_id := to_base36(parent):
        data["parent_id"] = link_id if f"t3_{parent_id}" == link_id else f"t1_{parent_id}"


def to_base36(value: Any) -> str:
    """Return an id in base 36, given as an integer or as text; "" for anything else."""
    if isinstance(value, str) and value.isdecimal() and len(value) >= MIN_DECIMAL_DIGITS:
        value = int(value) if ID.fullmatch(value) else ""
    if isinstance(value, str):
        return value.lower() if ID.fullmatch(value) else ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if not 0 < value < MAX_INTEGER or value != int(value):
        return ""
    number, digits = int(value), ""
    while number:
        number, digit = divmod(number, 36)
        digits = BASE36_DIGITS[digit] + digits
    return digits


def has_nested(data: dict[str, Any]) -> bool:
    """Return whether other posts or comments may be nested in this one."""
    replies, comments, children = map(data.get, NESTED_KEYS)
    return bool(replies or comments or children)


def _get_kind(value: Any, position: Position) -> str | None:
    if _is_thing(value):
        return str(value["kind"])
    return detect_kind(value, position) if isinstance(value, dict) else None


def _is_thing(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("data"), dict):
        return False
    return isinstance(value.get("kind"), str) and value["kind"] in THING_KINDS


def _pop_nested(kind: str, data: dict[str, Any]) -> list[Any]:
    """Remove the nested values from a post or comment, and return them as a list."""
    nested: list[Any] = []
    for key in NESTED_KEYS if kind in ("t1", "t3") else ("replies",):
        value = data.get(key)
        if isinstance(value, dict | list) or key == "replies":
            data.pop(key, None)
            nested += value if isinstance(value, list) else [value]
    return nested


def _get_child_position(thing: Thing, position: Position) -> Position:
    name = get_fullname(thing) or ""
    link_id = (
        name
        if thing["kind"] == "t3"
        else get_data_str(thing, "link_id").lower() or position.link_id
    )
    return Position(link_id, name)


def _get_children(value: Any, position: Position) -> tuple[list[Any], Position]:
    """Return the values in a list, a listing or another object, and their position."""
    match value:
        case list():
            return value, _add_only_post(value, replace(position, is_content_expected=True))
        case {"kind": "Listing", "data": {"children": list() as children}}:
            return children, replace(position, is_content_expected=True)
        case {"json": {"data": {"things": list() as children}}}:
            return children, replace(position, is_content_expected=True)
        case dict() if any(key in value for key in CONTENT_KEYS):
            nested = [value[key] for key in NESTED_KEYS if isinstance(value.get(key), dict | list)]
            return nested, Position(position.link_id)
        case dict():
            containers = [
                container for container in value.values() if isinstance(container, dict | list)
            ]
            child_position = _add_only_post(
                containers, replace(position, is_content_expected=False)
            )
            return containers, replace(
                child_position, parent_id=position.parent_id or child_position.link_id
            )
    return [], position


def _add_only_post(siblings: list[Any], position: Position) -> Position:
    """Add the post to the position of comments in a list with exactly one post."""
    posts = [sibling for sibling in siblings if isinstance(sibling, dict) and "title" in sibling]
    if len(posts) == 1 and not position.link_id and detect_kind(posts[0]) == "t3":
        return replace(position, link_id=get_fullname({"kind": "t3", "data": posts[0]}) or "")
    return position


def _is_unreadable_content(value: Any, children: list[Any], position: Position) -> bool:
    """Return whether a value may be a post or comment that can't be read."""
    if isinstance(value, dict) and any(key in value for key in CONTENT_KEYS):
        return value.get("kind") != "Listing" or not _is_listing(value)
    is_empty = value in ("", None, False) or value == [] or value == {}
    return position.is_content_expected and not children and not is_empty


def _is_listing(value: dict[str, Any]) -> bool:
    data = value.get("data")
    return isinstance(data, dict) and isinstance(data.get("children"), list)


def _is_fullname(value: Any) -> bool:
    """Return whether a value is a fullname, not an id without a prefix or anything else."""
    return isinstance(value, str) and value.startswith(FULLNAME_PREFIXES)


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or value != value  # NaN


def _has_post(data: dict[str, Any], position: Position) -> bool:
    return bool(data.get("link_id") or "title" not in data) and _find_link_id(data, position) != ""


def _find_link_id(data: dict[str, Any], position: Position) -> str:
    """Return the fullname of a comment's post, or "" if it is unknown."""
    link_id = data.get("link_id")
    if _is_fullname(link_id):
        return str(link_id).lower()
    post_id = to_base36(link_id) or to_base36(data.get("submission"))
    if not post_id and (match := PERMALINK.search(str(data.get("permalink") or ""))):
        post_id = match[1].lower()
    return f"t3_{post_id}" if post_id else position.link_id
