"""Read what tools write at the start of a page that they save: its address and the time."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from reddit_archive.sources.saved_page.wrappers import times

MAX_COMMENT_LENGTH = 8_000
"""Of a longer comment only the start is read."""
START_TAG = re.compile(
    r"<!doctype[^>]*>|<\?xml[^>]*>|<html\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*+>", re.I
)
BROWSER_COMMENT = re.compile(r"\s*saved from url=\((\d{1,5})\)(\S*)")
SINGLE_FILE_COMMENT = re.compile(r"\s*(?:Page saved with|Archive processed by) SingleFile")
SINGLE_FILE_FIELD = re.compile(r"^\s*(url|saved date):[ \t]*(.*?)[ \t]*$", re.MULTILINE)
MONOLITH_COMMENT = re.compile(r"\s*Saved from (\S+) at (\S+) using monolith\b")
HTTRACK_COMMENT = re.compile(r"\s*Mirrored from (\S+) by HTTrack[^\[]*\[[^\]]*\], ([^\n]*)")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who saved a page, from where, and when. The address is not yet checked.

    Attributes:
        saved_by: The browser or tool; "" if unknown.
        address: "" if unknown.
        saved_at: None if unknown.
    """

    saved_by: str = ""
    address: str = ""
    saved_at: datetime | None = None


def read_provenance(page: str) -> Provenance:
    """Return what the comments before a page's head say. Comments in its body are not read."""
    for comment in _iter_leading_comments(page):
        if provenance := _parse_comment(comment):
            return provenance
    return Provenance()


def _iter_leading_comments(page: str) -> Iterator[str]:
    """Yield the comments before the first element inside of <html>."""
    position = 0
    while True:
        position = _skip_space(page, position)
        if page.startswith("<!--", position):
            end = page.find("-->", position)
            if end < 0:
                return
            yield page[position + 4 : min(end, position + MAX_COMMENT_LENGTH)]
            position = end + 3
        elif tag := START_TAG.match(page, position):
            position = tag.end()
        else:
            return


def _skip_space(page: str, position: int) -> int:
    match = re.compile(r"[\s\ufeff]*").match(page, position)
    return match.end() if match else position


def _parse_comment(comment: str) -> Provenance | None:
    if match := BROWSER_COMMENT.match(comment):
        return Provenance("a browser", _cut_address(match[2], int(match[1])))
    if SINGLE_FILE_COMMENT.match(comment):
        fields = dict(SINGLE_FILE_FIELD.findall(comment))
        saved_at = times.parse_date(fields.get("saved date", ""))
        return Provenance("SingleFile", fields.get("url", ""), saved_at)
    if match := MONOLITH_COMMENT.match(comment):
        return Provenance("monolith", match[1], times.parse_date(match[2]))
    if match := HTTRACK_COMMENT.match(comment):
        return Provenance("HTTrack", f"https://{match[1]}", times.parse_date(match[2]))
    return None


def _cut_address(text: str, length: int) -> str:
    """Return an address of the length that the browser states, as more text may follow it."""
    return html.unescape(text[:length] if 0 < length <= len(text) else text)
