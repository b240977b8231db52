"""Saved files, read: JSON as deep as a thread, and the page that some browsers put around it."""

import html
import io
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reddit_archive import errors
from reddit_archive.files import deep_json
from reddit_archive.files.deep_json import Documents
from reddit_archive.model import capture
from reddit_archive.sources import decompress
from reddit_archive.sources.decompress import Stream

HOW = (
    "Open the thread's address with .json?limit=500 at its end in a browser in which you are "
    "logged in to Reddit, and save that page."
)
MAX_BYTES = 2**28
"""Largest decompressed file that is read as a whole; 100,000 comments are about that large."""

PRE = re.compile(r"<pre\b")


@dataclass(frozen=True, slots=True)
class Contents:
    """The JSON values of a file, and its modification time.

    `left_out` counts the places that can't be read; `failure` is the error that ended reading.
    """

    values: tuple[Any, ...]
    at: datetime
    left_out: int = 0
    failure: errors.NotAThread | None = None


def read(path: str) -> Contents:
    """Read the JSON of a file, compressed or not, or of stdin for "-". Raises NotAThread."""
    if path == "-":
        data = sys.stdin.buffer.read()
        stream = Stream(io.BytesIO(data), "the input", len(data), large_window=False)
        return _contents(stream, "the input", capture.now())
    file = Path(path).expanduser()
    with decompress.opened(file) as stream:
        return _contents(stream, path, changed_at(file))


def _contents(stream: Stream, shown: str, at: datetime) -> Contents:
    data = read_all(stream, shown, HOW)
    try:
        found = parse(data, shown)
    except errors.NotAThread as error:
        raise (stream.failure or error) from None
    if found.is_cut_off:
        stream.stop_cut_off()
    return Contents(found.values, at, found.left_out, stream.failure)


def read_all(stream: Stream, shown: str, hint: str) -> bytes:
    """Read a stream to its end. Raises NotAThread if it is too large."""
    data = stream.read_all(MAX_BYTES)
    if data is None:
        raise errors.NotAThread(f"{shown} is too large to be one thread's JSON", hint)
    return data


def changed_at(path: Path) -> datetime:
    """Return a file's modification time in whole seconds, but no later than now."""
    return min(datetime.fromtimestamp(int(path.stat().st_mtime), UTC), capture.now())


def parse(data: bytes, shown: str, *, what: str = "saved thread", hint: str = HOW) -> Documents:
    """Read the JSON values in UTF-8 text.

    Raises NotAThread if there are none. Its message says why the file `shown` is not a `what`.
    """
    try:
        text, is_damaged = data.decode(), False
    except UnicodeDecodeError:
        text, is_damaged = data.decode("utf-8", "surrogateescape"), True
    found = deep_json.documents(_unwrap(text.strip()), is_damaged=is_damaged)
    if found.values:
        return found
    if is_damaged:
        why = "it is not text in UTF-8"
    elif isinstance(found.error, RecursionError):
        why = "it nests too deep"
    else:
        why = _explain(data, found.error)
    raise errors.NotAThread(f"{shown} is no {what}: {why}", hint)


def _unwrap(text: str) -> str:
    """Take JSON out of the page that some browsers wrap around it when they save it."""
    tag = PRE.search(text) if text[:1] == "<" else None
    begin = text.find(">", tag.end()) + 1 if tag else 0
    end = text.find("</pre>", begin) if begin else -1  # if the first has no end, no other has one
    return html.unescape(text[begin:end]) if end >= 0 else text


def _explain(data: bytes, error: ValueError | None) -> str:
    if not data.strip():
        return "it is empty"
    if data.lstrip()[:1] == b"<":
        return "it is a web page, not the thread's JSON"
    is_cut_off = error is not None and deep_json.is_cut_off(error)
    return "its JSON is cut off" if is_cut_off else "it is not JSON"
