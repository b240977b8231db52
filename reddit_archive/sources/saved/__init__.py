"""A thread's JSON as a browser saves it: no key, no network, and the same data as the API's.

One page holds 500 comments; the others come from further pages, saved one by one, and all files of
a thread make one capture.
"""

from reddit_archive import capture, errors
from reddit_archive.capture import Capture
from reddit_archive.sources.saved import files
from reddit_archive.sources.saved.files import HOW
from reddit_archive.sources.saved.missing import missing_pages, thread_page
from reddit_archive.sources.saved.pages import Page, join

__all__ = ["HOW", "NAME", "Page", "join", "missing_pages", "read", "thread_page"]

NAME = "saved"


def read(path: str, *more: str) -> Capture:
    """Read the saved files of one thread, or stdin for "-", in any order; HTML-escaped or not.

    Besides the thread's page they may be pages of single comments ("continue this thread"), and
    answers of /api/info and /api/morechildren. A file is dated by its last change, the nearest
    thing to when Reddit answered that is known; the capture is dated by the newest. Raises
    NotAThread, which names the file.
    """
    pages = [_page(each) for each in dict.fromkeys((path, *more))]
    threads = [_thread_id(page) for page in pages]
    for page, thread_id in zip(pages, threads, strict=True):
        if thread_id != threads[0]:
            raise errors.NotAThread(
                f"{page.shown} is of the thread t3_{thread_id}, and {pages[0].shown} of "
                f"t3_{threads[0]}",
                "Save each thread by itself; `archive import` takes files of several threads.",
            )
    return capture.require_thread(join(threads[0], NAME, pages))


def _page(path: str) -> Page:
    value, at = files.read(path)
    shown = "the input" if path == "-" else path
    return Page(shown, at, capture.flatten(value), is_live=path == "-")


def _thread_id(page: Page) -> str:
    try:
        return capture.thread_id(page.things)
    except errors.NotAThread as error:
        raise errors.NotAThread(f"{page.shown} is no saved thread: {error.message}", HOW) from None
