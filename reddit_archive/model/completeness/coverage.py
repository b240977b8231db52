"""What one capture shows of a thread, and which of its comments have all replies in it. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reddit_archive.model.capture import Capture, Thing, get_fullname, get_more_ids
from reddit_archive.model.json_fields import get_int, get_str
from reddit_archive.model.source_info import (
    PAGE_KIND_KEY,
    is_live,
    keeps_first_text_only,
    may_omit_comments,
)

SAVED_SOURCE = "saved"
FILTERED_KEY = "filtered"
UNKNOWN_PARENT_KEY = "_left_over"
"""Marks a stub of joined pages that names the post as parent, though the true parent is unknown."""
HAS_THREAD_PAGE_KEY, PARTLY_SHOWN_KEY = "has_thread_page", "partly_shown"
"""Fields in the request of a capture that was joined from several pages."""
COMMENTS_WITHOUT_ID_KEY = "comments_without_id"
"""Number in the request of a web page: deleted comments that it shows and whose ids it lacks."""

Stub = Mapping[str, Any]
"""The `data` of a `more` thing."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a capture, or one page of it, shows.

    Attributes:
        things: The posts and comments by fullname.
        stubs: The data of its `more` things.
        is_thread_page: It is the thread's own page, which shows or names every comment.
        complete_parents: Fullnames of comments whose replies are all shown or named.
        partly_shown: Fullnames of comments with exactly one reply here. It may be their only
            reply, or one on the path down to a requested comment.
        is_partial: Only some comments were requested.
        is_filtered: The user left some comments out.
        is_web_page: It may lack comments without saying so, because browsers drop distant ones.
        comments_without_id: Deleted comments that it shows without their ids.
        has_first_texts: It has each text as its source first saw it, also if it is deleted since.
    """

    thread_id: str
    captured_at: datetime
    things: Mapping[str, Thing]
    stubs: Sequence[Stub]
    is_thread_page: bool
    complete_parents: frozenset[str]
    partly_shown: frozenset[str] = frozenset()
    is_partial: bool = False
    is_filtered: bool = False
    is_web_page: bool = False
    comments_without_id: int = 0
    has_first_texts: bool = False

    @property
    def post(self) -> Thing | None:
        return self.things.get(f"t3_{self.thread_id}")


def get_coverage(capture: Capture) -> Coverage:
    """Return what a capture shows."""
    return build_coverage(capture, *index_things(capture.things))


def index_things(things: Iterable[Thing]) -> tuple[dict[str, Thing], list[Stub]]:
    """Return the posts and comments by fullname, and the data of the stubs."""
    things_by_name: dict[str, Thing] = {}
    stubs: list[Stub] = []
    for thing in things:
        if thing["kind"] in ("t1", "t3"):
            if name := get_fullname(thing):
                things_by_name[name] = thing
        elif thing["kind"] == "more" and isinstance(thing["data"], dict):
            stubs.append(thing["data"])
    return things_by_name, stubs


def build_coverage(
    capture: Capture, things: Mapping[str, Thing], stubs: Sequence[Stub]
) -> Coverage:
    """Return what a capture shows, given its things by fullname and its stubs."""
    if may_omit_comments(capture.source):
        things, stubs = _name_missing_texts(things, stubs)
    is_page = is_thread_page(capture, things, stubs)
    partly_shown = _find_partly_shown(capture, things, stubs, is_page)
    return Coverage(
        capture.thread_id,
        capture.captured_at,
        things,
        stubs,
        is_page,
        _find_complete_parents(capture, things, stubs) - partly_shown,
        partly_shown,
        not is_page and _is_partial(capture),
        capture.request.get(FILTERED_KEY) is True,
        may_omit_comments(capture.source),
        max(get_int(capture.request, COMMENTS_WITHOUT_ID_KEY) or 0, 0),
        keeps_first_text_only(capture.source),
    )


def _name_missing_texts(
    things: Mapping[str, Thing], stubs: Sequence[Stub]
) -> tuple[Mapping[str, Thing], Sequence[Stub]]:
    """Treat comments whose texts are not in a web page like comments that it only names.

    A page has no text of comments that were collapsed or translated, or where the file is cut off.
    """
    missing = {name: thing["data"] for name, thing in things.items() if _is_without_text(thing)}
    if not missing:
        return things, stubs
    named = [
        {"parent_id": get_parent_fullname(data), "children": [name[3:]], "count": 1}
        for name, data in missing.items()
    ]
    return {n: thing for n, thing in things.items() if n not in missing}, [*stubs, *named]


def _is_without_text(thing: Thing) -> bool:
    data = thing["data"]
    return thing["kind"] == "t1" and not (get_str(data, "body") or get_str(data, "body_html"))


def is_thread_page(capture: Capture, things: Mapping[str, Thing], stubs: Sequence[Stub]) -> bool:
    """Return whether a capture is the thread's own page, which shows or names every comment.

    The request decides for captures that we fetched, the shape for saved files.
    """
    path, has_page_flag = (capture.request.get(key) for key in ("path", HAS_THREAD_PAGE_KEY))
    if capture.request.get("whole") is False or may_omit_comments(capture.source):
        return False
    if isinstance(path, str):
        return path.strip("/").lower() == f"comments/{capture.thread_id}"
    if capture.source != SAVED_SOURCE or isinstance(has_page_flag, bool):
        return capture.source == SAVED_SOURCE and has_page_flag is True
    return has_shape_of_thread_page(capture.thread_id, things, stubs)


def _is_partial(capture: Capture) -> bool:
    """Return whether a capture that is not the thread's page may lack comments for that reason."""
    return (
        capture.source == SAVED_SOURCE
        or may_omit_comments(capture.source)
        or "path" in capture.request
        or capture.request.get("whole") is False
    )


