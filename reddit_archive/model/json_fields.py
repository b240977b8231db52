"""Read fields of Reddit's JSON, any of which may be missing or of an unexpected type. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Raw = Mapping[str, Any]
NUMBER_TYPES = (int, float)
MAX_JSON_DEPTH = 60
"""Reddit's fields do not nest deeper. Deeper values stay as they are."""


def get_str(raw: Raw, key: str) -> str:
    """Return a string, or "" if the field is not a string."""
    value = raw.get(key)
    return value if isinstance(value, str) else ""


def get_dict(raw: Raw, key: str) -> Raw:
    """Return an object, or {} if the field is not an object."""
    value = raw.get(key)
    return value if isinstance(value, dict) else {}


def get_int(raw: Raw, key: str) -> int | None:
    """Return an integer, or None if the field is not an integer."""
    value = raw.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def get_datetime(raw: Raw, key: str) -> datetime | None:
    """Return a Unix time in seconds as a datetime in UTC; None if it is 0 or not a time."""
    value = raw.get(key)
    if isinstance(value, bool) or not isinstance(value, NUMBER_TYPES):
        return None
    try:
        return datetime.fromtimestamp(value, UTC) if value else None
    except (ValueError, OverflowError, OSError):
        return None
