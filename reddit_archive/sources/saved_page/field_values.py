"""Check values from pages, which are not trusted: ids, names, addresses, times and numbers.

A value of another form than Reddit's is not read at all.
"""

import math
import re
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit

from reddit_archive.model.capture import ID_PATTERN
from reddit_archive.model.json_fields import Raw, get_int

_FULLNAME = re.compile(r"(t[1235])_([0-9a-z]{1,13})")
_DELETED_ID = "deleted"
"""What shreddit writes instead of the id of a deleted comment."""
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)")
_INTEGER = re.compile(r"-?[0-9]{1,9}")
_FIRST_NUMBER = re.compile(
    r"(?<![0-9.,])[0-9]+(?:[.,\u00a0\u202f' ][0-9]{3}(?![0-9]))*(?![.,]?[0-9])(?!\s?[kKmM]\b)"
)
_NAME = re.compile(r"[\w-]{1,40}", re.ASCII)
_HOST = re.compile(r"https?://(?:[a-z0-9-]+\.)*reddit\.com(?=/)", re.IGNORECASE)
_PERMALINK = re.compile(r"/(?:r|u|user)/[\w.-]+/comments/[0-9a-z]{1,13}(?:/[^\s?#\"<>\\]*)?")
_COMMENT_IN_PATH = re.compile(r"/comments/([0-9a-z]{1,13})/(?:comment|[^/?#]*)/([0-9a-z]{1,13})/?$")
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


def parse_fullname(value: str, kind: str) -> str:
    """Return a fullname of a kind ("t1", "t3", …) in lower case; "" if it is none.

    "t1_deleted" is no fullname, though it has the form of one.
    """
    match = _FULLNAME.fullmatch(value.strip().lower())
    return match[0] if match and match[1] == kind and match[2] != _DELETED_ID else ""


def parse_ids(values: Iterable[str]) -> list[str]:
    """Return ids without prefix, each once and in order. Values that are no ids are left out."""
    ids = (value.strip().lower().removeprefix("t1_") for value in values)
    return list(dict.fromkeys(i for i in ids if ID_PATTERN.fullmatch(i) and i != _DELETED_ID))


def parse_time(value: str) -> float | None:
    """Return a time with a zone in seconds since 1970; None if it is none."""
    if not _TIME.fullmatch(value.strip()):
        return None
    try:
        seconds = datetime.fromisoformat(value.strip()).timestamp()
    except (ValueError, OverflowError):
        return None
    return seconds if seconds > 0 else None


def parse_integer(value: str) -> int | None:
    """Return an exact number; None for anything else, such as a rounded "1.2k"."""
    return int(value) if _INTEGER.fullmatch(value.strip()) else None


def find_number(text: str) -> int:
    """Return the first number in a text of any language; 0 if there is none or a rounded one."""
    match = _FIRST_NUMBER.search(text[:200])
    digits = re.sub(r"[^0-9]", "", match[0]) if match else ""
    return int(digits) if match and len(digits) < 8 else 0


def parse_name(value: str) -> str:
    """Return the name of an account or subreddit, or the placeholder of a deleted account."""
    name = value.strip()
    return name if _NAME.fullmatch(name) or name in ("[deleted]", "[removed]") else ""


def parse_permalink(value: str) -> str:
    """Return the path of a post or comment on Reddit; "" if it is none."""
    host = _HOST.match(value.strip())
    match = _PERMALINK.match(value.strip()[host.end() if host else 0 :])
    return match[0] if match else ""


def find_comment_id(address: str) -> str:
    """Return the id of the comment that an address leads to; "" if it leads to none."""
    path = re.split(r"[?#]", address.strip())[0]
    match = _COMMENT_IN_PATH.search(path.lower())
    return match[2] if match and match[2] != _DELETED_ID else ""


def find_post_id(address: str) -> str:
    """Return the id of the post in an address; "" if there is none."""
    match = re.search(r"/comments/([0-9a-z]{1,13})(?![0-9a-z])", address.lower())
    return match[1] if match else ""


def is_fullname(value: object, kind: str) -> bool:
    """Return whether a value is a fullname of a kind, for example "t1"."""
    return isinstance(value, str) and value == parse_fullname(value, kind) != ""


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
