"""Download one file from one URL, completely or not at all, within limits of size and time.

This uses http.client because too much of requests would have to be disabled: passwords from the
environment, cookies, redirects, decompression. Proxies from the environment are used; see `address`
for what is checked then.
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
from reddit_archive.media.host_policy import Allowed, Refused, Unreachable
from reddit_archive.network import proxies, tls
from reddit_archive.network.limits import LimitExceeded, ResponseLimits, ResponseTooSlow
from reddit_archive.network.response import BoundedResponse

REDIRECTS = (301, 302, 303, 307, 308)
PIECE_BYTES = 65_536
LINE_BYTES = 4096
AFTERWARDS_SECONDS = 1.0
"""How long a server may take to close after the last byte, as it was asked to."""
HEADERS = {
    # i.redd.it answers with a web page to those who take HTML.
    "Accept": "image/*, video/mp4;q=0.9",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": USER_AGENT,
}
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be fetched, and for how long."""

    file_bytes: int = 50_000_000
    thread_bytes: int = 500_000_000
    file_seconds: float = 120.0
    thread_seconds: float = 1800.0
    idle_seconds: float = 20.0
    stall_seconds: float = 30.0
    redirects: int = 5


def get(url: str, *, allowed: Allowed, limits: Limits) -> bytes:
    """Fetch a file of `limits.file_bytes` at most, following redirects. Raises Refused."""
    alarm = Alarm(limits.file_seconds)
    try:
        for _ in range(limits.redirects + 1):
            answer = _ask(url, allowed, limits, alarm)
            if isinstance(answer, bytes):
                return answer
            url = urljoin(url, answer.location)
    except Unreachable:
        raise
    except ResponseTooSlow as error:
        raise Unreachable(f"its host {error}", urlsplit(url).hostname or "") from error
    except (Refused, LimitExceeded, OSError, http.client.HTTPException, ValueError) as error:
        if alarm.is_over:
            raise Refused(f"it took longer than {limits.file_seconds:g} seconds") from error
        raise Refused(_in_words(error)) from error
    raise Refused(f"it is behind more than {limits.redirects} redirects")


class Alarm:
    """Ends what waits for a server when its time is up, in whatever part of a reply that is.

    A time limit of the socket's own counts from byte to byte, and a byte a second never meets it.
    """

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds

    @property
    def seconds_left(self) -> float:
        return self._ends_at - time.monotonic()

    @property
    def is_over(self) -> bool:
        return self.seconds_left <= 0

    @contextmanager
    def watching(self, connection: socket.socket) -> Iterator[None]:
        twin = connection.dup()  # TLS takes the socket over, but not its twin
        timer = threading.Timer(max(0.0, self.seconds_left), _cut, [twin])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
            twin.close()


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """The answer is a redirect; `location` is as it came."""

    location: str


def _ask(url: str, allowed: Allowed, limits: Limits, alarm: Alarm) -> bytes | _Elsewhere:
    """Send one request to one checked address, and read the answer."""
    parts = allowed.check(url)
    host, port = parts.hostname or "", host_policy.port_of(parts)
    wait_seconds = max(0.001, min(limits.idle_seconds, alarm.seconds_left))
    plain = _connect(host, port, allowed, wait_seconds)
    with (
        plain,
        alarm.watching(plain),
        _secured(plain, host) if parts.scheme == "https" else plain as sock,
    ):
        sock.settimeout(limits.idle_seconds)
        connection = http.client.HTTPConnection(host, port)
        connection.response_class = _response_class(limits)
        connection.sock = sock
        path = quote(parts.path or "/", safe=_PRINTABLE)
        query = f"?{quote(parts.query, safe=_PRINTABLE)}" if parts.query else ""
        connection.request("GET", path + query, headers={"Host": parts.netloc, **HEADERS})
        answer = connection.getresponse()
        with answer:
            if answer.status in REDIRECTS:
                return _Elsewhere(answer.headers.get("Location") or "")
            return _body(answer, sock, limits.file_bytes)


