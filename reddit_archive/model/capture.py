"""A capture: what one source answered about one thread, raw, and what it says is missing.

Nothing of an answer is thrown away: what has Reddit's shape becomes a thing, all else a thing of
kind "unknown". So a capture can be stored before anybody understands it.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from reddit_archive import errors
from reddit_archive.model import viewer_fields

Thing = dict[str, Any]
"""{"kind": "t1" | "t3" | "more" | …, "data": {…}}, without the `replies` of a comment."""

THING_KINDS = frozenset({"t1", "t3", "t5", "more"})
FULLNAME_PATTERN = re.compile(r"t[1356]_[0-9A-Za-z]{1,13}")
MAX_FULLNAME_LENGTH = 16
"""What is longer is no name, and is not kept in memory as one."""

VOLATILE_FIELDS = frozenset(
    (
        *("score", "ups", "downs", "upvote_ratio", "likes", "score_hidden", "hide_score"),
        *("num_comments", "num_crossposts", "num_duplicates", "num_reports", "view_count"),
        *("controversiality", "subreddit_subscribers", "gilded", "gildings", "all_awardings"),
        *("awarders", "top_awarded_type", "total_awards_received", "clicked", "visited", "saved"),
        *("collapsed", "collapsed_reason", "pwls", "wls", "whitelist_status", "depth"),
        "parent_whitelist_status",
    )
)
"""Fields that move without anything having been said or taken back, or with what was asked for."""
SCALAR_TYPES = (str, int, float)


@dataclass(frozen=True, slots=True)
class MissingComments:
    """Comments that Reddit says exist below `parent` (a fullname) and that were not fetched.

    `ids` are comment ids without prefix. `count` includes what is below those ids; it is 0 for a
    "continue this thread" stub, which names no ids and no number. `is_withheld` means that they
    were asked for by name, and that Reddit did not give them: nobody can fetch them.
    """

    parent: str
    ids: tuple[str, ...]
    count: int
    is_withheld: bool = False


@dataclass(frozen=True, slots=True)
class StoredMedia:
    """A picture or video that is stored: `name` is its file's, "<sha256>.<ext>".

    `of` is the fullname of the post or comment that shows it, `caption` the gallery's words or "".
    """

    url: str
    name: str
    size_bytes: int
    of: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class MissingMedia:
    """A picture or video that `of` shows and that could not be had, and why."""

    url: str
    why: str
    of: str


@dataclass(frozen=True, slots=True)
class Capture:
    """One source's answer: `thread_id` is the post's id without prefix, `captured_at` in UTC.

    `request` says what was asked, without secrets. `live` means that `captured_at` was read from
    our own clock when the answer came, not taken from a file or an archive. `media` names only
    files that are stored durably.

    Two fields are set when a snapshot is read: `is_redaction` means that it replaces another one
    after a redaction; `is_imported` means that it was imported.
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
        return find_missing_comments(self.things)

    def has_same_content(self, other: "Capture") -> bool:
        """Tell whether the other says the same, and has no media that are not here as well.

        One that was taken without media, or while a picture's server was down, adds nothing.
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

    def is_identical_to(self, other: "Capture") -> bool:
        """Tell whether both hold the same JSON, in which NaN equals NaN."""
        own_values, other_values = (
            (list(capture.things), dict(capture.request), capture.media, capture.missing_media)
            for capture in (self, other)
        )
        return own_values == other_values or (
            own_values[2:] == other_values[2:]
            and json.dumps(own_values[:2]) == json.dumps(other_values[:2])
        )


def _get_stable_data(thing: Thing) -> Any:
    data = thing["data"]
    if isinstance(data, dict):
        return {key: value for key, value in data.items() if key not in VOLATILE_FIELDS}
    return data


def have_same_content(things: list[Thing], other_things: list[Thing]) -> bool:
    """Tell whether things differ in counters alone; most are the same object, or hold the same."""
    return len(things) == len(other_things) and all(map(_has_same_content, things, other_things))


def _has_same_content(thing: Thing, other: Thing) -> bool:
    if thing is other:
        return True
    data, other_data = _get_stable_data(thing), _get_stable_data(other)
    if isinstance(data, dict) and isinstance(other_data, dict):
        if data.keys() != other_data.keys():
            # Earlier versions stored fields about the viewer, which are no difference.
            data, other_data = viewer_fields.drop(data), viewer_fields.drop(other_data)
        if data.keys() == other_data.keys() and all(
            _is_equal_scalar(data[k], other_data[k]) for k in data
        ):
            return True
    return _is_same_json(data, other_data) or _is_same_json(
        viewer_fields.drop(data), viewer_fields.drop(other_data)
    )


def _is_equal_scalar(one: Any, other: Any) -> bool:
    """Return whether two plain values are equal; in Python, 1 and True are, too."""
    return one is other or (type(one) is type(other) and type(one) in SCALAR_TYPES and one == other)


def _is_same_json(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def utc_now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def flatten(response: Any) -> tuple[Thing, ...]:
    """Take listings apart into things, in the order in which Reddit shows them.

    Takes any JSON: one listing, several, the answer of morechildren. Works without recursion, since
    saved trees nest as deep as their threads.
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
    """Give `t1_…` or `t3_…`, lower case, or None where the thing carries no usable id."""
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
    """Each name of a thread comes a dozen times, from whoever looks at its things."""
    return name.lower() if FULLNAME_PATTERN.fullmatch(name) else None


