"""Media can't reach inside (S3), are no bombs (S4), and rot or a power cut among them shows.

Each safeguard is tried together with the fault that it guards against: a plain client that does
arrive, a reader without a cap that takes more, a policy without the check.
"""

import hashlib
import random
import re
import shutil
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from reddit_archive.archive import store, verify
from reddit_archive.files import durable_files
from reddit_archive.media import MediaItem, download, host_policy, thread_media
from reddit_archive.media.download import MediaLimits
from reddit_archive.media.host_policy import DownloadRefusedError, HostPolicy
from reddit_archive.model.capture import StoredMedia
from tests.support import faults, media_server
from tests.support.faults import capture_text
from tests.support.media_server import (
    PNG,
    PUBLIC,
    Answer,
    Network,
    Server,
    head,
    only,
    redirect,
    whole,
)

slow = pytest.mark.slow


# S3: no address that is not public


NOT_PUBLIC = [
    *("127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255"),
    *("192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.1"),
    *("192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1"),
    *("239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::7f00:1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:7f00:1"),
    *("64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::8.8.8.8", "100::1", "2001::1"),
    *("2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "2002:808:808::1", "3fff::1", "fc00::1"),
    *("fd12:3456::1", "fe80::1", "fe80::1%lo", "fec0::1", "ff02::1", "5f00::1", "4000::1"),
    *("localhost", "", "127.1", "0x7f000001", "2130706433", "017700000001"),
]
ARE_PUBLIC = [PUBLIC, "151.101.1.140", "2a04:4e42::396", "64:ff9b::808:808", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("found", NOT_PUBLIC)
def test_is_public__false(found: str) -> None:
    assert not host_policy.is_public(found)


@pytest.mark.parametrize("found", ARE_PUBLIC)
def test_is_public__true(found: str) -> None:
    assert host_policy.is_public(found)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    with (
        Server() as outer,
        Server() as inner,
        Network(outer, inner, {"pictures.test": [[PUBLIC]]}).patched(monkeypatch) as made,
    ):
        for server in (outer, inner):
            server.answers["/secret"] = whole(PNG)
        yield made


def policy(network: Network, *hosts: str, **more: Any) -> HostPolicy:
    """The default policy with other hosts and DNS results, and with http."""
    return HostPolicy(
        hosts=frozenset({"pictures.test", "inner.test", *hosts}),
        schemes=("http", "https"),
        ports=(80, 443, network.inner.port),
        resolve_host=network.look_up,
        **more,
    )


def get(url: str, policy: HostPolicy, **limits: Any) -> bytes:
    return download.fetch(url, policy=policy, limits=MediaLimits(**limits))


def anywhere(found: str) -> bool:
    return True


@pytest.mark.parametrize("found", NOT_PUBLIC[:-6])
@pytest.mark.parametrize("way", ["directly", "by redirect", "beside a public one"])
def test_inside__is_never_reached(network: Network, found: str, way: str) -> None:
    network.names["inner.test"] = [[PUBLIC, found] if "beside" in way else [found]]
    network.outer.answers["/"] = redirect("http://inner.test/secret")
    url = "http://pictures.test/" if way == "by redirect" else "http://inner.test/secret"
    with pytest.raises(DownloadRefusedError, match="its host does not have a public address"):
        get(url, policy(network))
    assert (network.inner.connections, network.connected) == (0, [PUBLIC] * (way == "by redirect"))


@pytest.mark.parametrize("way", ["directly", "by redirect"])
def test_inside__is_reached_without_the_check(network: Network, way: str) -> None:
    network.names["inner.test"] = [["169.254.169.254"]]
    network.outer.answers["/"] = redirect("http://inner.test/secret")
    url = "http://pictures.test/" if way == "by redirect" else "http://inner.test/secret"
    assert get(url, policy(network, is_public=anywhere)) == PNG
    assert network.inner.paths == ["/secret"]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "127.1", "0.0.0.0"])
