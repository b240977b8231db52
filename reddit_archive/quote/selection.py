"""Which comments to quote: what a person asked for, resolved to comments of a thread."""

from dataclasses import dataclass, replace

from reddit_archive import errors
from reddit_archive.model.content import Comment
from reddit_archive.model.thread import Thread


@dataclass(frozen=True, slots=True)
class Selection:
    """Which comments to quote. None of them, unless asked for.

    comments    these ids, with `context` levels above each and `replies` below (None: all)
    everything  the whole thread
    top         so many of the answers to the post, by score, with `replies` below each
    depth       nothing but `comments` and their context from below this level; 1 answers the post
    """

    comments: tuple[str, ...] = ()
    context: int = 0
    replies: int | None = 0
    everything: bool = False
    top: int = 0
    depth: int | None = None
    has_post: bool = True
    has_heading: bool = True

    def with_comment(self, comment_id: str | None) -> "Selection":
        """Select one more comment, if there is one: what an address named."""
        if comment_id is None or comment_id in self.comments:
            return self
        return replace(self, comments=(*self.comments, comment_id))

    @property
    def is_post_alone(self) -> bool:
        return not (self.comments or self.everything or self.top)


def select(thread: Thread, selection: Selection) -> dict[str, Comment]:
    """Give the comments to quote by id, in reading order. Raises CommentNotFound."""
    for wanted in selection.comments:
        if wanted not in thread.comments:
            raise _not_found(thread, wanted)
    chosen = set(thread.comments) if selection.everything else set()
    roots = {*selection.comments, *_best(thread, selection.top)}
    for root in roots:
        chosen.update(thread.below(root, selection.replies))
    if selection.depth is not None:
        chosen = {i for i in chosen | roots if thread.level(i) <= selection.depth}
    chosen.update(roots if selection.depth is None else selection.comments)
    if selection.context:
        for wanted in selection.comments:
            chosen.update(thread.ancestors(wanted, selection.context))
    return {i: comment for i, comment in thread.comments.items() if i in chosen}


def _not_found(thread: Thread, wanted: str) -> errors.CommentNotFound:
    hint = "A comment's id stands in its permalink: 'Copy link' below the comment gives that."
    if thread.gaps:
        hint = "It may be among those that were not fetched. " + hint
    return errors.CommentNotFound(f"the thread {thread.id} has no comment {wanted}", hint)


def _best(thread: Thread, number: int) -> list[str]:
    """Answers to the post by score, stickied ones last: those are announcements."""

    def rank(comment_id: str) -> tuple[bool, int]:
        comment = thread.comments[comment_id]
        return comment.is_stickied, -(comment.score or 0)

    return sorted(thread.replies(None), key=rank)[:number]
