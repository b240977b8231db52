"""Reddit's HTML -> Markdown that shows the same, and does nothing else, wherever it is pasted.

The Markdown may stand in a quote of any depth, before and after any other block. Nothing in it is
live: no image, no HTML or template that someone typed, no scheme but http, https and mailto, no
control character.
"""

from collections.abc import Mapping
from typing import Any

from reddit_archive.markup import escape, links

__all__ = ["convert", "link", "text"]


def convert(
    html: str,
    *,
    target: str = "markdown",
    base_url: str = "https://www.reddit.com",
    media: Mapping[str, Any] | None = None,
    body: str = "",
    is_literal: bool = False,
) -> str:
    """Convert `selftext_html` or `body_html`, unescaped once, to Markdown.

    Reddit's own links, like `/r/python`, are resolved against `base_url`. The result does not end
    in a newline, and is "" where the HTML shows nothing. Raises ValueError for an unknown target.
    """
    if target != "markdown":
        raise ValueError(f"unknown target: {target!r}")
    # Beautiful Soup takes longer to load than most commands take to run.
    from reddit_archive.markup import blocks

    return blocks.converter(base_url).convert(html)


def text(plain: str, *, target: str = "markdown") -> str:
    """Write plain text, such as a title, as one line that is safe in a heading or a link."""
    line = escape.line(escape.clean(plain).strip(" "), label=True)
    return line[:-1] + "\\#" if line.endswith("#") and not line.endswith("\\#") else line


def link(label_plain: str, url: str, *, target: str = "markdown") -> str:
    """Write an inline link; only the text if the URL is not http, https or mailto."""
    label, url = text(label_plain), links.trimmed(url)
    return links.write(label, url) if links.allowed(url) else label
