"""Read one comment of shreddit into the fields of Reddit's API."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from reddit_archive.model.capture import Thing
from reddit_archive.model.deletion import DELETION_PLACEHOLDERS
from reddit_archive.sources.saved_page import deleted_texts, dom, field_values
from reddit_archive.sources.saved_page.page import PAGE_KIND_KEY
from reddit_archive.sources.saved_page.rich_text import html_cleaner
from reddit_archive.sources.saved_page.shreddit.elements import FoundComment

KIND = "shreddit"
DELETED = "[deleted]"
_SLOT = re.compile(r"children-(t1_[0-9a-z]+)-\d+")
_ROLES = frozenset({"moderator", "admin", "special"})
# English words in place of a text. In other languages only the attributes tell.
_REMOVED = re.compile(r"\bremoved\b", re.IGNORECASE)


def get_comment_id(found: FoundComment) -> str:
    """Return a comment's id; "" for a deleted comment whose id is not in the page."""
    if dom.has(found.element, "thingid"):
        return field_values.parse_fullname(dom.get(found.element, "thingid"), "t1")[3:]
    return field_values.find_comment_id(dom.get(found.element, "permalink"))


def is_deleted(found: FoundComment) -> bool:
    """Return whether Reddit shows no text of the comment."""
    return _is_set(found, "is-comment-deleted") or _is_set(found, "is-comment-removed")


def is_deleted_without_id(found: FoundComment) -> bool:
    """Return whether Reddit shows neither the text nor the id of the comment."""
    return dom.get(found.element, "thingid").strip().lower() == "t1_deleted" or is_deleted(found)


def find_parent(found: FoundComment, own_id: str, *, post: str, focused_id: str) -> str:
    """Return the fullname of a comment's parent; "" if the page does not say it for certain.

    A reply to a deleted comment without an id names its parent itself, or nothing does.

    Args:
        found: The comment.
        own_id: The comment's id.
        post: The post's fullname.
        focused_id: The comment that the page is about; "" for the thread's own page.
    """
    element = found.element
    if dom.has(element, "parentid"):
        named = dom.get(element, "parentid")
        parent = post if named.strip().lower() == post else _parse_comment_name(named)
    elif parent_id := field_values.find_comment_id(dom.get(element, "parent-permalink")):
        parent = f"t1_{parent_id}"
    elif slot := _SLOT.fullmatch(dom.get(element, "slot").strip().lower()):
        parent = _parse_comment_name(slot[1])
    else:
        parent = _find_parent_by_nesting(found, own_id, post, focused_id)
    return parent if parent != f"t1_{own_id}" else ""


def _parse_comment_name(value: str) -> str:
    return field_values.parse_fullname(value, "t1")


def _find_parent_by_nesting(found: FoundComment, own_id: str, post: str, focused_id: str) -> str:
    """Return the comment around a comment, if the page is undamaged there and depths agree."""
    outer = found.outer_comment
    if found.is_at_top:
        # At the top of a comment's page stands that comment, or one further up.
        is_top_of_page = focused_id and (outer is None or focused_id == own_id)
        return "" if is_top_of_page else post
    if outer is None or outer is not found.parent_by_depth or outer.has_foreign_parts:
        return ""
    outer_id = get_comment_id(outer)
    return f"t1_{outer_id}" if outer_id else ""


def note_parents_by_depth(comments: Iterable[FoundComment]) -> None:
    """Note for each comment the last one before it that is one level less deep.

    It is the comment around it, unless the page is damaged. Where no comment has a depth, the
    nesting is all there is.
    """
    comments = tuple(comments)
    has_depths = any(dom.has(found.element, "depth") for found in comments)
    path: list[FoundComment] = []
    for found in comments:
        if not has_depths:
            found.parent_by_depth = found.outer_comment
            found.is_at_top = found.outer_comment is None
            continue
        depth = _get_depth(found)
        found.is_at_top = depth == 0
        if depth is None or not 0 <= depth <= len(path):
            path = []
            continue
        del path[depth:]
        found.parent_by_depth = path[-1] if path else None
        path.append(found)


def _get_depth(found: FoundComment) -> int | None:
    return field_values.parse_integer(dom.get(found.element, "depth"))


