"""Parse the header of a snapshot: the fields before its metadata and things."""

import json
import re
from contextlib import suppress
from typing import Any

KEYS = ("format", "captured_at", "tool", "source", "request", "parent", "replaces")
DIGEST = re.compile(r"[0-9a-f]{64}")
DECODER = json.JSONDecoder()


def parse_fields(data: bytes) -> tuple[dict[str, Any], bool]:
    """Parse the header fields up to the end of `data` or the first invalid JSON.

    Returns:
        The fields, and whether the header is complete.
    """
    text, position = data.decode("ascii", "replace"), 1
    header_fields: dict[str, Any] = {}
    with suppress(ValueError, IndexError, RecursionError):
        while text[position - 1] in "{,":
            key, position = DECODER.raw_decode(text, position)
            if key not in KEYS:
                return header_fields, True
            header_fields[key], position = DECODER.raw_decode(text, position + 1)
            position += 1
    return header_fields, False


def filter_digests(value: object) -> tuple[str, ...]:
    """Return the digests in a list; none if the value is not a list."""
    return tuple(filter(is_digest, value)) if isinstance(value, list) else ()


def is_digest(value: object) -> bool:
    return isinstance(value, str) and DIGEST.fullmatch(value) is not None
