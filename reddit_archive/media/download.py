"""Download one file from one URL, completely or not at all, within limits of size and time.

This uses http.client because too much of requests would have to be disabled: passwords from the
environment, cookies, redirects, decompression. Proxies from the environment are used; `host_policy`
says what is checked then.
"""

import http.client
import io
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from reddit_archive import USER_AGENT, errors
from reddit_archive.media import host_policy
from reddit_archive.media.host_policy import DownloadRefusedError, HostPolicy, HostUnreachableError
from reddit_archive.network import proxies, tls
from reddit_archive.network.limits import LimitExceededError, ResponseLimits, ResponseTooSlowError
from reddit_archive.network.response import BoundedResponse

REDIRECT_STATUSES = (301, 302, 303, 307, 308)
BLOCK_BYTES = 65_536
MAX_LINE_BYTES = 4096
CLOSE_WAIT_SECONDS = 1.0
"""How long the server may take to close the connection after the last byte."""
HEADERS = {
    # i.redd.it returns a web page to clients that accept HTML.
    "Accept": "image/*, video/mp4;q=0.9",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": USER_AGENT,
}
INVALID_CHUNKS = "its host sent invalid chunks"
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """Limits of size, time and redirects for downloads."""

    file_bytes: int = 50_000_000
    thread_bytes: int = 500_000_000
    file_seconds: float = 120.0
    thread_seconds: float = 1800.0
    idle_seconds: float = 20.0
    stall_seconds: float = 30.0
    redirects: int = 5


def fetch(url: str, *, policy: HostPolicy, limits: MediaLimits) -> bytes:
    """Download a file and follow redirects. Raises DownloadRefusedError, also at a limit."""
    deadline = Deadline(limits.file_seconds)
    try:
        for _ in range(limits.redirects + 1):
            result = _send_request(url, policy, limits, deadline)
            if isinstance(result, bytes):
                return result
            url = urljoin(url, result.location)
    except HostUnreachableError:
        raise
    except ResponseTooSlowError as error:
        raise HostUnreachableError(f"its host {error}", urlsplit(url).hostname or "") from error
    except (
        DownloadRefusedError,
        LimitExceededError,
        OSError,
        http.client.HTTPException,
        ValueError,
    ) as error:
        if deadline.has_passed:
            raise DownloadRefusedError(
                f"it took longer than {limits.file_seconds:g} seconds"
            ) from error
        raise DownloadRefusedError(_describe_error(error)) from error
    raise DownloadRefusedError(f"it is behind more than {limits.redirects} redirects")


class Deadline:
    """Ends a connection when its time is up, even in the middle of a read.

    The timeout of a socket starts again with each byte, so a byte per second would never reach it.
    """

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds

    @property
    def seconds_left(self) -> float:
        return self._ends_at - time.monotonic()

    @property
    def has_passed(self) -> bool:
        return self.seconds_left <= 0

    @contextmanager
    def enforce(self, connection: socket.socket) -> Iterator[None]:
        """Shut the connection down if the block does not end in time."""
        duplicate = connection.dup()  # TLS detaches the original socket
        timer = threading.Timer(max(0.0, self.seconds_left), _shut_down, [duplicate])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
            duplicate.close()


def _shut_down(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True, slots=True)
class _Redirect:
    """The response is a redirect; `location` is the unchecked header."""

    location: str


def _send_request(
    url: str, policy: HostPolicy, limits: MediaLimits, deadline: Deadline
) -> bytes | _Redirect:
    """Send one request to a checked address, and read the response."""
    parts = policy.check(url)
    host, port = parts.hostname or "", host_policy.get_port(parts)
    wait_seconds = max(0.001, min(limits.idle_seconds, deadline.seconds_left))
    raw_socket = _connect(host, port, policy, wait_seconds)
    with (
        raw_socket,
        deadline.enforce(raw_socket),
        _start_tls(raw_socket, host) if parts.scheme == "https" else raw_socket as sock,
    ):
        sock.settimeout(limits.idle_seconds)
        connection = http.client.HTTPConnection(host, port)
        connection.response_class = _build_response_class(limits)
        connection.sock = sock
        path = quote(parts.path or "/", safe=_PRINTABLE)
        query = f"?{quote(parts.query, safe=_PRINTABLE)}" if parts.query else ""
        connection.request("GET", path + query, headers={"Host": parts.netloc, **HEADERS})
        response = connection.getresponse()
        with response:
            if response.status in REDIRECT_STATUSES:
                return _Redirect(response.headers.get("Location") or "")
            return _read_body(response, sock, limits.file_bytes)


