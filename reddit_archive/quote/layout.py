"""Where each quoted comment stands: a list in reading order, with depths.

Each comment is one level below the nearest quoted comment above it. Beyond the deepest level that
a renderer can show, the quote goes on flat, and says who is answered.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reddit_archive.model.content import Comment, Post
from reddit_archive.model.thread import Thread


@dataclass(frozen=True, slots=True)
class QuoteItem:
    """One quote, `depth` blockquotes deep. `said` is None for the mark of what is left out.

    `answers` is the comment that this one answers, where its place does not show that.
    """

    depth: int
    content: Post | Comment | None = None
    in_reply_to: Comment | None = None


def lay_out(
    thread: Thread, comments: Mapping[str, Comment], *, has_post: bool, max_depth: int | None
) -> Iterator[QuoteItem]:
    """Give the post, if wanted, and the comments of `shown`, which is in reading order."""
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
