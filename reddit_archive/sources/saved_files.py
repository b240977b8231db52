"""Saved files of any kind: JSON, web pages, and JSON that a browser saved as a web page."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from reddit_archive import errors
from reddit_archive.model import capture as capture_model
from reddit_archive.model.capture import Capture
from reddit_archive.sources import decompress, saved_json
from reddit_archive.sources.decompress import InputStream
from reddit_archive.sources.saved_json import files
from reddit_archive.sources.saved_json.files import FileContents, RawFile
from reddit_archive.sources.saved_json.joiner import SavedPage
from reddit_archive.sources.saved_page.page import (
    JsonFile,
    PageFile,
    ThreadPage,
    build_capture,
    build_request,
)

START_BYTES = 1_000
JSON_STARTS = (b"{", b"[")


class SavedThreadPage(NamedTuple):
    """A web page and the thread that it shows."""

    file: PageFile
    thread: ThreadPage

    @property
    def request(self) -> dict[str, Any]:
        """The facts about the page that are stored with its things."""
        return build_request(self.file, self.thread)


@dataclass(frozen=True, slots=True)
class SavedThread:
    """A thread from files.

    Attributes:
        captures: One for each web page, and one for all JSON; oldest first.
        skipped_counts: The number of values that can't be read, by file.
        failures: The errors of files that could be read only in part.
        warnings: Sentences for the user.
    """

    captures: tuple[Capture, ...]
    skipped_counts: dict[str, int]
    failures: tuple[errors.NotAThreadError, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def thread_id(self) -> str:
        return self.captures[0].thread_id


def load(path: str, *other_paths: str) -> SavedThread:
    """Read the saved files of one thread, in any order. "-" is stdin.

    Raises NotAThreadError with the name of the file.
    """
    json_files: list[FileContents] = []
    captures: dict[str, Capture] = {}
    failures: list[errors.NotAThreadError] = []
    warnings: list[str] = []
    for file_path in dict.fromkeys((path, *other_paths)):
        with _open(file_path) as file:
            for item in read(file):
                if isinstance(item, FileContents):
                    json_files.append(item)
                else:
                    captures[item.file.display_name] = _build_capture(item)
                    warnings += list_warnings(item)
            failures += [file.stream.failure] if file.stream.failure else []
    skipped_counts: dict[str, int] = {}
    if json_files:
        joined = saved_json.join_files(json_files)
        captures[json_files[0].display_name] = joined.capture
        skipped_counts = joined.skipped_counts
        failures += [failure for failure in joined.failures if failure not in failures]
    saved_json.require_one_thread((name, capture.thread_id) for name, capture in captures.items())
    oldest_first = sorted(captures.values(), key=lambda capture: capture.captured_at)
    return SavedThread(tuple(oldest_first), skipped_counts, tuple(failures), tuple(warnings))


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A saved file that is being read. `path` is None for stdin."""

    stream: InputStream
    display_name: str
    modified_at: datetime
    path: Path | None = None


def is_web_page(start: bytes, path: Path | None) -> bool:
    """Return whether a file may hold web pages, given its first bytes, decompressed."""
    if start.lstrip()[:1] in JSON_STARTS:
        return False
    from reddit_archive.sources.saved_page import wrappers  # 30 ms

    return wrappers.is_web_page(start) or (path is not None and wrappers.is_wacz(path))


def read(file: OpenFile) -> Iterator[FileContents | SavedThreadPage]:
    """Yield the contents of a file: JSON values, or the thread of each web page in it.

    Other pages are left out if the file contains a thread as well.

    Raises:
        OtherPageError: The file is a web page that shows something else.
        NotAThreadError: The file is neither a web page nor JSON.
    """
    start = file.stream.read(START_BYTES)
    file.stream.unread(start)
    if is_web_page(start, file.path):
        yield from _read_pages(file, _open_pages(file, start))
    else:
        yield _parse_json(file, _read_all(file))


def list_warnings(item: SavedThreadPage) -> list[str]:
    """Return the warnings about a page, with its name."""
    return [f"{item.file.display_name}: {warning}" for warning in item.thread.warnings]


@contextmanager
def _open(path: str) -> Iterator[OpenFile]:
    if path == "-":
        data = sys.stdin.buffer.read()
        stream = InputStream(io.BytesIO(data), "the input", len(data), large_window=False)
        yield OpenFile(stream, "the input", capture_model.utc_now())
        return
    file = Path(path).expanduser()
    with decompress.open_stream(file) as stream:
        yield OpenFile(stream, path, files.get_modified_at(file), file)


def _open_pages(file: OpenFile, start: bytes) -> Iterator[PageFile | JsonFile]:
    from reddit_archive.sources.saved_page import wrappers  # 30 ms

    name, modified_at, path = file.display_name, file.modified_at, file.path
    if wrappers.is_warc(start):
        return wrappers.iter_warc_pages(file.stream, name, modified_at, path=path)
    if path is None or wrappers.is_web_page(start):
        return wrappers.read_pages(_read_all(file), name, modified_at, path=path)
    return wrappers.iter_wacz_pages(path, name, modified_at)


def _read_all(file: OpenFile) -> bytes:
    return files.read_all(file.stream, file.display_name, files.SAVE_PAGE_HINT)


def _read_pages(
    file: OpenFile, pages: Iterator[PageFile | JsonFile]
) -> Iterator[FileContents | SavedThreadPage]:
    """Yield the thread of each page. If the file is damaged, `stream.failure` says so."""
    first_error: errors.NotAThreadError | None = None
    has_thread = False
    for page in _iter_until_damage(file, pages):
        try:
            yield _read_page(file, page)
            has_thread = True
        except errors.NotAThreadError as error:
            first_error = first_error or error
    if not has_thread:
        raise (
            file.stream.failure
            or first_error
            or errors.NotAThreadError(
                f"{file.display_name} contains no page of Reddit", files.SAVE_PAGE_HINT
            )
        )


def _iter_until_damage(
    file: OpenFile, pages: Iterator[PageFile | JsonFile]
) -> Iterator[PageFile | JsonFile]:
    try:
        yield from pages
    except errors.NotAThreadError as error:
        file.stream.stop(file.stream.failure or error)


def _read_page(file: OpenFile, page: PageFile | JsonFile) -> FileContents | SavedThreadPage:
    if isinstance(page, JsonFile):
        data = page.data
    elif text := files.find_json_in_page(page.html):
        data = text.encode("utf-8", "surrogatepass")
    else:
        from reddit_archive.sources.saved_page.read import read_thread  # 45 ms

        return SavedThreadPage(page, read_thread(page))
    contents = _parse_json(file, data)
    return replace(contents, display_name=page.display_name, modified_at=page.saved_at)


def _parse_json(file: OpenFile, data: bytes) -> FileContents:
    is_live, failure = file.path is None, file.stream.failure
    return files.parse_file(RawFile(file.display_name, data, file.modified_at, is_live, failure))


def _build_capture(item: SavedThreadPage) -> Capture:
    page = SavedPage(
        item.file.display_name, item.file.saved_at, item.thread.things, request=item.request
    )
    return build_capture(item.thread.thread_id, page)
