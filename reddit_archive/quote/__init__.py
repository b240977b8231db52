"""A thread and a selection, written as nested blockquotes that are ready to paste.

Each comment is a quote inside the quote of what it answers. What is left out between the two is
marked `[…]`. The same thread and selection give the same bytes.
"""

from collections.abc import Mapping
from datetime import datetime

from reddit_archive.markup import targets
from reddit_archive.model.thread import Thread
from reddit_archive.quote import attribution, renderer
from reddit_archive.quote.excerpts import excerpt
from reddit_archive.quote.layout import Item, lay_out
from reddit_archive.quote.selection import Selection, select
from reddit_archive.quote.style import PLAIN, Manner, Style

__all__ = ["Manner", "Selection", "Style", "excerpt", "items", "render", "select"]


def render(
    thread: Thread,
    selection: Selection,
    *,
    target: str = "markdown",
    style: Style = PLAIN,
    deepest: int | None = None,
    is_literal: bool = False,
    pictures: Mapping[str, str] | None = None,
    at: datetime | None = None,
    seen: Mapping[str, datetime] | None = None,
) -> str:
    """Write the quote; it ends with a newline.

    `deepest` is the number of blockquotes after which it goes on flat; by itself, what the target's
    renderers can show. For the rest see Manner. Raises CommentNotFound.
    """
    manner = Manner(target, style, is_literal, pictures, at, seen or {})
    has_heading = selection.has_heading and style.heading
    parts = [attribution.heading(thread, manner)] if has_heading else []
    laid_out = items(thread, selection, target=target, deepest=deepest)
    parts.append(renderer.write(laid_out, thread, manner))
    return "\n\n".join(part for part in parts if part) + "\n"


def items(
    thread: Thread, selection: Selection, *, target: str, deepest: int | None = None
) -> list[Item]:
    """Lay out what is selected, no deeper than the target's renderers can show."""
    shown = select(thread, selection)
    limit = targets.named(target).max_depth
    if deepest is not None:
        limit = min(deepest, limit or deepest)
    return list(lay_out(thread, shown, has_post=selection.has_post, deepest=limit))