def test_inside__is_not_reached_by_a_literal_address(host: str) -> None:
    try:
        inner = Server(address="::1" if host == "::1" else "127.0.0.1")
    except OSError:
        pytest.skip("there is no IPv6 here")
    with inner:
        inner.answers["/secret"] = whole(PNG)
        url = f"http://{f'[{host}]' if ':' in host else host}:{inner.port}/secret"
        listed = HostPolicy(hosts=frozenset({host}), schemes=("http",), ports=(inner.port,))
        for policy in (HostPolicy(), HostPolicy(schemes=("http",), ports=(inner.port,)), listed):
            with pytest.raises(DownloadRefusedError):
                get(url, policy)
        assert inner.connections == 0
        assert requests.get(url, timeout=5).content == PNG
        assert len(inner.requests) == 1


def test_inside__is_not_reached_by_other_redirects(network: Network) -> None:
    places = [
        *("file:///etc/passwd", "http://127.0.0.1/secret", "//127.0.0.1/secret"),
        *(
            "ftp://inner.test/",
            "http://[::1]/secret",
            "http://localhost/secret",
            "gopher://inner.test/_x",
            "data:,x",
        ),
        *("http://pictures.test@127.0.0.1/secret", "http://127.0.0.1#@pictures.test/"),
        *("http://pictures.test:22/", "http://a:b@pictures.test/secret", "http://127.0.0.1\\@x/"),
    ]
    for place in places:
        network.outer.answers["/"] = redirect(place)
        with pytest.raises(DownloadRefusedError):
            get("http://pictures.test/", policy(network))
    assert network.inner.connections == 0
    assert network.outer.paths == ["/"] * len(places)


def test_inside__control_plain_client_follows_a_redirect() -> None:
    with Server() as outer, Server() as inner:
        inner.answers["/secret"] = whole(PNG)
        outer.answers["/"] = redirect(inner.url("/secret"))
        assert requests.get(outer.url("/"), timeout=5).content == PNG
        assert inner.paths == ["/secret"]
        with pytest.raises(DownloadRefusedError, match="unusual port"):
            get(outer.url("/"), only(outer))
        assert len(inner.requests) == 1


# S3: no name that changes its address (DNS rebinding)


def rebind(network: Network) -> None:
    network.names["pictures.test"] = [[PUBLIC], ["127.0.0.1"]]


def test_rebinding__only_the_checked_address_is_reached(network: Network) -> None:
    rebind(network)
    real = replace(
        policy(network), resolve_host=host_policy.resolve_host
    )  # the system's, which is patched
    assert get("http://pictures.test/secret", real) == PNG
    assert (network.connected, network.inner.connections) == ([PUBLIC], 0)


def test_rebinding__between_two_hops_is_refused(network: Network) -> None:
    rebind(network)
    network.outer.answers["/"] = redirect("/secret")
    with pytest.raises(DownloadRefusedError, match="not have a public address"):
        get("http://pictures.test/", policy(network))
    assert network.inner.connections == 0


def test_rebinding__control_client_with_two_dns_queries(network: Network) -> None:
    rebind(network)
    host_rules = policy(network)
    assert all(map(host_policy.is_public, host_rules.resolve_host("pictures.test", 80)))
    url = f"http://pictures.test:{network.inner.port}/secret"
    session = requests.Session()
    session.trust_env = False
    assert session.get(url, timeout=5).content == PNG
    assert len(network.inner.requests) == 1


# S3: only https, with the certificate of the host


