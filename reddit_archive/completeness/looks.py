"""What one capture shows of a thread, and of which comments it shows or names every reply."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reddit_archive.capture import Capture, Thing, fullname, stub_ids
from reddit_archive.fields import text, whole_number

SAVED, REDDIT = "saved", "reddit"
SHOWS_TREES = frozenset({SAVED, REDDIT})
"""Sources whose answers put comments in their places, with stubs for what they leave out."""
FILTERED = "filtered"
LEFT_OVER = "_left_over"
"""Marks a joined stub that names the post for its parent, and may stand for replies anywhere."""
HAS_THREAD_PAGE, PARTLY_SHOWN = "has_thread_page", "partly_shown"
"""What a request says of a capture that was joined from several pages."""

Stub = Mapping[str, Any]
"""The `data` of a `more` thing."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one capture, or one page of it, shows: posts and comments by fullname, and stubs.

    `listed` are the comments whose replies it shows or names, every one. Of `partly_shown` one
    reply is here, which may be the only one, or the way down to a comment that was asked for with
    its context. `is_excerpt` means that only some comments were asked for, `is_filtered` that the
    user left some out.
    """

    thread_id: str
    at: datetime
    things: Mapping[str, Thing]
    stubs: Sequence[Stub]
    is_thread_page: bool
    listed: frozenset[str]
    partly_shown: frozenset[str] = frozenset()
    is_excerpt: bool = False
    is_filtered: bool = False

    @property
    def post(self) -> Thing | None:
        return self.things.get(f"t3_{self.thread_id}")


def look(taken: Capture) -> Look:
    """See what a capture shows."""
    things: dict[str, Thing] = {}
    stubs: list[Stub] = []
    for thing in taken.things:
        if thing["kind"] in ("t1", "t3"):
            if name := fullname(thing):
                things[name] = thing
        elif thing["kind"] == "more" and isinstance(thing["data"], dict):
            stubs.append(thing["data"])
    return look_of(taken, things, stubs)


def look_of(taken: Capture, things: Mapping[str, Thing], stubs: Sequence[Stub]) -> Look:
    """Make the look of a capture whose things are sorted out already."""
    is_page = is_thread_page(taken, things, stubs)
    partly = _partly_shown(taken, things, stubs, is_page)
    return Look(
        taken.thread_id,
        taken.captured_at,
        things,
        stubs,
        is_page,
        _listed(taken, things, stubs) - partly,
        partly,
        not is_page and _is_excerpt(taken),
        taken.request.get(FILTERED) is True,
    )


def is_thread_page(taken: Capture, things: Mapping[str, Thing], stubs: Sequence[Stub]) -> bool:
    """Tell whether a capture shows the thread's own page: each comment, or a stub for it.

    Our requests say it. Of a saved file the shape does.
    """
    path, joined = (taken.request.get(key) for key in ("path", HAS_THREAD_PAGE))
    if taken.request.get("whole") is False:
        return False
    if isinstance(path, str):
        return path.strip("/").lower() == f"comments/{taken.thread_id}"
    if taken.source != SAVED or isinstance(joined, bool):
        return taken.source == SAVED and joined is True
    return has_shape_of_thread_page(taken.thread_id, things, stubs)


def _is_excerpt(taken: Capture) -> bool:
    return taken.source == SAVED or "path" in taken.request or taken.request.get("whole") is False


def has_shape_of_thread_page(
    thread_id: str,
    things: Mapping[str, Thing],
    stubs: Sequence[Stub],
    *,
    counts_siblings: bool = True,
) -> bool:
    """Tell a thread's own page by its shape from the page of one comment and from a plain list.

    The page of a comment has one comment at the top, and fewer than the post counts. A list has no
    `depth` and no stubs.
    """
    name = f"t3_{thread_id}"
    post = things.get(name)
    comments = [thing["data"] for each, thing in things.items() if each != name]
    is_tree = bool(stubs) or all(whole_number(data, "depth") is not None for data in comments)
    if post is None or not is_tree or len(things) - len(comments) != 1:
        return False
    parents = [text(data, "parent_id").lower() for data in (*comments, *stubs)]
    counted = sum(whole_number(stub, "count") or 0 for stub in stubs) + len(comments)
    total = whole_number(post["data"], "num_comments")
    has_siblings = counts_siblings and parents.count(name) > 1
    return has_siblings or (total is not None and total <= counted)


def _listed(taken: Capture, things: Mapping[str, Thing], stubs: Sequence[Stub]) -> frozenset[str]:
    """The comments that stand in a tree; a stub without ids hides all replies to its parent."""
    if taken.source not in SHOWS_TREES:
        return frozenset()
    hidden = {parent_of(stub) for stub in stubs if not stub_ids(stub)}
    is_whole = taken.request.get("whole") is True
    return frozenset(
        name
        for name, thing in things.items()
        if name not in hidden and (is_whole or whole_number(thing["data"], "depth") is not None)
    )


def _partly_shown(
    taken: Capture, things: Mapping[str, Thing], stubs: Sequence[Stub], is_page: bool
) -> frozenset[str]:
    """Find the comments of which one reply may be shown of many."""
    request = taken.request
    if isinstance(request.get("path"), str):
        asked = request.get("comments")
        chosen = [f"t1_{each}".lower() for each in (asked if isinstance(asked, list) else ())]
        if request.get("whole") is False and not all(name in things for name in chosen):
            return frozenset(things)  # the way down to one that does not show
        return above_chosen(request, things)
    if HAS_THREAD_PAGE in request:
        partly = request.get(PARTLY_SHOWN)
        return frozenset(map(str, partly)) if isinstance(partly, list) else frozenset()
    if is_page or taken.source != SAVED or f"t3_{taken.thread_id}" not in things:
        return frozenset()
    straight = _straight(things, stubs)
    focus = _named_in_file(text(request, "file"), straight)
    return frozenset(straight if focus is None else straight[: straight.index(focus)])


def _named_in_file(file: str, names: Sequence[str]) -> str | None:
    """Find the comment whose page it is: browsers name a file by the last part of its address."""
    words = re.findall(r"[0-9a-z]+", file.lower())
    return next((name for name in names if name[3:] in words), None)


def above_chosen(request: Mapping[str, Any], things: Mapping[str, Thing]) -> frozenset[str]:
    """The comments above those that were asked for by themselves: each shows one reply alone."""
    asked = request.get("comments")
    above: set[str] = set()
    for comment in asked if isinstance(asked, list) else []:
        name = f"t1_{comment}".lower()
        while name in things and things[name]["kind"] == "t1":
            name = parent_of(things[name]["data"])
            if name in above or not name.startswith("t1_"):
                break
            above.add(name)
    return frozenset(above)


def _straight(things: Mapping[str, Thing], stubs: Sequence[Stub]) -> list[str]:
    """The comments from the top of a comment's page down, as long as each shows one reply.

    So a page shows those above a comment that was asked for with its context; and so it shows
    comments that have one reply.
    """
    replies: dict[str, list[str]] = {}
    for name, thing in things.items():
        if thing["kind"] == "t1":
            replies.setdefault(parent_of(thing["data"]), []).append(name)
    for stub in stubs:
        replies.setdefault(parent_of(stub), []).extend(["", ""])  # a stub tells of all the others
    starts = [above for above in replies if above not in things or above.startswith("t3_")]
    found: dict[str, None] = {}
    for name in (name for above in starts for name in replies[above]):
        while len(replies.get(name, ())) == 1 and name not in found:
            found[name] = None
            name = replies[name][0]
    return [*found]


def parent_of(data: Mapping[str, Any]) -> str:
    return text(data, "parent_id").lower()
