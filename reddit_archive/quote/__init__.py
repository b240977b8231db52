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
from reddit_archive.quote.layout import QuoteItem, lay_out
from reddit_archive.quote.selection import Selection, select
from reddit_archive.quote.style import PLAIN_STYLE, RenderContext, Style

__all__ = ["RenderContext", "Selection", "Style", "build_items", "excerpt", "render", "select"]


def render(
    thread: Thread,
    selection: Selection,
    *,
    target: str = "markdown",
    style: Style = PLAIN_STYLE,
    max_depth: int | None = None,
    is_literal: bool = False,
    image_sources: Mapping[str, str] | None = None,
    captured_at: datetime | None = None,
    last_seen: Mapping[str, datetime] | None = None,
) -> str:
    """Write the quote; it ends with a newline.

    `deepest` is the number of blockquotes after which it goes on flat; by itself, what the target's
    renderers can show. For the rest see Manner. Raises CommentNotFound.
    """
    context = RenderContext(target, style, is_literal, image_sources, captured_at, last_seen or {})
    has_heading = selection.has_heading and style.heading
    parts = [attribution.render_heading(thread, context)] if has_heading else []
    quote_items = build_items(thread, selection, target=target, max_depth=max_depth)
    parts.append(renderer.render_items(quote_items, thread, context))
    return "\n\n".join(part for part in parts if part) + "\n"


def build_items(
    thread: Thread, selection: Selection, *, target: str, max_depth: int | None = None
) -> list[QuoteItem]:
    """Lay out what is selected, no deeper than the target's renderers can show."""
    comments = select(thread, selection)
    limit = targets.get_target(target).max_depth
    if max_depth is not None:
        limit = min(max_depth, limit or max_depth)
    return list(lay_out(thread, comments, has_post=selection.has_post, max_depth=limit))
