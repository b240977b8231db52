"""Renders Reddit's Markdown to the HTML that Reddit shows, for sources without HTML.

The rules are those of snudown, Reddit's renderer. They differ from CommonMark in nearly every
block, so markdown-it-py runs them in place of its own rules. Typed HTML stays text, and links lead
only to http, https, mailto, ftp or Reddit.
"""

from collections.abc import Mapping
from typing import Any

from reddit_archive.markup.snudown import plain_text

__all__ = ["render"]

MAX_CHARACTERS = 200_000
"""Longer texts are cut. Reddit accepts 10,000 characters for a comment and 40,000 for a post."""


def render(markdown: str, media_metadata: Mapping[str, Any] | None = None) -> str:
    """Render Markdown as a `<div class="md">`, like `body_html`; "" for an empty result.

    Args:
        markdown: The text as typed, with real `<`, `>` and `&`.
        media_metadata: The text's `media_metadata`. Media tokens become links.
    """
    markdown = markdown[:MAX_CHARACTERS]
    if (html := plain_text.try_render(markdown)) is not None:
        return html
    # Imported here: it takes 60 ms, and most texts have no markup.
    from reddit_archive.markup.snudown import parser

    return parser.render(markdown, media_metadata or {})
