"""Hosts that Reddit shows pictures from: its own, and GIPHY's in comments."""

import re

IMAGE_HOSTS = frozenset(
    {
        *("i.redd.it", "preview.redd.it", "external-preview.redd.it", "www.redditstatic.com"),
        "reddit-econ-prod-assets-permanent.s3.amazonaws.com",  # emotes that are paid for
    }
)
IMAGE_HOST_SUFFIX = ".redditmedia.com"
GIPHY_HOSTS = frozenset(
    {"giphy.com", "i.giphy.com", "media.giphy.com", *(f"media{n}.giphy.com" for n in range(5))}
)
# No user name, port or backslash, by which programs may disagree about the host.
_URL = re.compile(r"https?://([a-z0-9.-]+)(?:[/?#][^\\]*)?", re.ASCII | re.IGNORECASE)


def is_on_image_host(url: str) -> bool:
    """Tell whether Reddit itself would show a picture from this address."""
    match = _URL.fullmatch(url)
    host = match[1].lower() if match else ""
    return host in IMAGE_HOSTS or host in GIPHY_HOSTS or host.endswith(IMAGE_HOST_SUFFIX)
