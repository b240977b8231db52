"""The hosts that Reddit shows images from: its own, and GIPHY's in comments."""

import re

IMAGE_HOSTS = frozenset(
    {
        *("i.redd.it", "preview.redd.it", "external-preview.redd.it", "www.redditstatic.com"),
        "reddit-econ-prod-assets-permanent.s3.amazonaws.com",  # paid emotes
    }
)
IMAGE_HOST_SUFFIX = ".redditmedia.com"
GIPHY_HOSTS = frozenset(
    {"giphy.com", "i.giphy.com", "media.giphy.com", *(f"media{n}.giphy.com" for n in range(5))}
)
# No user name, port or backslash: programs disagree about the host of such URLs.
_URL = re.compile(r"https?://([a-z0-9.-]+)(?:[/?#][^\\]*)?", re.ASCII | re.IGNORECASE)


def is_on_image_host(url: str) -> bool:
    """Return whether Reddit itself would show an image from this URL."""
    match = _URL.fullmatch(url)
    host = match[1].lower() if match else ""
    return host in IMAGE_HOSTS or host in GIPHY_HOSTS or host.endswith(IMAGE_HOST_SUFFIX)
