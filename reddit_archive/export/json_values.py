"""Convert values to what every format supports: numbers of 64 bits and valid Unicode."""

from datetime import datetime
from typing import Any

from reddit_archive.archive.snapshot_format import format_time

MAX_INTEGER = 2**63 - 1


def clean(value: Any) -> Any:
    """Replace lone surrogates in text by "?", and a number beyond 64 bits by None."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, int) and not isinstance(value, bool):
        return value if -MAX_INTEGER <= value <= MAX_INTEGER else None
    return value


def serialize(value: Any) -> Any:
    """Convert times to text such as 2026-01-05T08:00:00Z, and `clean` other values."""
    return format_time(value) if isinstance(value, datetime) else clean(value)
