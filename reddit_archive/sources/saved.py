"""A thread's JSON as a browser saves it: no key, no network, and the same data as the API's."""

import html
import json
import re
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from reddit_archive import capture, errors
from reddit_archive.capture import Capture

NAME = "saved"
DEEPEST_JSON = 200_000
HOW = (
    "Open the thread's address with .json?limit=500 at its end in a browser in which you are "
    "logged in to Reddit, and save that page."
)


def read(path: str) -> Capture:
    """Read a saved file, or stdin for "-": one listing or several, HTML-escaped or not.

    A file is dated by its last change, the nearest thing to when Reddit answered that is known.
    Raises NotAThread.
    """
    if path == "-":
        data, at = sys.stdin.buffer.read(), capture.now()
    else:
        data, at = _read_file(Path(path).expanduser())
    shown = "the input" if path == "-" else path
    things = capture.flatten(_parse(data, shown))
    try:
        thread_id = capture.thread_id(things)
    except errors.NotAThread as error:
        raise errors.NotAThread(f"{shown} is no saved thread: {error.message}", HOW) from None
    request = {"file": "-" if path == "-" else Path(path).name}
    return Capture(thread_id, at, NAME, request, things, live=path == "-")


def _read_file(path: Path) -> tuple[bytes, datetime]:
    try:
        data = path.read_bytes()
        changed = path.stat().st_mtime
    except OSError as error:
        why = (error.strerror or "it can't be read").lower()
        raise errors.NotAThread(f"can't read {path}: {why}", "Check the file's name.") from error
    return data, datetime.fromtimestamp(int(changed), UTC)


def _parse(data: bytes, shown: str) -> Any:
    try:
        return _loads(_unwrap(data.decode("utf-8-sig").strip()))
    except UnicodeDecodeError:
        why = "it is not text in UTF-8"
    except RecursionError:
        why = "it nests too deep"
    except ValueError as error:
        why = _explain(data, error)
    raise errors.NotAThread(f"{shown} is no saved thread: {why}", HOW)


def _loads(text: str) -> Any:
    """Read JSON as deep as a thread: 10,000 replies below each other nest 50,000 deep.

    The decoder in C gives up at Python's own limit; the one in Python does not need the C stack,
    so that its limit may be raised.
    """
    try:
        return json.loads(text)
    except RecursionError:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(DEEPEST_JSON)
        try:
            return _PythonDecoder().decode(text)
        finally:
            sys.setrecursionlimit(limit)


class _PythonDecoder(json.JSONDecoder):
    """The standard library's decoder without its C parts, of which typeshed knows nothing."""

    def __init__(self) -> None:
        super().__init__()
        decoder, scanner = (import_module(f"json.{name}") for name in ("decoder", "scanner"))
        self.parse_object = decoder.JSONObject
        self.parse_array = decoder.JSONArray
        self.parse_string = decoder.py_scanstring
        self.scan_once = scanner.py_make_scanner(self)


def _unwrap(text: str) -> str:
    """Take JSON out of the page that some browsers wrap around it when they save it."""
    match = re.search(r"<pre\b[^>]*>(.*?)</pre>", text, re.DOTALL) if text[:1] == "<" else None
    return html.unescape(match[1]) if match else text


def _explain(data: bytes, error: ValueError) -> str:
    if not data.strip():
        return "it is empty"
    if data.lstrip()[:1] == b"<":
        return "it is a web page, not the thread's JSON"
    if isinstance(error, json.JSONDecodeError) and error.pos >= len(error.doc.rstrip()) - 1:
        return "its JSON is cut off"
    return "it is not JSON"