def test_scheme__default_is_https_and_reddits_own_hosts() -> None:
    policy = HostPolicy()
    for url in ("https://i.redd.it/a.png", "https://b.thumbs.redditmedia.com/x.jpg?s=1"):
        assert policy.check(url).geturl() == url
    for url in (
        *("http://i.redd.it/a.png", "https://i.redd.it:8443/a.png", "https://u@i.redd.it/a.png"),
        *("https://redditmedia.com.evil.example/", "https://i.redd.it.evil.example/", "https:a"),
        *("https://www.reddit.com/a.png", "https://oauth.reddit.com/api/v1/me", "HTTPS://evil.x/"),
        *("http://i.redd.it:443/a.png", "ftp://i.redd.it/a.png", "//i.redd.it/a.png", "i.redd.it"),
    ):
        with pytest.raises(DownloadRefusedError):
            policy.check(url)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for pictures.test, in one file."""
    if not shutil.which("openssl"):
        pytest.skip("there is no openssl here")
    folder = tmp_path_factory.mktemp("certificate")
    key, cert, both = folder / "key", folder / "cert", folder / "both"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    more = ["-subj", "/CN=pictures.test", "-addext", "subjectAltName=DNS:pictures.test"]
    out = ["-keyout", str(key), "-out", str(cert)]
    subprocess.run([*command.split(), *more, *out], check=True, capture_output=True)
    both.write_bytes(key.read_bytes() + cert.read_bytes())
    return both


def test_tls__certificate_is_checked_for_the_host_name(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host_names: list[str] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda sock, name, ctx: host_names.append(name)  # type: ignore[assignment]
    trusted = ssl.create_default_context(cafile=str(certificate))
    with Server(tls=context) as outer, Server() as inner:
        outer.answers["/a"] = whole(PNG)
        names = {"pictures.test": [[PUBLIC]], "inner.test": [[PUBLIC]]}
        with Network(outer, inner, names).patched(monkeypatch) as network:
            with pytest.raises(DownloadRefusedError, match="no secure connection"):
                get("https://pictures.test/a", policy(network))
            monkeypatch.setattr(download, "_get_tls_context", lambda: trusted)
            assert get("https://pictures.test/a", policy(network)) == PNG
            with pytest.raises(DownloadRefusedError, match="no secure connection"):
                get("https://inner.test/a", policy(network))
    assert host_names == ["pictures.test", "pictures.test", "inner.test"]
    assert [line for line in outer.requests[0].split("\r\n") if "Host" in line] == [
        "Host: pictures.test"
    ]


# S4: limits of time


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


CHUNKED = head("Transfer-Encoding: chunked")
DRIPS = {
    "status line": media_server.drip(b"HTTP/1.1 2"),
    "a line of the head": media_server.drip(b"HTTP/1.1 200 OK\r\nX: "),
    "lines of the head": media_server.drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "100 Continue": media_server.drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": media_server.drip(head("Content-Length: 5000") + PNG),
    "chunks": media_server.drip(CHUNKED, b"1\r\nx\r\n"),
    "size of a chunk": media_server.drip(CHUNKED, b"0"),
    "silence": media_server.drip(head("Content-Length: 5000"), b""),
}


@pytest.mark.parametrize("answer", DRIPS.values(), ids=DRIPS)
def test_time__total_is_limited(tmp_path: Path, server: Server, answer: Answer) -> None:
    server.answers["/a"] = answer
    saved = save(tmp_path, server, file_seconds=0.15)
    assert [missing.why for missing in saved.missing] == ["it took longer than 0.15 seconds"]
    assert is_empty(tmp_path)


def test_time__handshake_is_limited(server: Server) -> None:
    server.answers["/a"] = whole(PNG)
    policy = replace(only(server), schemes=("https",))
    listener = socket.create_server(("127.0.0.1", 0))  # accepts, and says nothing ever
    with listener:
        port = listener.getsockname()[1]
        with pytest.raises(DownloadRefusedError, match="it took longer"):
            get(f"https://127.0.0.1:{port}/a", replace(policy, ports=(port,)), file_seconds=0.15)


def test_time__control_client_with_a_socket_timeout_waits(server: Server) -> None:
    server.answers["/a"] = media_server.drip(head("Content-Length: 100"))
    assert len(requests.get(server.url("/a"), timeout=0.15).content) == 100


def test_time__silence_has_a_shorter_limit(server: Server) -> None:
    server.answers["/a"] = media_server.drip(head("Content-Length: 5000"), b"")
    with pytest.raises(DownloadRefusedError, match="does not answer in time"):
        get(server.url("/a"), only(server), idle_seconds=0.1)


@pytest.mark.parametrize("name", sorted(DRIPS.keys() - {"100 Continue"}))  # more than 1 KB a second
def test_time__stalled_host_gets_no_further_request(
    tmp_path: Path, server: Server, name: str
) -> None:
    answer = DRIPS[name]
    server.answers |= {"/a": answer, "/b": whole(PNG)}
    saved = save(tmp_path, server, "/a", "/b", stall_seconds=0.1)
    assert len(server.requests) == 1
    reasons = [missing.why for missing in saved.missing]
    assert reasons == ["its host sent less than 1 KB a second for 0.1 seconds"] * 2


def test_time__leaves_no_thread_behind(tmp_path: Path, server: Server) -> None:
    server.answers["/a"] = whole(PNG)
    save(tmp_path, server)
    assert [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)] == []


# S4: limits of size, whatever the server declares


def save(root: Path, server: Server, *paths: str, **limits: Any) -> thread_media.SavedMedia:
    items = [MediaItem(server.url(path), "t3_abc123") for path in paths or ("/a",)]
    return thread_media.save(
        root,
        "abc123",
        items,
        on_status=lambda sentence: None,
        limits=MediaLimits(**limits),
        policy=only(server),
    )


def is_empty(root: Path) -> bool:
    return not [path for path in root.rglob("*") if path.is_file()]


TOO_LARGE, CUT_OFF = "larger than 1 MB", "it was cut off"
INVALID_CHUNKS, TOO_LONG = "sent invalid chunks", "longer than its host says"
MOST = 40_000_000
RESPONSES: dict[str, tuple[Answer, str]] = {
    "announced too large": (media_server.lying(PNG, 10**12), TOO_LARGE),
    "endless, without length": (media_server.flood(head(), most=MOST), "not send its length"),
    "endless, announced small": (
        media_server.flood(head("Content-Length: 300"), most=MOST),
        TOO_LONG,
    ),
    "endless, in chunks": (media_server.chunked_flood(most=MOST), TOO_LARGE),
    "one endless chunk": (media_server.flood(CHUNKED + b"7fffffff\r\n", most=MOST), TOO_LARGE),
    "an endless size of a chunk": (media_server.flood(CHUNKED, most=MOST), INVALID_CHUNKS),
    "a chunk of size -1": (media_server.flood(CHUNKED + b"-1\r\n", most=MOST), INVALID_CHUNKS),
    "endless head": (media_server.flood(b"HTTP/1.1 200 OK\r\nX: ", most=MOST), "too long headers"),
    "longer than told": (media_server.lying(PNG, len(PNG) - 1), TOO_LONG),
    "one byte longer": (media_server.lying(PNG + b"x", len(PNG)), TOO_LONG),
    "shorter than told": (media_server.lying(PNG, len(PNG) + 1), CUT_OFF),
    "cut in a chunk": (media_server.raw(CHUNKED + b"100\r\n" + PNG[:99]), CUT_OFF),
    "cut between chunks": (media_server.chunked(PNG, end=b""), CUT_OFF),
    "a cut size of a chunk": (media_server.chunked(PNG, end=b"1"), INVALID_CHUNKS),
    "a chunk without end": (media_server.raw(CHUNKED + b"3\r\nabcdef"), INVALID_CHUNKS),
    "no length": (media_server.without_length(PNG), "not send its length"),
    "a length that is none": (media_server.raw(head("Content-Length: x") + PNG), "its length"),
    "a negative length": (media_server.raw(head("Content-Length: -1") + PNG), "its length"),
    "packed": (whole(media_server.bomb(50_000_000), "Content-Encoding: gzip"), "compressed"),
    "packed twice": (whole(PNG, "Content-Encoding: gzip, deflate"), "compressed"),
    "no HTTP": (media_server.raw(PNG), "invalid response"),
    "nothing": (media_server.raw(b""), "failed|invalid response"),
    "206": (media_server.raw(head("Content-Length: 308", code=206) + PNG), "status 206"),
    "204": (media_server.status(204), "status 204"),
    "304": (media_server.status(304), "status 304"),
    "empty": (whole(b""), "not a picture"),
}


@pytest.mark.parametrize(("answer", "reason"), RESPONSES.values(), ids=RESPONSES)
def test_size__wrong_responses_are_refused_and_leave_nothing(
    tmp_path: Path, server: Server, answer: Answer, reason: str
) -> None:
    server.answers["/a"] = answer
    saved = save(tmp_path, server, file_bytes=1_000_000, file_seconds=5)
    assert saved.media == ()
    (missing,) = saved.missing
    assert re.search(reason, missing.why)
    assert is_empty(tmp_path)
    assert server.sent_bytes < 20_000_000


def test_size__control_plain_client_trusts_the_server(server: Server) -> None:
    server.answers["/a"], _ = RESPONSES["longer than told"]
    assert requests.get(server.url("/a"), timeout=5).content == PNG[:-1]


@pytest.mark.parametrize(
    "answer",
    [
        media_server.chunked(PNG[:7], PNG[7:]),
        whole(PNG, "Content-Encoding: identity"),
        whole(PNG, "Connection: keep-alive"),
    ],
    ids=["chunked", "identity", "keep-alive"],
)
def test_size__correct_responses_are_stored(tmp_path: Path, server: Server, answer: Answer) -> None:
    server.answers["/a"] = answer
    assert len(save(tmp_path, server, file_bytes=len(PNG)).media) == 1


def test_size__server_that_keeps_the_connection_open(tmp_path: Path, server: Server) -> None:
    def answer(send: media_server.Send) -> None:
        whole(PNG)(send)
        time.sleep(0.2)

    server.answers["/a"] = answer
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(download, "CLOSE_WAIT_SECONDS", 0.05)
        assert len(save(tmp_path, server).media) == 1


# S4: limits of memory

READERS = {
    "ours": """
        from pathlib import Path
        from reddit_archive.media import MediaItem, thread_media
        from reddit_archive.media.host_policy import HostPolicy
        policy = HostPolicy(hosts=frozenset({"127.0.0.1"}), suffixes=(), schemes=("http",),
                          ports=(int(url.split(":")[2].split("/")[0]),), is_public=lambda a: True)
        item = MediaItem(url, "t3_abc123")
        quiet = {"on_status": lambda message: None}
        saved = thread_media.save(Path(root), "abc123", [item], policy=policy, **quiet)
        print(saved.missing[0].why if saved.missing else "saved")
    """,
    "uncapped": """
        import requests
        print(len(requests.get(url).content))
    """,
}


def peak_mb(reader: str, url: str, root: Path) -> tuple[float, str]:
    """Read a URL in a new process; return its peak memory in MB, and its output."""
    code = (
        "import sys\nroot, url = sys.argv[1:]\n"
        + textwrap.dedent(READERS[reader])
        + "print(next(x.split()[1] for x in open('/proc/self/status') if 'VmHWM' in x))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(root), url], capture_output=True, text=True, check=True
    )
    output, size_kb = done.stdout.splitlines()
    return int(size_kb) / 1024, output


linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")

FLOODS: dict[str, Callable[[int], Answer]] = {
    "gzip": lambda most: whole(media_server.bomb(most), "Content-Encoding: gzip"),
    "endless": lambda most: media_server.flood(head(), most=most),
    "in chunks": lambda most: media_server.chunked_flood(most=most),
    "announced": lambda most: media_server.flood(head(f"Content-Length: {most}"), most=most),
}


@linux
@pytest.mark.parametrize("most", [200_000_000, pytest.param(10_000_000_000, marks=slow)])
@pytest.mark.parametrize("flood", FLOODS)
def test_memory__is_limited(tmp_path: Path, server: Server, flood: str, most: int) -> None:
    server.answers["/a"] = FLOODS[flood](most)
    size_mb, output = peak_mb("ours", server.url("/a"), tmp_path)
    assert output != "saved"
    assert size_mb < 150
    assert is_empty(tmp_path)


@linux
@slow
@pytest.mark.parametrize("flood", ["gzip", "endless"])
def test_memory__control_reader_without_a_limit(tmp_path: Path, server: Server, flood: str) -> None:
    server.answers["/a"] = FLOODS[flood](200_000_000)
    size_mb, _ = peak_mb("uncapped", server.url("/a"), tmp_path)
    assert size_mb > 200


@slow
@linux
def test_memory__largest_allowed_file(tmp_path: Path, server: Server) -> None:
    server.answers["/a"] = whole(PNG + bytes(MediaLimits().file_bytes - len(PNG)))
    size_mb, output = peak_mb("ours", server.url("/a"), tmp_path)
    assert output == "saved"
    assert size_mb < 150
    assert list((tmp_path / "tmp").iterdir()) == []


# R6: bit rot


def store_picture(root: Path, body: bytes, new_capture: Any) -> Path:
    """Store a picture as `save` does, and a snapshot that names it."""
    name = f"{hashlib.sha256(body).hexdigest()}.png"
    path = root / "threads" / "t3_abc123" / "media" / name
    durable_files.write_once(body, path, tmp=root / "tmp")
    found = StoredMedia(f"https://i.redd.it/{name}", name, len(body), "t3_abc123", "")
    store.add(root, replace(new_capture, media=(found,)))
    return path


@pytest.mark.parametrize("count", [100, pytest.param(3_000, marks=slow)])
def test_bit_rot__of_a_picture_is_found(tmp_path: Path, count: int) -> None:
    body = PNG + random.Random(6).randbytes(20_000)
    path = store_picture(tmp_path, body, capture_text("one"))
    path.chmod(0o644)
    positions = random.Random(6).sample(range(len(body)), count)
    spoilt = [faults.changed_byte(body, position, 0xFF) for position in positions]
    for data in (*spoilt, b"", body[:-1], body + b"\0", body[::-1]):
        path.write_bytes(data)
        found = [item for item in verify.verify(tmp_path) if isinstance(item, store.DamagedFile)]
        assert [item.path for item in found] == [path]
        assert path.read_bytes() == data
    path.write_bytes(body)
    assert not [item for item in verify.verify(tmp_path) if isinstance(item, store.DamagedFile)]


# R2: after a power cut, each picture that a snapshot names exists


@pytest.mark.parametrize(
    ("count", "limit", "least"), [(2, 4, 50), pytest.param(4, 40, 350, marks=slow)]
)
def test_power_cut__leaves_no_snapshot_without_its_picture(
    tmp_path: Path, count: int, limit: int, least: int
) -> None:
    found, states = cut_power(tmp_path, count=count, limit=limit)
    assert found == set()
    assert states >= least


def test_power_cut__catches_pictures_that_are_not_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable_files, "sync_folder", lambda folder: None)
    found, _ = cut_power(tmp_path, count=2, limit=4)
    assert found


def cut_power(folder: Path, *, count: int, limit: int) -> tuple[set[str], int]:
    base = folder / "base"
    base.mkdir()
    root = base / "home" / "archive"
    with faults.recording(base) as recorder:
        for number in range(count):
            new_capture = capture_text(str(number), seconds=number)
            store_picture(root, PNG + bytes([number]), new_capture)
            (snapshot,) = store.load_snapshots(root, "abc123")[-1:]
            recorder.log.append(faults.Returned(faults.essence(snapshot.capture)))
    return faults.cut_power(recorder.log, folder, limit=limit, root="home/archive")
