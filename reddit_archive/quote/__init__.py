"""Writes the selected comments of a thread as nested blockquotes that are ready to paste.

Each comment is a quote inside the quote of its parent. A `[…]` marks what is left out between the
two. The same thread and selection give the same bytes.
"""

from collections.abc import Mapping
from datetime import datetime

from reddit_archive.markup import targets
from reddit_archive.model.thread import Thread
from reddit_archive.quote import attribution, nesting, renderer, text_marks
from reddit_archive.quote.excerpts import excerpt
from reddit_archive.quote.layout import QuoteItem, lay_out
from reddit_archive.quote.selection import Selection, find_low_scored, select
from reddit_archive.quote.style import PLAIN_STYLE, RenderContext, Style

__all__ = [
    "RenderContext",
    "Selection",
    "Style",
    "build_items",
    "excerpt",
    "find_low_scored",
    "render",
    "select",
]


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
    width: int = 0,
) -> str:
    """Write a quote, which ends with a newline.

    Args:
        thread: The thread to quote from.
        selection: What to quote.
        target: A name from `targets.NAMES`.
        style: How the attribution looks.
        max_depth: How deep blockquotes are nested before the quote continues flat. The limit of the
            target always applies.
        is_literal: Keep kramdown from making quotation marks and dashes typographic.
        image_sources: The URLs that are shown as images, each with the address to load it from.
        captured_at: When the thread was last captured. Relative dates count back from then.
        last_seen: When each text that was deleted since was last seen, by fullname.
        width: The columns at which the target `text` is wrapped; 0 for no wrapping.

    Raises:
        CommentNotFoundError: The thread does not have a selected comment.
        ValueError: The target is unknown.
    """
    context = RenderContext(
        target, style, is_literal, image_sources, captured_at, last_seen or {}, width
    )
    has_heading = selection.shows_heading and style.heading
    parts = [attribution.render_heading(thread, context)] if has_heading else []
    quote_items = build_items(thread, selection, target=target, max_depth=max_depth)
    parts.append(renderer.render_items(quote_items, thread, context))
    parts.append(text_marks.explain(quote_items, context))
    return "\n\n".join(part for part in parts if part) + "\n"


def build_items(
    thread: Thread, selection: Selection, *, target: str, max_depth: int | None = None
) -> list[QuoteItem]:
    """Lay out the selected items, no deeper than the target's renderers can show."""
    comments, marked_ids = select(thread, selection), find_low_scored(thread, selection)
    dialect = targets.get_target(target)
    limit = dialect.max_depth
    if max_depth is not None:
        limit = min(max_depth, limit or max_depth)

    def lay_out_to(depth: int | None) -> list[QuoteItem]:
        return list(
            lay_out(
                thread,
                comments,
                has_post=selection.shows_post,
                max_depth=depth,
                marked_ids=marked_ids,
            )
        )

    items = lay_out_to(limit)
    shown_depth = nesting.find_shown_depth(items, dialect)
    return items if shown_depth is None else lay_out_to(shown_depth)
