"""The values that pass through the readers of saved web pages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reddit_archive.model import capture, source_info
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.model.completeness import COMMENTS_WITHOUT_ID_KEY
from reddit_archive.sources.saved_json.joiner import SavedPage

NAME = source_info.SAVED_PAGE
PAGE_KIND_KEY = source_info.PAGE_KIND_KEY
"""Field of each post and comment from a page: the kind of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedResponse:
    """What is known of something that was saved.

    Attributes:
        display_name: The file as the user named it, with the position in a container.
        url: Its address on Reddit; "" if the file does not say.
        saved_at: When it was saved, in UTC.
        is_file_time: `saved_at` is the file's modification time, because nothing else is known.
        saved_by: How it was saved: "a browser", "SingleFile", "the Wayback Machine", …
        sha256: Digest of its bytes.
    """

    display_name: str
    url: str
    saved_at: datetime
    is_file_time: bool
    saved_by: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFile(SavedResponse):
    """A web page, taken out of the file in which it was saved. `html` is the page."""

    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonFile(SavedResponse):
    """Reddit's JSON, taken out of a web archive. `data` is the JSON in UTF-8."""

    data: bytes


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """The thread that a page shows.

    Attributes:
        kind: "old", "new-with-state", "new" or "shreddit".
        thread_id: The post's id without prefix.
        things: The post, the comments in the order of the page, and stubs (kind "more") for the
            comments that it names or counts and does not show.
        comments_without_id: Deleted comments whose ids are not in the page. They are only counted.
        warnings: Sentences for the user, for example about a machine translation.
    """

    kind: str
    thread_id: str
    things: tuple[Thing, ...]
    comments_without_id: int = 0
    warnings: tuple[str, ...] = ()


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
        request[source_info.TIME_OF_FILE_KEY] = True
    if thread_page.comments_without_id:
        request[COMMENTS_WITHOUT_ID_KEY] = thread_page.comments_without_id
    return request
