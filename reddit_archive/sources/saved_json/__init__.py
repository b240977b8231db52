"""A thread's JSON as a browser saves it: the same data as the API's, without key or network.

One page contains at most 500 comments. Further pages contain the others, and all files of a thread
become one capture.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reddit_archive import errors
from reddit_archive.model import capture, completeness
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.sources import extract
from reddit_archive.sources.saved_json import files
from reddit_archive.sources.saved_json.browser_download import (
    is_browser_download,
    read_browser_download,
)
from reddit_archive.sources.saved_json.files import SAVE_PAGE_HINT, FileContents
from reddit_archive.sources.saved_json.joiner import SavedPage, join_pages
from reddit_archive.sources.saved_json.next_pages import get_thread_page_url, list_missing_page_urls

__all__ = [
    "NAME",
    "SAVE_PAGE_HINT",
    "JoinedFiles",
    "SavedPage",
    "get_thread_page_url",
    "is_browser_download",
    "join_files",
    "join_pages",
    "list_missing_page_urls",
    "load",
    "read_browser_download",
    "read_capture",
    "require_one_thread",
]

NAME = "saved"


@dataclass(frozen=True, slots=True)
class JoinedFiles:
    """A thread from JSON files.

    `skipped_counts` counts the values that can't be read, by file. `failures` are the errors of
    files that could be read only in part.
    """

    capture: Capture
    skipped_counts: dict[str, int]
    failures: tuple[errors.NotAThreadError, ...]


def read_capture(path: str, *other_paths: str) -> Capture:
    """Read the saved files of one thread, as `load` does."""
    return load(path, *other_paths).capture


def load(path: str, *other_paths: str) -> JoinedFiles:
    """Read the saved files of one thread, in any order. "-" is stdin. See `join_files`."""
    return join_files([files.read(file_path) for file_path in dict.fromkeys((path, *other_paths))])


def join_files(contents: Sequence[FileContents]) -> JoinedFiles:
    """Join the saved files of one thread, in any order, HTML-escaped or not.

    Files may be the thread's page, pages of single comments ("continue this thread"), responses of
    /api/info and /api/morechildren, and files of the userscript. The capture has the time of the
    newest file: the one that the userscript wrote into it, or otherwise the modification time,
    because the time of Reddit's response is unknown. If a part of a file can't be read, the capture
    is not complete. Raises NotAThreadError with the name of the file.
    """
    pages: list[SavedPage] = []
    skipped_counts: dict[str, int] = {}
    failures: list[errors.NotAThreadError] = []
    for file in contents:
        file_pages, skipped_values = _extract_pages(file)
        pages += file_pages
        if skipped_count := skipped_values + file.skipped_count:
            skipped_counts[file.display_name] = skipped_count
        failures += [file.failure] if file.failure else []
    thread_id = require_one_thread([(page.display_name, _get_thread_id(page)) for page in pages])
    thread_capture = capture.require_thread(join_pages(thread_id, NAME, pages))
    if skipped_counts or failures:
        incomplete_flags = {"whole": False, completeness.FILTERED_KEY: True}
        thread_capture = replace(
            thread_capture, request={**thread_capture.request, **incomplete_flags}
        )
    return JoinedFiles(thread_capture, skipped_counts, tuple(failures))


def _extract_pages(file: FileContents) -> tuple[list[SavedPage], int]:
    """Return the pages in a file, and the number of unreadable values."""
    values = [value for value in file.values if not is_browser_download(value)]
    documents, skipped_count = _extract_documents(values, file.display_name) if values else ([], 0)
    page = SavedPage(file.display_name, file.modified_at, (), is_live=file.is_live)
    pages = [replace(page, things=things) for things in documents]
    for download in map(read_browser_download, filter(is_browser_download, file.values)):
        pages.append(
            replace(
                page,
                modified_at=download.captured_at or file.modified_at,
                things=download.things,
                is_live=file.is_live and download.captured_at is None,
                request=download.request,
            )
        )
        skipped_count += download.skipped_count
    return pages, skipped_count


def _extract_documents(
    values: Sequence[Any], display_name: str
) -> tuple[list[tuple[Thing, ...]], int]:
    """Return the things of each JSON document of a file, and the number of unreadable values.

    Unreadable values are kept unchanged, with the last readable document.
    """
    results = [extract.extract_things(value) for value in values]
    if any(result.things for result in results) and not any(
        result.is_from_reddit for result in results
    ):
        raise errors.NotAThreadError(
            f"{display_name} is not a saved thread but an export of posts and comments",
            f"Run: archive import {display_name}",
        )
    skipped_values = [value for result in results for value in result.skipped_values]
    unknown_things = tuple({"kind": "unknown", "data": value} for value in skipped_values)
    *documents, last_document = [result.things for result in results if result.things] or [()]
    return [*documents, (*last_document, *unknown_things)], len(skipped_values)


def require_one_thread(files_and_threads: Iterable[tuple[str, str]]) -> str:
    """Return the thread that all files belong to, given each file's name and thread.

    Raises NotAThreadError if they belong to several.
    """
    first, *others = files_and_threads
    for name, thread_id in others:
        if thread_id != first[1]:
            raise errors.NotAThreadError(
                f"{name} belongs to the thread t3_{thread_id}, but {first[0]} to t3_{first[1]}",
                "Save each thread separately. `archive import` accepts files of several threads.",
            )
    return first[1]


def _get_thread_id(page: SavedPage) -> str:
    try:
        return capture.find_thread_id(page.things)
    except errors.NotAThreadError as error:
        raise errors.NotAThreadError(
            f"{page.display_name} is not a saved thread: {error.message}", SAVE_PAGE_HINT
        ) from None
