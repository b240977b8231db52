"""Read the page in a file of Safari (`.webarchive`): a property list of Apple."""

import plistlib
from dataclasses import dataclass
from xml.parsers.expat import ExpatError

from reddit_archive import errors
from reddit_archive.sources.saved_page.wrappers.provenance import Provenance

START = b"bplist00"


@dataclass(frozen=True, slots=True)
class WebArchivePage:
    """The bytes of the page, its encoding, and its address. The file does not have the time."""

    data: bytes
    encoding: str
    provenance: Provenance


def read_page(data: bytes, display_name: str) -> WebArchivePage:
    """Return the page of a web archive. Raises NotAThreadError if there is none."""
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
    return WebArchivePage(page, encoding, Provenance("Safari", address))
