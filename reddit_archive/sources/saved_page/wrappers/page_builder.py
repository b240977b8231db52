"""Build a page from its bytes and from what its file says about it."""

import hashlib
from datetime import datetime

from reddit_archive.model import capture
from reddit_archive.sources.saved_page.page import PageFile
from reddit_archive.sources.saved_page.wrappers import addresses, encoding, header_comments
from reddit_archive.sources.saved_page.wrappers.header_comments import Provenance

SAVED_BY_BROWSER = "a browser"


def build_page(
    data: bytes,
    display_name: str,
    modified_at: datetime,
    container: Provenance | None = None,
    *,
    declared_encoding: str = "",
) -> PageFile:
    """Build the page of a file or of a part of it.

    Args:
        data: The bytes of the page.
        display_name: The file as the user named it.
        modified_at: The file's modification time.
        container: What the container of the page says. It wins over comments in the page.
        declared_encoding: The encoding that the container of the page names.

    Raises:
        NotAThreadError: The page was saved in a way that can't be read.
    """
    html = encoding.decode(data, declared_encoding)
    comment = header_comments.read_provenance(html)
    outer = container or Provenance()
    address = outer.address or comment.address
    saved_at = outer.saved_at or comment.saved_at
    return PageFile(
        display_name=display_name,
        html=html,
        url=addresses.clean_address(address),
        saved_at=saved_at or min(modified_at, capture.utc_now()),
        is_file_time=saved_at is None,
        saved_by=comment.saved_by or outer.saved_by or SAVED_BY_BROWSER,
        sha256=hashlib.sha256(data).hexdigest(),
    )
