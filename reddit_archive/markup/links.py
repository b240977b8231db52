"""Links: which URLs are kept, and how to write them so that all renderers read the same link.

Every link is absolute, with the scheme http, https or mailto. A relative link would lead to the
site that shows the quote, where it could log the reader out.
"""

import re
from urllib.parse import quote

from reddit_archive.markup import escape

REDDIT_URL = "https://www.reddit.com"
# Before 2017 a spoiler was a link with the text in its title. A subreddit's style sheet hid it.
_SPOILER_HREFS = frozenset({"/s", "/spoiler", "#s", "#spoiler"})
_LINE_ENDS = re.compile(r"[\t\n\r]")
# Without the slashes a browser resolves "https:logout" relative to the page.
_ALLOWED_URL = re.compile(r"https?://[^/?#\\\s]|mailto:\S", re.I)
_UNSAFE_IN_URL = re.compile(r"""[\s<>"\\|`{}\[\]\u200b\ufeff]""")
_UNSAFE_IN_TITLE = re.compile(r"""[\\"`|{<>\[\]\n\t]|&(?=#?\w+;)""")
_ENTITY = re.compile(r"&(?=#?\w+;)")
# No "%", because markdown-it decodes it in the text that it shows. No bracket, bar or backtick.
_PLAIN_URL = re.compile(r"https?://[\w.~:/?#@!$&'()*+,;=-]+", re.A)
_PLAIN_MAIL = re.compile(r"[a-z0-9][a-z0-9._-]*@[a-z0-9]+(?:[-.][a-z0-9]+)+", re.I | re.A)


def resolve(href: str) -> str | None:
    """Make a URL absolute if Reddit would link it: http, https, mailto, `/…` or `#…`.

    Returns None for other URLs, which are shown as text. Reddit's renderer never links a path
    without a slash, so such a path does not come from Reddit.
    """
    href = clean_url(href)
    if href.startswith("//"):
        href = "https:" + href
    elif href.startswith("/"):
        href = REDDIT_URL + href
    elif href.startswith("#"):
        href = f"{REDDIT_URL}/{href}"
    return href if is_allowed(href) else None


def clean_url(url: str) -> str:
    """Drop the characters that a browser drops from a URL, so that they can't hide its scheme."""
    if not url.isprintable():
        url = _LINE_ENDS.sub("", url)
    return escape.clean(url).strip(" ")


def is_allowed(url: str) -> bool:
    """Return whether a URL is absolute and has a scheme that quotes may link to."""
    return _ALLOWED_URL.match(url) is not None


def hides_title(href: str) -> bool:
    """Return whether a link is a spoiler that hides its title, as before 2017."""
    return href in _SPOILER_HREFS


def write(label: str, url: str, title: str = "") -> str:
    """Write an inline link in Markdown; `label` is finished Markdown."""
    return f"[{label}]({_write_destination(url)}{_write_title(title)})"


def write_html(label: str, url: str, title: str = "") -> str:
    """Write a link in HTML; `label` is finished HTML."""
    href, title_attribute = escape.escape_html(url), write_title_attribute(title)
    return f'<a href="{href}"{title_attribute} rel="nofollow">{label}</a>'


def write_title_attribute(title: str) -> str:
    """Write a `title` attribute with a space before it; "" for no title."""
    return f' title="{escape.escape_html(escape.clean(title))}"' if title else ""


def write_autolink(text: str, url: str) -> str | None:
    """Write `<url>` if the text is the URL and no renderer would change either; else None."""
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
    """Write a title with character references, because kramdown has no backslash escapes there."""
    if not title:
        return ""
    title = escape.drop_controls(title.replace("\r\n", "\n").replace("\r", "\n"))
    escaped = _UNSAFE_IN_TITLE.sub(lambda match: escape.to_character_references(match[0]), title)
    return f' "{escaped}"' if title.strip() else ""
