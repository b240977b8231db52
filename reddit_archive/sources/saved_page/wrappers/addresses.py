"""Check the address of a saved page, and take it out of an address of the Wayback Machine."""

import re
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

MAX_ADDRESS_LENGTH = 4_000
PUBLIC_PARAMETERS = frozenset({"comment", "context", "depth", "limit", "sort"})
"""Parameters that choose what a page shows. All others are dropped: they may identify a viewer."""

WAYBACK_ADDRESS = re.compile(
    r"(?:(?:https?:)?//(?:web|web-beta|wayback)\.archive\.org(?::\d+)?)?"
    r"/web/(?P<digits>\d{4,14})(?P<kind>[a-z]{2}_)?/(?P<address>\S+)",
    re.IGNORECASE,
)
ARCHIVE_TODAY_HOST = re.compile(r"(?:www\.)?archive\.(?:today|ph|is|li|md|vn|fo)")


class WaybackAddress(NamedTuple):
    """The parts of an address of the Wayback Machine.

    Attributes:
        address: The archived address.
        captured_at: None if the address does not have the exact time.
        is_raw: The address is of the page as it was captured, without changes.
    """

    address: str
    captured_at: datetime | None
    is_raw: bool


def clean_address(text: str) -> str:
    """Return an address on Reddit without anything private, or "" for any other text."""
    try:
        parts = urlsplit(_require_address(text))
        host = (parts.hostname or "").rstrip(".").lower()
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not _is_on_reddit(host) or "\\" in parts.netloc:
        return ""
    parameters = [pair for pair in parse_qsl(parts.query) if pair[0] in PUBLIC_PARAMETERS]
    query = f"?{urlencode(parameters)}" if parameters else ""
    return f"https://{host}{parts.path or '/'}{query}"


def _require_address(text: str) -> str:
    address = text.strip()
    if len(address) > MAX_ADDRESS_LENGTH or not address.isprintable() or " " in address:
        raise ValueError("not an address")
    return address


def _is_on_reddit(host: str) -> bool:
    return host in ("reddit.com", "redd.it") or host.endswith((".reddit.com", ".redd.it"))


def is_archive_today(text: str) -> bool:
    """Return whether an address is one of archive.today, under any of its names."""
    try:
        host = urlsplit(text.strip()).hostname or ""
    except ValueError:
        return False
    return ARCHIVE_TODAY_HOST.fullmatch(host) is not None


def parse_wayback_address(text: str) -> WaybackAddress | None:
    """Return the archived address and its time, or None for any other address."""
    match = WAYBACK_ADDRESS.fullmatch(text.strip()[:MAX_ADDRESS_LENGTH])
    if match is None:
        return None
    captured_at = parse_timestamp(match["digits"])
    return WaybackAddress(repair_scheme(match["address"]), captured_at, match["kind"] == "id_")


def repair_scheme(address: str) -> str:
    """Restore the slash that file systems and some servers drop: `https:/www.reddit.com`."""
    return re.sub(r"\A(https?):/+", r"\1://", address, flags=re.IGNORECASE)


def parse_timestamp(digits: str) -> datetime | None:
    """Return the time of a timestamp of 14 or more digits, or None if it is not a time."""
    try:
        return datetime.strptime(digits[:14].ljust(14, "x"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
