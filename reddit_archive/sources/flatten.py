"""Extract posts and comments from any nested JSON: Reddit's things and plain objects.

Ids become fullnames, whatever form an archive gives them. Values that can't be read as a post or
comment are counted, never dropped silently.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from reddit_archive.model.capture import THING_KINDS, Thing, fullname, text_of

NESTED_KEYS = ("replies", "comments", "children")
CONTENT_KEYS = ("body", "title", "selftext", "kind", "parent_id")
"""Keys of which a post, a comment or a listing has at least one."""
PERMALINK = re.compile(r"/comments/([0-9a-z]{1,13})(?:/|$)", re.IGNORECASE)
ID = re.compile(r"[0-9a-z]{1,13}", re.IGNORECASE)
PREFIXES = ("t1_", "t3_", "T1_", "T3_")
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
MAX_INTEGER = 36**13
MIN_DECIMAL_DIGITS = 9
"""A text of so many digits is an integer that became text: Reddit's own ids are shorter."""


@dataclass(frozen=True, slots=True)
class Place:
    """The position of a value: fullnames of its post and parent, "" if unknown.

    `is_counted` means that a value that can't be read here counts as left out, because it is in a
    list or among replies.
    """

    link: str = ""
    parent: str = ""
    is_counted: bool = True


TOP = Place()


@dataclass(frozen=True, slots=True)
class Flattened:
    """Posts, comments and other things in reading order, and the values that were left out.

    `is_from_reddit` means that at least one has Reddit's own shape, `{"kind": …, "data": …}`.
    """

    things: tuple[Thing, ...]
    left_out: tuple[Any, ...]
    is_from_reddit: bool


def flatten(value: Any) -> Flattened:
    """Extract posts and comments from any JSON, without recursion because threads nest deep."""
    things: list[Thing] = []
    left_out: list[Any] = []
    is_from_reddit = False
    todo = [(value, TOP)]
    while todo:
        here, place = todo.pop()
        kind = _kind(here, place)
        if kind is None:
            parts, inside = _parts(here, place)
            left_out += [here] if _is_missed(here, parts, place) else []
        else:
            is_thing = _is_thing(here)
            is_from_reddit = is_from_reddit or is_thing
            own = (here["data"] if is_thing else here).copy()
            parts = _take_nested(kind, own)
            complete_ids(kind, own, place)
            things.append({"kind": kind, "data": own})
            inside = _below(things[-1], place)
        todo.extend((each, inside) for each in reversed(parts))
    return Flattened(tuple(things), tuple(left_out), is_from_reddit)


def plain_kind(data: dict[str, Any], place: Place = TOP) -> str | None:
    """Return the kind of a plain object: "t1" for a comment, "t3" for a post, None for others."""
    kind = None
    if "body" in data and (_is_name(data.get("link_id")) or _has_link(data, place)):
        kind = "t1"
    elif "title" in data and ("subreddit" in data or isinstance(data.get("comments"), list)):
        kind = "t3"
    return kind if kind and fullname({"kind": kind, "data": data}) else None


def complete_ids(kind: str, data: dict[str, Any], place: Place = TOP) -> None:
    """Replace `link_id` and `parent_id` of a comment by fullnames, if the data contains them.

    Archives write them as integers, in base 36 without a prefix, or not at all. A parent of null
    means that the comment replies to the post.
    """
    if kind != "t1" or (_is_name(data.get("link_id")) and _is_name(data.get("parent_id"))):
        return
    link = _link(data, place)
    if link and not _is_name(data.get("link_id")):
        data["link_id"] = link
    parent = data.get("parent_id")
    if _is_empty(parent):
        above = place.parent or (link if "parent_id" in data else "")
        if above:
            data["parent_id"] = above
    elif short := base36(parent):
        data["parent_id"] = link if f"t3_{short}" == link else f"t1_{short}"


