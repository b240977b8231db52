"""A list as JSON: strings, entries with options, Reddit's listings, other tools' exports.

Whatever the nesting, each object counts by its permalink, or what else names its thread, and what
is inside of it is not looked at.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from reddit_archive import errors
from reddit_archive.files import deep_json
from reddit_archive.model import reference
from reddit_archive.model.reference import Reference
from reddit_archive.sources.extract import to_base36
from reddit_archive.workflows.inputs import entries
from reddit_archive.workflows.inputs.entries import ListEntry, ListProblem

MAX_VALUES = 20_000_000
ADDRESSES = ("permalink", "full_link", "url", "link", "href", "uri")
HINT = "Split it, or name one thread a line."
ID = re.compile(r"(?:(t[13])_)?([0-9a-z]{2,13})", re.IGNORECASE)


def is_json(text: str) -> bool:
    """Tell whether a text begins like JSON, or like lines of it; a Markdown link does not."""
    first = text.lstrip()[:2000].partition("\n")[0].strip()
    return bool(re.match(r'\{\s*(?:["}]|\Z)|\[\s*(?:["{\[\]]|\Z)', first)) and not re.match(
        r"\[[^\]]*\]\(", first
    )


def read(text: str, name: str) -> Iterator[ListEntry | ListProblem]:
    """Yield the threads that JSON names, in one document or several."""
    if sum(map(text.count, ",:[{")) > MAX_VALUES:
        yield ListProblem(name, "it is too large for a list", HINT)
        return
    if _is_lines(text):
        on_lines = list(_lines(text, name))
        if (
            all(isinstance(each, ListEntry) for each in on_lines)
            or deep_json.load_documents(text).unreadable_count
        ):
            yield from on_lines
            return
    found = deep_json.load_documents(text)
    if isinstance(found.error, RecursionError):
        yield ListProblem(name, "it nests too deep", HINT)
    elif found.error is not None:
        where = ""
        if isinstance(found.error, json.JSONDecodeError):
            where = f", line {found.error.lineno}"
        yield ListProblem(name, f"it is not valid JSON{where}", "Fix it, or save it again.")
    if len(found.values) == 1:
        yield from _found(found.values[0], name)
        return
    for number, value in enumerate(found.values, 1):
        yield from _found(value, f"{name}: document {number}")


def _is_lines(text: str) -> bool:
    """Return whether the first line is a JSON document and more lines follow."""
    first, _, rest = text.lstrip().partition("\n")
    with suppress(ValueError, RecursionError):
        json.loads(first)
        return bool(rest.strip())
    return False


def _lines(text: str, name: str) -> Iterator[ListEntry | ListProblem]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        origin = f"{name}:{number}"
        try:
            value = deep_json.loads(line)
        except (ValueError, RecursionError):
            yield ListProblem(origin, "the line is not valid JSON", "Fix it, or leave it out.")
            continue
        yield from ([_entry(value, origin)] if isinstance(value, str) else _within(value, origin))


def _found(value: Any, name: str) -> Iterator[ListEntry | ListProblem]:
    if isinstance(value, dict) and isinstance(value.get("threads"), list):
        value = value["threads"]
    value = _children(value) or value
    if not isinstance(value, list) or _page(value) is not None:
        yield from _within(value, f"{name}: item 1")
        return
    for number, each in enumerate(value, 1):
        origin = f"{name}: item {number}"
        yield from ([_entry(each, origin)] if isinstance(each, str) else _within(each, origin))


def _entry(text: str, origin: str) -> ListEntry | ListProblem:
    return entries.line(text, origin)


def _within(value: Any, origin: str) -> Iterator[ListEntry | ListProblem]:
    """The threads inside of a value, in its order, however deep it is."""
    todo = [value]
    while todo:
        here = todo.pop()
        if isinstance(here, str):
            pointed = _address(here)
        elif isinstance(here, dict) and isinstance(here.get("thread"), str):
            yield entries.mapping(here, origin)
            continue
        else:
            pointed = _object(here) if isinstance(here, dict) else _page(here)
        if pointed is not None:
            yield entries.item(pointed, origin)
        elif isinstance(here, dict | list):
            todo.extend(reversed([*here.values()] if isinstance(here, dict) else here))


def _object(data: Mapping[str, Any]) -> Reference | None:
    """The thread, or the comment, that an object is or is about."""
    if str(data.get("format")).startswith("reddit-archive "):
        return _post(data.get("things"))
    kind, found = _id(data.get("name")) or ("", "")
    if not kind:
        kind, found = _id(data.get("id")) or ("", "")
    link = _id(to_base36(data.get("link_id")) or data.get("link_id"))
    is_post = kind == "t3" or (found and isinstance(data.get("subreddit"), str) and "title" in data)
    # What a post links to may be another thread.
    for key in ADDRESSES[: 2 if kind or link or is_post else None]:
        pointed = _address(data.get(key))
        if pointed is not None:
            is_answer = bool(link and found and not pointed.comment_id)
            return Reference(pointed.post_id, found) if is_answer else pointed
    if kind == "t1" or (link and found):
        return Reference(link[1] if link else None, found)
    return Reference(found) if is_post else None


def _id(value: Any) -> tuple[str, str] | None:
    """The kind ("" for one that is not told) and the id that a text is."""
    match = ID.fullmatch(value) if isinstance(value, str) else None
    return ((match[1] or "").lower(), match[2].lower()) if match else None


def _page(value: Any) -> Reference | None:
    """The thread whose page this is, as a browser saves it: its post, then its comments."""
    if not isinstance(value, list) or len(value) != 2:
        return None
    children = [_children(each) for each in value]
    if children[0] is None or children[1] is None or len(children[0]) != 1:
        return None
    return _post(children[0])


def _children(value: Any) -> list[Any] | None:
    data = value.get("data") if isinstance(value, dict) and value.get("kind") == "Listing" else None
    children = data.get("children") if isinstance(data, dict) else None
    return children if isinstance(children, list) else None


def _post(things: Any) -> Reference | None:
    """The first post among things."""
    for thing in things if isinstance(things, list) else []:
        if isinstance(thing, dict) and thing.get("kind") == "t3":
            data = thing.get("data")
            found = _id(data.get("id")) if isinstance(data, dict) else None
            return Reference(found[1]) if found else None
    return None


def _address(value: Any) -> Reference | None:
    """The thread whose address a text is, and nothing else."""
    if not isinstance(value, str) or "/" not in value or len(value) > 4000 or " " in value:
        return None
    try:
        found = reference.parse(value)
    except errors.InvalidReferenceError:
        return None
    return found if found.file is None else None
