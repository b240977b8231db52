"""Hosts that Reddit shows pictures from: its own, and GIPHY's in comments."""

import re

PICTURES = frozenset(
    {
        *("i.redd.it", "preview.redd.it", "external-preview.redd.it", "www.redditstatic.com"),
        "reddit-econ-prod-assets-permanent.s3.amazonaws.com",  # emotes that are paid for
    }
)
PICTURES_SUFFIX = ".redditmedia.com"
GIPHY = frozenset(
    {"giphy.com", "i.giphy.com", "media.giphy.com", *(f"media{n}.giphy.com" for n in range(5))}
)
# No user name, port or backslash, by which programs may disagree about the host.
_ADDRESS = re.compile(r"https?://([a-z0-9.-]+)(?:[/?#][^\\]*)?", re.ASCII | re.IGNORECASE)


def shows_pictures(url: str) -> bool:
    """Tell whether Reddit itself would show a picture from this address."""
    address = _ADDRESS.fullmatch(url)
    host = address[1].lower() if address else ""
    return host in PICTURES or host in GIPHY or host.endswith(PICTURES_SUFFIX)
