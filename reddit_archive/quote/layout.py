"""Lays out a quote: its items in reading order, with depths.

Each comment is one level deeper than its nearest quoted ancestor. Below the maximum depth, the
quote continues flat, and author lines name the parent.
"""

from collections.abc import Iterator, Mapping
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
    thread: Thread, comments: Mapping[str, Comment], *, has_post: bool, max_depth: int | None
) -> Iterator[QuoteItem]:
    """Yield the post, if `has_post`, and the comments, which are in reading order."""
    has_post = has_post and thread.post is not None
    if has_post:
        yield QuoteItem(1, thread.post)
    depths: dict[str, int] = {}
    for comment_id, comment in comments.items():
        parent_id = thread.parent(comment_id)
        ancestor_id = parent_id
        while ancestor_id is not None and ancestor_id not in depths:
            ancestor_id = thread.parent(ancestor_id)
        true_depth = 1 + (depths[ancestor_id] if ancestor_id is not None else int(has_post))
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