def build_comment(
    found: FoundComment,
    comment_id: str,
    *,
    parent: str,
    post: Mapping[str, Any],
    is_translated: bool,
) -> Thing:
    """Return a comment as a thing. A field that the page does not tell is absent.

    Args:
        found: The comment's elements.
        comment_id: Its id without prefix.
        parent: Fullname of its parent; "" if unknown.
        post: The post's fields, or as many of them as are known, with its `name`.
        is_translated: Whether the page shows its text in translation.
    """
    data: dict[str, Any] = {
        "id": comment_id,
        "name": f"t1_{comment_id}",
        "link_id": post["name"],
        PAGE_KIND_KEY: KIND,
    }
    data |= {"parent_id": parent} if parent else {}
    data |= _read_place(found, comment_id, post)
    data |= _read_author(found, post, is_translated=is_translated)
    data |= _read_numbers(found)
    data |= _read_badges(found)
    data |= _read_text(found, data.get("author"), is_translated=is_translated)
    return {"kind": "t1", "data": data}


def _read_place(found: FoundComment, comment_id: str, post: Mapping[str, Any]) -> dict[str, Any]:
    keys = ("subreddit", "subreddit_name_prefixed")
    data = {key: post[key] for key in keys if key in post}
    post_path = post.get("permalink", "")
    own_path = field_values.parse_permalink(dom.get(found.element, "permalink"))
    if post_path.count("/") == 6:  # with the words of the title: as in Reddit's API
        return data | {"permalink": f"{post_path}{comment_id}/"}
    return data | ({"permalink": own_path} if own_path else {})


def _read_author(
    found: FoundComment, post: Mapping[str, Any], *, is_translated: bool
) -> dict[str, Any]:
    author = field_values.parse_name(dom.get(found.element, "author"))
    if is_deleted(found) or _is_set(found, "is-author-deleted") or author in DELETION_PLACEHOLDERS:
        return {"author": DELETED}
    data: dict[str, Any] = {"author": author} if author else {}
    if author and post.get("author", DELETED) != DELETED:
        data["is_submitter"] = author == post["author"]
    if author_id := field_values.parse_fullname(found.author_id, "t2"):
        data["author_fullname"] = author_id
    flair = dom.collapse_spaces("".join(found.flair))
    return data | ({"author_flair_text": flair} if flair and not is_translated else {})


def _read_numbers(found: FoundComment) -> dict[str, Any]:
    """Return the times and the score. The page has no score if it is hidden."""
    data: dict[str, Any] = {}
    created = field_values.parse_time(dom.get(found.element, "created"))
    times = [time for time in map(field_values.parse_time, found.times) if time is not None]
    if created is None and times and not found.has_foreign_parts:
        created = times[0]
    if created is not None:
        data["created_utc"] = created
        data |= _read_edit(times, created)
    score = field_values.parse_integer(dom.get(found.element, "score"))
    if score is not None:
        data |= {"score": score, "score_hidden": False}
    elif not dom.has(found.element, "score") and not is_deleted(found):
        data["score_hidden"] = True
    return data


def _read_edit(times: list[float], created: float) -> dict[str, Any]:
    """Return when a comment was edited: the time behind that of the comment, in its head.

    A head without the comment's own time is damaged and tells nothing.
    """
    positions = [i for i, time in enumerate(times) if abs(time - created) < 1]
    if not positions:
        return {}
    later_times = [time for time in times[positions[0] :] if time - created >= 1]
    return {"edited": later_times[0] if later_times else False}


def _read_badges(found: FoundComment) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for badge in (found.element, *found.badges):
        role = dom.get(badge, "distinguished-as").lower()
        data |= {"distinguished": role} if role in _ROLES else {}
        data |= {"stickied": True} if is_flag(badge, "stickied") else {}
    if found.is_locked or is_flag(found.element, "locked"):
        data["locked"] = True
    return data


def _read_text(found: FoundComment, author: str | None, *, is_translated: bool) -> dict[str, Any]:
    """Return the text, or Reddit's placeholder for a deleted one."""
    node = found.rich_text or found.body
    if is_deleted(found):
        words = dom.get(found.element, "moderation-verdict").replace("_", " ")
        words += f" {dom.get_text(node)}" if node else ""
        placeholder = "[removed]" if _REMOVED.search(words) else DELETED
        return deleted_texts.build_fields(placeholder, "body")
    if node is None or is_translated:
        return {}
    html = html_cleaner.clean(node)
    text = dom.get_text(node) if len(html) < 2000 else ""
    if deleted_texts.is_withheld(text, author):
        return {}
    if author and (placeholder := deleted_texts.find_placeholder(text, author)):
        return deleted_texts.build_fields(placeholder, "body")
    return {"body_html": html} if html else {}


def is_flag(element: dom.Node, name: str) -> bool:
    """Return whether an attribute without a value, or with the value "true", is there."""
    return dom.has(element, name) and dom.get(element, name).strip().lower() != "false"


def _is_set(found: FoundComment, name: str) -> bool:
    return is_flag(found.element, name)
