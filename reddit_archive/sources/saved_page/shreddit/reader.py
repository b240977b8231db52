"""Read a thread from a page of shreddit, the website of Reddit since 2023.

Attributes hold the data of posts and comments. They are the same in the pages that Reddit's server
sends and in those that a browser saves. Nothing about the account that saved the page is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reddit_archive.errors import OtherPageError
from reddit_archive.model.capture import Thing
from reddit_archive.sources.saved_page import dom, field_values
from reddit_archive.sources.saved_page.dom import Document
from reddit_archive.sources.saved_page.page import ThreadPage
from reddit_archive.sources.saved_page.shreddit import (
    comment_reader,
    more_controls,
    page_walk,
    post_reader,
    translations,
)
from reddit_archive.sources.saved_page.shreddit.elements import FoundComment, FoundPage, FoundPost

_THREAD_VIEW = "CommentsPage"


def read(document: Document, url: str = "") -> ThreadPage:
    """Return the thread that a page shows.

    Args:
        document: The page.
        url: The page's address, if it is known. It tells a comment's page from the thread's page.

    Raises:
        OtherPageError: The page shows no thread.
    """
    found = page_walk.walk(document)
    post, thread_id = _find_thread(found)
    comments = _select_comments(found, thread_id)
    translation = translations.Translation(found, post.element if post else None)
    things = [_read_post(post, thread_id, found, translation)] if post else []
    post_data = things[0]["data"] if things else {"name": f"t3_{thread_id}"}
    focused_id = _find_focused_id(found, url)
    things += [
        _read_comment(comment, comment_id, post_data, focused_id, translation)
        for comment_id, comment in comments.by_id.items()
    ]
    things += more_controls.build_stubs(
        found.controls,
        thread_id=thread_id,
        shown_ids=comments.by_id,
        ids=comments.ids,
        ids_with_replies=comments.ids_with_replies,
    )
    return ThreadPage(
        comment_reader.KIND,
        thread_id,
        tuple(things),
        comments.without_id,
        translation.build_warnings() or _warn_of_missing_texts(things),
    )


def _warn_of_missing_texts(things: list[Thing]) -> tuple[str, ...]:
    count = sum(thing["kind"] == "t1" and "body_html" not in thing["data"] for thing in things)
    if not count:
        return ()
    return (
        f"Some comments ({count}) have no text in the page, because they were collapsed or the "
        "page is damaged.",
    )


def _find_thread(found: FoundPage) -> tuple[FoundPost | None, str]:
    """Return the thread's post, or None if it is not in the page, and the thread's id."""
    posts = {
        post_id: post
        for post in reversed(found.posts)
        if post.outer_post is None and (post_id := post_reader.get_post_id(post))
    }
    names = [dom.get(tree, "post-id") for tree in found.trees]
    names += [dom.get(comment.element, "postid") for comment in found.comments]
    for name in names:
        if fullname := field_values.parse_fullname(name, "t3"):
            return posts.get(fullname[3:]), fullname[3:]
    views = {i: dom.get(post.element, "view-context") for i, post in posts.items()}
    candidates = [i for i, view in views.items() if view in ("", _THREAD_VIEW)]
    if len(candidates) != 1:
        kind = "a list of posts" if posts else "a page without a post"
        hint = "Open one thread in the browser and save its own page."
        raise OtherPageError(f"This is {kind} on Reddit, not a thread.", hint, kind)
    return posts[candidates[0]], candidates[0]


def _find_focused_id(found: FoundPage, url: str) -> str:
    """Return the id of the comment that the page is about; "" for the thread's own page."""
    addresses = [url, *found.addresses, *(dom.get(tree, "permalink") for tree in found.trees)]
    return next(filter(None, map(field_values.find_comment_id, addresses)), "")


@dataclass(slots=True)
class _Comments:
    """The comments of the thread that stand in the page.

    Attributes:
        by_id: Each comment once, in the order of the page.
        ids: The id of each element, by `id()` of the element; "" for a deleted comment without one.
        ids_with_replies: `id()` of each element with a reply in the page.
        without_id: The number of deleted comments whose id not even a reply to them names.
    """

    by_id: dict[str, FoundComment] = field(default_factory=dict)
    ids: dict[int, str] = field(default_factory=dict)
    ids_with_replies: set[int] = field(default_factory=set)
    without_id: int = 0


def _select_comments(found: FoundPage, thread_id: str) -> _Comments:
    """Return the comments of the thread. Of two with one id, the first one counts."""
    comments, deleted = _Comments(), list[FoundComment]()
    for comment in found.comments:
        post = field_values.parse_fullname(dom.get(comment.element, "postid"), "t3")
        if post and post != f"t3_{thread_id}":
            continue
        comment_id = comment_reader.get_comment_id(comment)
        comments.ids[id(comment)] = comment_id
        if comment.outer_comment is not None:
            comments.ids_with_replies.add(id(comment.outer_comment))
        if comment_id and comment_id not in comments.by_id:
            comments.by_id[comment_id] = comment
            if comment.template is not None:
                comment.template.comment_count += 1
        elif not comment_id and comment_reader.is_deleted_without_id(comment):
            deleted.append(comment)
    comment_reader.note_parents_by_depth(found.comments)
    named = _find_named_by_replies(comments)
    # A template without a new comment repeats what stands elsewhere in the page.
    comments.without_id = sum(
        id(comment) not in named
        and (comment.template is None or comment.template.comment_count > 0)
        for comment in deleted
    )
    return comments


def _find_named_by_replies(comments: _Comments) -> set[int]:
    """Return `id()` of the elements without id whose id a reply to them tells."""
    named = set()
    for comment in comments.by_id.values():
        outer = comment.outer_comment
        if outer is not None and not comments.ids.get(id(outer)):
            parent = field_values.parse_fullname(dom.get(comment.element, "parentid"), "t1")
            if parent and parent[3:] not in comments.by_id:
                named.add(id(outer))
    return named


def _read_post(
    post: FoundPost, thread_id: str, found: FoundPage, translation: translations.Translation
) -> Thing:
    """Return the post. The number of comments stands in several places."""
    thing = post_reader.build_post(
        post,
        thread_id,
        is_translated=translation.includes_post(post.element),
        is_title_translated=translation.includes_title(post.element),
    )
    places = [(tree, "totalcomments") for tree in found.trees]
    places += [(stats, "total-comments") for stats in found.stats]
    for element, name in places:
        count = field_values.parse_integer(dom.get(element, name))
        if count is not None:
            thing["data"].setdefault("num_comments", count)
    return thing


def _read_comment(
    comment: FoundComment,
    comment_id: str,
    post_data: Mapping[str, Any],
    focused_id: str,
    translation: translations.Translation,
) -> Thing:
    parent = comment_reader.find_parent(
        comment, comment_id, post=post_data["name"], focused_id=focused_id
    )
    return comment_reader.build_comment(
        comment,
        comment_id,
        parent=parent,
        post=post_data,
        is_translated=translation.includes_comment(comment.element),
    )
