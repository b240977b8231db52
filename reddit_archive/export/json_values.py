"""Values that every format can hold: no number beyond 64 bits, no half of a character."""

from datetime import datetime
from typing import Any

from reddit_archive.archive.snapshot_format import format_time

MAX_INTEGER = 2**63 - 1


def clean(value: Any) -> Any:
    """Give what can be written in place of a row's value; None for a number that is too large."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, int) and not isinstance(value, bool):
        return value if -MAX_INTEGER <= value <= MAX_INTEGER else None
    return value


def serialize(value: Any) -> Any:
    """The same with times as text: 2026-01-05T08:00:00Z."""
    return format_time(value) if isinstance(value, datetime) else clean(value)
