"""S8: responses of every source have limits of size and time."""

import gzip
import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from reddit_archive import errors
from reddit_archive.network.limits import (
    ResponseLimits,
    ResponseTooLargeError,
    ResponseTooSlowError,
)
from reddit_archive.network.response import LineReader, SocketReader
from reddit_archive.network.retry import RetryPolicy
from reddit_archive.network.session import Session
from tests.conftest import OFFLINE, ROOT, Run
from tests.support import media_server
from tests.support.media_server import Answer, chunked_flood, drip, head
from tests.support.network_servers import JSON, answering, endless, json_body

SMALL = ResponseLimits(
    max_bytes=1_000_000, max_header_bytes=20_000, min_bytes_per_second=50_000, stall_seconds=0.2
)
CHUNKED = head(JSON, "Transfer-Encoding: chunked")


def get(answer: Answer, limits: ResponseLimits = SMALL, timeout: float = 5) -> bytes:
    """Fetch one response through a session with these limits."""
    with answering(answer) as server:
        session = Session("The server", [server.url("")], limits=limits)
        with session:
            body: bytes = session.get(server.url("/a"), timeout=timeout).content
            return body


def compressed(size: int) -> Answer:
    return json_body(gzip.compress(bytes(size)), "Content-Encoding: gzip")


TOO_LARGE = {
    "gzip": compressed(2_000_000),
    "two gzip members": json_body(gzip.compress(bytes(700_000)) * 2, "Content-Encoding: gzip"),
    "body": json_body(bytes(1_100_000)),
    "endless body": endless(head("Connection: close"), b"x", max_bytes=5_000_000),
    "endless chunks": chunked_flood(most=5_000_000),
    "endless trailer": endless(CHUNKED + b"0\r\n", b"X: y\r\n", max_bytes=5_000_000),
    "endless headers": endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", max_bytes=5_000_000),
    "endless header": endless(b"HTTP/1.1 200 OK\r\nX: ", b"y", max_bytes=5_000_000),
    "endless status": endless(b"HTTP/1.1 200 ", b"y", max_bytes=5_000_000),
    "endless 100": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", max_bytes=5_000_000),
    "unknown encoding": json_body(b"[]", "Content-Encoding: gzip, gzip"),
}


@pytest.mark.parametrize("answer", TOO_LARGE.values(), ids=TOO_LARGE)
def test_size__is_limited(answer: Answer) -> None:
    with pytest.raises(errors.ResponseRefusedError, match="The server sent"):
        get(answer)


def test_size__endless_size_of_a_chunk_is_refused() -> None:
    with pytest.raises(errors.FetchError):  # urllib3 from 2.7 on says it first
        get(endless(CHUNKED, b"0", max_bytes=5_000_000))
    reader = LineReader(io.BytesIO(b"0" * 200_000))  # type: ignore[arg-type]
    with reader, pytest.raises(ResponseTooLargeError, match="an endless line"):
        reader.readline()


def test_size__complete_responses_below_the_limit() -> None:
    data = bytes(range(256)) * 3_900
    assert get(json_body(data)) == data
    assert get(json_body(gzip.compress(data), "Content-Encoding: gzip")) == data
    assert get(media_server.chunked(data[:500_000], data[500_000:])) == data
    assert get(json_body(b"")) == b""


def test_size__control_requests_alone_reads_everything() -> None:
    with answering(TOO_LARGE["gzip"]) as server:
        assert len(requests.get(server.url("/a"), timeout=5).content) == 2_000_000


@pytest.mark.parametrize("announced", [50, 2_000])
def test_size__wrong_content_length(announced: int) -> None:
    answer = media_server.lying(b"x" * 1_000, announced)
    if announced < 1_000:
        assert get(answer) == b"x" * announced
    else:
        with pytest.raises(errors.ServerUnreachableError, match="was cut off"):
            get(answer)


def test_session__accepts_only_gzip() -> None:
    with answering(json_body(b"[]")) as server, Session("It", [server.url("")]) as session:
        session.get(server.url("/a"), timeout=5)
        assert "Accept-Encoding: gzip\r\n" in server.requests[0]


TOO_SLOW = {
    "body": drip(head("Content-Length: 5000")),
    "chunks": drip(CHUNKED, b"1\r\nx\r\n"),
    "size of a chunk": drip(CHUNKED, b"0"),
    "headers": drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "100 Continue": drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "status": drip(b"HTTP/1.1 2"),
    "silence after the headers": drip(head("Content-Length: 5000"), b""),
}


