"""Servers for network tests: one response for every path, a proxy, and a certificate."""

import select
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.media_server import Answer, Server, SocketServer, head, whole

JSON = "Content-Type: application/json"
REDIRECT_STATUSES = (301, 302, 303, 307, 308)


class EveryPath(dict[str, Answer]):
    """A mapping that has the same response for every path."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer = answer

    def get(self, path: str, default: object = None) -> Answer:  # type: ignore[override]
        return self._answer


@contextmanager
def answering(answer: Answer) -> Iterator[Server]:
    """Run a server that returns the same response for every request."""
    with Server() as server:
        server.answers = EveryPath(answer)
        yield server


@contextmanager
def token_giver() -> Iterator[Server]:
    """Run a server that issues a token to every client."""
    with answering(json_body(b'{"access_token": "x", "expires_in": 3600, "scope": "*"}')) as server:
        yield server


def json_body(body: bytes, *headers: str) -> Answer:
    return whole(body, JSON, *headers)


def endless(beginning: bytes, piece: bytes, *, max_bytes: int) -> Answer:
    """Send the same data repeatedly, up to `max_bytes`."""

    def answer(send: Callable[[bytes], None]) -> None:
        send(beginning)
        block = piece * max(1, 65_536 // len(piece))
        for _ in range(max_bytes // len(block)):
            send(block)

    return answer


class ConnectProxy(SocketServer):
    """A proxy that connects every tunnel to 127.0.0.1, for any host.

    `ports` maps hosts to local ports.
    """

    def __init__(self, ports: dict[str, int], *, status: int = 200) -> None:
        super().__init__()
        self._ports, self._status = ports, status
        self.address = f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    @property
    def targets(self) -> list[str]:
        return [request.split(" ")[1] for request in self.requests]

    def _answer(self, connection: socket.socket) -> None:
        request = self._read_request(connection)
        connection.sendall(head(code=self._status))
        port = self._ports.get(request.split()[1].rpartition(":")[0])
        if self._status == 200 and port is not None:
            with socket.create_connection(("127.0.0.1", port), 10) as server:
                _pump(connection, server)


def _pump(one: socket.socket, other: socket.socket) -> None:
    """Copy bytes in both directions until one side closes."""
    while True:
        for source in select.select([one, other], [], [], 10)[0]:
            data = source.recv(65_536)
            if not data:
                return
            (other if source is one else one).sendall(data)


def make_certificate(folder: Path, *names: str) -> Path:
    """Create a key and a certificate for these hosts, in one file."""
    key, certificate, both = folder / "key", folder / "certificate", folder / "both"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    alternatives = ",".join(f"DNS:{name}" for name in names)
    more = ["-subj", f"/CN={names[0]}", "-addext", f"subjectAltName={alternatives}"]
    out = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command.split(), *more, *out], check=True, capture_output=True)
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    return both
