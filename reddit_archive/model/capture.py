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
FULLNAME = re.compile(r"t[1356]_[0-9A-Za-z]{1,13}")
LONGEST_NAME = 16
"""What is longer is no name, and is not kept in memory as one."""

COUNTERS = frozenset(
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
PLAIN = (str, int, float)


@dataclass(frozen=True, slots=True)
class Gap:
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
class Media:
    """A picture or video that is stored: `name` is its file's, "<sha256>.<ext>".

    `of` is the fullname of the post or comment that shows it, `caption` the gallery's words or "".
    """

    url: str
    name: str
    size_bytes: int
    of: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class MediaGap:
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

    Two fields are set when a snapshot is read: `is_redaction` means that this archive redacted it,
    so that its marks apply to all other captures; `is_imported` means that it was imported.
    """

    thread_id: str
    captured_at: datetime
    source: str
    request: Mapping[str, Any]
    things: tuple[Thing, ...]
    live: bool = True
    media: tuple[Media, ...] = ()
    media_gaps: tuple[MediaGap, ...] = ()
    is_redaction: bool = field(default=False, compare=False)
    is_imported: bool = field(default=False, compare=False)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        return find_gaps(self.things)

    def covers(self, other: "Capture") -> bool:
        """Tell whether the other says the same, and has no media that are not here as well.

        One that was taken without media, or while a picture's server was down, adds nothing.
        """
        mine, theirs = self._by_name(), other._by_name()
        return (
            other._shown() <= self._shown()
            and self._missing() == other._missing()
            and mine.keys() == theirs.keys()
            and all(say_same(mine[name], theirs[name]) for name in mine)
        )

    def _shown(self) -> set[tuple[str, str]]:
        return {(found.of, found.name) for found in self.media}

    def _missing(self) -> list[tuple[str, bool, str]]:
        return sorted({(g.parent, g.is_withheld, i) for g in self.gaps for i in g.ids or ("",)})

    def _by_name(self) -> dict[str, list[Thing]]:
        found: dict[str, list[Thing]] = {}
        for thing in self.things:
            if thing["kind"] != "more" or not isinstance(thing["data"], dict):
                found.setdefault(fullname(thing) or thing["kind"], []).append(thing)
        return found

    def is_same(self, other: "Capture") -> bool:
        """Tell whether both hold the same JSON, in which NaN equals NaN."""
        mine, theirs = (
            (list(c.things), dict(c.request), c.media, c.media_gaps) for c in (self, other)
        )
        return mine == theirs or (
            mine[2:] == theirs[2:] and json.dumps(mine[:2]) == json.dumps(theirs[:2])
        )


def _without_counters(thing: Thing) -> Any:
    data = thing["data"]
    if isinstance(data, dict):
        return {key: value for key, value in data.items() if key not in COUNTERS}
    return data


def say_same(some: list[Thing], others: list[Thing]) -> bool:
    """Tell whether things differ in counters alone; most are the same object, or hold the same."""
    return len(some) == len(others) and all(map(_says_same, some, others))


def _says_same(one: Thing, other: Thing) -> bool:
    if one is other:
        return True
    mine, theirs = _without_counters(one), _without_counters(other)
    if isinstance(mine, dict) and isinstance(theirs, dict):
        if mine.keys() != theirs.keys():
            # Earlier versions stored fields about the viewer, which are no difference.
            mine, theirs = viewer_fields.drop(mine), viewer_fields.drop(theirs)
        if mine.keys() == theirs.keys() and all(_is_equal(mine[k], theirs[k]) for k in mine):
            return True
    return _is_same_json(mine, theirs) or _is_same_json(
        viewer_fields.drop(mine), viewer_fields.drop(theirs)
    )


def _is_equal(one: Any, other: Any) -> bool:
    """Return whether two plain values are equal; in Python, 1 and True are, too."""
    return one is other or (type(one) is type(other) and type(one) in PLAIN and one == other)


def _is_same_json(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def flatten(answer: Any) -> tuple[Thing, ...]:
    """Take listings apart into things, in the order in which Reddit shows them.

    Takes any JSON: one listing, several, the answer of morechildren. Works without recursion, since
    saved trees nest as deep as their threads.
    """
    things: list[Thing] = []
    todo = [answer]
    while todo:
        match todo.pop():
            case list() as parts:
                todo.extend(reversed(parts))
            case {"kind": str() as kind, "data": dict() as data} if kind in THING_KINDS:
                things.append({"kind": kind, "data": _without_replies(data)})
                if data.get("replies"):
                    todo.append(data["replies"])
            case {"kind": "Listing", "data": {"children": list() as children}}:
                todo.extend(reversed(children))
            case {"json": {"data": {"things": list() as children}}}:
                todo.extend(reversed(children))
            case other:
                things.append({"kind": "unknown", "data": other})
    return tuple(things)


def _without_replies(data: dict[str, Any]) -> dict[str, Any]:
    own = data.copy()
    own.pop("replies", None)
    return own


def fullname(thing: Thing) -> str | None:
    """Give `t1_…` or `t3_…`, lower case, or None where the thing carries no usable id."""
    kind, data = thing["kind"], thing["data"]
    if not isinstance(data, dict):
        return None
    name = data.get("name")
    if isinstance(name, str) and len(name) <= LONGEST_NAME and (found := _understood(name)):
        return found
    short = data.get("id")
    made = f"{kind}_{short}" if isinstance(short, str) else ""
    return _understood(made) if len(made) <= LONGEST_NAME else None


@lru_cache(maxsize=2**15)
def _understood(name: str) -> str | None:
    """Each name of a thread comes a dozen times, from whoever looks at its things."""
    return name.lower() if FULLNAME.fullmatch(name) else None


def thread_id(things: Iterable[Thing]) -> str:
    """Tell which thread things belong to, by its post or else by the comments' `link_id`.

    Raises NotAThread for no thread, or more than one.
    """
    things = tuple(things)
    posts = {name[3:] for thing in things if thing["kind"] == "t3" if (name := fullname(thing))}
    found = posts or {link[3:] for thing in things if (link := _link_id(thing))}
    if len(found) == 1:
        return found.pop()
    if not found:
        raise errors.NotAThread(
            "there is no Reddit thread in it",
            "Open https://www.reddit.com/comments/ID.json?limit=500&raw_json=1 in a browser in "
            "which you are logged in, and save that page.",
        )
    raise errors.NotAThread(
        f"it holds {len(found)} threads, not one",
        "Open a single thread, add .json to its address, and save that page.",
    )


def _link_id(thing: Thing) -> str | None:
    link = thing["data"].get("link_id") if isinstance(thing["data"], dict) else None
    if isinstance(link, str) and re.fullmatch(r"t3_[0-9a-z]{1,13}", link):
        return link
    return None


def is_of_thread(thing: Thing, thread_id: str) -> bool:
    """Return whether a thing is a thread's post, or a comment that names no other post."""
    if thing["kind"] not in ("t1", "t3") or (name := fullname(thing)) is None:
        return False
    if thing["kind"] == "t3":
        return name == f"t3_{thread_id}"
    return _link_id(thing) in (None, f"t3_{thread_id}")


def require_thread(taken: Capture) -> Capture:
    """Return the capture. Raises NotAThread if it contains neither the post nor a comment.

    A snapshot of such an answer would be useless, and would make a new thread look empty.
    """
    if any(is_of_thread(thing, taken.thread_id) for thing in taken.things):
        return taken
    raise errors.NotAThread(
        f"the answer holds neither the post t3_{taken.thread_id} nor any comment of it",
        "Nothing was stored. Check the address, and try again later if it is right.",
    )


def find_gaps(things: Iterable[Thing]) -> tuple[Gap, ...]:
    """List what the `more` stubs name and the things do not hold."""
    things = tuple(things)
    stubs = [t for t in things if t["kind"] == "more" and isinstance(t["data"], dict)]
    comments = [thing for thing in things if stubs and thing["kind"] == "t1"]
    present = {fullname(thing) for thing in comments}
    parents = {text_of(thing, "parent_id") for thing in comments}
    gaps = []
    for stub in stubs:
        parent, count = text_of(stub, "parent_id"), stub["data"].get("count")
        named = stub_ids(stub["data"])
        ids = tuple(i for i in named if f"t1_{i}" not in present)
        # Reddit's own stubs without ids have no count; ours tell of comments that nothing names.
        is_continue = not named and (
            parent not in parents or (isinstance(count, int) and count > 0)
        )
        if ids or is_continue:
            known = count if isinstance(count, int) and len(ids) == len(named) else len(ids)
            is_withheld = stub["data"].get("_withheld") is True
            gaps.append(Gap(parent, ids, max(known, len(ids)), is_withheld))
    return tuple(gaps)


def stub_ids(data: Mapping[str, Any]) -> list[str]:
    """The comment ids that a `more` stub names, lower case; none for "continue this thread"."""
    children = data.get("children")
    return [i.lower() for i in children if isinstance(i, str)] if isinstance(children, list) else []


def text_of(thing: Thing, key: str) -> str:
    """A field of a thing that should be text; "" where it is none."""
    value = thing["data"].get(key) if isinstance(thing["data"], dict) else None
    return value if isinstance(value, str) else ""
