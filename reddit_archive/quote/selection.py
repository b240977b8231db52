"""Selections: which comments to quote, and how to find them in a thread."""

from dataclasses import dataclass, replace

from reddit_archive import errors
from reddit_archive.model.content import Comment
from reddit_archive.model.thread import Thread


@dataclass(frozen=True, slots=True)
class Selection:
    """What to quote of a thread. By default, only the post.

    Attributes:
        comments: The ids of comments.
        context: How many ancestors of each comment in `comments` are added.
        replies: How many levels of replies below each comment are added; None for all.
        everything: Whether the whole thread is selected.
        top: How many top-level comments are selected, by score.
        depth: The deepest level of comments, except `comments` and their context. Top-level
            comments have level 1.
        has_post: Whether the post is quoted.
        has_heading: Whether the quote has a heading.
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
        """Return the selection with one more comment; the same selection for None."""
        if comment_id is None or comment_id in self.comments:
            return self
        return replace(self, comments=(*self.comments, comment_id))

    @property
    def is_post_only(self) -> bool:
        return not (self.comments or self.everything or self.top)


def select(thread: Thread, selection: Selection) -> dict[str, Comment]:
    """Return the selected comments by id, in reading order.

    Raises:
        CommentNotFoundError: The thread does not have one of `selection.comments`.
    """
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
    hint = "A comment's id is in its permalink, which 'Copy link' below the comment copies."
    if thread.missing_comments:
        hint = f"It may be one of the comments that were not fetched. {hint}"
    return errors.CommentNotFoundError(f"thread {thread.id} has no comment {comment_id}", hint)


def _find_top_comments(thread: Thread, count: int) -> list[str]:
    """Return top-level comments by score, stickied ones last, because they are announcements."""

    def get_sort_key(comment_id: str) -> tuple[bool, int]:
        comment = thread.comments[comment_id]
        return comment.is_stickied, -(comment.score or 0)

    return sorted(thread.replies(None), key=get_sort_key)[:count]
