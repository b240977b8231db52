"""Receive Reddit's redirect after a login, with an HTTP server on this machine only.

The server accepts one request with the right state, returns short texts, and logs nothing.
"""

import hmac
import os
import queue
import socketserver
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from reddit_archive import errors
from reddit_archive.sources.base import StatusCallback

HOST = "127.0.0.1"
HOSTS = (HOST, "localhost")
STATE_MISMATCH = "A redirect of another login was refused. Still waiting for yours."
PAGE_TEXTS = {
    HTTPStatus.OK: "The login is complete. Go back to the terminal; you can close this page.",
    HTTPStatus.BAD_REQUEST: "This does not belong to the login that waits in the terminal.",
    HTTPStatus.NOT_FOUND: "There is nothing here.",
    HTTPStatus.GONE: "The login is complete already.",
}
CallbackParams = dict[str, str]
"""The parameters that Reddit adds to the redirect URI: `code`, or `error`."""


class CallbackServer:
    """Listens at a redirect URI within a `with` block. Raises ConfigError if it can't."""

    def __init__(self, redirect_uri: str, *, state: str, on_status: StatusCallback) -> None:
        port, self.path = parse_redirect_uri(redirect_uri)
        self.state, self.on_status = state, on_status
        self._results: queue.Queue[CallbackParams] = queue.Queue()
        self._lock = threading.Lock()
        self._is_used = False
        try:
            self._server = _Server((HOST, port), self)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise errors.ConfigError(
                f"can't listen on port {port} of this machine: {reason.lower()}",
                "Stop the program that uses it. Or set another port in the app's redirect uri on "
                "https://www.reddit.com/prefs/apps, and pass the same with --redirect-uri.",
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def wait(self, seconds: float) -> CallbackParams | None:
        """Return the parameters of the redirect, or None after this time."""
        deadline = time.monotonic() + seconds
        while (remaining := deadline - time.monotonic()) > 0:
            try:
                return self._results.get(
                    timeout=min(remaining, 1.0)
                )  # short: Ctrl-C on Windows waits
            except queue.Empty:
                continue
        return None

    def check_request(self, target: str) -> tuple[HTTPStatus, CallbackParams]:
        """Return the status for a request with this target, and its parameters if accepted."""
        url = urlsplit(target)
        if (url.path or "/") != self.path:
            return HTTPStatus.NOT_FOUND, {}
        params = {name: values[0] for name, values in parse_qs(url.query).items()}
        if not hmac.compare_digest(params.get("state", "").encode(), self.state.encode()):
            return HTTPStatus.BAD_REQUEST, {}
        with self._lock:
            if self._is_used:
                return HTTPStatus.GONE, {}
            self._is_used = True
        return HTTPStatus.OK, params

    def deliver(self, params: CallbackParams) -> None:
        self._results.put(params)


def parse_redirect_uri(redirect_uri: str) -> tuple[int, str]:
    """Return the port and the path of a URL on this machine. Raises ConfigError."""
    try:
        url = urlsplit(redirect_uri)
        port = url.port or 80
    except ValueError:
        url, port = urlsplit(""), 0
    is_plain_http = url.scheme == "http" and not (url.query or url.fragment or url.username)
    if not is_plain_http or url.hostname not in HOSTS:
        raise errors.ConfigError(
            f"the redirect uri {redirect_uri} is not a URL on this machine",
            "It must look like http://127.0.0.1:65010/ and be the same in the app on "
            "https://www.reddit.com/prefs/apps.",
        )
    return port, url.path or "/"


class _Server(socketserver.ThreadingTCPServer):
    """A server with a thread per connection: browsers open some that they do not use."""

    daemon_threads = True
    allow_reuse_address = os.name != "nt"  # on Windows another program could listen, too
    block_on_close = False

    def __init__(self, address: tuple[str, int], callback_server: CallbackServer) -> None:
        self.callback_server = callback_server
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: the message would contain the request."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version, sys_version = "reddit-archive", ""
    timeout = 10.0

    def do_GET(self) -> None:
        status, params = self.server.callback_server.check_request(self.path)
        if status == HTTPStatus.BAD_REQUEST:
            self.server.callback_server.on_status(STATE_MISMATCH)
        try:
            self._send(status)
        finally:
            if status == HTTPStatus.OK:
                self.server.callback_server.deliver(params)

    def _send(self, status: HTTPStatus) -> None:
        page = f"{PAGE_TEXTS[status]}\n".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: the line would contain the code."""
