"""Which addresses become links, and how they are written."""

import re
from urllib.parse import quote

LINKABLE = re.compile(
    r"(?:https?|ftp|mailto|git|steam|irc|ircs|news|mumble|ssh|ts3server)://.|[/#].",
    re.IGNORECASE | re.DOTALL,
)
"""What snudown makes a link of; any other address leaves the text as it was typed."""
ALLOWED = re.compile(r"(?:https?|ftp)://|mailto:|[/#]", re.IGNORECASE)
"""Of these, what becomes a link here; of the others the text alone is kept."""
SAFE_CHARACTERS = "-_.+!*'(),%#@?=;:/,&$"


def percent_encode(url: str) -> str:
    """An address with what may not stand in one percent-encoded, as snudown does it."""
    return quote(url, safe=SAFE_CHARACTERS, errors="replace").replace("~", "%7E")
