"""Read files with one JSON value per line in blocks, so that they can be of any size."""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import Any

from reddit_archive.files import deep_json, fast_json
from reddit_archive.sources.decompress import InputStream
from reddit_archive.sources.importers import detect

READ_BYTES = 2**20
HEAD_BYTES = 4 * 2**20
MAX_LINE_BYTES = 64 * 2**20
JSON_STARTS = (b"{", b"[")
TRUNCATED_LINE_BYTES = 2**12
"""The start of a longer line that is kept, because it may name the thread."""
MAX_ELEMENT_BYTES = 2**20
"""Longest line that is tried as an element of a list on many lines."""
MAX_SAMPLE_LINES = 20
LINK_ID = re.compile(rb'"link_id"\s*:\s*"t3_([0-9a-z]{1,13})"', re.IGNORECASE)
BRACKETS = frozenset((b"[", b"]", b"],", b"[]"))


def has_lines(start: bytes) -> bool:
    """Return whether a file has one JSON value per line, and is not a single value.

    `start` is the file's first HEAD_BYTES. Several lines are tried, because some may be damaged.
    """
    lines = [line for line in start.split(b"\n", MAX_SAMPLE_LINES + 1) if line.strip()]
    if len(lines) < 2 or not any(map(_is_record, lines[:MAX_SAMPLE_LINES])):
        return False
    return len(start) >= HEAD_BYTES or parse_json(start) is None


def _is_record(line: bytes) -> bool:
    return bool(detect.detect_threads(parse_line(line)).threads)


def read_blocks(stream: InputStream) -> Iterator[bytes]:
    """Yield a file in blocks of whole lines. Lines over MAX_LINE_BYTES are truncated."""
    incomplete_line, is_too_long = b"", False
    while chunk := stream.read(READ_BYTES):
        end = chunk.rfind(b"\n") + 1
        if end:
            yield incomplete_line + chunk[chunk.find(b"\n") if is_too_long else 0 : end]
            incomplete_line, is_too_long = chunk[end:], False
        elif not is_too_long:
            incomplete_line += chunk
            is_too_long = len(incomplete_line) >= MAX_LINE_BYTES
            incomplete_line = (
                incomplete_line[:TRUNCATED_LINE_BYTES] if is_too_long else incomplete_line
            )
    if incomplete_line:
        is_json = incomplete_line[:9].lstrip().startswith(JSON_STARTS)
        if (
            stream.failure is None
            and is_json
            and (stream.is_bomb(incomplete_line) or parse_line(incomplete_line) is None)
        ):
            stream.stop_as_truncated()
        yield incomplete_line


def split_lines(block: bytes) -> Iterator[bytes]:
    """Yield the lines of a block that are not empty."""
    for line in block.split(b"\n"):
        stripped = line.strip()
        if stripped and stripped not in BRACKETS:
            yield stripped


def parse_line(line: bytes) -> Any:
    """Read the JSON of a line, which may be an element of a list on many lines.

    Returns None if the line is not JSON.
    """
    value = parse_json(line)
    if value is None and len(line) < MAX_ELEMENT_BYTES:
        element = line.strip().removeprefix(BOM_UTF8).rstrip(b", \t\r")
        inner = element.removeprefix(b"[")
        value = parse_json(element) or parse_json(inner) or parse_json(inner.removesuffix(b"]"))
        value = value or parse_json(element.removesuffix(b"]"))
    return value


def parse_json(data: bytes) -> Any:
    """Read JSON; None if it is not valid."""
    try:
        return fast_json.loads(data)
    except RecursionError:
        pass
    except ValueError:
        return None
    try:
        return deep_json.loads(data.decode())
    except (ValueError, RecursionError):
        return None


def find_thread_id(line: bytes) -> str:
    """Return the thread that a damaged comment's line names; "" if it names none."""
    return match[1].decode().lower() if (match := LINK_ID.search(line)) else ""
