"""The file that the userscript and the bookmarklet download: Reddit's responses in their order.

It is a JSON array. Its first object says when the thread was fetched and what Reddit did not
return. The userscript in `cli/browser` writes it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from reddit_archive.model import capture, comment_tree
from reddit_archive.model.capture import ID_PATTERN, Thing, get_fullname
from reddit_archive.sources import extract

KIND = "reddit-archive-page"
FIRST_TIME = datetime(2005, 6, 1, tzinfo=UTC)
"""Reddit has no older threads."""
FULLNAME = re.compile(r"t1_[0-9a-z]{1,13}")
MAX_COUNT = 10_000_000


@dataclass(frozen=True, slots=True)
class BrowserDownload:
    """The things of a downloaded file, merged as those of a fetch through the API.

    Attributes:
        things: Posts, comments, stubs, and values that can't be read.
        request: Facts about the fetch for the request of a capture.
        captured_at: The time of the first response; None if the file does not tell it.
        skipped_count: Number of values that can't be read.
    """

    things: tuple[Thing, ...]
    request: Mapping[str, Any]
    captured_at: datetime | None
    skipped_count: int


def is_browser_download(value: Any) -> bool:
    """Return whether a JSON value is such a file."""
    head = value[0] if isinstance(value, list) and value else None
    return isinstance(head, dict) and head.get("kind") == KIND


def read_browser_download(value: list[Any]) -> BrowserDownload:
    """Merge the responses of a file, for which `is_browser_download` is true."""
    head, *responses = value
    results = [extract.extract_things(response) for response in responses]
    pages = [result.things for result in results if result.things] or [()]
    withheld_ids = frozenset(filter(_is_id, _get_list(head, "withheld_ids")))
    things = comment_tree.merge_listings(
        pages[0], (thing for page in pages[1:] for thing in page), withheld_ids=withheld_ids
    )
    comments = {get_fullname(thing) for thing in things if thing["kind"] == "t1"}
    unfetched_replies = {
        name: count for name, count in _get_counts(head).items() if name in comments
    }
    skipped_values = [value for result in results for value in result.skipped_values]
    return BrowserDownload(
        (
            *things,
            *(comment_tree.build_stub_without_ids(*item) for item in unfetched_replies.items()),
            *({"kind": "unknown", "data": value} for value in skipped_values),
        ),
        _describe_request(head, pages[0]),
        _parse_time(head.get("captured_at")),
        len(skipped_values),
    )


def _describe_request(head: Mapping[str, Any], first_page: tuple[Thing, ...]) -> dict[str, Any]:
    """Describe the fetch as one through the API is described."""
    post_names = {get_fullname(thing) for thing in first_page if thing["kind"] == "t3"}
    thread_name = head.get("thread")
    if not isinstance(thread_name, str) or post_names != {thread_name}:
        return {}
    path = f"comments/{thread_name.removeprefix('t3_')}/"
    return {"path": path, **({"whole": True} if head.get("is_complete") is True else {})}


def _parse_time(value: Any) -> datetime | None:
    """Return a time in UTC without fractions of seconds, but no later than now."""
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if time is None or time.tzinfo is None or time < FIRST_TIME:
        return None
    return min(time.astimezone(UTC).replace(microsecond=0), capture.utc_now())


def _get_list(head: Mapping[str, Any], key: str) -> list[Any]:
    value = head.get(key)
    return value if isinstance(value, list) else []


def _get_counts(head: Mapping[str, Any]) -> dict[str, int]:
    """Return the numbers of comments below others that no response shows or names."""
    value = head.get("unfetched_replies")
    return {
        name: count
        for name, count in (value.items() if isinstance(value, dict) else ())
        if FULLNAME.fullmatch(name) and type(count) is int and 0 < count <= MAX_COUNT
    }


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and ID_PATTERN.fullmatch(value) is not None
