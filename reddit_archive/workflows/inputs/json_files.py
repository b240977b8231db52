"""Reads JSON: strings, entries with options, Reddit's listings, exports of other tools.

At any depth, an object with a permalink or another name of a thread counts as this thread, and its
contents are skipped.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from reddit_archive import errors
from reddit_archive.files import deep_json
from reddit_archive.model.reference import Reference
from reddit_archive.sources.extract import to_base36
from reddit_archive.workflows.inputs import entries
from reddit_archive.workflows.inputs.entries import ListEntry, ListProblem

MAX_VALUES = 20_000_000
ADDRESS_KEYS = ("permalink", "full_link", "url", "link", "href", "uri")
SPLIT_HINT = "Split it, or name one thread per line."
ID_PATTERN = re.compile(r"(?:(t[13])_)?([0-9a-z]{2,13})", re.IGNORECASE)


def is_json(text: str) -> bool:
    """Return whether a text starts like JSON or JSON lines, and not like a Markdown link."""
    first = text.lstrip()[:2000].partition("\n")[0].strip()
    return bool(re.match(r'\{\s*(?:["}]|\Z)|\[\s*(?:["{\[\]]|\Z)', first)) and not re.match(
        r"\[[^\]]*\]\(", first
    )


def read(text: str, name: str) -> Iterator[ListEntry | ListProblem]:
    """Yield the threads that JSON names, in one document or several."""
    if sum(map(text.count, ",:[{")) > MAX_VALUES:
        yield ListProblem(name, "it is too large for a list", SPLIT_HINT)
        return
    if _is_lines(text):
        line_results = list(_read_lines(text, name))
        if (
            all(isinstance(each, ListEntry) for each in line_results)
            or deep_json.load_documents(text).unreadable_count
        ):
            yield from line_results
            return
    documents = deep_json.load_documents(text)
    if isinstance(documents.error, RecursionError):
        yield ListProblem(name, "it is nested too deeply", SPLIT_HINT)
    elif documents.error is not None:
        location = ""
        if isinstance(documents.error, json.JSONDecodeError):
            location = f", line {documents.error.lineno}"
        yield ListProblem(name, f"it is not valid JSON{location}", "Fix it, or save it again.")
    if len(documents.values) == 1:
        yield from _read_document(documents.values[0], name)
        return
    for number, value in enumerate(documents.values, 1):
        yield from _read_document(value, f"{name}: document {number}")


def _is_lines(text: str) -> bool:
    """Return whether the first line is a JSON document and more lines follow."""
    first, _, rest = text.lstrip().partition("\n")
    with suppress(ValueError, RecursionError):
        json.loads(first)
        return bool(rest.strip())
    return False


def _read_lines(text: str, name: str) -> Iterator[ListEntry | ListProblem]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        origin = f"{name}:{number}"
        try:
            value = deep_json.loads(line)
        except (ValueError, RecursionError):
            yield ListProblem(origin, "the line is not valid JSON", "Fix it, or leave it out.")
            continue
        yield from (
            [_read_text(value, origin)] if isinstance(value, str) else _search(value, origin)
        )


def _read_document(value: Any, name: str) -> Iterator[ListEntry | ListProblem]:
    if isinstance(value, dict) and isinstance(value.get("threads"), list):
        value = value["threads"]
    value = _get_children(value) or value
    if not isinstance(value, list) or _read_page(value) is not None:
        yield from _search(value, f"{name}: item 1")
        return
    for number, each in enumerate(value, 1):
        origin = f"{name}: item {number}"
        yield from ([_read_text(each, origin)] if isinstance(each, str) else _search(each, origin))


def _read_text(text: str, origin: str) -> ListEntry | ListProblem:
    return entries.parse_line(text, origin)


def _search(value: Any, origin: str) -> Iterator[ListEntry | ListProblem]:
    """Yield the threads in a value, in its order, at any depth."""
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, str):
            found = _parse_address(current)
            if isinstance(found, errors.InvalidReferenceError):
                yield entries.build_problem(found, origin)
                continue
        elif isinstance(current, dict) and isinstance(current.get("thread"), str):
            yield entries.parse_mapping(current, origin)
            continue
        else:
            found = _read_object(current) if isinstance(current, dict) else _read_page(current)
        if found is not None:
            yield entries.build_entry(found, origin)
        elif isinstance(current, dict | list):
            pending.extend(reversed([*current.values()] if isinstance(current, dict) else current))


def _read_object(data: Mapping[str, Any]) -> Reference | None:
    """Return the thread or comment that an object represents or refers to."""
    if str(data.get("format")).startswith("reddit-archive "):
        return _find_post(data.get("things"))
    kind, own_id = _parse_id(data.get("name")) or ("", "")
    if not kind:
        kind, own_id = _parse_id(data.get("id")) or ("", "")
    link = _parse_id(to_base36(data.get("link_id")) or data.get("link_id"))
    is_post = kind == "t3" or (
        own_id and isinstance(data.get("subreddit"), str) and "title" in data
    )
    # A post may link to another thread.
    for key in ADDRESS_KEYS[: 2 if kind or link or is_post else None]:
        linked = _parse_address(data.get(key))
        if isinstance(linked, Reference):
            is_answer = bool(link and own_id and not linked.comment_id)
            return Reference(linked.post_id, own_id) if is_answer else linked
    if kind == "t1" or (link and own_id):
        return Reference(link[1] if link else None, own_id)
    return Reference(own_id) if is_post else None


def _parse_id(value: Any) -> tuple[str, str] | None:
    """Parse an id; returns its kind ("" without a prefix) and the id itself."""
    match = ID_PATTERN.fullmatch(value) if isinstance(value, str) else None
    return ((match[1] or "").lower(), match[2].lower()) if match else None


def _read_page(value: Any) -> Reference | None:
    """Return the thread of a page that a browser saved: a post listing, then comments."""
    if not isinstance(value, list) or len(value) != 2:
        return None
    children = [_get_children(each) for each in value]
    if children[0] is None or children[1] is None or len(children[0]) != 1:
        return None
    return _find_post(children[0])


def _get_children(value: Any) -> list[Any] | None:
    data = value.get("data") if isinstance(value, dict) and value.get("kind") == "Listing" else None
    children = data.get("children") if isinstance(data, dict) else None
    return children if isinstance(children, list) else None


def _find_post(things: Any) -> Reference | None:
    """Return the first post of a list of things."""
    for thing in things if isinstance(things, list) else []:
        if isinstance(thing, dict) and thing.get("kind") == "t3":
            data = thing.get("data")
            parsed = _parse_id(data.get("id")) if isinstance(data, dict) else None
            return Reference(parsed[1]) if parsed else None
    return None


def _parse_address(value: Any) -> Reference | errors.InvalidReferenceError | None:
    """Return the thread of an address, or why it names none; None for other values."""
    if not isinstance(value, str) or "/" not in value or len(value) > 4000 or " " in value:
        return None
    return entries.parse_address(value)
