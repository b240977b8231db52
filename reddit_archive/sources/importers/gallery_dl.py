"""gallery-dl's metadata, one file for each picture (--write-metadata) or a list (--dump-json).

Each holds Reddit's post whole, beside it what belongs to the picture's file, and under `comment`
the comment whose picture it is.
"""

from collections.abc import Iterator
from typing import Any

from reddit_archive.model import capture
from reddit_archive.model.capture import Thing
from reddit_archive.sources import flatten

NAME = "gallery-dl"
OF_THE_FILE = {"comment", "num", "filename", "extension", "date", "category", "subcategory"}


def is_record(value: dict[str, Any]) -> bool:
    return value.get("category") == "reddit" and "subcategory" in value


def is_list(value: list[Any]) -> bool:
    """Tell --dump-json's list, of messages like [2, {…}] and [3, "https://…", {…}]."""
    return any(_record(message) is not None for message in value)


def things(value: Any) -> Iterator[Thing]:
    """Give the post and the comment of a record, or of all records in a list, each once."""
    records = [value] if isinstance(value, dict) else filter(None, map(_record, value))
    met: set[str | None] = set()
    for record in records:
        for data in (record, record.get("comment")):
            for thing in _flat(data) if isinstance(data, dict) else ():
                name = capture.fullname(thing)
                if thing["kind"] == "more" or name not in met:
                    yield thing
                met.add(name)


def _record(message: Any) -> dict[str, Any] | None:
    last = message[-1] if isinstance(message, list) and message else None
    return last if isinstance(last, dict) and is_record(last) else None


def _flat(data: dict[str, Any]) -> Iterator[Thing]:
    """Give Reddit's part of a record; it is unescaped, for gallery-dl asks with raw_json=1."""
    kept = {key: part for key, part in data.items() if key not in OF_THE_FILE}
    kind = "t1" if "body" in data else "t3" if "title" in data else None
    if kind and "id" in data:
        yield from flatten.flatten({"kind": kind, "data": kept | {"_escaped": False}}).things