def base36(value: Any) -> str:
    """Return an id in base 36, given as an integer or as text; "" for anything else."""
    if isinstance(value, str) and value.isdecimal() and len(value) >= MIN_DECIMAL_DIGITS:
        value = int(value) if ID.fullmatch(value) else ""
    if isinstance(value, str):
        return value.lower() if ID.fullmatch(value) else ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if not 0 < value < MAX_INTEGER or value != int(value):
        return ""
    number, found = int(value), ""
    while number:
        number, digit = divmod(number, 36)
        found = DIGITS[digit] + found
    return found


def has_nested(data: dict[str, Any]) -> bool:
    """Return whether other posts or comments may be nested in this one."""
    replies, comments, children = map(data.get, NESTED_KEYS)
    return bool(replies or comments or children)


def _kind(value: Any, place: Place) -> str | None:
    if _is_thing(value):
        return str(value["kind"])
    return plain_kind(value, place) if isinstance(value, dict) else None


def _is_thing(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("data"), dict):
        return False
    return isinstance(value.get("kind"), str) and value["kind"] in THING_KINDS


def _take_nested(kind: str, data: dict[str, Any]) -> list[Any]:
    """Remove the nested values from a post or comment, and return them as a list."""
    nested: list[Any] = []
    for key in NESTED_KEYS if kind in ("t1", "t3") else ("replies",):
        value = data.get(key)
        if isinstance(value, dict | list) or key == "replies":
            data.pop(key, None)
            nested += value if isinstance(value, list) else [value]
    return nested


def _below(thing: Thing, place: Place) -> Place:
    name = fullname(thing) or ""
    link = name if thing["kind"] == "t3" else text_of(thing, "link_id").lower() or place.link
    return Place(link, name)


def _parts(value: Any, place: Place) -> tuple[list[Any], Place]:
    """Return the values in a list, a listing or another object, and their place."""
    match value:
        case list():
            return value, _beside_post(value, replace(place, is_counted=True))
        case {"kind": "Listing", "data": {"children": list() as children}}:
            return children, replace(place, is_counted=True)
        case {"json": {"data": {"things": list() as children}}}:
            return children, replace(place, is_counted=True)
        case dict() if any(key in value for key in CONTENT_KEYS):
            nested = [value[key] for key in NESTED_KEYS if isinstance(value.get(key), dict | list)]
            return nested, Place(place.link)
        case dict():
            parts = [part for part in value.values() if isinstance(part, dict | list)]
            inside = _beside_post(parts, replace(place, is_counted=False))
            return parts, replace(inside, parent=place.parent or inside.link)
    return [], place


def _beside_post(parts: list[Any], place: Place) -> Place:
    """Return the place of comments that name no post and are in a list with exactly one post."""
    posts = [part for part in parts if isinstance(part, dict) and "title" in part]
    if len(posts) == 1 and not place.link and plain_kind(posts[0]) == "t3":
        return replace(place, link=fullname({"kind": "t3", "data": posts[0]}) or "")
    return place


def _is_missed(value: Any, parts: list[Any], place: Place) -> bool:
    """Return whether a value may be a post or comment that can't be read."""
    if isinstance(value, dict) and any(key in value for key in CONTENT_KEYS):
        return value.get("kind") != "Listing" or not _is_listing(value)
    is_empty = value in ("", None, False) or value == [] or value == {}
    return place.is_counted and not parts and not is_empty


def _is_listing(value: dict[str, Any]) -> bool:
    data = value.get("data")
    return isinstance(data, dict) and isinstance(data.get("children"), list)


def _is_name(value: Any) -> bool:
    """Return whether a value is a fullname, not an id without a prefix or anything else."""
    return isinstance(value, str) and value.startswith(PREFIXES)


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or value != value  # NaN


def _has_link(data: dict[str, Any], place: Place) -> bool:
    return bool(data.get("link_id") or "title" not in data) and _link(data, place) != ""


def _link(data: dict[str, Any], place: Place) -> str:
    """Return the fullname of a comment's post, or "" if it is unknown."""
    link = data.get("link_id")
    if _is_name(link):
        return str(link).lower()
    short = base36(link) or base36(data.get("submission"))
    if not short and (found := PERMALINK.search(str(data.get("permalink") or ""))):
        short = found[1].lower()
    return f"t3_{short}" if short else place.link
