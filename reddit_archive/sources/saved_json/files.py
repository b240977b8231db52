"""Read saved files: JSON of any depth, also within the HTML page that some browsers save."""

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
from reddit_archive.files.deep_json import JsonDocuments
from reddit_archive.model import capture
from reddit_archive.sources import decompress
from reddit_archive.sources.decompress import InputStream

SAVE_PAGE_HINT = (
    "Open the thread in a browser where you are logged in to Reddit, and save the page with "
    "Ctrl+S. Or save its JSON: add .json?limit=500 to the thread's URL."
)
MAX_BYTES = 2**28
"""Largest decompressed size of a file that is read as a whole: about 100,000 comments."""

PRE_TAG = re.compile(r"<pre\b")
MAX_TAGS_BEFORE_JSON = 100
"""In most pages of Reddit, more tags precede the first comment with a <pre> element."""
FULLNAME = re.compile(r"\bt[13]_[0-9a-z]", re.IGNORECASE)
"""The id of a post or comment. A page of a thread has one before the first text of a user."""


@dataclass(frozen=True, slots=True)
class RawFile:
    """The bytes of a file, decompressed.

    Attributes:
        display_name: The file as the user named it.
        data: Its bytes.
        modified_at: Its modification time; for stdin the current time.
        is_live: It was read from stdin.
        failure: The error that ended reading.
    """

    display_name: str
    data: bytes
    modified_at: datetime
    is_live: bool = False
    failure: errors.NotAThreadError | None = None


@dataclass(frozen=True, slots=True)
class FileContents:
    """The JSON values of a file.

    Attributes:
        display_name: The file as the user named it.
        values: Its JSON values.
        modified_at: When it was saved.
        is_live: It was read from stdin.
        skipped_count: The number of values that can't be read.
        failure: The error that ended reading.
    """

    display_name: str
    values: tuple[Any, ...]
    modified_at: datetime
    is_live: bool = False
    skipped_count: int = 0
    failure: errors.NotAThreadError | None = None


def read(path: str) -> FileContents:
    """Read the JSON of a file, compressed or not, or of stdin for "-". Raises NotAThreadError."""
    return parse_file(read_bytes(path))


def read_bytes(path: str) -> RawFile:
    """Read a file, compressed or not, or stdin for "-". Raises NotAThreadError."""
    if path == "-":
        data = sys.stdin.buffer.read()
        stream = InputStream(io.BytesIO(data), "the input", len(data), large_window=False)
        return _read_stream(stream, "the input", capture.utc_now(), is_live=True)
    file = Path(path).expanduser()
    with decompress.open_stream(file) as stream:
        return _read_stream(stream, path, get_modified_at(file))


def _read_stream(
    stream: InputStream, display_name: str, modified_at: datetime, *, is_live: bool = False
) -> RawFile:
    data = read_all(stream, display_name, SAVE_PAGE_HINT)
    return RawFile(display_name, data, modified_at, is_live, stream.failure)


def parse_file(file: RawFile) -> FileContents:
    """Read the JSON values in a file. Raises NotAThreadError if there are none."""
    try:
        documents = parse(file.data, file.display_name)
    except errors.NotAThreadError as error:
        raise (file.failure or error) from None
    failure = file.failure
    if documents.is_cut_off and failure is None:
        failure = decompress.build_damaged_error(file.display_name)
    return FileContents(
        file.display_name,
        documents.values,
        file.modified_at,
        file.is_live,
        documents.unreadable_count,
        failure,
    )


def read_all(stream: InputStream, display_name: str, hint: str) -> bytes:
    """Read a stream to its end. Raises NotAThreadError if it is too large."""
    data = stream.read_all(MAX_BYTES)
    if data is None:
        raise errors.NotAThreadError(f"{display_name} is too large to be one thread's JSON", hint)
    return data


def get_modified_at(path: Path) -> datetime:
    """Return a file's modification time in whole seconds, but no later than now."""
    return min(datetime.fromtimestamp(int(path.stat().st_mtime), UTC), capture.utc_now())


def parse(
    data: bytes,
    display_name: str,
    *,
    expected_format: str = "saved thread",
    hint: str = SAVE_PAGE_HINT,
) -> JsonDocuments:
    """Read the JSON values in UTF-8 text.

    Raises NotAThreadError if there are none, because the file is not in the `expected_format`.
    """
    try:
        text, is_damaged = data.decode(), False
    except UnicodeDecodeError:
        text, is_damaged = data.decode("utf-8", "surrogateescape"), True
    documents = deep_json.load_documents(
        find_json_in_page(text := text.strip()) or text, has_undecoded_bytes=is_damaged
    )
    if documents.values:
        return documents
    if is_damaged:
        reason = "it is not text in UTF-8"
    elif isinstance(documents.error, RecursionError):
        reason = "it nests too deep"
    else:
        reason = _explain_parse_error(data, documents.error)
    raise errors.NotAThreadError(f"{display_name} is not a {expected_format}: {reason}", hint)


def find_json_in_page(page: str) -> str | None:
    """Return the JSON text of a web page as which a browser saved it; None for other pages."""
    tag = PRE_TAG.search(page) if page[:1] == "<" else None
    start = page.find(">", tag.end()) + 1 if tag else 0
    end = page.find("</pre>", start) if start else -1  # if the first is not closed, no other is
    if end < 0 or page.count("<", 0, start) > MAX_TAGS_BEFORE_JSON:
        return None
    text = html.unescape(page[start:end])
    is_json = text.lstrip()[:1] in ("{", "[") and FULLNAME.search(page, 0, start) is None
    return text if is_json else None


def _explain_parse_error(data: bytes, error: ValueError | None) -> str:
    if not data.strip():
        return "it is empty"
    if data.lstrip()[:1] == b"<":
        return "it is a web page, not the thread's JSON"
    is_truncated = error is not None and deep_json.is_cut_off(error)
    return "its JSON is cut off" if is_truncated else "it is not JSON"
