"""Limits the depth of a quote by what its renderers can nest, lists in texts included."""

import re
from collections.abc import Iterable, Mapping

from reddit_archive.markup.dialects import Dialect
from reddit_archive.quote import renderer
from reddit_archive.quote.layout import QuoteItem

_MAX_TEXT_LEVELS = 15
"""How many levels a text can add. Reddit's own renderer stops there."""
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)


def find_shown_depth(items: Iterable[QuoteItem], dialect: Dialect) -> int | None:
    """Return the depth of blockquotes at which every text is shown; None if all of them are.

    A renderer drops what is nested deeper than it can nest, without a trace.
    """
    limit = dialect.max_nesting
    if limit is None:
        return None
    depths = [
        max(1, limit - levels)
        for item in items
        if item.content is not None and item.depth > limit - _MAX_TEXT_LEVELS
        if item.depth + (levels := _measure_item(item, dialect.nesting_levels)) > limit
    ]
    return min(depths, default=None)


def _measure_item(item: QuoteItem, levels: Mapping[str, int]) -> int:
    assert item.content is not None
    return max(measure_nesting(html, levels) for html in renderer.list_html(item.content))


def measure_nesting(html: str, levels: Mapping[str, int]) -> int:
    """Return how deep the elements of a text are nested; `levels` says how much each one counts."""
    depth = deepest = 0
    for tag in _TAG.finditer(html):
        count = levels.get(tag[2].lower(), 0)
        depth = max(0, depth - count) if tag[1] else depth + count
        deepest = max(deepest, depth)
    return deepest
