"""An HTTP response that is read from its socket within limits of size, speed and time.

Every byte of a response passes through SocketReader: headers, chunk sizes, trailers and the body
before decompression, also a proxy's response to CONNECT.
"""

import http.client
import io
import socket
import time
from collections.abc import Callable
from typing import Any

from reddit_archive.network.limits import (
    ResponseLimits,
    ResponseTooLargeError,
    ResponseTooSlowError,
)

MAX_LINE_BYTES = 65_536
MIN_WAIT_SECONDS = 0.001
"""A timeout of 0 would make the socket non-blocking."""

Clock = Callable[[], float]


class SocketReader(io.RawIOBase):
    """Reads from a socket. Raises ResponseTooLargeError or ResponseTooSlowError at a limit.

    At first the limit for the headers applies; `set_max_bytes` sets another one.
    """

    def __init__(
        self, raw: io.RawIOBase, sock: socket.socket, limits: ResponseLimits, clock: Clock
    ) -> None:
        self._raw, self._socket = raw, sock
        self._limits, self._clock = limits, clock
        self._deadline = clock() + limits.total_seconds
        self._stall_deadline: float | None = None  # until the first byte, only the timeout counts
        self._window_bytes = 0
        self.set_max_bytes(limits.max_header_bytes, "headers")

    def set_max_bytes(self, max_bytes: int, part: str) -> None:
        """Set the number of bytes that may follow; messages call them `part`."""
        self._bytes_left, self._max_bytes, self._part = max_bytes, max_bytes, part

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def close(self) -> None:
        self._raw.close()
        super().close()

    def readinto(self, buffer: Any) -> int | None:
        seconds_left, idle_seconds = self._get_seconds_left(), self._socket.gettimeout()
        is_limit_first = idle_seconds is None or seconds_left <= idle_seconds
        wait_seconds = seconds_left if is_limit_first else idle_seconds
        self._socket.settimeout(wait_seconds)
        try:
            count: int | None = self._raw.readinto(buffer)
        except TimeoutError:
            if is_limit_first:
                raise self._build_too_slow_error() from None
            raise
        finally:
            self._socket.settimeout(idle_seconds)
        self._count_bytes(count or 0)
        return count

    def _get_seconds_left(self) -> float:
        """Return the seconds until the next time limit. Raises ResponseTooSlowError after it."""
        deadlines = (
            [self._deadline]
            if self._stall_deadline is None
            else [self._deadline, self._stall_deadline]
        )
        seconds_left = min(deadlines) - self._clock()
        if seconds_left <= 0:
            raise self._build_too_slow_error()
        return max(seconds_left, MIN_WAIT_SECONDS)

    def _count_bytes(self, count: int) -> None:
        """Count received bytes. Enough of them start a new window of `stall_seconds`."""
        limits = self._limits
        self._bytes_left -= count
        if self._bytes_left < 0:
            raise ResponseTooLargeError(
                f"sent more than {self._max_bytes / 1e6:.3g} MB of {self._part}"
            )
        self._window_bytes += count
        is_enough = self._window_bytes >= limits.min_bytes_per_second * limits.stall_seconds
        if is_enough or self._stall_deadline is None:
            self._stall_deadline = self._clock() + limits.stall_seconds
            self._window_bytes = 0

    def _build_too_slow_error(self) -> ResponseTooSlowError:
        limits = self._limits
        if self._deadline - self._clock() <= MIN_WAIT_SECONDS:
            return ResponseTooSlowError(
                f"did not finish its response within {limits.total_seconds:g} seconds"
            )
        return ResponseTooSlowError(
            f"sent less than {limits.min_bytes_per_second / 1e3:g} KB a second "
            f"for {limits.stall_seconds:g} seconds"
        )


class LineReader(io.BufferedReader):
    """A buffered reader that limits the length of lines, because urllib3 does not limit them."""

    def readline(self, size: int | None = -1, /) -> bytes:
        if size is not None and size >= 0:
            return super().readline(size)
        line = super().readline(MAX_LINE_BYTES + 1)
        if len(line) > MAX_LINE_BYTES:
            raise ResponseTooLargeError("sent an endless line")
        return line


class BoundedResponse(http.client.HTTPResponse):
    """An `http.client` response within limits. Raises LimitExceededError."""

    def __init__(
        self,
        sock: socket.socket,
        *args: Any,
        limits: ResponseLimits,
        clock: Clock = time.monotonic,
        **kwargs: Any,
    ) -> None:
        super().__init__(sock, *args, **kwargs)
        self._limits = limits
        self._reader = SocketReader(self.fp.detach(), sock, limits, clock)
        self.fp = LineReader(self._reader)

    def begin(self) -> None:
        """Read the status and the headers."""
        try:
            super().begin()
        except http.client.HTTPException as error:
            # http.client raises the base class only for too many headers.
            if type(error) in (http.client.HTTPException, http.client.LineTooLong):
                raise ResponseTooLargeError("sent too many or too long headers") from error
            raise
        limits = self._limits
        is_compressed = (
            self.headers.get("Content-Encoding", "identity").strip().lower() != "identity"
        )
        max_bytes = (
            min(limits.max_compressed_bytes, limits.max_bytes)
            if is_compressed
            else limits.max_bytes
        )
        self._reader.set_max_bytes(max_bytes + limits.max_header_bytes, "data")
