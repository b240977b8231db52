"""A thread in which one text is cut down to some of its words, to be quoted as any other."""

from dataclasses import replace

from reddit_archive import errors, markup
from reddit_archive.model.content import Comment, Post
from reddit_archive.model.thread import Thread
from reddit_archive.quote.renderer import html_of
from reddit_archive.quote.selection import Selection, select


def excerpt(thread: Thread, selection: Selection, words: str, *, mark: str = "[…]") -> Thread:
    """Give the thread with that part alone of the selected comment, or of the post, if it is alone.

    `words` are as a reader sees them: "these words" or "from … to". `mark` stands for what is left
    out. Raises WordsNotFound, CommentNotFound, and BadOptions where not one text is selected.
    """
    said = find(thread, selection)
    cut = _cut(said, words, mark)
    post = cut if isinstance(cut, Post) else thread.post
    comments = {**thread.comments, **({said.id: cut} if isinstance(cut, Comment) else {})}
    return Thread(thread.id, post, comments.values(), thread.gaps, heading=thread.heading)


def find(thread: Thread, selection: Selection) -> Comment | Post:
    """Give the one text that is selected by name. Raises CommentNotFound, BadOptions."""
    select(thread, selection)
    is_named = len(selection.comments) == 1 and not (selection.everything or selection.top)
    if is_named:
        return thread.comments[selection.comments[0]]
    if selection.is_post_alone and selection.has_post and thread.post is not None:
        return thread.post
    raise errors.BadOptions(
        "an excerpt needs one text, and not one is selected",
        "Select one with --comment ID, or the post alone.",
    )


def _cut(said: Comment | Post, words: str, mark: str) -> Comment | Post:
    # The parser takes longer to load than most commands take to run.
    from reddit_archive.markup import html_slice as cutter

    try:
        html = cutter.cut(html_of(said), words, mark=mark, media=said.media)
    except errors.WordsNotFound as error:
        raise errors.WordsNotFound(f"{said.fullname}: {error.message}", error.hint) from None
    typed = markup.convert(html, target="reddit")
    names = ("selftext_html", "selftext") if isinstance(said, Post) else ("body_html", "body")
    return replace(said, raw={**said.raw, **dict(zip(names, (html, typed), strict=True))})
