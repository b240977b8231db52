"""A picture server on 127.0.0.1 that can lie, drip, flood and redirect; and a network made of it.

Each answer is a function that writes to a socket. Nothing it sends is without an end, and it stops
when its reader does, so that a broken client fails a test and hangs none.
"""

import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, Self

from reddit_archive.media.host_policy import HostPolicy

PNG = b"\x89PNG\r\n\x1a\n" + b"png" * 100
GIF = b"GIF89a" + b"gif" * 100
JPG = b"\xff\xd8\xff\xe0" + b"jpg" * 100
WEBP = b"RIFF\0\0\0\0WEBP" + b"webp" * 100
MP4 = b"\0\0\0\x20ftypisom" + b"mp4" * 100

Send = Callable[[bytes], None]
Answer = Callable[[Send], None]

MOST_DRIPS = 400
DRIP_SECONDS = 0.01


class SocketServer:
    """Accepts connections on a free port during its `with` block, each in its own thread.

    `requests` has the head of each request in full.
    """

    def __init__(self, address: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._socket = socket.create_server((address, 0), family=family)
        self._stopped = threading.Event()
        self.host, self.port = address, self._socket.getsockname()[1]
        self.requests: list[str] = []
        self.connections = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while not self._stopped.is_set():
                connection, _ = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._handle, args=[connection], daemon=True).start()

    def _handle(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        with suppress(OSError), connection:
            self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        raise NotImplementedError

    def _read_request(self, connection: socket.socket) -> str:
        """Read the head of a request and record it. It is empty if the client sent nothing."""
        request = b""
        while b"\r\n\r\n" not in request and (piece := connection.recv(65_536)):
            request += piece
        text = request.decode("latin-1")
        if text:
            self.requests.append(text)
        return text


class Server(SocketServer):
    """Returns the response in `answers` for each path, and 404 for all others."""

    def __init__(self, *, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        super().__init__(address)
        self._tls = tls
        self.answers: dict[str, Answer] = {}
        self.sent_bytes = 0

    def url(self, path: str) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [request.split(" ")[1] for request in self.requests]

    def _answer(self, connection: socket.socket) -> None:
        if self._tls is None:
            self._reply(connection)
        else:
            with self._tls.wrap_socket(connection, server_side=True) as encrypted:
                self._reply(encrypted)

    def _reply(self, connection: socket.socket) -> None:
        request = self._read_request(connection)
        if not request:
            return

        def send(data: bytes) -> None:
            if self._stopped.is_set():
                raise OSError("stopped")
            connection.sendall(data)
            self.sent_bytes += len(data)

        self.answers.get(request.split(" ")[1].split("?")[0], status(404))(send)
        if isinstance(connection, ssl.SSLSocket):
            connection.unwrap().close()
        else:
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1)


# Answers ---------------------------------------------------------------------------------------


def head(*lines: str, code: int = 200) -> bytes:
    return "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {code} Word", *lines, "")).encode()


def whole(body: bytes, *headers: str) -> Answer:
    return lambda send: send(head(f"Content-Length: {len(body)}", *headers) + body)


def status(code: int) -> Answer:
    return lambda send: send(head("Content-Length: 0", code=code))


def redirect(location: str, code: int = 302) -> Answer:
    return lambda send: send(head(f"Location: {location}", "Content-Length: 0", code=code))


def lying(body: bytes, announced: int) -> Answer:
    return lambda send: send(head(f"Content-Length: {announced}") + body)


def without_length(body: bytes) -> Answer:
    return lambda send: send(head("Connection: close") + body)


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> Answer:
    written = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return raw(head("Transfer-Encoding: chunked") + written + end)


def raw(data: bytes) -> Answer:
    return lambda send: send(data)


def flood(beginning: bytes, *, most: int) -> Answer:
    """Send up to `most` bytes, or until the reader closes."""

    def answer(send: Send) -> None:
        send(beginning)
        for _ in range(most // 65536):
            send(bytes(65536))

    return answer


def chunked_flood(*, most: int) -> Answer:
    def answer(send: Send) -> None:
        send(head("Transfer-Encoding: chunked"))
        for _ in range(most // 65536):
            send(b"10000\r\n" + bytes(65536) + b"\r\n")

    return answer


def drip(beginning: bytes, what: bytes = b"x") -> Answer:
    """Send byte by byte for some seconds."""

    def answer(send: Send) -> None:
        send(beginning)
        for _ in repeat(None, MOST_DRIPS):
            send(what)
            threading.Event().wait(DRIP_SECONDS)

    return answer


def bomb(unpacked: int) -> bytes:
    """Compress this number of zeros to about a thousandth."""
    size = 10_000_000
    return gzip.compress(bytes(size)) * (unpacked // size)


# A network ---------------------------------------------------------------------------------------


def only(server: Server) -> HostPolicy:
    """Return a policy that allows requests to this server only."""
    return HostPolicy(
        hosts=frozenset({server.host}),
        suffixes=(),
        schemes=("http",),
        ports=(server.port,),
        is_public=lambda address: True,
    )


PUBLIC = "8.8.8.8"


@dataclass
class Network:
    """Names and addresses, all of which lead to servers on loopback.

    `names` holds what each look-up of a name answers in turn; the last answer stays. What goes to
    PUBLIC reaches `outer`, and all else `inner`, where no picture may ever be asked for.
    """

    outer: Server
    inner: Server
    names: dict[str, list[list[str]]] = field(default_factory=dict)
    connected: list[str] = field(default_factory=list)

    def look_up(self, host: str, port: int) -> list[str]:
        answers = self.names.get(host, [[host.strip("[]")]])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    @contextmanager
    def patched(self, monkeypatch: Any) -> Iterator[Self]:
        real_connect, real_look_up = socket.create_connection, socket.getaddrinfo

        def connect(where: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
            self.connected.append(where[0])
            server = self.outer if where[0] == PUBLIC else self.inner
            return real_connect((server.host, server.port), *args, **kwargs)

        def look_up(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
            name = host.decode() if isinstance(host, bytes) else host
            if name in self.names:
                host = self.look_up(name, port)[0]
            return real_look_up(host, port, *args, **kwargs)

        with monkeypatch.context() as patch:
            patch.setattr(socket, "create_connection", connect)
            patch.setattr(socket, "getaddrinfo", look_up)
            yield self
