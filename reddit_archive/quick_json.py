"""JSON as the standard library reads and writes it, in less than half of the time."""

import json
from contextlib import suppress
from typing import Any

import orjson

DIGITS = bytes(ord("9") if byte in b"0123456789" else 0 for byte in range(256))
LONG = b"9" * 19
"""So many digits need not fit into 64 bits, and orjson makes a float of what does not."""


def loads(data: bytes) -> Any:
    """Read JSON in UTF-8. Raises ValueError, and RecursionError, where the standard library does.

    What orjson refuses is read by the standard library: halves of characters, NaN, what nests deep.
    """
    if LONG not in data.translate(DIGITS):
        with suppress(ValueError):
            return orjson.loads(data)
    return json.loads(data.decode())


def dumps(value: Any) -> bytes:
    """Write JSON in UTF-8, without blanks; null for NaN.

    Raises TypeError for halves of characters, numbers beyond 64 bits, and what nests deep.
    """
    return orjson.dumps(value)
