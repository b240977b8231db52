"""Read metadata of gallery-dl: a file per picture (--write-metadata) or a list (--dump-json).

Each record contains the fields of Reddit's post, fields of the picture's file, and under `comment`
the comment with the picture, if any.
"""

from collections.abc import Iterator
from typing import Any

from reddit_archive.model import capture
from reddit_archive.model.capture import Thing
from reddit_archive.sources import extract

NAME = "gallery-dl"
FILE_KEYS = {"comment", "num", "filename", "extension", "date", "category", "subcategory"}


def is_record(value: dict[str, Any]) -> bool:
    return value.get("category") == "reddit" and "subcategory" in value


def is_list(value: list[Any]) -> bool:
    """Return whether a list is from --dump-json: messages like [3, "https://…", {…}]."""
    return any(_get_record(message) is not None for message in value)


def iter_things(value: Any) -> Iterator[Thing]:
    """Yield the post and the comment of a record, or of all records in a list, each once."""
    records = [value] if isinstance(value, dict) else filter(None, map(_get_record, value))
    yielded_names: set[str | None] = set()
    for record in records:
        for data in (record, record.get("comment")):
            for thing in _iter_reddit_things(data) if isinstance(data, dict) else ():
                name = capture.get_fullname(thing)
                if thing["kind"] == "more" or name not in yielded_names:
                    yield thing
                yielded_names.add(name)


def _get_record(message: Any) -> dict[str, Any] | None:
    metadata = message[-1] if isinstance(message, list) and message else None
    return metadata if isinstance(metadata, dict) and is_record(metadata) else None


def _iter_reddit_things(data: dict[str, Any]) -> Iterator[Thing]:
    """Yield Reddit's part of a record, which is unescaped: gallery-dl requests raw_json=1."""
    reddit_data = {key: value for key, value in data.items() if key not in FILE_KEYS}
    kind = "t1" if "body" in data else "t3" if "title" in data else None
    if kind and "id" in data:
        yield from extract.extract_things(
            {"kind": kind, "data": reddit_data | {"_escaped": False}}
        ).things
