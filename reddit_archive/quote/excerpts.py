"""A thread in which one text is cut down to some of its words, to be quoted as any other."""

from dataclasses import replace

from reddit_archive import errors, markup
from reddit_archive.model.content import Comment, Post
from reddit_archive.model.thread import Thread
from reddit_archive.quote.renderer import get_html
from reddit_archive.quote.selection import Selection, select


def excerpt(
    thread: Thread, selection: Selection, words: str, *, omission_mark: str = "[…]"
) -> Thread:
    """Give the thread with that part alone of the selected comment, or of the post, if it is alone.

    `words` are as a reader sees them: "these words" or "from … to". `mark` stands for what is left
    out. Raises WordsNotFound, CommentNotFound, and BadOptions where not one text is selected.
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
    """Give the one text that is selected by name. Raises CommentNotFound, BadOptions."""
    select(thread, selection)
    is_named = len(selection.comments) == 1 and not (selection.everything or selection.top)
    if is_named:
        return thread.comments[selection.comments[0]]
    if selection.is_post_only and selection.has_post and thread.post is not None:
        return thread.post
    raise errors.InvalidOptionsError(
        "an excerpt needs one text, and not one is selected",
        "Select one with --comment ID, or the post alone.",
    )


def _shorten(content: Comment | Post, words: str, omission_mark: str) -> Comment | Post:
    # The parser takes longer to load than most commands take to run.
    from reddit_archive.markup import html_slice

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