def _build_response_class(limits: MediaLimits) -> Any:
    """Return a factory for responses with limits of size, speed and headers."""
    response_limits = ResponseLimits(
        max_bytes=limits.file_bytes, stall_seconds=limits.stall_seconds
    )
    return partial(BoundedResponse, limits=response_limits)


def _connect(host: str, port: int, policy: HostPolicy, wait_seconds: float) -> socket.socket:
    """Connect to a host, through the proxy from the environment if there is one.

    Raises DownloadRefusedError.
    """
    try:
        proxy = proxies.find(f"https://{host}:{port}/")
        if proxy is None:
            return policy.connect(host, port, wait_seconds=wait_seconds)
        if proxy.scheme == "https":
            raise DownloadRefusedError(
                f"{proxy.setting} names an https proxy, which downloads of media can't use"
            )
        return proxy.connect(host, port, wait_seconds=wait_seconds)
    except errors.ConfigError as error:
        raise DownloadRefusedError(error.message) from error
    except proxies.ProxyError as error:
        raise HostUnreachableError(str(error), host) from error
    except OSError as error:
        raise HostUnreachableError(_describe_error(error), host) from error


def _start_tls(raw_socket: socket.socket, host: str) -> ssl.SSLSocket:
    """Start TLS and check that `host` has a trusted certificate."""
    try:
        return _get_tls_context().wrap_socket(raw_socket, server_hostname=host)
    except errors.ConfigError as error:
        raise DownloadRefusedError(error.message) from error


@cache
def _get_tls_context() -> ssl.SSLContext:
    return tls.create_context()


def _read_body(response: http.client.HTTPResponse, sock: socket.socket, max_bytes: int) -> bytes:
    """Read a complete body whose length is known or that is chunked.

    Raises DownloadRefusedError.
    """
    if response.status != 200:
        raise DownloadRefusedError(f"its host answers with status {response.status}")
    if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise DownloadRefusedError("its host sent it compressed, which was not asked for")
    is_chunked, content_length = response.chunked, response.length
    response.chunked, response.length = False, None  # from here on, read() returns the raw bytes
    if is_chunked:
        blocks = _iter_chunked_body(response)
    elif content_length is None:
        raise DownloadRefusedError("its host does not send its length")
    elif content_length > max_bytes:
        raise DownloadRefusedError(format_too_large(max_bytes))
    else:
        blocks = _iter_exactly(response, content_length)
    body = io.BytesIO()
    for block in blocks:
        if body.tell() + len(block) > max_bytes:
            raise DownloadRefusedError(format_too_large(max_bytes))
        body.write(block)
    if not is_chunked and _has_more(response, sock):
        raise DownloadRefusedError("it is longer than its host says")
    return body.getvalue()


def _iter_exactly(response: http.client.HTTPResponse, size: int) -> Iterator[bytes]:
    while size:
        block = response.read(min(size, BLOCK_BYTES))
        if not block:
            raise DownloadRefusedError("it was cut off")
        size -= len(block)
        yield block


def _iter_chunked_body(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """Decode a chunked body. http.client would read without end for a chunk of the size -1."""
    while True:
        line = response.readline(MAX_LINE_BYTES)
        size = re.fullmatch(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n", line)
        if size is None:
            raise DownloadRefusedError("it was cut off" if not line else INVALID_CHUNKS)
        if int(size[1], 16) == 0:
            return
        yield from _iter_exactly(response, int(size[1], 16))
        if response.readline(2) not in (b"\r\n", b"\n"):
            raise DownloadRefusedError(INVALID_CHUNKS)


def _has_more(response: http.client.HTTPResponse, sock: socket.socket) -> bool:
    """Return whether more bytes follow. A server that only keeps the connection open sends none."""
    sock.settimeout(CLOSE_WAIT_SECONDS)
    try:
        return bool(response.read(1))
    except OSError:
        return False


def format_too_large(max_bytes: int) -> str:
    return f"it is larger than {max_bytes / 1e6:.4g} MB"


def _describe_error(error: Exception) -> str:
    match error:
        case DownloadRefusedError():
            return str(error)
        case LimitExceededError():
            return f"its host {error}"
        case ssl.SSLError():
            return "no secure connection to its host could be made"
        case socket.gaierror():
            return "its host was not found"
        case TimeoutError():
            return "its host does not answer in time"
        case ConnectionRefusedError():
            return "its host can't be reached"
        case OSError():
            return f"the connection failed ({type(error).__name__})"
        case _:
            return f"its host sent an invalid response ({type(error).__name__})"
