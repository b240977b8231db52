"""The HTTP part: requests, responses and connections."""

import re
import select
import socket
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self
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

    def __init__(self, site: "LocalServer", *arguments: Any) -> None:
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


class LocalServer:
    """A server on a free port of 127.0.0.1, which runs during its `with` block.

    It records its requests in `log`. The faults that a test causes come before the real responses.
    """

    def __init__(self) -> None:
        self.log: list[Request] = []
        self.closing = threading.Event()
        self.one_at_a_time = threading.Lock()
        self.errors: list[BaseException] = []
        self._faults: list[tuple[str, list[Fault], bool]] = []
        self._lock = threading.RLock()
        self._http = HTTPServer(("127.0.0.1", 0), partial(Handler, self))
        self._http.errors = self.errors
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
        self._http.hang_up()
        if self.errors and error is None:
            raise AssertionError("the test server recorded an error") from self.errors[0]

    def fail(
        self, path_part: str, faults: Fault | Iterable[Fault], *, times: int | None = 1
    ) -> None:
        """Return these faults, in order, for the next requests whose target has `path_part`.

        The list is repeated `times` times; None is forever.
        """
        once = [faults] if isinstance(faults, Fault) else list(faults)
        with self._lock:
            self._faults.append((path_part, once * (times or 1), times is None))

    def respond(self, request: Request, *, alone: bool) -> tuple[Answer, Fault]:
        """Return the response, and the fault that changes it."""
        raise NotImplementedError

    def note(self, request: Request) -> None:
        with self._lock:
            self.log.append(request)

    def _next_fault(self, target: str) -> Fault:
        with self._lock:
            for index, (part, faults, forever) in enumerate(self._faults):
                if part in target:
                    fault = faults.pop(0)
                    if forever:
                        faults.append(fault)
                    elif not faults:
                        del self._faults[index]
                    return fault
        return Fault()
