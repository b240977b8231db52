"""A thread and a selection, written as nested blockquotes that are ready to paste.

Each comment is a quote inside the quote of what it answers. What is left out between the two is
marked `[…]`. The same thread and selection give the same bytes.
"""

from reddit_archive.markup import targets
from reddit_archive.quote import frame
from reddit_archive.quote.layout import lay_out
from reddit_archive.quote.selection import Selection, select
from reddit_archive.thread import Thread

__all__ = ["Selection", "render", "select"]


def render(
    thread: Thread,
    selection: Selection,
    *,
    target: str = "markdown",
    deepest: int | None = None,
    is_literal: bool = False,
) -> str:
    """Write the quote; it ends with a newline.

    `deepest` is the number of blockquotes after which it goes on flat; by itself, what the target's
    renderers can show. `is_literal` keeps kramdown from making quotes and dashes typographic.
    Raises CommentNotFound.
    """
    shown = select(thread, selection)
    limit = targets.named(target).max_depth
    if deepest is not None:
        limit = min(deepest, limit or deepest)
    items = lay_out(thread, shown, has_post=selection.has_post, deepest=limit)
    parts = [frame.heading(thread, target)] if selection.has_heading else []
    parts.append(frame.write(items, thread, target, is_literal=is_literal))
    return "\n\n".join(part for part in parts if part) + "\n"
