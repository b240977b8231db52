"""Read files with many lines piece by piece, so that they can be of any size."""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import Any

from reddit_archive.files import deep_json, fast_json
from reddit_archive.sources.decompress import Stream
from reddit_archive.sources.importers import detect

PIECE_BYTES = 2**20
HEAD_BYTES = 4 * 2**20
LONGEST_LINE_BYTES = 64 * 2**20
JSON_STARTS = (b"{", b"[")
KEPT_BYTES = 2**12
"""How much of a longer line is kept, because it may name its thread."""
SHORT_LINE_BYTES = 2**20
"""Longest line that may be an element of a list on many lines."""
MAX_TRIED = 20
LINK = re.compile(rb'"link_id"\s*:\s*"t3_([0-9a-z]{1,13})"', re.IGNORECASE)
BRACKETS = frozenset((b"[", b"]", b"],", b"[]"))


def has_lines(start: bytes) -> bool:
    """Tell a file of one JSON value for each line from a file that is one value.

    `start` is the file's first HEAD_BYTES. A line here and there may be broken, so that several
    are tried.
    """
    lines = [line for line in start.split(b"\n", MAX_TRIED + 1) if line.strip()]
    if len(lines) < 2 or not any(map(_is_record, lines[:MAX_TRIED])):
        return False
    return len(start) >= HEAD_BYTES or parse(start) is None


def _is_record(line: bytes) -> bool:
    return bool(detect.recognize(parse_line(line)).found)


def blocks(stream: Stream) -> Iterator[bytes]:
    """Yield a file in blocks of whole lines. Lines that are too long for a page are cut."""
    rest, is_too_long = b"", False
    while piece := stream.read(PIECE_BYTES):
        end = piece.rfind(b"\n") + 1
        if end:
            yield rest + piece[piece.find(b"\n") if is_too_long else 0 : end]
            rest, is_too_long = piece[end:], False
        elif not is_too_long:
            rest += piece
            is_too_long = len(rest) >= LONGEST_LINE_BYTES
            rest = rest[:KEPT_BYTES] if is_too_long else rest
    if rest:
        is_json = rest[:9].lstrip().startswith(JSON_STARTS)
        if (
            stream.failure is None
            and is_json
            and (stream.is_bomb(rest) or parse_line(rest) is None)
        ):
            stream.stop_cut_off()
        yield rest


def split(block: bytes) -> Iterator[bytes]:
    """Yield the lines of a block that are not empty."""
    for line in block.split(b"\n"):
        stripped = line.strip()
        if stripped and stripped not in BRACKETS:
            yield stripped


def parse_line(line: bytes) -> Any:
    """Read the JSON of a line, which may be an element of a list on many lines.

    Returns None if the line is not JSON.
    """
    value = parse(line)
    if value is None and len(line) < SHORT_LINE_BYTES:
        element = line.strip().removeprefix(BOM_UTF8).rstrip(b", \t\r")
        inner = element.removeprefix(b"[")
        value = parse(element) or parse(inner) or parse(inner.removesuffix(b"]"))
        value = value or parse(element.removesuffix(b"]"))
    return value


def parse(data: bytes) -> Any:
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


def thread_named(line: bytes) -> str:
    """Return the thread that a damaged comment's line names; "" if it names none."""
    return found[1].decode().lower() if (found := LINK.search(line)) else ""
