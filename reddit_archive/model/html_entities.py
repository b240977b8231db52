"""The escapes in Reddit's strings: without raw_json=1 there is `&lt;` for `<`, in every one."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from reddit_archive.model.capture import Thing
from reddit_archive.model.json_fields import DEEPEST_VALUE

ESCAPED = re.compile(r"&(?:amp|lt|gt);")
RAW = re.compile(r"[<>]|&(?!amp;|lt;|gt;)")


def plain(things: Iterable[Thing]) -> tuple[Thing, ...]:
    """Give the things with real `<`, `>` and `&`, whether or not their strings are HTML-escaped.

    Without raw_json=1 Reddit escapes these three in every string (measured on its answers). A thing
    with HTML tells by itself; one without follows what the others tell.
    """
    things = tuple(things)
    votes = [_is_escaped(thing) for thing in things]
    told = [vote for vote in votes if vote is not None]
    default = sum(told) * 2 > len(told) if told else _has_escapes(things)
    if not default and True not in told:  # so it is nearly always
        return things
    return tuple(
        {"kind": thing["kind"], "data": map_strings(thing["data"], unescape)}
        if (default if vote is None else vote)
        else thing
        for thing, vote in zip(things, votes, strict=True)
    )


def _is_escaped(thing: Thing) -> bool | None:
    data = thing["data"]
    if isinstance(data, dict) and isinstance(data.get("_escaped"), bool):
        return bool(data["_escaped"])  # its source is known, and gives no HTML that would tell
    html = isinstance(data, dict) and (data.get("body_html") or data.get("selftext_html"))
    if not isinstance(html, str):
        return None
    return html.lstrip().startswith("&lt;")


def _has_escapes(things: Iterable[Thing]) -> bool:
    """Tell by texts alone: one `<`, `>` or bare `&` in any of them means that none is escaped."""
    texts = [
        thing["data"].get(key)
        for thing in things
        if isinstance(thing["data"], dict)
        for key in ("title", "url", "body", "selftext")
    ]
    is_escaped = False
    for text in (text for text in texts if isinstance(text, str)):
        if RAW.search(text):
            return False
        is_escaped = is_escaped or ESCAPED.search(text) is not None
    return is_escaped


def unescape(text: str) -> str:
    """Undo Reddit's escaping, which is of these three characters alone."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def map_strings(value: Any, change: Callable[[str], str], depth: int = 0) -> Any:
    """Change every string in a JSON value; what nests absurdly deep is left as it is."""
    if isinstance(value, str):
        return change(value)
    if depth < DEEPEST_VALUE:
        if isinstance(value, dict):
            return {key: map_strings(item, change, depth + 1) for key, item in value.items()}
        if isinstance(value, list):
            return [map_strings(item, change, depth + 1) for item in value]
    return value
