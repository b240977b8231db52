"""Reads a page of new Reddit (2018 to 2024) from its state: `window.___r = {…}` in a script.

The state holds more than the page shows, and exact times and scores. It also holds the tokens and
settings of the account that saved the page, so only known parts of it are read.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from reddit_archive.errors import OtherPageError
from reddit_archive.files import fast_json
from reddit_archive.model.capture import Thing
from reddit_archive.model.json_fields import Raw, get_dict, get_str
from reddit_archive.sources.saved_page.dom import Document
from reddit_archive.sources.saved_page.field_values import is_fullname, read_integer
from reddit_archive.sources.saved_page.new_reddit import reader, state_models
from reddit_archive.sources.saved_page.new_reddit.state_models import KIND, Models
from reddit_archive.sources.saved_page.page import ThreadPage

_STATE = re.compile(r"window\s*\.\s*___r\s*=\s*(?=\{)")
_MORE_COMMENTS = "moreComments-"


def read(document: Document, html: str = "___r", url: str = "") -> ThreadPage:
    """Return the thread in the state of a page, and the comments that only the page itself shows.

    Reads the page alone if the state belongs to another page: a click in new Reddit shows another
    thread without a new state.

    Args:
        document: The page.
        html: Its source, to tell quickly that it has no state.
        url: Its address, if the file says.

    Raises:
        OtherPageError: Neither the state nor the page shows a thread.
    """
    state = find_state(document) if "___r" in html else None
    page = _read_state(state) if state else None
    try:
        shown = reader.read(document, url)
    except OtherPageError:
        if page is None:
            raise
        return page
    if page is None or page.thread_id != shown.thread_id:
        return shown
    return replace(page, things=(*page.things, *_iter_unknown(shown, page.things)))


def _read_state(state: Raw) -> ThreadPage | None:
    """Return the thread in a state, or None if it has none."""
    models = _find_models(state)
    comments_page = get_dict(state, "commentsPage") or get_dict(
        get_dict(state, "pages"), "comments"
    )
    key, post_fullname = _find_post(state, comments_page, models)
    post = state_models.build_post(models, post_fullname)
    if post is None:
        return None
    comments = (
        state_models.build_comment(models, name, post_fullname)
        for name in _iter_order(comments_page, key, models)
    )
    stubs = _build_stubs(state, post_fullname)
    things = (post, *(comment for comment in comments if comment), *stubs)
    return ThreadPage(KIND, post_fullname[3:], things)


def find_state(document: Document) -> dict[str, Any] | None:
    """Return the state of a page of new Reddit, or None if no script of the page has one.

    The text of a comment can look like a state, so only scripts count.
    """
    for script in document.css("script"):
        text = script.text()
        match = _STATE.search(text) if "___r" in text else None
        if match and not fast_json.is_bomb(text.encode(errors="replace")):
            try:
                state, _ = json.JSONDecoder().raw_decode(text, match.end())
            except (ValueError, RecursionError):
                continue
            if isinstance(state, dict):
                return state
    return None


def _find_models(state: Raw) -> Models:
    """Return the models, which stand below `features` in the last years of new Reddit."""
    features = get_dict(state, "features")
    posts, comments, subreddits, flairs = (
        get_dict(get_dict(state, name) or get_dict(features, name), "models")
        for name in ("posts", "comments", "subreddits", "authorFlair")
    )
    return Models(posts, comments, subreddits, flairs)


def _find_post(state: Raw, comments_page: Raw, models: Models) -> tuple[str, str]:
    """Return the key of the thread in the state and the post's fullname; ("", "") without one.

    The models also hold the posts of listings, and of threads that were visited before.
    """
    post_ids = {
        key: value
        for key, value in get_dict(comments_page, "keyToPostId").items()
        if is_fullname(value, "t3") and value in models.posts
    }
    current_page = get_dict(get_dict(state, "platform"), "currentPage")
    current_id = f"t3_{get_str(get_dict(current_page, 'urlParams'), 'partialPostId')}"
    current_keys = [key for key, value in post_ids.items() if value == current_id]
    heads = get_dict(comments_page, "keyToHeadCommentId")
    keys = sorted(current_keys or post_ids, key=lambda key: not heads.get(key))
    if keys:
        return keys[0], post_ids[keys[0]]
    return "", current_id if current_id in models.posts else ""


def _iter_order(comments_page: Raw, key: str, models: Models) -> Iterator[str]:
    """Yield the names of the comments in the order of the page; those out of order come last."""
    links = get_dict(get_dict(comments_page, "keyToCommentThreadLinkSets"), key)
    name: object = get_dict(comments_page, "keyToHeadCommentId").get(key)
    if isinstance(name, dict):
        name = name.get("id")
    names: dict[str, None] = {}
    while isinstance(name, str) and name not in names:
        names[name] = None
        name = get_dict(get_dict(links, name), "next").get("id")
    yield from (name for name in names if name in models.comments)
    yield from (name for name in models.comments if name not in names)


def _build_stubs(state: Raw, post_fullname: str) -> Iterator[Thing]:
    """Yield stubs. "More replies" names its first comment, "continue this thread" none."""
    for model_id, stub in _iter_stub_models(state, "moreComments", post_fullname):
        first = model_id.removeprefix(_MORE_COMMENTS)
        children = [first[3:]] if is_fullname(first, "t1") else []
        count = max(read_integer(stub, "numComments") or 0, len(children))
        parent = stub.get("parentId", "")
        parent = post_fullname if parent is None else parent
        if count and (parent == post_fullname or is_fullname(parent, "t1")):
            yield _build_stub(parent, children, count)
    for _, stub in _iter_stub_models(state, "continueThreads", post_fullname):
        if is_fullname(parent := get_str(stub, "parentId"), "t1"):
            yield _build_stub(parent, [], 0)


def _iter_stub_models(state: Raw, name: str, post_fullname: str) -> Iterator[tuple[str, Raw]]:
    part = get_dict(state, name) or get_dict(get_dict(state, "features"), name)
    for model_id, model in get_dict(part, "models").items():
        if isinstance(model, dict) and model.get("postId", post_fullname) == post_fullname:
            yield model_id, model


def _build_stub(parent: str, children: list[str], count: int) -> Thing:
    return {"kind": "more", "data": {"parent_id": parent, "children": children, "count": count}}


def _iter_unknown(page: ThreadPage, things: tuple[Thing, ...]) -> Iterator[Thing]:
    """Yield the comments and stubs of a page that the state lacks: they were loaded by a click."""
    names = {thing["data"].get("name") for thing in things}
    stubs = {_get_stub_key(thing) for thing in things if thing["kind"] == "more"}
    for thing in page.things:
        is_stub = thing["kind"] == "more"
        if (_get_stub_key(thing) not in stubs) if is_stub else thing["data"]["name"] not in names:
            yield thing


def _get_stub_key(stub: Thing) -> tuple[str, tuple[str, ...]]:
    return stub["data"].get("parent_id", ""), tuple(stub["data"]["children"])
