"""Links: which addresses are kept, and how they are written for every renderer to read the same."""

import re
from urllib.parse import quote

from reddit_archive.markup import escape

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.I | re.A)
_LINE_ENDS = re.compile(r"[\t\n\r]")
_KEPT_SCHEMES = frozenset({"http", "https", "mailto"})
_ENCODED = re.compile(r"""[\s<>"\\|`{}\[\]\u200b\ufeff]""")
_TITLE_MARK = re.compile(r"""[\\"`|{<>\[\]\n\t]|&(?=#?\w+;)""")
_ENTITY = re.compile(r"&(?=#?\w+;)")
# No "%": markdown-it decodes it in the text that it shows. No bracket, bar or backtick.
_PLAIN_URL = re.compile(r"https?://[\w.~:/?#@!$&'()*+,;=-]+", re.A)
_PLAIN_MAIL = re.compile(r"[a-z0-9][a-z0-9._-]*@[a-z0-9]+(?:[-.][a-z0-9]+)+", re.I | re.A)


def resolve(href: str, base_url: str) -> str | None:
    """Make Reddit's own paths absolute; None for a scheme other than http, https and mailto."""
    href = trimmed(href)
    if href.startswith("//"):
        return "https:" + href
    if href.startswith("/"):
        return base_url.rstrip("/") + href
    scheme = _SCHEME.match(href)
    return None if scheme and scheme[1].lower() not in _KEPT_SCHEMES else href


def trimmed(url: str) -> str:
    """Drop what a browser drops from an address, so that nothing can hide its scheme."""
    if not url.isprintable():
        url = _LINE_ENDS.sub("", url)
    return escape.clean(url).strip(" ")


def allowed(url: str) -> bool:
    """Whether a URL has one of the schemes that a page may link to."""
    scheme = _SCHEME.match(url)
    return scheme is not None and scheme[1].lower() in _KEPT_SCHEMES


def write(label: str, url: str, title: str = "") -> str:
    """An inline link; `label` is Markdown already."""
    return f"[{label}]({_destination(url)}{_title(title)})"


def automatic(text: str, url: str) -> str | None:
    """`<url>` when the text is the address and no renderer would change either; else None."""
    if url == text and _PLAIN_URL.fullmatch(url) and not _ENTITY.search(url) and "$$" not in url:
        return f"<{url}>"
    if url.lower() == "mailto:" + text.lower() and _PLAIN_MAIL.fullmatch(text):
        return f"<{text}>"
    return None


def _destination(url: str) -> str:
    url = _ENCODED.sub(lambda found: quote(found[0], safe=""), url)
    url = _ENTITY.sub("&amp;", url)
    return f"<{url}>" if "(" in url or ")" in url else url


def _title(title: str) -> str:
    """kramdown knows no backslash in a title, so that all marks are references."""
    if not title:
        return ""
    title = escape.drop_controls(title.replace("\r\n", "\n").replace("\r", "\n"))
    written = _TITLE_MARK.sub(lambda found: escape.references(found[0]), title)
    return f' "{written}"' if title.strip() else ""
