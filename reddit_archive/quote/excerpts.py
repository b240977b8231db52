"""Excerpts: a thread in which one text is cut to some of its words."""

from dataclasses import replace

from reddit_archive import errors, markup
from reddit_archive.model.content import Comment, Post
from reddit_archive.model.thread import Thread
from reddit_archive.quote.renderer import get_html
from reddit_archive.quote.selection import Selection, select


def excerpt(
    thread: Thread, selection: Selection, words: str, *, omission_mark: str = "[…]"
) -> Thread:
    """Return the thread with the selected text cut to an excerpt.

    Args:
        thread: The thread.
        selection: A selection of exactly one text: one comment, or only the post.
        words: The words as a reader sees them: "these words" or "first words … last words".
        omission_mark: The mark for text that is left out.

    Raises:
        ExcerptNotFoundError: The words are not in the text, or more than once.
        CommentNotFoundError: The thread does not have the selected comment.
        InvalidOptionsError: Not exactly one text is selected.
    """
    content = get_selected_content(thread, selection)
    shortened = _shorten(content, words, omission_mark)
    post = shortened if isinstance(shortened, Post) else thread.post
    comments = {
        **thread.comments,
        **({content.id: shortened} if isinstance(shortened, Comment) else {}),
    }
    return Thread(
        thread.id,
        post,
        comments.values(),
        thread.missing_comments,
        fallback_post=thread.post_metadata,
    )


def get_selected_content(thread: Thread, selection: Selection) -> Comment | Post:
    """Return the selected text. Raises CommentNotFoundError, InvalidOptionsError."""
    select(thread, selection)
    is_named = len(selection.comments) == 1 and not (selection.everything or selection.top)
    if is_named:
        return thread.comments[selection.comments[0]]
    if selection.is_post_only and selection.shows_post and thread.post is not None:
        return thread.post
    raise errors.InvalidOptionsError(
        "an excerpt needs exactly one selected text",
        "Select a comment with --comment ID, or only the post.",
    )


def _shorten(content: Comment | Post, words: str, omission_mark: str) -> Comment | Post:
    from reddit_archive.markup import html_slice  # 3 ms, and few quotes are cut

    try:
        html = html_slice.cut_excerpt(
            get_html(content), words, omission_mark=omission_mark, media_metadata=content.media
        )
    except errors.ExcerptNotFoundError as error:
        raise errors.ExcerptNotFoundError(
            f"{content.fullname}: {error.message}", error.hint
        ) from None
    markdown = markup.convert(html, target="reddit")
    field_names = (
        ("selftext_html", "selftext") if isinstance(content, Post) else ("body_html", "body")
    )
    return replace(
        content, raw={**content.raw, **dict(zip(field_names, (html, markdown), strict=True))}
    )
