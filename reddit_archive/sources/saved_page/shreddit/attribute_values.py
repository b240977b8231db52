"""Read the values of attributes. A value of another form than Reddit's is not read at all."""

import re
from collections.abc import Iterable
from datetime import datetime

_ID = re.compile(r"[0-9a-z]{1,13}")
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
_PERMALINK = re.compile(r"/(?:r|u|user)/[\w-]+/comments/[0-9a-z]{1,13}(?:/[^\s?#\"<>\\]*)?")
_COMMENT_IN_PATH = re.compile(r"/comments/([0-9a-z]{1,13})/(?:comment|[^/?#]*)/([0-9a-z]{1,13})/?$")


def parse_fullname(value: str, kind: str) -> str:
    """Return a fullname of a kind ("t1", "t3", …) in lower case; "" if it is none.

    "t1_deleted" is no fullname, though it has the form of one.
    """
    match = _FULLNAME.fullmatch(value.strip().lower())
    return match[0] if match and match[1] == kind and match[2] != _DELETED_ID else ""


def parse_ids(values: Iterable[str]) -> list[str]:
    """Return ids without prefix, each once and in order. Values that are no ids are left out."""
    ids = (value.strip().lower().removeprefix("t1_") for value in values)
    return list(dict.fromkeys(i for i in ids if _ID.fullmatch(i) and i != _DELETED_ID))


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
