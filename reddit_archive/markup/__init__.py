"""Reddit's HTML -> text that shows the same where it is pasted, and does nothing else.

What is written for a target may stand in a quote of any depth, before and after any other block.
Nothing in it is live: no picture, HTML, template or macro that someone typed, no scheme but http,
https and mailto, no control character.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from reddit_archive.markup import dialect_reddit, dialects, escape, links, targets

__all__ = ["convert", "link", "text"]

REDDIT = "https://www.reddit.com"
MAX_CHARACTERS = 2_000_000
"""Reddit's longest post, 40,000 typed characters, makes less HTML than this by far.

The parser and the converter need about 40 bytes of memory for each character.
"""
TOO_LONG = (
    "[This text is not shown: it has {:,} characters of HTML, and at most {:,} are converted. "
    "The snapshot holds all of it.]"
)
_DIALECTS = {
    ("markdown", False): dialects.DEFAULT,
    ("commonmark", False): dialects.CommonMark(),
    ("jekyll", False): dialects.Jekyll(),
    ("jekyll", True): dialects.Literal(),
    ("obsidian", False): dialects.Obsidian(),
    ("reddit", False): dialect_reddit.Reddit(),
    ("html", False): dialects.DEFAULT,
    ("text", False): dialects.DEFAULT,
}


def convert(
    html: str,
    *,
    target: str = "markdown",
    media: Mapping[str, Any] | None = None,
    body: str = "",
    is_literal: bool = False,
    pictures: Mapping[str, str] | None = None,
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
    target = targets.named(target).name
    typed = dialect_reddit.typed(body) if target == "reddit" else None
    if typed is not None:
        return typed if media is None else _with_media(typed, media)
    own = _showing(target, is_literal, pictures)
    if len(html) > MAX_CHARACTERS:
        html = f"<p>{TOO_LONG.format(len(html), MAX_CHARACTERS)}</p>"
    # The parser takes longer to load than most commands take to run.
    from reddit_archive.markup.converter import write

    return write(html, target=target, base_url=REDDIT, tokens=media, own=own)


def text(plain: str, *, target: str = "markdown") -> str:
    """Write plain text, such as a title, as one line that is safe in a heading or a link."""
    return _text(plain, target)


def link(label_plain: str, url: str, *, target: str = "markdown") -> str:
    """Write an inline link; only the text if the URL is not http, https or mailto."""
    return _link(label_plain, url, target)


# Names, and what a style holds, come again in many author lines. A string of another type may be
# safe to show, and is kept apart.
_remembered = lru_cache(maxsize=1024, typed=True)


@_remembered
def _text(plain: str, target: str) -> str:
    line = escape.clean(plain).strip(" ")
    if not (where := targets.named(target)).is_markdown:
        return escape.raw(line) if where.has_html else line
    own = _dialect(where.name)
    return own.closed(own.escape(line, label=True))


@_remembered
def _link(label_plain: str, url: str, target: str) -> str:
    label, url = text(label_plain, target=target), links.trimmed(url)
    if not links.allowed(url):
        return label
    match targets.named(target).name:
        case "html":
            return f'<a href="{escape.raw(url)}" rel="nofollow">{label}</a>'
        case "text":
            return url if label == url else f"{label} <{url}>"
        case name:
            return _dialect(name).link(label, url)


def _dialect(target: str, is_literal: bool = False) -> dialects.Dialect:
    return _DIALECTS[target, is_literal and target == "jekyll"]


def _showing(target: str, is_literal: bool, pictures: Mapping[str, str] | None) -> dialects.Dialect:
    if pictures is None or target == "reddit":
        return _dialect(target, is_literal)
    if not pictures:
        return _linking(target, is_literal)
    return _dialect(target, is_literal).showing(pictures)


@cache
def _linking(target: str, is_literal: bool) -> dialects.Dialect:
    """One and the same for all calls, since a converter is kept for each dialect."""
    return _dialect(target, is_literal).showing({})


def _with_media(typed: str, media: Mapping[str, Any]) -> str:
    from reddit_archive.markup import media_tokens as tokens

    return tokens.in_typed(typed, media, lambda label, url: link(label, url, target="reddit"))
