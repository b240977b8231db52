"""Build a page from its bytes and from what its file says about it."""

import hashlib
import re
from datetime import datetime, timedelta

from reddit_archive import errors
from reddit_archive.model import capture
from reddit_archive.sources.saved_page.page import PageFile
from reddit_archive.sources.saved_page.wrappers import (
    addresses,
    cut_off,
    encoding,
    outbound_links,
    provenance,
    wayback,
)
from reddit_archive.sources.saved_page.wrappers.provenance import Provenance

SAVED_BY_BROWSER = "a browser"
SAME_LOOK = timedelta(hours=1)
"""Within this time, ArchiveBox saves one page in several forms."""
ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
ARCHIVE_TODAY_LINK = re.compile(
    r"<(?:link|meta)\b[^>]{0,200}?\b(?:href|content)=\"(https?://archive\.[a-z]{2,5}/[^\"]{0,500})\"",
    re.IGNORECASE,
)
MAX_HEAD_LENGTH = 2**16
SAVE_AGAIN_HINT = "Save the page again in a browser: press Ctrl+S on it."


def build_page(
    data: bytes,
    display_name: str,
    modified_at: datetime,
    *,
    container: Provenance | None = None,
    folder: Provenance | None = None,
    declared_encoding: str = "",
) -> PageFile:
    """Build the page of a file or of a part of it.

    Args:
        data: The bytes of the page.
        display_name: The file as the user named it.
        modified_at: The file's modification time.
        container: What the container of the page says. It wins over comments in the page.
        folder: What the folder of the file says.
        declared_encoding: The encoding that the container of the page names.

    Raises:
        NotAThreadError: The page was saved in a way that can't be read.
    """
    page = encoding.decode(data, declared_encoding)
    _check_tool(page, data, display_name)
    own = _merge(container or Provenance(), provenance.read_provenance(page))
    _check_site(page, own.address, display_name)
    replay = wayback.restore(page, own.address)
    if replay is not None:
        page = replay.page
        own = Provenance(wayback.NAME, replay.address, replay.captured_at or own.saved_at)
    final = _apply_folder(own, folder) if folder else own
    return PageFile(
        display_name=display_name,
        html=outbound_links.restore(cut_off.drop_cut_text(page)),
        url=addresses.clean_address(final.address) or provenance.find_own_link(page),
        saved_at=final.saved_at or min(modified_at, capture.utc_now()),
        is_file_time=final.saved_at is None,
        saved_by=final.saved_by or SAVED_BY_BROWSER,
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _merge(first: Provenance, second: Provenance) -> Provenance:
    """Fill what the first does not say from the second."""
    return Provenance(
        first.saved_by or second.saved_by,
        first.address or second.address,
        first.saved_at or second.saved_at,
    )


def _apply_folder(own: Provenance, folder: Provenance) -> Provenance:
    """Use the folder's time if the page was saved then, so that its forms are one look."""
    address = own.address if addresses.clean_address(own.address) else folder.address
    saved_at = own.saved_at or folder.saved_at
    if own.saved_at and folder.saved_at and abs(own.saved_at - folder.saved_at) <= SAME_LOOK:
        saved_at = folder.saved_at
    return Provenance(own.saved_by or folder.saved_by, address, saved_at)


def _check_tool(page: str, data: bytes, display_name: str) -> None:
    """Raise NotAThreadError for a compressed file of SingleFile, whose page is in a ZIP file."""
    if "data-sfz" in provenance.read_html_tag(page) and all(
        signature in data for signature in ZIP_SIGNATURES
    ):
        raise errors.NotAThreadError(
            f"{display_name} is a self-extracting file of SingleFile, which is not supported",
            "Open it in a browser and save the page with SingleFile in its format HTML.",
        )


def _check_site(page: str, address: str, display_name: str) -> None:
    """Raise NotAThreadError for a copy by archive.today, which has no ids of comments."""
    links = ARCHIVE_TODAY_LINK.findall(page[:MAX_HEAD_LENGTH].partition("<body")[0])
    if any(map(addresses.is_archive_today, (address, *links))):
        raise errors.NotAThreadError(
            f"{display_name} is a copy by archive.today, which does not keep the comments' ids",
            "Save the thread's page on Reddit, or its copy in the Wayback Machine.",
        )
