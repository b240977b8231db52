"""Saved files, read: JSON as deep as a thread, and the page that some browsers put around it."""

import html
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reddit_archive import capture, errors, regular_files
from reddit_archive.sources import deep_json

HOW = (
    "Open the thread's address with .json?limit=500 at its end in a browser in which you are "
    "logged in to Reddit, and save that page."
)


def read(path: str) -> tuple[Any, datetime]:
    """Read the JSON of a file, or of stdin for "-", and when it was last changed.

    Raises NotAThread.
    """
    if path == "-":
        return parse(sys.stdin.buffer.read(), "the input"), capture.now()
    data, at = _read(Path(path).expanduser())
    return parse(data, path), at


def _read(path: Path) -> tuple[bytes, datetime]:
    try:
        return regular_files.read_given(path), changed_at(path)
    except OSError as error:
        why = (error.strerror or "it can't be read").lower()
        raise errors.NotAThread(f"can't read {path}: {why}", "Check the file's name.") from error


def changed_at(path: Path) -> datetime:
    """Return when the file was last changed, in whole seconds; a time later than now is now."""
    return min(datetime.fromtimestamp(int(path.stat().st_mtime), UTC), capture.now())


def parse(data: bytes, shown: str, *, what: str = "saved thread", hint: str = HOW) -> Any:
    """Read JSON. Raises NotAThread, which says why the file that is `shown` is not `what`."""
    try:
        return deep_json.loads(_unwrap(data.decode("utf-8-sig").strip()))
    except UnicodeDecodeError:
        why = "it is not text in UTF-8"
    except RecursionError:
        why = "it nests too deep"
    except ValueError as error:
        why = _explain(data, error)
    raise errors.NotAThread(f"{shown} is no {what}: {why}", hint)


def _unwrap(text: str) -> str:
    """Take JSON out of the page that some browsers wrap around it when they save it."""
    match = re.search(r"<pre\b[^>]*>(.*?)</pre>", text, re.DOTALL) if text[:1] == "<" else None
    return html.unescape(match[1]) if match else text


def _explain(data: bytes, error: ValueError) -> str:
    if not data.strip():
        return "it is empty"
    if data.lstrip()[:1] == b"<":
        return "it is a web page, not the thread's JSON"
    if isinstance(error, json.JSONDecodeError):
        is_at_end = error.pos >= len(error.doc.rstrip()) - 1
        if is_at_end or error.msg.startswith("Unterminated string"):
            return "its JSON is cut off"
    return "it is not JSON"
