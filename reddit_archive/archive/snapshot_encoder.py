"""Write a snapshot's JSON in chunks, and check that each chunk is read as it was written."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

from reddit_archive import errors
from reddit_archive.files import fast_json
from reddit_archive.model.capture import Thing

BATCH_SIZE = 64
"""Things that are encoded together: more is faster, but takes more memory."""
ENCODER = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))


def iter_encoded(metadata: Mapping[str, Any], things: Iterable[Thing]) -> Iterator[bytes]:
    """Yield a snapshot's bytes in chunks: its metadata, then its things. Raises StoreError."""
    yield _encode_and_verify([metadata])[:-1] + b',"things":['
    separator = b""
    remaining = iter(things)
    while batch := list(islice(remaining, BATCH_SIZE)):
        yield separator + _encode_and_verify(batch)
        separator = b","
    yield b"]}\n"


def _encode_and_verify(values: list[Any]) -> bytes:
    """Encode values, separated by commas, and check that they decode to the same values.

    If the fast encoder made a mistake, the standard library encodes them. Its result is compared
    as JSON text, because NaN is not equal to NaN. Raises StoreError.
    """
    data = b",".join(map(_encode_value, values))
    if not _is_decoded_as(values, data):
        data = ENCODER.encode(values)[1:-1].encode()
        if json.dumps(json.loads(b"[%b]" % data)) != json.dumps(values):
            raise errors.StoreError(
                "the capture can't be read as it was written", "Please report this."
            )
    return data


def _is_decoded_as(values: list[Any], data: bytes) -> bool:
    with suppress(ValueError):
        return bool(fast_json.loads(b"[%b]" % data) == values)
    return False


def _encode_value(value: Any) -> bytes:
    """Encode a value in ASCII. The fast encoder writes UTF-8, which is mostly ASCII, too."""
    try:
        data = fast_json.dumps(value)
    except TypeError:
        pass
    else:
        if data.isascii():
            return data
    return ENCODER.encode(value).encode()
