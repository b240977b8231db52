"""A capture: the raw objects that one source returned for one thread.

No part of a response is dropped. Objects of Reddit's shape become things; everything else becomes
a thing of kind "unknown". So a capture can be stored before it is interpreted.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from reddit_archive import errors
from reddit_archive.model.thing_comparison import have_same_content

Thing = dict[str, Any]
"""An object of Reddit's API, {"kind": "t1" | "t3" | "more" | …, "data": {…}}, without `replies`."""

THING_KINDS = frozenset({"t1", "t3", "t5", "more"})
ID_PATTERN = re.compile(r"[0-9a-z]{1,13}")
"""An id without prefix, in lower case."""
FULLNAME_PATTERN = re.compile(r"t[1356]_[0-9A-Za-z]{1,13}")
MAX_FULLNAME_LENGTH = 16
"""Longer strings are not fullnames, and are kept out of the cache of fullnames."""


@dataclass(frozen=True, slots=True)
class MissingComments:
    """Comments that exist on Reddit and were not fetched.

    Attributes:
        parent: Fullname of the post or comment that they are below.
        ids: Comment ids without prefix; empty if the ids are unknown.
        count: Number of missing comments, including those below `ids`. 0 for a "continue this
            thread" stub, which has neither ids nor a count.
        is_withheld: They were requested by id and Reddit did not return them, so they can't be
            fetched.
    """

    parent: str
    ids: tuple[str, ...]
    count: int
    is_withheld: bool = False


@dataclass(frozen=True, slots=True)
class StoredMedia:
    """A stored picture or video.

    Attributes:
        url: Where it was downloaded from.
        name: File name, "<sha256>.<ext>".
        size_bytes: File size.
        of: Fullname of the post or comment that shows it.
        caption: Caption in a gallery, or "".
    """

    url: str
    name: str
    size_bytes: int
    of: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class MissingMedia:
    """A picture or video of a post or comment that could not be downloaded.

    Attributes:
        url: Its address.
        why: The reason, as a message for users.
        of: Fullname of the post or comment that shows it.
    """

    url: str
    why: str
    of: str


@dataclass(frozen=True, slots=True)
class Capture:
    """What one source returned for one thread.

    Attributes:
        thread_id: The post's id without prefix.
        captured_at: When the response arrived, in UTC.
        source: Name of the source.
        request: What was requested, without secrets.
        things: The raw objects.
        is_live: `captured_at` comes from our own clock, not from a file or an archive.
        media: Pictures and videos whose files are stored durably.
        missing_media: Pictures and videos that could not be downloaded.
        is_redaction: The snapshot replaces another one after a redaction. Set when it is read.
        is_imported: The capture was imported. Set when a snapshot is read.
    """

    thread_id: str
    captured_at: datetime
    source: str
    request: Mapping[str, Any]
    things: tuple[Thing, ...]
    is_live: bool = True
    media: tuple[StoredMedia, ...] = ()
    missing_media: tuple[MissingMedia, ...] = ()
    is_redaction: bool = field(default=False, compare=False)
    is_imported: bool = field(default=False, compare=False)

    @property
    def missing_comments(self) -> tuple[MissingComments, ...]:
        """Comments that this capture names and does not contain."""
        return find_missing_comments(self.things)

    def has_same_content(self, other: "Capture") -> bool:
        """Return whether the other has the same content, and no media that this one lacks.

        A capture without media, or with fewer because a server was down, adds nothing new.
        """
        own_things, other_things = self._group_things_by_name(), other._group_things_by_name()
        return (
            other._get_media_keys() <= self._get_media_keys()
            and self._get_missing_keys() == other._get_missing_keys()
            and own_things.keys() == other_things.keys()
            and all(have_same_content(own_things[name], other_things[name]) for name in own_things)
        )

    def _get_media_keys(self) -> set[tuple[str, str]]:
        return {(media.of, media.name) for media in self.media}

    def _get_missing_keys(self) -> list[tuple[str, bool, str]]:
        return sorted(
            {
                (group.parent, group.is_withheld, i)
                for group in self.missing_comments
                for i in group.ids or ("",)
            }
        )

    def _group_things_by_name(self) -> dict[str, list[Thing]]:
        things_by_name: dict[str, list[Thing]] = {}
        for thing in self.things:
            if thing["kind"] != "more" or not isinstance(thing["data"], dict):
                things_by_name.setdefault(get_fullname(thing) or thing["kind"], []).append(thing)
        return things_by_name


def utc_now() -> datetime:
    """Return the current time in UTC, without microseconds."""
    return datetime.now(UTC).replace(microsecond=0)


def flatten(response: Any) -> tuple[Thing, ...]:
    """Split a response into things, in the order in which Reddit shows them.

    Does not recurse, because saved trees nest as deeply as their threads.

    Args:
        response: Any JSON: a listing, a list of listings, or a response of /api/morechildren.
    """
    things: list[Thing] = []
    todo = [response]
    while todo:
        match todo.pop():
            case list() as parts:
                todo.extend(reversed(parts))
            case {"kind": str() as kind, "data": dict() as data} if kind in THING_KINDS:
                things.append({"kind": kind, "data": _remove_replies(data)})
                if data.get("replies"):
                    todo.append(data["replies"])
            case {"kind": "Listing", "data": {"children": list() as children}}:
                todo.extend(reversed(children))
            case {"json": {"data": {"things": list() as children}}}:
                todo.extend(reversed(children))
            case other:
                things.append({"kind": "unknown", "data": other})
    return tuple(things)


