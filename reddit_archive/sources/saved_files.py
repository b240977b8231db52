"""Saved files of any kind: JSON, web pages, and JSON that a browser saved as a web page."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from reddit_archive import errors
from reddit_archive.model.capture import Capture
from reddit_archive.sources import saved_json, saved_page
from reddit_archive.sources.saved_json import files
from reddit_archive.sources.saved_json.files import FileContents, RawFile
from reddit_archive.sources.saved_json.joiner import SavedPage
from reddit_archive.sources.saved_page import PageFile, ThreadPage, wrappers


class SavedThreadPage(NamedTuple):
    """A web page and the thread that it shows."""

    file: PageFile
    thread: ThreadPage

    @property
    def request(self) -> dict[str, Any]:
        """The facts about the page that are stored with its things."""
        return saved_page.build_request(self.file, self.thread)


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
    warnings: list[str] = []
    for file_path in dict.fromkeys((path, *other_paths)):
        for item in read(files.read_bytes(file_path), file_path):
            if isinstance(item, FileContents):
                json_files.append(item)
            else:
                captures[item.file.display_name] = build_capture(item)
                warnings += [f"{item.file.display_name}: {text}" for text in item.thread.warnings]
    saved = SavedThread((), {}, warnings=tuple(warnings))
    if json_files:
        joined = saved_json.join_files(json_files)
        captures[json_files[0].display_name] = joined.capture
        saved = replace(saved, skipped_counts=joined.skipped_counts, failures=joined.failures)
    _require_one_thread(captures)
    oldest_first = sorted(captures.values(), key=lambda capture: capture.captured_at)
    return replace(saved, captures=tuple(oldest_first))


def read(file: RawFile, path: str = "") -> Iterator[FileContents | SavedThreadPage]:
    """Yield the contents of a file: JSON values, or the thread of each web page in it.

    Other pages are left out if the file contains a thread as well.

    Args:
        file: The file.
        path: Its path, if it has one: some tools write the address of a page into another file.

    Raises:
        OtherPageError: The file is a web page that shows something else.
        NotAThreadError: The file is neither a web page nor JSON.
    """
    if not wrappers.is_web_page(file.data):
        yield files.parse_file(file)
        return
    first_error: errors.NotAThreadError | None = None
    has_thread = False
    real_path = Path(path).expanduser() if path and path != "-" else None
    for page in wrappers.read_pages(
        file.data, file.display_name, file.modified_at, path=real_path
    ):
        try:
            yield _read_page(page, file)
            has_thread = True
        except errors.NotAThreadError as error:
            first_error = first_error or error
    if not has_thread:
        raise first_error or errors.NotAThreadError(
            f"{file.display_name} contains no page of Reddit", files.SAVE_PAGE_HINT
        )


def build_capture(item: SavedThreadPage) -> Capture:
    """Build the capture of a web page."""
    page = SavedPage(
        item.file.display_name, item.file.saved_at, item.thread.things, request=item.request
    )
    return saved_page.build_capture(item.thread.thread_id, page)


def _read_page(page: PageFile, file: RawFile) -> FileContents | SavedThreadPage:
    if text := files.find_json_in_page(page.html):
        contents = files.parse_file(replace(file, data=text.encode("utf-8", "surrogatepass")))
        return replace(contents, modified_at=page.saved_at)
    return SavedThreadPage(page, saved_page.read_thread(page))


def _require_one_thread(captures: dict[str, Capture]) -> None:
    first_name, first = next(iter(captures.items()))
    for name, capture in captures.items():
        if capture.thread_id != first.thread_id:
            raise errors.NotAThreadError(
                f"{name} belongs to the thread t3_{capture.thread_id}, but {first_name} to "
                f"t3_{first.thread_id}",
                "Save each thread separately. `archive import` accepts files of several threads.",
            )
