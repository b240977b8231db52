"""Says which URLs become links, and encodes them."""

import re
from urllib.parse import quote

LINKABLE = re.compile(
    r"(?:(?:https?|ftp|mailto|git|steam|ircs?|news|mumble|ssh|ts3server)://|[/#])[0-9A-Za-z#/?]",
    re.IGNORECASE,
)
"""Matches the URLs that snudown links. With any other URL, the text stays as typed."""
ALLOWED = re.compile(r"(?:https?|ftp)://|mailto:|[/#]", re.IGNORECASE)
"""Matches the linkable URLs that become links here. Of other links, only the text is kept."""
SAFE_CHARACTERS = "-_.+!*'(),%#@?=;:/,&$"


def percent_encode(url: str) -> str:
    """Percent-encode the characters that may not stand in a URL, as snudown does."""
    return quote(url, safe=SAFE_CHARACTERS, errors="replace").replace("~", "%7E")