def _remove_replies(data: dict[str, Any]) -> dict[str, Any]:
    result = data.copy()
    result.pop("replies", None)
    return result


def get_fullname(thing: Thing) -> str | None:
    """Return a thing's fullname (`t1_…`, `t3_…`) in lower case, or None if it has no valid id."""
    kind, data = thing["kind"], thing["data"]
    if not isinstance(data, dict):
        return None
    name = data.get("name")
    if (
        isinstance(name, str)
        and len(name) <= MAX_FULLNAME_LENGTH
        and (normalized := _normalize_fullname(name))
    ):
        return normalized
    short_id = data.get("id")
    candidate = f"{kind}_{short_id}" if isinstance(short_id, str) else ""
    return _normalize_fullname(candidate) if len(candidate) <= MAX_FULLNAME_LENGTH else None


@lru_cache(maxsize=2**15)
def _normalize_fullname(name: str) -> str | None:
    # Cached because each fullname of a thread is looked up about a dozen times.
    return name.lower() if FULLNAME_PATTERN.fullmatch(name) else None


def find_thread_id(things: Iterable[Thing]) -> str:
    """Return the id of the thread that the things belong to.

    The post decides; without a post, the comments' `link_id`.

    Raises:
        NotAThreadError: The things belong to no thread, or to several.
    """
    things = tuple(things)
    post_ids = {
        name[3:] for thing in things if thing["kind"] == "t3" if (name := get_fullname(thing))
    }
    thread_ids = post_ids or {link[3:] for thing in things if (link := _get_link_id(thing))}
    if len(thread_ids) == 1:
        return thread_ids.pop()
    if not thread_ids:
        raise errors.NotAThreadError(
            "it contains no Reddit thread",
            "Open https://www.reddit.com/comments/ID.json?limit=500&raw_json=1 in a browser where "
            "you are logged in to Reddit, and save that page.",
        )
    raise errors.NotAThreadError(
        f"it contains {len(thread_ids)} threads instead of one",
        "Open a single thread, add .json to its address, and save that page.",
    )


def _get_link_id(thing: Thing) -> str | None:
    link = thing["data"].get("link_id") if isinstance(thing["data"], dict) else None
    if isinstance(link, str) and re.fullmatch(r"t3_[0-9a-z]{1,13}", link):
        return link
    return None


def is_of_thread(thing: Thing, thread_id: str) -> bool:
    """Return whether a thing is the thread's post, or a comment that is not in another thread."""
    if thing["kind"] not in ("t1", "t3") or (name := get_fullname(thing)) is None:
        return False
    if thing["kind"] == "t3":
        return name == f"t3_{thread_id}"
    return _get_link_id(thing) in (None, f"t3_{thread_id}")


def require_thread(capture: Capture) -> Capture:
    """Return the capture if it contains the thread's post or one of its comments.

    A snapshot of any other response would be useless, and would make a new thread look empty.

    Raises:
        NotAThreadError: The capture contains neither.
    """
    if any(is_of_thread(thing, capture.thread_id) for thing in capture.things):
        return capture
    raise errors.NotAThreadError(
        f"the response contains neither the post t3_{capture.thread_id} nor any of its comments",
        "Nothing was stored. Check the address; if it is correct, try again later.",
    )


def find_missing_comments(things: Iterable[Thing]) -> tuple[MissingComments, ...]:
    """Return the comments that `more` stubs name and that are not among the things."""
    things = tuple(things)
    stubs = [t for t in things if t["kind"] == "more" and isinstance(t["data"], dict)]
    comments = [thing for thing in things if stubs and thing["kind"] == "t1"]
    present_names = {get_fullname(thing) for thing in comments}
    parents = {get_data_str(thing, "parent_id") for thing in comments}
    missing_comments = []
    for stub in stubs:
        parent, count = get_data_str(stub, "parent_id"), stub["data"].get("count")
        more_ids = get_more_ids(stub["data"])
        ids = tuple(i for i in more_ids if f"t1_{i}" not in present_names)
        # Reddit's stubs without ids have no count. Ours have one, for comments of unknown id.
        is_continue = not more_ids and (
            parent not in parents or (isinstance(count, int) and count > 0)
        )
        if ids or is_continue:
            has_valid_count = isinstance(count, int) and len(ids) == len(more_ids)
            missing_count = max(count, len(ids)) if has_valid_count else len(ids)
            is_withheld = stub["data"].get("_withheld") is True
            missing_comments.append(MissingComments(parent, ids, missing_count, is_withheld))
    return tuple(missing_comments)


def get_more_ids(data: Mapping[str, Any]) -> list[str]:
    """Return the comment ids that a `more` stub names, in lower case.

    The list is empty for a "continue this thread" stub.
    """
    children = data.get("children")
    return [i.lower() for i in children if isinstance(i, str)] if isinstance(children, list) else []


def get_data_str(thing: Thing, key: str) -> str:
    """Return a string field of a thing's data, or "" if it is not a string."""
    value = thing["data"].get(key) if isinstance(thing["data"], dict) else None
    return value if isinstance(value, str) else ""
