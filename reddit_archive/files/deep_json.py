"""Parse JSON as deep as Reddit's threads: 10,000 nested replies are 50,000 levels of JSON."""

import codecs
import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

RECURSION_LIMIT = 200_000
SEPARATORS = re.compile(r"[\s,\x1e\ufeff]*")
"""Separators between JSON documents in one file."""
NEXT_DOCUMENT = re.compile(r"\n(?=[{\[])")
"""The possible start of a document after one that can't be read."""
UNDECODED_BYTES = re.compile(r"[\udc80-\udcff]")
"""Bytes that are not UTF-8, as `errors="surrogateescape"` decodes them."""
DECODER = json.JSONDecoder()
MAX_REREADS = 8
"""Limit for the characters in failed attempts, in multiples of the length of the text."""

FIRST_PART_CHARS = 4096
MAX_TOKEN_CHARS = 16
"""An error this close to the end of a part may be caused by a token that the part cuts off."""


@dataclass(frozen=True, slots=True)
class JsonDocuments:
    """The JSON values of a file, and the number of places that can't be parsed.

    `error` is the first failure. `is_cut_off` means that the end of the last value is missing.
    """

    values: tuple[Any, ...]
    unreadable_count: int = 0
    error: ValueError | RecursionError | None = None
    is_cut_off: bool = False


def loads(text: str) -> Any:
    """Parse JSON. Raises ValueError; RecursionError if it is deeper than any thread."""
    return _decode_nested(lambda decoder: decoder.decode(text))


def load_documents(text: str, *, has_undecoded_bytes: bool = False) -> JsonDocuments:
    """Parse JSON values that follow each other, on separate lines or not.

    After a value that can't be parsed, parsing continues on a later line.

    Args:
        text: The content of the file.
        has_undecoded_bytes: The text was decoded with `errors="surrogateescape"`. Values with bytes
            that are not UTF-8 are left out.
    """
    values: list[Any] = []
    failures: list[ValueError | RecursionError] = []
    unreadable_count = 0
    budget = MAX_REREADS * len(text)
    position = _skip_separators(text, 0)
    while position < len(text):
        try:
            value, end = (
                _decode_after_failure(text, position) if failures else _decode(text, position)
            )
            if has_undecoded_bytes and UNDECODED_BYTES.search(text, position, end):
                raise ValueError("not UTF-8")
            values.append(value)
            position = _skip_separators(text, end)
        except (ValueError, RecursionError) as error:
            failures = [*failures[:1], error]
            unreadable_count += 1
            if isinstance(error, json.JSONDecodeError):
                budget -= error.pos - (position if error.doc is text else 0)
            else:
                budget -= len(text) - position
            next_match = NEXT_DOCUMENT.search(text, position + 1)
            if next_match is None or budget < 0 or isinstance(error, RecursionError):
                break
            position = next_match.end()
    if not failures:
        return JsonDocuments(tuple(values))
    return JsonDocuments(tuple(values), unreadable_count, failures[0], is_cut_off(failures[-1]))


def _decode(text: str, position: int) -> tuple[Any, int]:
    value, end = _decode_nested(partial(json.JSONDecoder.raw_decode, s=text, idx=position))
    return value, int(end)


def _decode_after_failure(text: str, position: int) -> tuple[Any, int]:
    """Parse the value at a position, from a part of the text that grows if needed.

    Each JSONDecodeError counts the lines before it, so many errors in one long text would be slow.
    """
    size = FIRST_PART_CHARS
    while position + size < len(text):
        part = text[position : position + size]
        try:
            value, end = _decode(part, 0)
            if end < len(part):
                return value, position + end
        except json.JSONDecodeError as error:
            is_at_end = error.pos + MAX_TOKEN_CHARS > len(part)
            if not is_at_end and not error.msg.startswith("Unterminated string"):
                raise
        size *= 4
    return _decode(text, position)


def is_cut_off(error: Exception) -> bool:
    """Return whether JSON is invalid because its end is missing."""
    if not isinstance(error, json.JSONDecodeError):
        return False
    is_at_end = error.pos >= len(error.doc.rstrip()) - 1
    return is_at_end or error.msg.startswith("Unterminated string")


def _skip_separators(text: str, position: int) -> int:
    match = SEPARATORS.match(text, position)
    return match.end() if match else position


def _decode_nested(decode: Callable[[json.JSONDecoder], Any]) -> Any:
    """Parse with the C decoder; if that reaches the recursion limit, with the Python decoder.

    The Python decoder does not use the C stack, so its limit can be raised.
    """
    try:
        return decode(DECODER)
    except RecursionError:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(RECURSION_LIMIT)
        try:
            return decode(_PythonDecoder())
        finally:
            sys.setrecursionlimit(limit)


class _PythonDecoder(json.JSONDecoder):
    """The standard library's decoder without its C parts, which typeshed does not declare."""

    def __init__(self) -> None:
        super().__init__()
        decoder, scanner = (import_module(f"json.{name}") for name in ("decoder", "scanner"))
        self.parse_object = decoder.JSONObject
        self.parse_array = decoder.JSONArray
        self.parse_string = decoder.py_scanstring
        self.scan_once = scanner.py_make_scanner(self)


def convert_to_utf8(data: bytes) -> bytes:
    """Convert JSON in any Unicode encoding to UTF-8 without a byte order mark.

    The first bytes determine the encoding, because a server may declare a wrong one.
    """
    encoding = json.detect_encoding(data)
    if encoding.startswith("utf-8"):
        return data.removeprefix(codecs.BOM_UTF8)
    return data.decode(encoding, "replace").encode("utf-8", "replace")
