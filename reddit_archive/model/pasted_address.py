"""Turns what people paste into the address that it contains. Pure.

Addresses are pasted with quotation marks, brackets and backticks around them, with slips in the
scheme, as links that lead over another site, and as copies in a web archive. Only the address of
the thread is used: no request is sent to any of these sites.
"""

import re
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

REDDIT_DOMAINS = (
    *("reddit.com", "redd.it", "redditmedia.com"),
    "reddittorjg6rue252oqsxryoxengawnmo46qy4kyii5wtqnwfj4ooad.onion",
)
"""The last one is Reddit's own address in the Tor network."""
_REDDIT_SUFFIXES = tuple(f".{host}" for host in REDDIT_DOMAINS)
_OPENING = "<([{\"'`*_\u00ab\u2018\u201a\u201c\u201d\u201e\u2039"
_CLOSING = ").,;:!?'\"*_>]}`\u00bb\u2019\u201c\u201d\u203a\u2026"
_INVISIBLE = " \t\r\n\x0b\x0c\x85\xa0\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_LINK_TEXT = re.compile(r"!?\[[^\n]*\]\(")
_LINK_TARGET = re.compile(r"\s*<?([^\s<>]+)>?(?:\s+[\"'(].*)?", re.DOTALL)
_TEXT_AFTER_LINK = re.compile(r"[^\w/]*")
_MARKDOWN_ESCAPE = re.compile(r"\\([_*~.-])")
_ENCODED = re.compile(r"https?%3a%2f%2f", re.IGNORECASE)
_SCHEME_SLIP = re.compile(r"(?:(?:h?t{1,3}ps?|hxxps?)(?:[:;]/*|//+))+", re.IGNORECASE)
"""A scheme as it is mistyped, defanged or repeated: `https:/`, `ttps://`, `hxxp://`."""
_APP_SCHEME = re.compile(
    r"(?:view-source:|feed:(?://)?(?=http)|android-app://com\.reddit\.frontpage/https?/)"
    r"|(?:reddit|apollo|intent|redditapp)://(?:/*(?:reddit|open-url)(?=/))?",
    re.IGNORECASE,
)
_REDDIT_ADDRESS = re.compile(
    r"(?:https?:/+)?(?:[a-z0-9-]+\.)*redd(?:it\.com|\.it)(?::\d{1,5})?/\S*", re.IGNORECASE
)

_REDIRECT_PARAMETERS = ("q", "url", "u", "uddg", "to", "z", "dest", "imgrefurl")
_REDIRECT_HOST = re.compile(
    r"(?:(?:www\.)?google\.(?:com?\.)?[a-z]{2,3}|(?:lm?\.)?(?:facebook|instagram|messenger)\.com"
    r"|(?:www\.)?(?:duckduckgo|youtube|vk|steamcommunity|slack-redir)\.(?:com|net)|t\.umblr\.com"
    r"|[a-z0-9]+\.safelinks\.protection\.outlook\.com|translate\.google\.com)"
)
"""Sites that lead to the address in a parameter of their own."""
_ARCHIVE_HOST = re.compile(
    r"(?:web\.|wayback\.|www\.)?archive\.org|archive\.(?:today|is|ph|fo|li|md|vn)|arquivo\.pt"
    r"|(?:www\.)?google\.(?:com?\.)?[a-z]{2,3}|[a-z0-9-]+\.cdn\.ampproject\.org"
    r"|webcache\.googleusercontent\.com|12ft\.io|r\.jina\.ai"
)
"""Sites that have the address of the page behind their own."""


def clean(text: str) -> str:
    """Return the address in a Markdown link, in quotation marks or brackets, with its scheme."""
    address = text.strip(_INVISIBLE)
    address = _extract_link_target(address) or address
    address = _MARKDOWN_ESCAPE.sub(r"\1", address.lstrip(_OPENING).rstrip(_CLOSING + _INVISIBLE))
    if _ENCODED.match(address):
        address = unquote(address)
    return _correct_scheme(address.replace("&amp;", "&").strip(_INVISIBLE))


def find_inner_address(parts: SplitResult) -> str | None:
    """Return the address on Reddit that an address of another site contains, or None.

    These are redirects, copies in web archives, and pages that Google serves.
    """
    host = parts.hostname or ""  # in lower case
    if is_reddit_host(host):
        return None
    if _REDIRECT_HOST.fullmatch(host):
        for values in map(parse_qs(parts.query).get, _REDIRECT_PARAMETERS):
            if values and _REDDIT_ADDRESS.match(values[0]):
                return values[0]
    if _ARCHIVE_HOST.fullmatch(host):
        inner = _REDDIT_ADDRESS.search(unquote(parts._replace(scheme="", netloc="").geturl()))
        return _correct_scheme(inner[0]) if inner else None
    return None


def split(address: str) -> SplitResult | None:
    """Split an address; None if it is none."""
    try:
        parts = urlsplit(address)
        _ = parts.hostname
    except ValueError:
        return None
    return parts


def is_reddit_host(host: str) -> bool:
    """Return whether a host is one of Reddit's own, or a subdomain of it."""
    host = host.lower().rstrip(".")
    return host in REDDIT_DOMAINS or host.endswith(_REDDIT_SUFFIXES)


def _extract_link_target(text: str) -> str | None:
    """Return the address in a Markdown link, or None. Only punctuation may follow the link.

    Each step scans the text once, so long runs of brackets take linear time.
    """
    punctuation = _TEXT_AFTER_LINK.match(text[::-1])
    end = text.find(")", len(text) - punctuation.end()) if punctuation else -1
    opening = _LINK_TEXT.match(text, 0, end) if end >= 0 else None
    target = _LINK_TARGET.fullmatch(text, opening.end(), end) if opening else None
    return target[1] if target else None


def _correct_scheme(address: str) -> str:
    """Write the scheme of a web address as `https://`, if it has one in any form."""
    if app := _APP_SCHEME.match(address):
        address = address[app.end() :].lstrip("/")
    if (slip := _SCHEME_SLIP.match(address)) and slip.end() < len(address):
        return f"https://{address[slip.end() :]}"
    return address