def _response_class(limits: Limits) -> Any:
    """Return what reads a response within limits of size, speed and number of headers."""
    bounds = ResponseLimits(max_bytes=limits.file_bytes, stall_seconds=limits.stall_seconds)
    return partial(BoundedResponse, limits=bounds)


def _connect(host: str, port: int, allowed: Allowed, wait_seconds: float) -> socket.socket:
    """Connect to a host, through the proxy from the environment if any. Raises Refused."""
    try:
        proxy = proxies.find(f"https://{host}:{port}/")
        if proxy is None:
            return allowed.connect(host, port, wait_seconds=wait_seconds)
        if proxy.scheme == "https":
            raise Refused(f"{proxy.setting} names an https proxy, which pictures can't use")
        return proxy.connect(host, port, wait_seconds=wait_seconds)
    except errors.ConfigError as error:
        raise Refused(error.message) from error
    except proxies.ProxyError as error:
        raise Unreachable(str(error), host) from error
    except OSError as error:
        raise Unreachable(_in_words(error), host) from error


def _secured(plain: socket.socket, host: str) -> ssl.SSLSocket:
    """Start TLS and check that `host` has a trusted certificate."""
    try:
        return _trust().wrap_socket(plain, server_hostname=host)
    except errors.ConfigError as error:
        raise Refused(error.message) from error


@cache
def _trust() -> ssl.SSLContext:
    return tls.context()


def _body(answer: http.client.HTTPResponse, sock: socket.socket, most: int) -> bytes:
    """Read a body, of which the length is known and right. Raises Refused."""
    if answer.status != 200:
        raise Refused(f"its host answers with status {answer.status}")
    if answer.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise Refused("it came compressed, although that was not asked for")
    is_chunked, announced = answer.chunked, answer.length
    answer.chunked, answer.length = False, None  # from here on its bytes are read as they come
    if is_chunked:
        pieces = _chunks(answer)
    elif announced is None:
        raise Refused("its host does not tell its length")
    elif announced > most:
        raise Refused(too_large(most))
    else:
        pieces = _exactly(answer, announced)
    body = io.BytesIO()
    for piece in pieces:
        if body.tell() + len(piece) > most:
            raise Refused(too_large(most))
        body.write(piece)
    if not is_chunked and _is_more(answer, sock):
        raise Refused("it is longer than its host tells")
    return body.getvalue()


def _exactly(answer: http.client.HTTPResponse, size: int) -> Iterator[bytes]:
    while size:
        piece = answer.read(min(size, PIECE_BYTES))
        if not piece:
            raise Refused("it broke off")
        size -= len(piece)
        yield piece


def _chunks(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    """Take a chunked body apart. http.client reads without end for a chunk of the size -1."""
    while True:
        line = answer.readline(LINE_BYTES)
        size = re.fullmatch(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n", line)
        if size is None:
            raise Refused("it broke off" if not line else "its chunks are garbled")
        if int(size[1], 16) == 0:
            return
        yield from _exactly(answer, int(size[1], 16))
        if answer.readline(2) not in (b"\r\n", b"\n"):
            raise Refused("its chunks are garbled")


def _is_more(answer: http.client.HTTPResponse, sock: socket.socket) -> bool:
    """Tell whether bytes follow; a server that keeps the connection open has no more to say."""
    sock.settimeout(AFTERWARDS_SECONDS)
    try:
        return bool(answer.read(1))
    except OSError:
        return False


def too_large(most: int) -> str:
    return f"it is larger than {most / 1e6:.4g} MB"


def _in_words(error: Exception) -> str:
    match error:
        case Refused():
            return str(error)
        case LimitExceeded():
            return f"its host {error}"
        case ssl.SSLError():
            return "no safe connection to its host could be made"
        case socket.gaierror():
            return "its host is not found"
        case TimeoutError():
            return "its host does not answer in time"
        case ConnectionRefusedError():
            return "its host can't be reached"
        case OSError():
            return f"the connection failed ({type(error).__name__})"
        case _:
            return f"its host's answer is not understood ({type(error).__name__})"
