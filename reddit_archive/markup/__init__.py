"""Converts Reddit's HTML to text that shows the same where it is pasted, and does nothing more.

Text that is written for a target can stand in a quote of any depth, before and after any other
block. Nothing in it is live: no image, HTML, template or macro that an author typed, no URL scheme
except http, https and mailto, no control character.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from reddit_archive.markup import bidi, escape, links, media_tokens, targets
from reddit_archive.markup.dialects import Dialect

__all__ = ["convert", "escape_text", "format_link", "wrap_line"]

MAX_CHARACTERS = 2_000_000
"""The length of HTML that is converted. Reddit's longest post, 40,000 typed characters, is shorter.

The parser and the writer need about 40 bytes of memory for each character.
"""
TOO_LONG_MESSAGE = (
    "[This text is not shown: it has {:,} characters of HTML, and at most {:,} are converted. "
    "The snapshot holds all of it.]"
)


def convert(
    html: str,
    *,
    target: str = "markdown",
    media_metadata: Mapping[str, Any] | None = None,
    body: str = "",
    is_literal: bool = False,
    image_sources: Mapping[str, str] | None = None,
    width: int = 0,
) -> str:
    """Convert the HTML of a post or a comment for a target.

    Paths on Reddit, like `/r/python`, become absolute URLs. A text that is longer than any on
    Reddit is replaced by a sentence that says so.

    Args:
        html: `selftext_html` or `body_html`, unescaped once.
        target: A name from `targets.NAMES`.
        media_metadata: The text's `media_metadata`. Tokens like `![gif](giphy|x)` become links.
        body: The same text as typed, unescaped once. For Reddit itself it is used as it is, if
            possible.
        is_literal: Keep kramdown from making quotation marks and dashes typographic.
        image_sources: The URLs that are shown as images, each with the address to load it from.
            Other images become links. With None, the images that Reddit shows are shown. The
            targets `reddit` and `text` have links only.
        width: The columns at which the target `text` is wrapped; 0 for no wrapping.

    Returns:
        The text without a newline at the end; "" if the HTML shows nothing.

    Raises:
        ValueError: The target is unknown.
    """
    dialect = targets.get_target(target)
    if (markdown := dialect.reuse_markdown(body)) is not None:
        return media_tokens.link_tokens_in_markdown(
            markdown,
            media_metadata or {},
            lambda label, url: format_link(label, url, target=target),
        )
    from reddit_archive.markup import converter  # 5 ms

    if len(html) > MAX_CHARACTERS:
        html = f"<p>{TOO_LONG_MESSAGE.format(len(html), MAX_CHARACTERS)}</p>"
    dialect = _configure_dialect(dialect, is_literal, image_sources)
    return converter.convert_html(html, dialect, media_metadata, width)


def escape_text(plain_text: str, *, target: str = "markdown") -> str:
    """Write plain text, such as a title, as one line that is safe in a heading or a link."""
    return _escape_title(plain_text, targets.get_target(target))


def format_link(plain_label: str, url: str, *, target: str = "markdown") -> str:
    """Write an inline link; only its text if the URL is not http, https or mailto."""
    label, url = escape_text(plain_label, target=target), links.clean_url(url)
    return targets.get_target(target).write_link(label, url) if links.is_allowed(url) else label


def wrap_line(line: str, width: int) -> str:
    """Wrap a line of plain text at a width; 0 for no wrapping."""
    if not width or len(line) * 2 <= width:
        return line
    from reddit_archive.markup import text_wrap  # 5 ms, for one target

    return text_wrap.wrap(line, width)


# Names and labels repeat in author lines. Without this cache, rendering a quoted comment takes 48
# instead of 43 µs. A subclass of str that is equal may be escaped differently, hence `typed`.
@lru_cache(maxsize=1024, typed=True)
def _escape_title(plain_text: str, dialect: Dialect) -> str:
    return dialect.escape_title(escape.clean_balanced(bidi.balance(plain_text)).strip(" "))


def _configure_dialect(
    dialect: Dialect, is_literal: bool, image_sources: Mapping[str, str] | None
) -> Dialect:
    if is_literal:
        dialect = dialect.get_literal()
    if image_sources is None:
        return dialect
    return dialect.with_images(image_sources) if image_sources else _get_links_only(dialect)


@cache
def _get_links_only(dialect: Dialect) -> Dialect:
    """Return the dialect without images, always the same object: writers are cached by dialect."""
    return dialect.with_images({})
