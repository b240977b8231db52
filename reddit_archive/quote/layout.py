"""Lays out a quote: its items in reading order, with depths.

Each comment is one level deeper than its nearest quoted ancestor. Below the maximum depth, the
quote continues flat, and author lines name the parent.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from reddit_archive.model.content import Comment, Post
from reddit_archive.model.thread import Thread


@dataclass(frozen=True, slots=True)
class QuoteItem:
    """One post or comment in a quote.

    Attributes:
        depth: The number of blockquotes around it.
        content: The post or the comment; None for the mark of left-out comments.
        in_reply_to: The parent, if the position of the item does not show it.
    """

    depth: int
    content: Post | Comment | None = None
    in_reply_to: Comment | None = None


def lay_out(
    thread: Thread,
    comments: Mapping[str, Comment],
    *,
    has_post: bool,
    max_depth: int | None,
    marked_ids: Collection[str] = (),
) -> Iterator[QuoteItem]:
    """Yield the post and the comments, with marks for comments that are left out.

    Args:
        thread: The thread.
        comments: The quoted comments, in reading order.
        has_post: Whether the post is quoted.
        max_depth: The deepest level of blockquotes; None for no limit.
        marked_ids: Left-out comments that get a mark even if no reply to them is quoted.
    """
    previous: QuoteItem | None = None
    for item in _iter_items(thread, comments, has_post, max_depth, marked_ids):
        if item.content is not None or item != previous:
            yield item
        previous = item


def _iter_items(
    thread: Thread,
    comments: Mapping[str, Comment],
    has_post: bool,
    max_depth: int | None,
    marked_ids: Collection[str],
) -> Iterator[QuoteItem]:
    """Yield the items; several marks can follow each other."""
    has_post = has_post and thread.post is not None
    if has_post:
        yield QuoteItem(1, thread.post)
    depths: dict[str, int] = {}
    in_order = comments
    if marked_ids:
        in_order = {i: c for i, c in thread.comments.items() if i in comments or i in marked_ids}
    for comment_id, comment in in_order.items():
        parent_id = thread.parent(comment_id)
        ancestor_id = parent_id
        while ancestor_id is not None and ancestor_id not in depths:
            ancestor_id = thread.parent(ancestor_id)
        true_depth = 1 + (depths[ancestor_id] if ancestor_id is not None else int(has_post))
        if comment_id not in comments:
            mark_depth = max(1, true_depth - 1)
            yield QuoteItem(min(mark_depth, max_depth or mark_depth))
            continue
        depths[comment_id] = true_depth
        depth = min(true_depth, max_depth or true_depth)
        is_flattened = depth < true_depth
        is_direct_reply = ancestor_id == parent_id and not thread.is_orphan(comment_id)
        if not is_direct_reply and depth > 1:
            yield QuoteItem(depth if is_flattened else depth - 1)
        in_reply_to = (
            thread.comments[ancestor_id] if is_flattened and ancestor_id is not None else None
        )
        yield QuoteItem(depth, comment, in_reply_to)
