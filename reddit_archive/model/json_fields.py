"""Fields of Reddit's JSON, none of which is trusted to be there or to be of its type."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Raw = Mapping[str, Any]
NUMBER_TYPES = (int, float)
MAX_JSON_DEPTH = 60
"""What nests deeper in a field is none of Reddit's, and is left as it is."""


def get_str(raw: Raw, key: str) -> str:
    value = raw.get(key)
    return value if isinstance(value, str) else ""


def get_dict(raw: Raw, key: str) -> Raw:
    value = raw.get(key)
    return value if isinstance(value, dict) else {}


def get_int(raw: Raw, key: str) -> int | None:
    value = raw.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def get_datetime(raw: Raw, key: str) -> datetime | None:
    """Read a Unix time in seconds, in UTC."""
    value = raw.get(key)
    if isinstance(value, bool) or not isinstance(value, NUMBER_TYPES):
        return None
    try:
        return datetime.fromtimestamp(value, UTC) if value else None
    except (ValueError, OverflowError, OSError):
        return None