def find_thread_id(things: Iterable[Thing]) -> str:
    """Tell which thread things belong to, by its post or else by the comments' `link_id`.

    Raises NotAThread for no thread, or more than one.
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
            "there is no Reddit thread in it",
            "Open https://www.reddit.com/comments/ID.json?limit=500&raw_json=1 in a browser in "
            "which you are logged in, and save that page.",
        )
    raise errors.NotAThreadError(
        f"it holds {len(thread_ids)} threads, not one",
        "Open a single thread, add .json to its address, and save that page.",
    )


def _get_link_id(thing: Thing) -> str | None:
    link = thing["data"].get("link_id") if isinstance(thing["data"], dict) else None
    if isinstance(link, str) and re.fullmatch(r"t3_[0-9a-z]{1,13}", link):
        return link
    return None


def is_of_thread(thing: Thing, thread_id: str) -> bool:
    """Return whether a thing is a thread's post, or a comment that names no other post."""
    if thing["kind"] not in ("t1", "t3") or (name := get_fullname(thing)) is None:
        return False
    if thing["kind"] == "t3":
        return name == f"t3_{thread_id}"
    return _get_link_id(thing) in (None, f"t3_{thread_id}")


def require_thread(capture: Capture) -> Capture:
    """Return the capture. Raises NotAThread if it contains neither the post nor a comment.

    A snapshot of such an answer would be useless, and would make a new thread look empty.
    """
    if any(is_of_thread(thing, capture.thread_id) for thing in capture.things):
        return capture
    raise errors.NotAThreadError(
        f"the answer holds neither the post t3_{capture.thread_id} nor any comment of it",
        "Nothing was stored. Check the address, and try again later if it is right.",
    )


def find_missing_comments(things: Iterable[Thing]) -> tuple[MissingComments, ...]:
    """List what the `more` stubs name and the things do not hold."""
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
        # Reddit's own stubs without ids have no count; ours tell of comments that nothing names.
        is_continue = not more_ids and (
            parent not in parents or (isinstance(count, int) and count > 0)
        )
        if ids or is_continue:
            expected_count = (
                count if isinstance(count, int) and len(ids) == len(more_ids) else len(ids)
            )
            is_withheld = stub["data"].get("_withheld") is True
            missing_comments.append(
                MissingComments(parent, ids, max(expected_count, len(ids)), is_withheld)
            )
    return tuple(missing_comments)


def get_more_ids(data: Mapping[str, Any]) -> list[str]:
    """The comment ids that a `more` stub names, lower case; none for "continue this thread"."""
    children = data.get("children")
    return [i.lower() for i in children if isinstance(i, str)] if isinstance(children, list) else []


def get_data_str(thing: Thing, key: str) -> str:
    """A field of a thing that should be text; "" where it is none."""
    value = thing["data"].get(key) if isinstance(thing["data"], dict) else None
    return value if isinstance(value, str) else ""
