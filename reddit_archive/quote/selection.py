"""Selections: which comments to quote, and how to find them in a thread."""

from dataclasses import dataclass, replace

from reddit_archive import errors
from reddit_archive.model.content import Comment
from reddit_archive.model.reference import parse_comment_id
from reddit_archive.model.thread import Thread
from reddit_archive.quote.option_fields import number, option


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
        min_score: The lowest score of quoted comments, except `comments` and their context. A
            comment whose score is unknown is quoted.
        has_post: Whether the post is quoted.
        has_heading: Whether the quote has a heading.
        only_comments: Whether the quote has neither post nor heading, whatever the two above say.
    """

    comments: tuple[str, ...] = option(
        (),
        "--comment",
        "Quote this comment (repeatable; order as in the thread).",
        metavar="ID|URL",
        parse=parse_comment_id,
        short_name="-c",
        is_multiple=True,
    )
    context: int = option(
        0, "--context", "Add the N comments above each.", metavar="N", parse=number(0)
    )
    replies: int | None = option(
        0,
        "--replies",
        "Add N levels of replies to each.",
        metavar="N|all",
        parse=number(0, can_be_all=True),
    )
    everything: bool = option(False, "--all", "Quote the whole thread.")
    top: int = option(
        0,
        "--top",
        "Quote the N top-level comments with the highest score.",
        metavar="N",
        parse=number(1),
    )
    depth: int | None = option(
        None, "--depth", "Leave out comments deeper than level N.", metavar="N", parse=number(1)
    )
    min_score: int | None = option(
        None, "--min-score", "Leave out comments with a score below N.", metavar="N", parse=number()
    )
    has_post: bool = option(True, "--no-post", "Leave the post out.", flag_value=False)
    has_heading: bool = option(True, "--no-heading", "Leave the heading out.", flag_value=False)
    only_comments: bool = option(False, "--only", "Quote just the comments: no post, no heading.")

    def with_comment(self, comment_id: str | None) -> "Selection":
        """Return the selection with one more comment; the same selection for None."""
        if comment_id is None or comment_id in self.comments:
            return self
        return replace(self, comments=(*self.comments, comment_id))

    @property
    def shows_post(self) -> bool:
        return self.has_post and not self.only_comments

    @property
    def shows_heading(self) -> bool:
        return self.has_heading and not self.only_comments

    @property
    def is_post_only(self) -> bool:
        return not (self.comments or self.everything or self.top)


def select(thread: Thread, selection: Selection) -> dict[str, Comment]:
    """Return the selected comments by id, in reading order.

    Raises:
        CommentNotFoundError: The thread does not have one of `selection.comments`.
    """
    omitted_ids = find_low_scored(thread, selection)
    return {
        comment_id: comment
        for comment_id, comment in _select_all_scores(thread, selection).items()
        if comment_id not in omitted_ids
    }


def find_low_scored(thread: Thread, selection: Selection) -> set[str]:
    """Return the ids of comments that are left out only because of their score.

    Raises CommentNotFoundError, as `select` does.
    """
    min_score = selection.min_score
    if min_score is None:
        return set()
    named_ids = set(selection.comments)
    for comment_id in selection.comments:
        named_ids.update(thread.ancestors(comment_id, selection.context))
    return {
        comment_id
        for comment_id, comment in _select_all_scores(thread, selection).items()
        if comment_id not in named_ids and comment.score is not None and comment.score < min_score
    }


def _select_all_scores(thread: Thread, selection: Selection) -> dict[str, Comment]:
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
