"""Where each quoted comment stands: a list in reading order, with depths.

Each comment is one level below the nearest quoted comment above it. Beyond the deepest level that
a renderer can show, the quote goes on flat, and says who is answered.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reddit_archive.model.content import Comment, Post
from reddit_archive.model.thread import Thread


@dataclass(frozen=True, slots=True)
class Item:
    """One quote, `depth` blockquotes deep. `said` is None for the mark of what is left out.

    `answers` is the comment that this one answers, where its place does not show that.
    """

    depth: int
    said: Post | Comment | None = None
    answers: Comment | None = None


def lay_out(
    thread: Thread, shown: Mapping[str, Comment], *, has_post: bool, deepest: int | None
) -> Iterator[Item]:
    """Give the post, if wanted, and the comments of `shown`, which is in reading order."""
    has_post = has_post and thread.post is not None
    if has_post:
        yield Item(1, thread.post)
    depths: dict[str, int] = {}
    for comment_id, comment in shown.items():
        parent = thread.parent(comment_id)
        above = parent
        while above is not None and above not in depths:
            above = thread.parent(above)
        true_depth = 1 + (depths[above] if above is not None else int(has_post))
        depths[comment_id] = true_depth
        depth = min(true_depth, deepest or true_depth)
        is_flat = depth < true_depth
        is_direct = above == parent and not thread.is_astray(comment_id)
        if not is_direct and depth > 1:
            yield Item(depth if is_flat else depth - 1)
        answers = thread.comments[above] if is_flat and above is not None else None
        yield Item(depth, comment, answers)