def has_shape_of_thread_page(
    thread_id: str,
    things: Mapping[str, Thing],
    stubs: Sequence[Stub],
    *,
    can_use_siblings: bool = True,
) -> bool:
    """Return whether things and stubs have the shape of a thread's own page.

    A comment's page has one comment at the top, and fewer comments than the post counts. A plain
    list has no `depth` and no stubs.

    Args:
        thread_id: The post's id without prefix.
        things: Posts and comments by fullname.
        stubs: The data of the `more` things.
        can_use_siblings: Several comments at the top prove that it is the thread's page. False
            for joined pages, which can be several comments' pages.
    """
    name = f"t3_{thread_id}"
    post = things.get(name)
    comments = [thing["data"] for comment_name, thing in things.items() if comment_name != name]
    is_tree = bool(stubs) or all(get_int(data, "depth") is not None for data in comments)
    if post is None or not is_tree or len(things) - len(comments) != 1:
        return False
    if any(PAGE_KIND_KEY in data for data in (post["data"], *comments)):
        return False  # a web page may lack comments without saying so
    parents = [get_str(data, "parent_id").lower() for data in (*comments, *stubs)]
    known_count = sum(get_int(stub, "count") or 0 for stub in stubs) + len(comments)
    reported_count = get_int(post["data"], "num_comments")
    has_siblings = can_use_siblings and parents.count(name) > 1
    return has_siblings or (reported_count is not None and reported_count <= known_count)


def _find_complete_parents(
    capture: Capture, things: Mapping[str, Thing], stubs: Sequence[Stub]
) -> frozenset[str]:
    """Return the comments of a tree, except parents of stubs without ids, which hide replies."""
    if not is_live(capture.source):
        return frozenset()
    incomplete_parents = {get_parent_fullname(stub) for stub in stubs if not get_more_ids(stub)}
    is_whole = capture.request.get("whole") is True
    return frozenset(
        name
        for name, thing in things.items()
        if name not in incomplete_parents
        and (is_whole or get_int(thing["data"], "depth") is not None)
    )


def _find_partly_shown(
    capture: Capture, things: Mapping[str, Thing], stubs: Sequence[Stub], is_page: bool
) -> frozenset[str]:
    """Return the comments with one reply here that may have more."""
    request = capture.request
    if isinstance(request.get("path"), str):
        requested_ids = request.get("comments")
        requested_names = [
            f"t1_{comment_id}".lower()
            for comment_id in (requested_ids if isinstance(requested_ids, list) else ())
        ]
        if request.get("whole") is False and not all(name in things for name in requested_names):
            return frozenset(things)  # the path to a comment that is not shown
        return find_ancestors_of_requested(request, things)
    if HAS_THREAD_PAGE_KEY in request:
        partly_shown = request.get(PARTLY_SHOWN_KEY)
        return frozenset(map(str, partly_shown)) if isinstance(partly_shown, list) else frozenset()
    if is_page or capture.source != SAVED_SOURCE or f"t3_{capture.thread_id}" not in things:
        return frozenset()
    chain = _find_single_reply_chain(things, stubs)
    requested_name = _find_name_in_file(get_str(request, "file"), chain)
    return frozenset(chain if requested_name is None else chain[: chain.index(requested_name)])


def _find_name_in_file(file: str, names: Sequence[str]) -> str | None:
    """Return the comment whose id is in the name of a saved file, or None.

    Browsers name a file after the last part of its address.
    """
    words = re.findall(r"[0-9a-z]+", file.lower())
    return next((name for name in names if name[3:] in words), None)


def find_ancestors_of_requested(
    request: Mapping[str, Any], things: Mapping[str, Thing]
) -> frozenset[str]:
    """Return the comments above the requested ones; each of them shows only one reply."""
    requested_ids = request.get("comments")
    ancestors: set[str] = set()
    for comment_id in requested_ids if isinstance(requested_ids, list) else []:
        name = f"t1_{comment_id}".lower()
        while name in things and things[name]["kind"] == "t1":
            name = get_parent_fullname(things[name]["data"])
            if name in ancestors or not name.startswith("t1_"):
                break
            ancestors.add(name)
    return frozenset(ancestors)


def _find_single_reply_chain(things: Mapping[str, Thing], stubs: Sequence[Stub]) -> list[str]:
    """Return the comments from the top of a page down, as long as each shows one reply.

    Each comment above a requested comment shows one reply, even if it has more.
    """
    replies: dict[str, list[str]] = {}
    for name, thing in things.items():
        if thing["kind"] == "t1":
            replies.setdefault(get_parent_fullname(thing["data"]), []).append(name)
    for stub in stubs:
        replies.setdefault(get_parent_fullname(stub), []).extend(["", ""])  # more than one reply
    top_parents = [parent for parent in replies if parent not in things or parent.startswith("t3_")]
    chain: dict[str, None] = {}
    for name in (name for parent in top_parents for name in replies[parent]):
        while len(replies.get(name, ())) == 1 and name not in chain:
            chain[name] = None
            name = replies[name][0]
    return [*chain]


def get_parent_fullname(data: Mapping[str, Any]) -> str:
    """Return the fullname of the parent of a comment or stub, in lower case."""
    return get_str(data, "parent_id").lower()
