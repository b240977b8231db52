"""Recognize copies by the Wayback Machine, and undo what it does to a page.

It rewrites each link of a page to one of its own, and inserts a toolbar. Links to the Wayback
Machine that somebody wrote in a post or comment stay as they are.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from reddit_archive.sources.saved_page.wrappers import addresses, times

NAME = "the Wayback Machine"
MARKERS = ("WAYBACK TOOLBAR INSERT", "FILE ARCHIVED ON", "__wm.wombat(")
TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(?P<element>script|style)\b.*?(?:</(?P=element)\s*>|\Z)"
    r"|<[a-z](?:[^\"'>]++|\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z))*+>?",
    re.IGNORECASE | re.DOTALL,
)
"""A comment, a script or style, or a tag. Each is matched to its end, so the page is read once."""
TOOLBAR_START = "<!-- BEGIN WAYBACK TOOLBAR INSERT -->"
TOOLBAR_END = "<!-- END WAYBACK TOOLBAR INSERT -->"
CLOSING_COMMENT = re.compile(
    r"<!--\s*FILE ARCHIVED ON (?P<time>\d{1,2}:\d{2}:\d{2}) (?P<date>[A-Z][a-z]{2} \d{1,2}, \d{4})"
)
WOMBAT_CALL = re.compile(r"__wm\.wombat\(\"([^\"\s]{1,4000})\",\s*\"(\d{14})\"")
HOST = r"(?:(?:https?:)?//(?:web|web-beta|wayback)\.archive\.org(?::\d+)?)?"
LINK = re.compile(
    rf"(?<=[\"'=\s,]){HOST}/web/(?P<digits>\d{{14}})(?P<kind>[a-z]{{2}}_)?/"
    r"(?:(?P<scheme>https?):/+|(?=//))",
    re.IGNORECASE,
)
"""The part of a link that was put before it, at the start of an attribute or in its list."""
RESOURCE_KINDS = frozenset({"im_", "js_", "cs_", "oe_", "fw_", "mp_"})
SCRIPT_LINK = re.compile(
    r"(?:https?:)?(?:\\?/){2}web\.archive\.org\\?/web\\?/(?P<digits>\d{14})(?:[a-z]{2}_)?\\?/"
    r"(?=https?:|\\?/)"
)


@dataclass(frozen=True, slots=True)
class Replay:
    """A page as it was captured, with its address and time; these are "" and None if unknown."""

    page: str
    address: str
    captured_at: datetime | None


def restore(page: str, address: str) -> Replay | None:
    """Return the captured page with its own links, or None for a page from elsewhere.

    Args:
        page: The page.
        address: Where the page was saved from, as the file says.
    """
    wayback_address = addresses.parse_wayback_address(address)
    if wayback_address is None and not any(marker in page for marker in MARKERS):
        return None
    evidence = _collect_evidence(page)
    if wayback_address is None and not evidence.is_replay:
        return None
    captured_at = (wayback_address and wayback_address.captured_at) or evidence.captured_at
    own_digits = evidence.find_own_digits(captured_at)
    captured_at = captured_at or addresses.parse_timestamp(own_digits)
    is_raw = wayback_address is not None and wayback_address.is_raw
    return Replay(
        page if is_raw else "".join(_iter_restored(_remove_toolbar(page), own_digits)),
        wayback_address.address if wayback_address else evidence.address,
        times.check_date(captured_at) if captured_at else None,
    )


@dataclass(slots=True)
class _Evidence:
    """What a page says about its replay. `link_digits` counts the times in rewritten links."""

    is_replay: bool
    address: str
    captured_at: datetime | None
    link_digits: Counter[str]

    def find_own_digits(self, captured_at: datetime | None) -> str:
        """Return the timestamp in rewritten links: the page's own, or the most frequent one."""
        digits = f"{captured_at:%Y%m%d%H%M%S}" if captured_at else ""
        if digits in self.link_digits or not self.link_digits:
            return digits
        return self.link_digits.most_common(1)[0][0]


def _collect_evidence(page: str) -> _Evidence:
    evidence = _Evidence(is_replay=False, address="", captured_at=None, link_digits=Counter())
    for token in TOKEN.finditer(page):
        text = token[0]
        if text.startswith("<!--"):
            if closing := CLOSING_COMMENT.match(text):
                evidence.captured_at = _parse_closing_time(closing)
            evidence.is_replay |= closing is not None or text == TOOLBAR_START
        elif token["element"]:
            if call := WOMBAT_CALL.search(text):
                evidence.is_replay = True
                evidence.address = html.unescape(call[1])
                evidence.captured_at = addresses.parse_timestamp(call[2]) or evidence.captured_at
        elif "/web/" in text:
            evidence.link_digits.update(link["digits"] for link in LINK.finditer(text))
    return evidence


def _parse_closing_time(match: re.Match[str]) -> datetime | None:
    month, day, year = match["date"].replace(",", "").split()
    if month not in times.MONTHS:
        return None
    digits = f"{year}{times.MONTHS.index(month) + 1:02}{int(day):02}"
    return addresses.parse_timestamp(digits + match["time"].replace(":", "").zfill(6))


def _remove_toolbar(page: str) -> str:
    before, _, rest = page.partition(TOOLBAR_START)
    _, end, after = rest.partition(TOOLBAR_END)
    return before + after if end else page


def _iter_restored(page: str, own_digits: str) -> Iterator[str]:
    """Yield the parts of a page without what was put before links to the page's own timestamp.

    A link that has another timestamp and is not to a resource was written by a user.
    """

    def restore_link(link: re.Match[str]) -> str:
        if link["digits"] != own_digits and link["kind"] not in RESOURCE_KINDS:
            return link[0]
        return f"{link['scheme']}://" if link["scheme"] else ""

    def restore_script_link(link: re.Match[str]) -> str:
        return "" if link["digits"] == own_digits else link[0]

    position = 0
    for token in TOKEN.finditer(page):
        if token["element"] and "web.archive.org" in token[0]:
            restored = SCRIPT_LINK.sub(restore_script_link, token[0])
        elif not token["element"] and "/web/" in token[0] and not token[0].startswith("<!--"):
            restored = LINK.sub(restore_link, token[0])
        else:
            continue
        yield page[position : token.start()]
        yield restored
        position = token.end()
    yield page[position:]
