"""Fields of Reddit's JSON, none of which is trusted to be there or to be of its type."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Raw = Mapping[str, Any]
NUMBERS = (int, float)
DEEPEST_VALUE = 60
"""What nests deeper in a field is none of Reddit's, and is left as it is."""


def text(raw: Raw, key: str) -> str:
    value = raw.get(key)
    return value if isinstance(value, str) else ""


def mapping(raw: Raw, key: str) -> Raw:
    value = raw.get(key)
    return value if isinstance(value, dict) else {}


def whole_number(raw: Raw, key: str) -> int | None:
    value = raw.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def moment(raw: Raw, key: str) -> datetime | None:
    """Read a Unix time in seconds, in UTC."""
    value = raw.get(key)
    if isinstance(value, bool) or not isinstance(value, NUMBERS):
        return None
    try:
        return datetime.fromtimestamp(value, UTC) if value else None
    except (ValueError, OverflowError, OSError):
        return None
