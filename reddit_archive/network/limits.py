"""Limits for the size and the duration of a response, and the exceptions for exceeding them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ResponseLimits:
    """Limits for one response.

    `max_bytes` limits the body after decompression; a thread of 25,000 comments has 50 MB.
    `max_compressed_bytes` limits the body before decompression; JSON compresses to a quarter or
    less. `max_values` limits the number of JSON values; that thread has 4.6 million.

    A response is stalled if it is slower than `min_bytes_per_second` for `stall_seconds`, counted
    from its first byte. The timeout of the request limits the wait for that byte.
    """

    max_bytes: int = 128_000_000
    max_compressed_bytes: int = 32_000_000
    max_values: int = 5_000_000
    max_header_bytes: int = 262_144
    min_bytes_per_second: int = 1_000
    stall_seconds: float = 30.0
    total_seconds: float = 600.0


class LimitExceededError(Exception):
    """The response exceeds a limit. The message continues a sentence after the server's name.

    It is neither an OSError nor an HTTPException, so that urllib3 and requests do not catch it.
    """


class ResponseTooLargeError(LimitExceededError):
    """The body or the headers have more bytes than allowed."""


class ResponseTooSlowError(LimitExceededError):
    """The response stalled, or did not end within the allowed time."""