@pytest.mark.parametrize("answer", TOO_SLOW.values(), ids=TOO_SLOW)
def test_time__stalled_response_is_refused(answer: Answer) -> None:
    with pytest.raises(errors.ResponseRefusedError, match=r"less than 50 KB a second for 0\.2 s"):
        get(answer)


def test_time__control_requests_alone_waits() -> None:
    def slow(send: media_server.Send) -> None:
        send(head("Content-Length: 40"))
        for _ in range(40):
            send(b"x")
            time.sleep(0.01)

    with pytest.raises(errors.ResponseRefusedError):
        get(slow)
    with answering(slow) as server:
        assert requests.get(server.url("/a"), timeout=0.2).content == b"x" * 40


def test_time__endless_response_is_refused() -> None:
    limits = ResponseLimits(min_bytes_per_second=1, total_seconds=0.2)
    with pytest.raises(errors.ResponseRefusedError, match=r"response within 0\.2 seconds"):
        get(drip(head("Content-Length: 5000")), limits)


def test_time__timeout_limits_the_wait_for_the_first_byte() -> None:
    with pytest.raises(errors.ServerUnreachableError, match="did not answer in time"):
        get(drip(b"", b""), timeout=0.1)


# The real limits, with a fake clock


class FakeSocket(io.RawIOBase):
    """A socket that delivers a number of bytes per interval of the clock."""

    def __init__(self, piece_bytes: int, seconds: float, total_bytes: int) -> None:
        self.now = 0.0
        self.wait: float | None = 16.0
        self._piece, self._seconds, self._left = piece_bytes, seconds, total_bytes

    def clock(self) -> float:
        return self.now

    def gettimeout(self) -> float | None:
        return self.wait

    def settimeout(self, seconds: float) -> None:
        self.wait = seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.wait is not None and self._seconds > self.wait:
            self.now += self.wait
            raise TimeoutError
        self.now += self._seconds
        count = min(self._piece, len(buffer), self._left)
        self._left -= count
        return count


def read_all(fake: FakeSocket) -> int:
    sock: Any = fake
    reader = SocketReader(fake, sock, ResponseLimits(), fake.clock)
    reader.set_max_bytes(128_000_000, "data")
    count = 0
    with LineReader(reader, 1_000_000) as buffered:
        while piece := buffered.read1(1_000_000):
            count += len(piece)
    return count


@pytest.mark.parametrize(("rate", "size"), [(90_000, 50_000_000), (1_100, 600_000)])
def test_time__slow_complete_response(rate: int, size: int) -> None:
    assert read_all(FakeSocket(rate * 5, 5.0, size)) == size


@pytest.mark.parametrize(
    ("piece", "seconds", "limit"),
    [(1, 1.0, 31), (900, 1.0, 31), (1, 20.0, 45), (80_000, 1.0, 601), (29_000, 16.0, 60)],
)
def test_time__real_limits(piece: int, seconds: float, limit: float) -> None:
    fake = FakeSocket(piece, seconds, 50_000_000)
    with pytest.raises((ResponseTooSlowError, TimeoutError)):
        read_all(fake)
    assert fake.now <= limit


def test_size__real_limit_counts_received_bytes() -> None:
    with pytest.raises(ResponseTooLargeError, match="more than 128 MB of data"):
        read_all(FakeSocket(1_000_000, 0.01, 200_000_000))


# The whole program, against each source


KEY = {"client_id": "an-id", "client_secret": "a-secret", "user_agent": "test:limits:1 (by /u/x)"}
TOKEN = b'{"access_token": "token", "token_type": "bearer", "expires_in": 3600, "scope": "*"}'


def configure(folder: Path, url: str, source: str) -> None:
    """Write a config.yaml that names a server as Reddit or as Arctic Shift."""
    at = {"arctic_shift": {"url": url}}
    if source != "arctic-shift":
        at = {"reddit": {**KEY, "reddit_url": url, "oauth_url": url}}
    (folder / "config.yaml").write_text(yaml.safe_dump({**OFFLINE, "source": source, **at}))


