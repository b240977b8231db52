"""Replace the addresses by which Reddit counts clicks with those to which they lead.

When a reader clicks on a link, Reddit's scripts put such an address in its place. It has a token of
the reader's account, and a text with it looks edited.
"""

import html
import re
from urllib.parse import parse_qs, urlsplit

HOST = "out.reddit.com"
LINK = re.compile(
    r"(?P<start><a\b[^<>]*?\shref\s*=\s*(?P<mark>[\"']))"
    r"(?P<address>(?:https?:)?//out\.reddit\.com/[^\"'<>]*)(?P=mark)",
    re.IGNORECASE,
)


def restore(page: str) -> str:
    """Return a page in which every link leads to its own address."""
    return LINK.sub(_restore_link, page) if HOST in page else page


def _restore_link(link: re.Match[str]) -> str:
    address = html.escape(_find_destination(html.unescape(link["address"])))
    return f"{link['start']}{address}{link['mark']}"


def _find_destination(address: str) -> str:
    """Return where a link leads; without a destination, its address without the token."""
    try:
        parts = urlsplit(address)
        destination = parse_qs(parts.query).get("url", [""])[0]
        if urlsplit(destination).scheme in ("http", "https"):
            return destination
    except ValueError:
        return f"https://{HOST}/"
    return f"https://{HOST}{parts.path}"
