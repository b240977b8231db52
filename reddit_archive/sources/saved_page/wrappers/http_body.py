"""Decode the body of an HTTP response that a web archive holds, up to a limit of its size."""

import io
import zlib

from reddit_archive import errors
from reddit_archive.sources import decompress
from reddit_archive.sources.decompress import InputStream

MAX_BODY_BYTES = 2**27
"""A page of 10,000 comments has 20 MB."""


def decode(data: bytes, content_encoding: str) -> bytes | None:
    """Return a body without its compression; None if it is too large or can't be decompressed.

    Many archives hold decompressed bodies and still name the compression. These are not changed.
    """
    for name in reversed([part.strip().lower() for part in content_encoding.split(",")]):
        decoded = _decode_once(data, name)
        if decoded is None:
            return None
        data = decoded
    return data


def _decode_once(data: bytes, name: str) -> bytes | None:
    if decompress.is_compressed(data[:8]):
        return _decompress_stream(data)
    if name == "deflate":
        return _decompress_deflate(data)
    if name == "br":
        return _decompress_brotli(data)
    return data


def _decompress_stream(data: bytes) -> bytes | None:
    """Decompress gzip or Zstandard, which are recognized by their first bytes."""
    try:
        stream = InputStream(io.BytesIO(data), "the response", len(data), large_window=False)
    except errors.ArchiveError:  # the package for Zstandard is missing
        return None
    decoded = stream.read(MAX_BODY_BYTES + 1)
    return decoded if len(decoded) <= MAX_BODY_BYTES else None


def _decompress_deflate(data: bytes) -> bytes | None:
    for window_bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        decompressor = zlib.decompressobj(window_bits)
        try:
            decoded = decompressor.decompress(data, MAX_BODY_BYTES)
        except zlib.error:
            continue
        return None if decompressor.unconsumed_tail else decoded
    return data


def _decompress_brotli(data: bytes) -> bytes | None:
    try:
        import brotli  # type: ignore[import-untyped]
    except ImportError:
        return None
    decompressor = brotli.Decompressor()
    try:
        decoded: bytes = decompressor.process(data, output_buffer_limit=MAX_BODY_BYTES)
    except brotli.error:
        return data if data.lstrip()[:1] in (b"<", b"{", b"[") else None
    is_whole = decompressor.is_finished() or decompressor.can_accept_more_data()
    return decoded if is_whole and len(decoded) <= MAX_BODY_BYTES else None
