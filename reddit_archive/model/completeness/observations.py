"""What one capture shows of a thread, and for which comments it shows or names every reply."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reddit_archive.model.capture import Capture, Thing, fullname, stub_ids
from reddit_archive.model.json_fields import text, whole_number

SAVED, REDDIT = "saved", "reddit"
SHOWS_TREES = frozenset({SAVED, REDDIT})
"""Sources that return comments as a tree, with stubs for the comments that they leave out."""
FILTERED = "filtered"
LEFT_OVER = "_left_over"
"""Marks a joined stub whose parent is the post although its comments may be anywhere below."""
HAS_THREAD_PAGE, PARTLY_SHOWN = "has_thread_page", "partly_shown"
"""Fields in the request of a capture that was joined from several pages."""

Stub = Mapping[str, Any]
"""The `data` of a `more` thing."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What a capture, or one page of it, shows: posts and comments by fullname, and stubs.

    Attributes:
        listed: Comments whose replies are all shown or named.
        partly_shown: Comments with exactly one reply here. It may be their only reply, or one on
            the path down to a requested comment.
        is_excerpt: Only some comments were requested.
        is_filtered: The user left some comments out.
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


def observe(capture: Capture) -> Observation:
    """Return what a capture shows."""
    things: dict[str, Thing] = {}
    stubs: list[Stub] = []
    for thing in capture.things:
        if thing["kind"] in ("t1", "t3"):
            if name := fullname(thing):
                things[name] = thing
        elif thing["kind"] == "more" and isinstance(thing["data"], dict):
            stubs.append(thing["data"])
    return observation_of(capture, things, stubs)


def observation_of(
    capture: Capture, things: Mapping[str, Thing], stubs: Sequence[Stub]
) -> Observation:
    """Return what a capture shows, given its things by fullname and its stubs."""
    is_page = is_thread_page(capture, things, stubs)
    partly = _partly_shown(capture, things, stubs, is_page)
    return Observation(
        capture.thread_id,
        capture.captured_at,
        things,
        stubs,
        is_page,
        _listed(capture, things, stubs) - partly,
        partly,
        not is_page and _is_excerpt(capture),
        capture.request.get(FILTERED) is True,
    )


def is_thread_page(capture: Capture, things: Mapping[str, Thing], stubs: Sequence[Stub]) -> bool:
    """Return whether a capture is the thread's own page: every comment, or a stub for it.

    The request tells for captures of our own, and the shape for saved files.
    """
    path, joined = (capture.request.get(key) for key in ("path", HAS_THREAD_PAGE))
    if capture.request.get("whole") is False:
        return False
    if isinstance(path, str):
        return path.strip("/").lower() == f"comments/{capture.thread_id}"
    if capture.source != SAVED or isinstance(joined, bool):
        return capture.source == SAVED and joined is True
    return has_shape_of_thread_page(capture.thread_id, things, stubs)


def _is_excerpt(capture: Capture) -> bool:
    return (
        capture.source == SAVED
        or "path" in capture.request
        or capture.request.get("whole") is False
    )


def has_shape_of_thread_page(
    thread_id: str,
    things: Mapping[str, Thing],
    stubs: Sequence[Stub],
    *,
    counts_siblings: bool = True,
) -> bool:
    """Return whether this looks like a thread's own page, judging by its shape.

    The page of a comment has one comment at the top, and fewer comments than the post counts. A
    plain list has no `depth` and no stubs.
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


def _listed(capture: Capture, things: Mapping[str, Thing], stubs: Sequence[Stub]) -> frozenset[str]:
    """Return the comments in a tree, except parents of stubs without ids, which hide replies."""
    if capture.source not in SHOWS_TREES:
        return frozenset()
    hidden = {parent_of(stub) for stub in stubs if not stub_ids(stub)}
    is_whole = capture.request.get("whole") is True
    return frozenset(
        name
        for name, thing in things.items()
        if name not in hidden and (is_whole or whole_number(thing["data"], "depth") is not None)
    )


def _partly_shown(
    capture: Capture, things: Mapping[str, Thing], stubs: Sequence[Stub], is_page: bool
) -> frozenset[str]:
    """Return the comments with one reply here that may have more."""
    request = capture.request
    if isinstance(request.get("path"), str):
        asked = request.get("comments")
        chosen = [f"t1_{each}".lower() for each in (asked if isinstance(asked, list) else ())]
        if request.get("whole") is False and not all(name in things for name in chosen):
            return frozenset(things)  # the path to a comment that is not shown
        return above_chosen(request, things)
    if HAS_THREAD_PAGE in request:
        partly = request.get(PARTLY_SHOWN)
        return frozenset(map(str, partly)) if isinstance(partly, list) else frozenset()
    if is_page or capture.source != SAVED or f"t3_{capture.thread_id}" not in things:
        return frozenset()
    chain = _single_reply_chain(things, stubs)
    focus = _named_in_file(text(request, "file"), chain)
    return frozenset(chain if focus is None else chain[: chain.index(focus)])


def _named_in_file(file: str, names: Sequence[str]) -> str | None:
    """Return the comment in a saved file's name: browsers use the last part of the address."""
    words = re.findall(r"[0-9a-z]+", file.lower())
    return next((name for name in names if name[3:] in words), None)


def above_chosen(request: Mapping[str, Any], things: Mapping[str, Thing]) -> frozenset[str]:
    """Return the comments above the requested ones; each of them shows only one reply."""
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


def _single_reply_chain(things: Mapping[str, Thing], stubs: Sequence[Stub]) -> list[str]:
    """Return the comments from the top of a page down, as long as each shows one reply.

    A page shows the comments above a requested comment like that, and also comments that have
    only one reply.
    """
    replies: dict[str, list[str]] = {}
    for name, thing in things.items():
        if thing["kind"] == "t1":
            replies.setdefault(parent_of(thing["data"]), []).append(name)
    for stub in stubs:
        replies.setdefault(parent_of(stub), []).extend(["", ""])  # a stub lists all others
    starts = [above for above in replies if above not in things or above.startswith("t3_")]
    found: dict[str, None] = {}
    for name in (name for above in starts for name in replies[above]):
        while len(replies.get(name, ())) == 1 and name not in found:
            found[name] = None
            name = replies[name][0]
    return [*found]


def parent_of(data: Mapping[str, Any]) -> str:
    return text(data, "parent_id").lower()
