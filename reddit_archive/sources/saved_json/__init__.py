"""A thread's JSON as a browser saves it: no key, no network, and the same data as the API's.

One page holds 500 comments; the others come from further pages, saved one by one, and all files of
a thread make one capture.
"""

from dataclasses import dataclass, replace
from typing import Any

from reddit_archive import errors
from reddit_archive.model import capture, completeness
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.sources import flatten
from reddit_archive.sources.saved_json import files
from reddit_archive.sources.saved_json.files import HOW
from reddit_archive.sources.saved_json.joiner import Page, join
from reddit_archive.sources.saved_json.next_pages import missing_pages, thread_page

__all__ = ["HOW", "NAME", "Page", "Saved", "join", "load", "missing_pages", "read", "thread_page"]

NAME = "saved"


@dataclass(frozen=True, slots=True)
class Saved:
    """A thread from files.

    `left_out` counts the values that can't be read, by file. `failures` are the errors of files
    that could be read only in part.
    """

    capture: Capture
    left_out: dict[str, int]
    failures: tuple[errors.NotAThread, ...]


def read(path: str, *more: str) -> Capture:
    """Read the saved files of one thread, as `load` does."""
    return load(path, *more).capture


def load(path: str, *more: str) -> Saved:
    """Read the saved files of one thread, or stdin for "-", in any order; HTML-escaped or not.

    Besides the thread's page they may be pages of single comments ("continue this thread"), and
    answers of /api/info and /api/morechildren. A file is dated by its last change, the nearest
    thing to when Reddit answered that is known; the capture is dated by the newest. Where a part
    of a file can't be read, the capture is not complete. Raises NotAThread, which names the file.
    """
    pages: list[Page] = []
    left_out: dict[str, int] = {}
    failures: list[errors.NotAThread] = []
    for each in dict.fromkeys((path, *more)):
        shown = "the input" if each == "-" else each
        contents = files.read(each)
        parts, unreadable = _parts(contents.values, shown)
        pages += [Page(shown, contents.at, part, is_live=each == "-") for part in parts]
        left_out |= {shown: count} if (count := unreadable + contents.left_out) else {}
        failures += [contents.failure] if contents.failure else []
    thread_id = _one_thread(pages)
    found = capture.require_thread(join(thread_id, NAME, pages))
    if left_out or failures:
        marks = {"whole": False, completeness.FILTERED: True}
        found = replace(found, request={**found.request, **marks})
    return Saved(found, left_out, tuple(failures))


def _parts(values: tuple[Any, ...], shown: str) -> tuple[list[tuple[Thing, ...]], int]:
    """Return the things of each JSON document of a file, and the number of unreadable values.

    Unreadable values are kept unchanged, with the last readable document.
    """
    flat = [flatten.flatten(value) for value in values]
    if any(each.things for each in flat) and not any(each.is_from_reddit for each in flat):
        raise errors.NotAThread(
            f"{shown} is no saved thread: it is an export of posts and comments",
            f"Run: archive import {shown}",
        )
    left_out = [value for each in flat for value in each.left_out]
    unknown = tuple({"kind": "unknown", "data": value} for value in left_out)
    *parts, last = [each.things for each in flat if each.things] or [()]
    return [*parts, (*last, *unknown)], len(left_out)


def _one_thread(pages: list[Page]) -> str:
    threads = [_thread_id(page) for page in pages]
    for page, thread_id in zip(pages, threads, strict=True):
        if thread_id != threads[0]:
            raise errors.NotAThread(
                f"{page.shown} is of the thread t3_{thread_id}, and {pages[0].shown} of "
                f"t3_{threads[0]}",
                "Save each thread by itself; `archive import` takes files of several threads.",
            )
    return threads[0]


def _thread_id(page: Page) -> str:
    try:
        return capture.thread_id(page.things)
    except errors.NotAThread as error:
        raise errors.NotAThread(f"{page.shown} is no saved thread: {error.message}", HOW) from None
