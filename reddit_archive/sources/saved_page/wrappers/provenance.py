"""Read what tools write into the head of a page that they save: its address and the time."""

import html
import re
from dataclasses import dataclass
from datetime import datetime

from reddit_archive.sources.saved_page.wrappers import addresses, times

MAX_COMMENT_LENGTH = 8_000
"""Of a longer comment only the start is read."""
MAX_NODES = 50
"""Comments and the like that are read before the first element."""
HTML_TAG = re.compile(r"<html\b(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+>", re.IGNORECASE)
OTHER_START = re.compile(r"<!doctype[^>]*>|<\?xml[^>]*>", re.IGNORECASE)
SPACE = re.compile(r"[\s\ufeff]*+")
BROWSER_COMMENT = re.compile(r"\s*saved from url=\((\d{1,5})\)([^\n]*)")
SINGLE_FILE_COMMENT = re.compile(r"\s*(?:Page saved with|Archive processed by) SingleFile")
SINGLE_FILE_FIELD = re.compile(r"^[ \t]*(url|saved date):[ \t]*([^\n]*)", re.MULTILINE)
MONOLITH_COMMENT = re.compile(r"\s*Saved from (\S+) at (\S+) using monolith\b")
HTTRACK_COMMENT = re.compile(r"\s*Mirrored from (\S+) by HTTrack[^\[\n]*\[[^\]\n]*\], ([^\n]*)")
SAVE_PAGE_WE_FIELD = re.compile(r'<meta name="savepage-(url|date)" content="([^"]{0,4000})"')
MAX_HEAD_LENGTH = 2**18
LINK_TAG = re.compile(r"<link\b([^<>]{0,2000})>", re.IGNORECASE)
OWN_LINK = re.compile(r"\brel=[\"']?(?:canonical|shorturl)\b", re.IGNORECASE)
LINK_TARGET = re.compile(r"\bhref=(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
SCRAPBOOK_FIELD = re.compile(r'\bdata-scrapbook-(source|create)="([^"]{0,4000})"')


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


@dataclass(frozen=True, slots=True)
class ContainedPage:
    """A page in a file of another format.

    Attributes:
        data: The bytes of the page.
        encoding: The encoding that the file names; "" if it names none.
        provenance: What the file says about the page.
    """

    data: bytes
    encoding: str = ""
    provenance: Provenance = Provenance()


def read_provenance(page: str) -> Provenance:
    """Return what the tool that saved a page says in its head. The body is not read."""
    comments, html_tag = _read_start(page)
    for comment in comments:
        if provenance := _parse_comment(comment):
            return provenance
    return _parse_scrapbook_fields(html_tag) or _parse_save_page_we_fields(page) or Provenance()


def find_own_link(page: str) -> str:
    """Return the address on Reddit that a page names as its own in its head, or ""."""
    head = page[:MAX_HEAD_LENGTH].partition("<body")[0]
    for tag in LINK_TAG.finditer(head):
        target = LINK_TARGET.search(tag[1]) if OWN_LINK.search(tag[1]) else None
        if target and (address := addresses.clean_address(html.unescape(target[1] or target[2]))):
            return address
    return ""


def read_html_tag(page: str) -> str:
    """Return the tag <html …> of a page, or "" if it has none."""
    return _read_start(page)[1]


def _read_start(page: str) -> tuple[list[str], str]:
    """Return the comments before the first element inside of <html>, and the tag <html …>."""
    comments: list[str] = []
    html_tag = ""
    position = _skip_space(page, 0)
    for _ in range(MAX_NODES):
        if page.startswith("<!--", position):
            end = page.find("-->", position)
            if end < 0:
                break
            comments.append(page[position + 4 : min(end, position + MAX_COMMENT_LENGTH)])
            position = end + 3
        elif not html_tag and (tag := HTML_TAG.match(page, position)):
            html_tag = tag[0]
            position = tag.end()
        elif start := OTHER_START.match(page, position):
            position = start.end()
        else:
            break
        position = _skip_space(page, position)
    return comments, html_tag


def _skip_space(page: str, position: int) -> int:
    space = SPACE.match(page, position)
    return space.end() if space else position


def _parse_comment(comment: str) -> Provenance | None:
    if match := BROWSER_COMMENT.match(comment):
        return Provenance("a browser", _cut_address(match[2], int(match[1])))
    if SINGLE_FILE_COMMENT.match(comment):
        fields = dict(SINGLE_FILE_FIELD.findall(comment))
        saved_at = times.parse_date(fields.get("saved date", ""))
        return Provenance("SingleFile", fields.get("url", "").strip(), saved_at)
    if match := MONOLITH_COMMENT.match(comment):
        return Provenance("monolith", match[1], times.parse_date(match[2]))
    if match := HTTRACK_COMMENT.match(comment):
        return Provenance("HTTrack", f"https://{match[1]}", times.parse_date(match[2]))
    return None


def _cut_address(text: str, length: int) -> str:
    """Return an address of the length that the browser states. More text may follow it."""
    address = text.split()[0] if text.split() else ""
    return address[:length] if length else address


def _parse_scrapbook_fields(html_tag: str) -> Provenance | None:
    """Read the attributes of WebScrapBook. Its times have 17 digits, down to milliseconds."""
    fields = {name: html.unescape(value) for name, value in SCRAPBOOK_FIELD.findall(html_tag)}
    if "source" not in fields:
        return None
    created_at = addresses.parse_timestamp(fields.get("create", ""))
    return Provenance(
        "WebScrapBook", fields["source"], times.check_date(created_at) if created_at else None
    )


def _parse_save_page_we_fields(page: str) -> Provenance | None:
    if '"savepage-url"' not in page:
        return None
    head = page[: page.find("</head>")]
    fields = {name: html.unescape(value) for name, value in SAVE_PAGE_WE_FIELD.findall(head)}
    if "url" not in fields:
        return None
    return Provenance("Save Page WE", fields["url"], times.parse_date(fields.get("date", "")))