def serve(server: media_server.Server, source: str, answer: Answer) -> str:
    """Let a server respond like a source; return the source's name in config.yaml."""
    server.answers["/api/v1/access_token"] = answer if source == "token" else json_body(TOKEN)
    for path in ("/comments/9bread1/", "/api/posts/ids", "/api/info/"):
        server.answers[path] = answer
    return "arctic-shift" if source == "arctic-shift" else "reddit"


@pytest.fixture
def server() -> Iterator[media_server.Server]:
    with media_server.Server() as running:
        yield running


SOURCES = ("token", "reddit", "arctic-shift")
MANY_HEADERS = endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", max_bytes=5_000_000)


@pytest.mark.parametrize("source", SOURCES)
def test_save__endless_headers_are_reported_after_one_request(
    source: str, server: media_server.Server, run: Run, tmp_path: Path
) -> None:
    configure(tmp_path, server.url(""), serve(server, source, MANY_HEADERS))
    ran = run("9bread1")
    assert ran.code == 1
    assert "sent too many or too long headers" in ran.err
    assert len(server.requests) == (2 if source == "reddit" else 1)


BOMB = gzip.compress(bytes(10_000_000)) * 100
"""1 MB that decompresses to 1 GB."""
MEASURED = """
import sys
from reddit_archive import cli
sys.argv = ["archive", *sys.argv[1:]]
try:
    cli.main()
finally:
    status = open("/proc/self/status").read().split("VmHWM:")[1]
    open("peak", "w").write(status.split()[0])
"""


def run_and_measure(folder: Path, *args: str) -> tuple[int, str, float]:
    """Run the program in a new process; return exit code, stderr, and peak memory in MB."""
    env = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *args],
        cwd=folder,
        env={**env, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stderr, int((folder / "peak").read_text()) / 1_000


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured otherwise elsewhere")
@pytest.mark.parametrize("command", ["9bread1", "doctor"])
@pytest.mark.parametrize("source", SOURCES)
def test_s8__bomb_is_refused_quickly_and_in_little_memory(
    source: str, command: str, server: media_server.Server, tmp_path: Path
) -> None:
    bomb = json_body(BOMB, "Content-Encoding: gzip")
    configure(tmp_path, server.url(""), serve(server, source, bomb))
    began = time.monotonic()
    code, output, peak = run_and_measure(tmp_path, command)
    assert (code, "more than 128 MB of data" in output or command == "doctor") == (1, True), output
    assert time.monotonic() - began < 60
    assert peak < 300


@pytest.mark.slow
def test_s8__large_complete_response(server: media_server.Server) -> None:
    value = json.dumps({"data": ["x" * 50_000_000]}).encode()
    body = gzip.compress(value, 1)
    server.answers["/a"] = json_body(body, "Content-Encoding: gzip")
    with Session("It", [server.url("")]) as session:
        assert session.get(server.url("/a"), timeout=5).content == value


@pytest.mark.slow
@pytest.mark.parametrize("source", ["arctic-shift"])
def test_s8__stalled_response_ends_within_a_minute(
    source: str, server: media_server.Server, tmp_path: Path, run: Run
) -> None:
    def a_byte_a_second(send: Any) -> None:
        send(head(JSON, "Content-Length: 5000"))
        for _ in range(100):
            send(b" ")
            time.sleep(1)

    configure(tmp_path, server.url(""), serve(server, source, a_byte_a_second))
    began = time.monotonic()
    ran = run("9bread1")
    assert (ran.code, len(server.requests)) == (1, 1)
    assert "sent less than 1 KB a second for 30 seconds" in ran.err
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(("waited", "tries"), [(0.0, 5), (5.0, 5), (16.0, 3), (60.0, 2)])
def test_retry__ends_within_a_minute_of_silence(waited: float, tries: int) -> None:
    calls = []

    def stalled() -> None:
        calls.append(1)
        error = errors.ServerUnreachableError("It did not answer in time")
        error.waited_seconds = waited
        raise error

    with pytest.raises(errors.ServerUnreachableError):
        RetryPolicy(5, 0).call(stalled, on_status=lambda _: None)
    assert len(calls) == tries


def test_session__error_has_the_waited_seconds() -> None:
    with pytest.raises(errors.ServerUnreachableError) as caught:
        get(drip(b"", b""), timeout=0.1)
    assert 0.1 <= caught.value.waited_seconds < 3
