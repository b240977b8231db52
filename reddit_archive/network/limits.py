"""How large and how slow a response may be, and the exceptions for one that exceeds it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ResponseLimits:
    """Limits for one response.

    `max_bytes` counts the body after decompression; a thread of 25,000 comments takes 50 MB.
    `max_packed_bytes` counts a compressed body as it comes: JSON packs to a quarter or less.
    `max_values` counts JSON values; that thread has 4.6 million.
    A response is stalled if it brings less than `min_bytes_per_second` for `stall_seconds`, counted
    from its first byte. How long to wait for that byte is the timeout of the request.
    """

    max_bytes: int = 128_000_000
    max_packed_bytes: int = 32_000_000
    max_values: int = 5_000_000
    max_header_bytes: int = 262_144
    min_bytes_per_second: int = 1_000
    stall_seconds: float = 30.0
    total_seconds: float = 600.0


class LimitExceeded(Exception):
    """The response exceeds a limit; the message goes on after the name of the server.

    It is neither an OSError nor an HTTPException, so that urllib3 and requests let it through.
    """


class ResponseTooLarge(LimitExceeded):
    """More bytes than allowed, in the body or in the headers."""


class ResponseTooSlow(LimitExceeded):
    """Fewer bytes than allowed, or no end after the allowed time."""
