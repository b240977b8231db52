"""The HTTP part: requests, responses and connections."""

import re
import select
import socket
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from .faults import Fault

PAGE = re.compile(r"(?:/(r|u|user)/([^/]+))?/comments/([^/]+)(?:/([^/]*)(?:/([^/]+))?)?")
SHARE = re.compile(r"/(?:r|u|user)/[^/]+/s/([^/]+)")

Kind = Literal["token", "authorize", "page", "morechildren", "info", "share", "other"]


@dataclass(frozen=True, slots=True)
class Request:
    """A request, and the status of its response (0: none)."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]
    status: int = 0

    @property
    def route(self) -> str:
        """The path without `.json` and the trailing slash."""
        return self.path.removesuffix(".json").rstrip("/")

    @property
    def kind(self) -> Kind:
        if self.route == "/api/v1/access_token":
            return "token"
        if self.route == "/api/v1/authorize":
            return "authorize"
        if self.route == "/api/morechildren":
            return "morechildren"
        if self.route == "/api/info":
            return "info"
        if SHARE.fullmatch(self.route):
            return "share"
        return "page" if PAGE.fullmatch(self.route) else "other"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Site(Protocol):
    """The part of the server that the handler uses."""

    closing: threading.Event
    one_at_a_time: threading.Lock
    errors: list[BaseException]

    def respond(self, request: Request, *, alone: bool) -> tuple[Answer, Fault]: ...
    def note(self, request: Request) -> None: ...


class HTTPServer(ThreadingHTTPServer):
    """A server that closes its connections and joins its threads when it closes."""

    daemon_threads = True
    request_queue_size = 64
    errors: list[BaseException]

    def __init__(self, *arguments: Any) -> None:
        self.connections: set[socket.socket] = set()
        self.workers: list[threading.Thread] = []
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.add(request)
        self.workers = [worker for worker in self.workers if worker.is_alive()]
        worker = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        self.workers.append(worker)
        worker.start()

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Record errors of the server itself; clients may disconnect at any time."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            self.errors.append(error)

    def hang_up(self) -> None:
        """Close every connection, and join their threads."""
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        deadline = time.monotonic() + 0.9
        for worker in self.workers:
            worker.join(max(0.0, deadline - time.monotonic()))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def __init__(self, site: Site, *arguments: Any) -> None:
        self.site = site
        super().__init__(*arguments)

    def do_GET(self) -> None:
        request = self._read()
        gated = request.kind == "morechildren"
        alone = gated and self.site.one_at_a_time.acquire(blocking=False)
        try:
            answer, fault = self.site.respond(request, alone=alone)
            present = self._hold(fault.hold_seconds)
        except Exception as error:
            self.site.errors.append(error)
            answer, fault, present = Answer(500), Fault(), True
        finally:
            if alone:
                self.site.one_at_a_time.release()
        silent = fault.cut == "all" or not present
        self.site.note(replace(request, status=0 if silent else answer.status))
        if silent:
            self.close_connection = True
        else:
            self._send(answer, fault)

    do_POST = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _read(self) -> Request:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return Request(
            method=self.command,
            path=unquote(url.path),
            query=dict(parse_qsl(url.query, keep_blank_values=True)),
            form=dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)),
            headers={key.lower(): value for key, value in self.headers.items()},
        )

    def _hold(self, seconds: float) -> bool:
        """Wait while the client waits; return whether it and the server are still open."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.site.closing.wait(0.01):
                return False
            readable, _, _ = select.select([self.connection], [], [], 0)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                return False
        return True

    def _send(self, answer: Answer, fault: Fault) -> None:
        body = answer.body[: len(answer.body) // 2] if fault.cut else answer.body
        length = len(answer.body if fault.cut == "body" else body)
        headers: dict[str, str | None] = {**answer.headers, **fault.headers}
        self.send_response(answer.status)
        for key, value in headers.items():
            if value is not None:
                self.send_header(key, value)
        self.send_header("Content-Length", str(length))
        if self.close_connection:
            # Asked for by prawcore after a token; unannounced, it would look like a cut line.
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        if fault.cut == "body":
            self.close_connection = True
        with suppress(OSError):
            self.wfile.flush()
