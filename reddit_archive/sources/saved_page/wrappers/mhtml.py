"""Read the page in an MHTML file: a message of MIME with the page and its resources as parts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser

from reddit_archive import errors
from reddit_archive.sources.saved_page.wrappers import times
from reddit_archive.sources.saved_page.wrappers.provenance import ContainedPage, Provenance

SAVED_BY = "a browser (MHTML)"
START = re.compile(
    r"From:\s*\"?<?\"?Saved by|MIME-Version:|Snapshot-Content-Location:"
    r"|Content-Type:\s*(?:multipart/related|text/html)",
    re.IGNORECASE,
)
BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n")
MAX_HEADER_BYTES = 2**16
MAX_DEPTH = 10
"""Browsers write a flat list of parts, mail programs two levels."""
MAX_PARTS = 20_000
PARSE_ERRORS = (ValueError, LookupError, TypeError, AttributeError, AssertionError)
"""The exceptions of Python's `email` for damaged headers."""


@dataclass(frozen=True, slots=True)
class _Part:
    """The headers of a part, and where its body is in the file."""

    headers: Message
    start: int
    end: int


def is_mhtml(start: str) -> bool:
    """Return whether a text may be the start of an MHTML file."""
    return START.match(start) is not None


def read_page(data: bytes, display_name: str) -> ContainedPage:
    """Return the page of an MHTML file. Raises NotAThreadError if it has none."""
    message = _parse_headers(data, _find_start(data), len(data))
    address = _get_text(message.headers, "Snapshot-Content-Location")
    part = _find_page(data, message, address)
    if part is None:
        raise errors.NotAThreadError(
            f"{display_name} contains no web page", "Save the page again, as HTML."
        )
    return ContainedPage(
        _decode_body(data, part),
        _get_charset(part.headers),
        Provenance(
            SAVED_BY,
            address or _get_text(part.headers, "Content-Location"),
            times.parse_date(_get_text(message.headers, "Date")),
        ),
    )


def _find_page(data: bytes, message: _Part, address: str) -> _Part | None:
    """Return the part with the page's address, or the first web page. Others are frames in it."""
    first = None
    for part in _iter_parts(data, message):
        if part.headers.get_content_type() not in ("text/html", "application/xhtml+xml"):
            continue
        if not address or _get_text(part.headers, "Content-Location") == address:
            return part
        first = first or part
    return first


def _iter_parts(data: bytes, message: _Part) -> Iterator[_Part]:
    """Yield the parts of a message that have no parts themselves."""
    part, depth, count = message, 0, 0
    pending: list[tuple[int, int, int]] = []
    while count < MAX_PARTS:
        count += 1
        boundary = _get_boundary(part.headers)
        if part.headers.get_content_maintype() != "multipart":
            yield part
        elif depth < MAX_DEPTH and boundary:
            sections = list(_iter_sections(data, part, boundary))
            pending += [(start, end, depth + 1) for start, end in reversed(sections)]
        if not pending:
            return
        start, end, depth = pending.pop()
        part = _parse_headers(data, start, end)


def _iter_sections(data: bytes, part: _Part, boundary: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each section of a body. The last one may be cut off."""
    delimiter = re.compile(
        rb"^--" + re.escape(boundary.encode("latin-1", "replace")) + rb"(--)?[ \t]*\r?$",
        re.MULTILINE,
    )
    start = None
    for match in delimiter.finditer(data, part.start, part.end):
        if start is not None:
            yield start, match.start()
        start = min(match.end() + 1, part.end)
        if match[1]:
            return
    if start is not None:
        yield start, part.end


def _find_start(data: bytes) -> int:
    space = re.compile(rb"(?:\xef\xbb\xbf)?\s*+").match(data)
    return space.end() if space else 0


def _parse_headers(data: bytes, start: int, end: int) -> _Part:
    header_limit = min(end, start + MAX_HEADER_BYTES)
    blank = BLANK_LINE.search(data, start, header_limit)
    header_end = blank.end() if blank else header_limit
    headers = BytesHeaderParser().parsebytes(data[start:header_end])
    return _Part(headers, header_end, end)


def _get_text(headers: Message, name: str) -> str:
    """Return a header's text, unfolded and decoded."""
    try:
        text = str(make_header(decode_header(str(headers.get(name, "")))))
    except PARSE_ERRORS:
        return ""
    return re.sub(r"\s*\r?\n\s*", "", text).strip()


def _get_boundary(headers: Message) -> str:
    try:
        return headers.get_boundary() or ""
    except PARSE_ERRORS:
        return ""


def _get_charset(headers: Message) -> str:
    try:
        return headers.get_content_charset() or ""
    except PARSE_ERRORS:
        return ""


def _decode_body(data: bytes, part: _Part) -> bytes:
    body = data[part.start : part.end]
    part.headers.set_payload(body.decode("ascii", "surrogateescape"))
    try:
        decoded = part.headers.get_payload(decode=True)
    except PARSE_ERRORS:
        return body
    return decoded if isinstance(decoded, bytes) else body
