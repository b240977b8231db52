"""Reddit's HTML -> text that shows the same where it is pasted, and does nothing else.

What is written for a target may stand in a quote of any depth, before and after any other block.
Nothing in it is live: no picture, HTML, template or macro that someone typed, no scheme but http,
https and mailto, no control character.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from reddit_archive.markup import dialect_reddit, dialects, escape, links, targets

__all__ = ["convert", "escape_text", "format_link"]

REDDIT_URL = "https://www.reddit.com"
MAX_CHARACTERS = 2_000_000
"""Reddit's longest post, 40,000 typed characters, makes less HTML than this by far.

The parser and the converter need about 40 bytes of memory for each character.
"""
TOO_LONG_MESSAGE = (
    "[This text is not shown: it has {:,} characters of HTML, and at most {:,} are converted. "
    "The snapshot holds all of it.]"
)
_DIALECTS = {
    ("markdown", False): dialects.DEFAULT,
    ("commonmark", False): dialects.CommonMark(),
    ("jekyll", False): dialects.Jekyll(),
    ("jekyll", True): dialects.LiteralJekyll(),
    ("obsidian", False): dialects.Obsidian(),
    ("reddit", False): dialect_reddit.Reddit(),
    ("html", False): dialects.DEFAULT,
    ("text", False): dialects.DEFAULT,
}


def convert(
    html: str,
    *,
    target: str = "markdown",
    media_metadata: Mapping[str, Any] | None = None,
    body: str = "",
    is_literal: bool = False,
    image_sources: Mapping[str, str] | None = None,
) -> str:
    """Convert `selftext_html` or `body_html`, unescaped once, for a target.

    Reddit's own links, like `/r/python`, are resolved against REDDIT. `media` is the text's
    `media_metadata`: tokens like `![gif](giphy|x)` become links to their pictures. `body` is the
    same text as typed, unescaped once: for Reddit itself nothing is better. `is_literal` keeps
    kramdown from making quotation marks and dashes typographic. What Reddit showed as a picture is
    one. `pictures`, where given, decides instead: it names the URLs of which a link or a picture is
    shown, each with the address to show it from, and all others are links; {} loads nothing. Reddit
    and text have links alone. In place of a text that is longer than any of Reddit's, a sentence
    says so.

    The result does not end in a newline, and is "" where the HTML shows nothing. Raises ValueError
    for an unknown target.
    """
    target = targets.get_target(target).name
    markdown = dialect_reddit.reuse_markdown(body) if target == "reddit" else None
    if markdown is not None:
        return markdown if media_metadata is None else _link_media_tokens(markdown, media_metadata)
    dialect = _choose_dialect(target, is_literal, image_sources)
    if len(html) > MAX_CHARACTERS:
        html = f"<p>{TOO_LONG_MESSAGE.format(len(html), MAX_CHARACTERS)}</p>"
    # The parser takes longer to load than most commands take to run.
    from reddit_archive.markup.converter import convert_html

    return convert_html(
        html, target=target, base_url=REDDIT_URL, media_metadata=media_metadata, dialect=dialect
    )


def escape_text(plain_text: str, *, target: str = "markdown") -> str:
    """Write plain text, such as a title, as one line that is safe in a heading or a link."""
    return _escape_text_cached(plain_text, target)


def format_link(plain_label: str, url: str, *, target: str = "markdown") -> str:
    """Write an inline link; only the text if the URL is not http, https or mailto."""
    return _format_link_cached(plain_label, url, target)


# Names, and what a style holds, come again in many author lines. A string of another type may be
# safe to show, and is kept apart.
_cached = lru_cache(maxsize=1024, typed=True)


@_cached
def _escape_text_cached(plain_text: str, target: str) -> str:
    line = escape.clean(plain_text).strip(" ")
    if not (target_info := targets.get_target(target)).is_markdown:
        return escape.escape_html(line) if target_info.has_html else line
    dialect = _get_dialect(target_info.name)
    return dialect.escape_trailing_hash(dialect.escape(line, is_label=True))


@_cached
def _format_link_cached(plain_label: str, url: str, target: str) -> str:
    label, url = escape_text(plain_label, target=target), links.clean_url(url)
    if not links.is_allowed(url):
        return label
    match targets.get_target(target).name:
        case "html":
            return f'<a href="{escape.escape_html(url)}" rel="nofollow">{label}</a>'
        case "text":
            return url if label == url else f"{label} <{url}>"
        case name:
            return _get_dialect(name).write_link(label, url)


def _get_dialect(target: str, is_literal: bool = False) -> dialects.Dialect:
    return _DIALECTS[target, is_literal and target == "jekyll"]


def _choose_dialect(
    target: str, is_literal: bool, image_sources: Mapping[str, str] | None
) -> dialects.Dialect:
    if image_sources is None or target == "reddit":
        return _get_dialect(target, is_literal)
    if not image_sources:
        return _get_links_only_dialect(target, is_literal)
    return _get_dialect(target, is_literal).with_images(image_sources)


@cache
def _get_links_only_dialect(target: str, is_literal: bool) -> dialects.Dialect:
    """One and the same for all calls, since a converter is kept for each dialect."""
    return _get_dialect(target, is_literal).with_images({})


def _link_media_tokens(markdown: str, media_metadata: Mapping[str, Any]) -> str:
    from reddit_archive.markup import media_tokens

    return media_tokens.link_tokens_in_markdown(
        markdown, media_metadata, lambda label, url: format_link(label, url, target="reddit")
    )
