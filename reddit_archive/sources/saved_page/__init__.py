"""Reddit's web pages as browsers and archiving tools save them: a thread without key or network.

Each kind of page has its own reader. All of them return the same things as Reddit's API, with
Reddit's own HTML as `body_html`, and nothing about the account that saved the page.
"""

from typing import Any

from reddit_archive import errors
from reddit_archive.model import capture
from reddit_archive.model.capture import Capture
from reddit_archive.model.completeness import COMMENTS_WITHOUT_ID_KEY
from reddit_archive.model.source_info import TIME_OF_FILE_KEY
from reddit_archive.sources.saved_json.joiner import SavedPage
from reddit_archive.sources.saved_page import (
    detect,
    dom,
    new_reddit,
    new_reddit_state,
    old_reddit,
    other_pages,
    shreddit,
)
from reddit_archive.sources.saved_page.detect import PageKind
from reddit_archive.sources.saved_page.other_pages import OtherPage
from reddit_archive.sources.saved_page.page import NAME, PageFile, ThreadPage

__all__ = ["NAME", "PageFile", "ThreadPage", "build_capture", "build_request", "read_thread"]


def read_thread(page: PageFile) -> ThreadPage:
    """Return the thread that a page shows. Raises OtherPageError if it shows something else."""
    if not detect.may_be_reddit(page.html):
        raise _build_other_page_error(page, other_pages.ANOTHER_WEBSITE)
    document = dom.parse(page.html)
    kind = detect.detect(document, page.html)
    if not kind.is_thread:
        raise _build_other_page_error(page, kind)
    match kind.name:
        case detect.OLD:
            return old_reddit.read(document)
        case detect.NEW_WITH_STATE:
            return new_reddit_state.read(document, page.html)
        case detect.NEW:
            return new_reddit.read(document)
        case _:
            return shreddit.read(document)


def build_capture(thread_id: str, page: SavedPage) -> Capture:
    """Build the capture of a web page. Raises NotAThreadError if it has nothing of the thread."""
    request = {"file": page.file_name, **page.request}
    return capture.require_thread(
        Capture(thread_id, page.modified_at, NAME, request, page.things, is_live=False)
    )


def build_request(page: PageFile, thread_page: ThreadPage) -> dict[str, Any]:
    """Return the facts about a page that are stored with its things."""
    request: dict[str, Any] = {
        "page": thread_page.kind,
        "page_sha256": page.sha256,
        "saved_by": page.saved_by,
    }
    if page.url:
        request["url"] = page.url
    if page.is_file_time:
        request[TIME_OF_FILE_KEY] = True
    if thread_page.comments_without_id:
        request[COMMENTS_WITHOUT_ID_KEY] = thread_page.comments_without_id
    return request


def _build_other_page_error(page: PageFile, kind: PageKind | OtherPage) -> errors.OtherPageError:
    return errors.OtherPageError(
        f"{page.display_name} is {kind.name}, not a thread", kind.hint, kind.name
    )
