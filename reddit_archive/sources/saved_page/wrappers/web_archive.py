"""Read the page in a file of Safari (`.webarchive`): a property list of Apple."""

import plistlib
from xml.parsers.expat import ExpatError

from reddit_archive import errors
from reddit_archive.sources.saved_page.wrappers.provenance import ContainedPage, Provenance

START = b"bplist00"


def read_page(data: bytes, display_name: str) -> ContainedPage:
    """Return the page of a web archive. The file does not have the time.

    Raises:
        NotAThreadError: The file contains no page.
    """
    try:
        resource = plistlib.loads(data, fmt=plistlib.FMT_BINARY)["WebMainResource"]
        page = resource["WebResourceData"]
        address = str(resource.get("WebResourceURL", ""))
        encoding = str(resource.get("WebResourceTextEncodingName", ""))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, ExpatError):
        page = None
    except (OverflowError, MemoryError):
        page = None
    if not isinstance(page, bytes):
        raise errors.NotAThreadError(
            f"{display_name} contains no web page", "Save the page again in Safari, or as HTML."
        )
    return ContainedPage(page, encoding, Provenance("Safari", address))
