"""Checked ids, names, paths and times from pages that are not trusted."""

import math
import re
from urllib.parse import urlsplit

from reddit_archive.model.json_fields import Raw, get_int
from reddit_archive.sources.saved_page.shreddit import attribute_values

_PROFILE_PATH = re.compile(r"/(?:user|u)/([A-Za-z0-9_-]{1,40})/?")
_DELETED_PROFILE_PATH = re.compile(r"/user/(?:\[deleted\]|%5Bdeleted%5D)/?", re.IGNORECASE)
_THREAD_PATH = re.compile(
    r"/(?:(r|user|u)/([A-Za-z0-9_.:-]{1,50})/)?comments/([0-9a-z]{1,13})"
    r"(?:/([^/\s\"<>\\\ud800-\udfff]{0,300})(?:/([0-9a-z]{1,13}))?)?/?"
)
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_MAX_INTEGER = 2**53
_MILLISECONDS_FROM = 1e11
"""Larger numbers are milliseconds: this many seconds lead into the year 5138."""


def is_fullname(value: object, kind: str) -> bool:
    """Return whether a value is a fullname of a kind, for example "t1"."""
    return isinstance(value, str) and value == attribute_values.parse_fullname(value, kind) != ""


def get_profile_name(url: str) -> str:
    """Return the user's name in the address of a profile, or "" for another address."""
    path = get_path(url)
    if _DELETED_PROFILE_PATH.fullmatch(path):
        return "[deleted]"
    match = _PROFILE_PATH.fullmatch(path)
    return match[1] if match else ""


def get_path(url: str) -> str:
    """Return the path of an address on Reddit or of a relative address; "" for another site."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    host = parts.hostname or ""
    is_reddit = host in ("", "reddit.com") or host.endswith(".reddit.com")
    return parts.path if is_reddit and parts.scheme in ("", "http", "https") else ""


def match_thread_path(url: str) -> re.Match[str] | None:
    """Match an address in a thread. Groups: r or user, its name, post's id, title, comment's id."""
    return _THREAD_PATH.fullmatch(get_path(url))


def build_subreddit_fields(url: str) -> dict[str, str]:
    """Return the subreddit, as the API names it, from an address in a thread."""
    match = match_thread_path(url)
    if match is None or not match[2]:
        return {}
    if match[1] == "r":
        return {"subreddit": match[2], "subreddit_name_prefixed": f"r/{match[2]}"}
    return {"subreddit": f"u_{match[2]}", "subreddit_name_prefixed": f"u/{match[2]}"}


def read_seconds(value: object) -> float | None:
    """Return a time in seconds or milliseconds as seconds; None if it is not a time."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 < value < 1e14 or math.isnan(value):
        return None
    return value / 1000 if value >= _MILLISECONDS_FROM else float(value)


def read_integer(raw: Raw, key: str) -> int | None:
    """Return an integer, or None if it is missing or larger than any of Reddit's."""
    value = get_int(raw, key)
    return value if value is not None and abs(value) < _MAX_INTEGER else None


def clean_text(text: str) -> str:
    """Replace surrogates, which no file can contain."""
    return _SURROGATES.sub("\ufffd", text)
