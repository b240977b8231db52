"""Links: which URLs are kept, and how to write them so that all renderers read the same link.

Every link is absolute: http, https or mailto. A relative link would lead to the site that shows the
quote, where it could log the reader out.
"""

import re
from urllib.parse import quote

from reddit_archive.markup import escape

_LINE_ENDS = re.compile(r"[\t\n\r]")
# Without the slashes a browser resolves "https:logout" relative to the page.
_ALLOWED_URL = re.compile(r"https?://[^/?#\\\s]|mailto:\S", re.I)
_UNSAFE_IN_URL = re.compile(r"""[\s<>"\\|`{}\[\]\u200b\ufeff]""")
_UNSAFE_IN_TITLE = re.compile(r"""[\\"`|{<>\[\]\n\t]|&(?=#?\w+;)""")
_ENTITY = re.compile(r"&(?=#?\w+;)")
# No "%": markdown-it decodes it in the text that it shows. No bracket, bar or backtick.
_PLAIN_URL = re.compile(r"https?://[\w.~:/?#@!$&'()*+,;=-]+", re.A)
_PLAIN_MAIL = re.compile(r"[a-z0-9][a-z0-9._-]*@[a-z0-9]+(?:[-.][a-z0-9]+)+", re.I | re.A)


def resolve(href: str, base_url: str) -> str | None:
    """Make a URL absolute if Reddit would link it: http, https, mailto, `/…` or `#…`.

    Returns None for other URLs, which are shown as text. Reddit's renderer never links a path
    without a slash, so such a path does not come from Reddit.
    """
    href = clean_url(href)
    if href.startswith("//"):
        href = "https:" + href
    elif href.startswith("/"):
        href = base_url.rstrip("/") + href
    elif href.startswith("#"):
        href = f"{base_url.rstrip('/')}/{href}"
    return href if is_allowed(href) else None


def clean_url(url: str) -> str:
    """Drop what a browser drops from an address, so that nothing can hide its scheme."""
    if not url.isprintable():
        url = _LINE_ENDS.sub("", url)
    return escape.clean(url).strip(" ")


def is_allowed(url: str) -> bool:
    """Return whether a URL is absolute and has a scheme that quotes may link to."""
    return _ALLOWED_URL.match(url) is not None


def write(label: str, url: str, title: str = "") -> str:
    """An inline link; `label` is Markdown already."""
    return f"[{label}]({_write_destination(url)}{_write_title(title)})"


def write_autolink(text: str, url: str) -> str | None:
    """`<url>` when the text is the address and no renderer would change either; else None."""
    if url == text and _PLAIN_URL.fullmatch(url) and not _ENTITY.search(url) and "$$" not in url:
        return f"<{url}>"
    if url.lower() == "mailto:" + text.lower() and _PLAIN_MAIL.fullmatch(text):
        return f"<{text}>"
    return None


def _write_destination(url: str) -> str:
    url = _UNSAFE_IN_URL.sub(lambda match: quote(match[0], safe=""), url)
    url = _ENTITY.sub("&amp;", url)
    return f"<{url}>" if "(" in url or ")" in url else url


def _write_title(title: str) -> str:
    """kramdown knows no backslash in a title, so that all marks are references."""
    if not title:
        return ""
    title = escape.drop_controls(title.replace("\r\n", "\n").replace("\r", "\n"))
    escaped = _UNSAFE_IN_TITLE.sub(lambda match: escape.to_character_references(match[0]), title)
    return f' "{escaped}"' if title.strip() else ""
