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
    def is_post_only(self) -> bool:
        return not (self.comments or self.everything or self.top)


def select(thread: Thread, selection: Selection) -> dict[str, Comment]:
    """Give the comments to quote by id, in reading order. Raises CommentNotFound."""
    for comment_id in selection.comments:
        if comment_id not in thread.comments:
            raise _build_not_found_error(thread, comment_id)
    selected_ids = set(thread.comments) if selection.everything else set()
    roots = {*selection.comments, *_find_top_comments(thread, selection.top)}
    for root in roots:
        selected_ids.update(thread.descendants(root, selection.replies))
    if selection.depth is not None:
        selected_ids = {i for i in selected_ids | roots if thread.depth(i) <= selection.depth}
    selected_ids.update(roots if selection.depth is None else selection.comments)
    if selection.context:
        for comment_id in selection.comments:
            selected_ids.update(thread.ancestors(comment_id, selection.context))
    return {i: comment for i, comment in thread.comments.items() if i in selected_ids}


def _build_not_found_error(thread: Thread, comment_id: str) -> errors.CommentNotFoundError:
    hint = "A comment's id stands in its permalink: 'Copy link' below the comment gives that."
    if thread.missing_comments:
        hint = "It may be among those that were not fetched. " + hint
    return errors.CommentNotFoundError(f"the thread {thread.id} has no comment {comment_id}", hint)


def _find_top_comments(thread: Thread, count: int) -> list[str]:
    """Answers to the post by score, stickied ones last: those are announcements."""

    def get_sort_key(comment_id: str) -> tuple[bool, int]:
        comment = thread.comments[comment_id]
        return comment.is_stickied, -(comment.score or 0)

    return sorted(thread.replies(None), key=get_sort_key)[:count]
