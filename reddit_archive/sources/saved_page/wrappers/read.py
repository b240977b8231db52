"""Read the web pages in a file, whichever browser or tool saved it."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from reddit_archive import errors
from reddit_archive.sources import decompress
from reddit_archive.sources.saved_page.page import JsonFile, PageFile
from reddit_archive.sources.saved_page.wrappers import page_builder

PAGE_START = re.compile(r"<(?:!|\?xml|[a-z])", re.IGNORECASE)
NOT_A_PAGE_HINT = "Save the thread's page in a browser: press Ctrl+S on it."


def is_web_page(start: bytes) -> bool:
    """Return whether a file may be a saved page, given its first bytes (decompressed)."""
    return PAGE_START.match(decompress.decode_start(start)) is not None


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
    """
    if not is_web_page(data[:100]):
        raise errors.NotAThreadError(f"{display_name} is not a web page", NOT_A_PAGE_HINT)
    yield page_builder.build_page(data, display_name, modified_at)
