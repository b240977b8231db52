"""The escapes in Reddit's strings: without raw_json=1 there is `&lt;` for `<`, in every one."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from reddit_archive.model.capture import Thing
from reddit_archive.model.json_fields import MAX_JSON_DEPTH

ESCAPED_CHARACTER = re.compile(r"&(?:amp|lt|gt);")
UNESCAPED_CHARACTER = re.compile(r"[<>]|&(?!amp;|lt;|gt;)")


def unescape_things(things: Iterable[Thing]) -> tuple[Thing, ...]:
    """Give the things with real `<`, `>` and `&`, whether or not their strings are HTML-escaped.

    Without raw_json=1 Reddit escapes these three in every string (measured on its answers). A thing
    with HTML tells by itself; one without follows what the others tell.
    """
    things = tuple(things)
    escape_flags = [_is_escaped(thing) for thing in things]
    definite_flags = [flag for flag in escape_flags if flag is not None]
    default_flag = (
        sum(definite_flags) * 2 > len(definite_flags)
        if definite_flags
        else _are_texts_escaped(things)
    )
    if not default_flag and True not in definite_flags:  # so it is nearly always
        return things
    return tuple(
        {"kind": thing["kind"], "data": map_strings(thing["data"], unescape)}
        if (default_flag if flag is None else flag)
        else thing
        for thing, flag in zip(things, escape_flags, strict=True)
    )


def _is_escaped(thing: Thing) -> bool | None:
    data = thing["data"]
    if isinstance(data, dict) and isinstance(data.get("_escaped"), bool):
        return bool(data["_escaped"])  # its source is known, and gives no HTML that would tell
    html = isinstance(data, dict) and (data.get("body_html") or data.get("selftext_html"))
    if not isinstance(html, str):
        return None
    return html.lstrip().startswith("&lt;")


def _are_texts_escaped(things: Iterable[Thing]) -> bool:
    """Tell by texts alone: one `<`, `>` or bare `&` in any of them means that none is escaped."""
    texts = [
        thing["data"].get(key)
        for thing in things
        if isinstance(thing["data"], dict)
        for key in ("title", "url", "body", "selftext")
    ]
    is_escaped = False
    for text in (text for text in texts if isinstance(text, str)):
        if UNESCAPED_CHARACTER.search(text):
            return False
        is_escaped = is_escaped or ESCAPED_CHARACTER.search(text) is not None
    return is_escaped


def unescape(text: str) -> str:
    """Undo Reddit's escaping, which is of these three characters alone."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def map_strings(value: Any, transform: Callable[[str], str], depth: int = 0) -> Any:
    """Change every string in a JSON value; what nests absurdly deep is left as it is."""
    if isinstance(value, str):
        return transform(value)
    if depth < MAX_JSON_DEPTH:
        if isinstance(value, dict):
            return {key: map_strings(item, transform, depth + 1) for key, item in value.items()}
        if isinstance(value, list):
            return [map_strings(item, transform, depth + 1) for item in value]
    return value
