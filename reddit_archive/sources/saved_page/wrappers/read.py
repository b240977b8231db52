"""Read the web pages in a file, whichever browser or tool saved it."""

import io
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from reddit_archive import errors
from reddit_archive.sources import decompress
from reddit_archive.sources.decompress import InputStream
from reddit_archive.sources.saved_page.page import JsonFile, PageFile
from reddit_archive.sources.saved_page.wrappers import (
    folders,
    mhtml,
    page_builder,
    wacz,
    warc,
    web_archive,
)
from reddit_archive.sources.saved_page.wrappers.page_builder import SAVE_AGAIN_HINT
from reddit_archive.sources.saved_page.wrappers.provenance import ContainedPage

PAGE_START = re.compile(r"<(?:!|\?xml|[a-z])", re.IGNORECASE)
WHITE_SPACE = re.compile(rb"[ \t\r\n]*+")
START_BYTES = 1_000
MAX_PAGE_BYTES = 2**28


def is_web_page(start: bytes) -> bool:
    """Return whether a file may hold saved pages, given its first bytes (decompressed).

    ZIP files are not among them: see `is_wacz`.
    """
    if warc.is_warc(start) or start.startswith(web_archive.START):
        return True
    text = decompress.decode_start(start)
    return PAGE_START.match(text) is not None or mhtml.is_mhtml(text)


def read_pages(
    data: bytes, display_name: str, modified_at: datetime, *, path: Path | None
) -> Iterator[PageFile | JsonFile]:
    """Yield the pages in a file.

    Args:
        data: The contents of the file, decompressed.
        display_name: The file as the user named it, for messages.
        modified_at: The file's modification time, in UTC.
        path: Where the file is, because some tools keep the address and time beside it.

    Raises:
        NotAThreadError: The file is not a web page, or one that can't be read.
        ArchiveError: A package that the file needs is not installed.
    """
    if decompress.is_compressed(data[:8]):  # the Wayback Machine's copies are, in part
        data = _decompress(data, display_name)
    start = _get_start(data)
    if data.startswith(wacz.ZIP_START) and path is not None and wacz.is_wacz(path):
        yield from wacz.iter_wacz_pages(path, display_name, modified_at)
    elif warc.is_warc(start):
        yield from warc.iter_warc_pages(io.BytesIO(data), display_name, modified_at, path=path)
    elif is_web_page(start):
        yield _read_page(data, display_name, modified_at, path)
    else:
        raise errors.NotAThreadError(f"{display_name} is not a web page", SAVE_AGAIN_HINT)


def _read_page(
    data: bytes, display_name: str, modified_at: datetime, path: Path | None
) -> PageFile:
    if data.startswith(web_archive.START):
        page = web_archive.read_page(data, display_name)
    elif mhtml.is_mhtml(decompress.decode_start(_get_start(data))):
        page = mhtml.read_page(data, display_name)
    else:
        page = ContainedPage(data)
    return page_builder.build_page(
        page.data,
        display_name,
        modified_at,
        container=page.provenance,
        folder=folders.read_provenance(path) if path else None,
        declared_encoding=page.encoding,
    )


def _get_start(data: bytes) -> bytes:
    """Return the first bytes after any white space, which some pages have a lot of."""
    space = WHITE_SPACE.match(data)
    start = space.end() if space else 0
    return data[start : start + START_BYTES]


def _decompress(data: bytes, display_name: str) -> bytes:
    stream = InputStream(io.BytesIO(data), display_name, len(data), large_window=False)
    decompressed = stream.read_all(MAX_PAGE_BYTES)
    if decompressed is None:
        raise errors.NotAThreadError(f"{display_name} is too large to be a page", SAVE_AGAIN_HINT)
    if not decompressed and stream.failure:
        raise stream.failure
    return decompressed
