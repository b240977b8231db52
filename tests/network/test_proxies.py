"""All sources and pictures use the proxy and the certificates from the environment."""

import shutil
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from reddit_archive import errors
from reddit_archive.media import download, video
from reddit_archive.media.download import MediaLimits
from reddit_archive.media.host_policy import DownloadRefusedError, HostPolicy
from reddit_archive.network import proxies, tls
from reddit_archive.network.session import Session
from tests.conftest import EXAMPLES, OFFLINE, Run
from tests.support.media_server import PNG, Server, redirect, whole
from tests.support.network_servers import (
    ConnectProxy,
    answering,
    endless,
    json_body,
    make_certificate,
)

HOSTS = ("i.redd.it", "preview.redd.it", "www.reddit.com", "oauth.reddit.com", "arctic.example")
NAMES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE")
PICTURE = "https://i.redd.it/a.png"
SENTINEL = "sentinel-of-a-proxy"
NOBODY = "http://127.0.0.1:9"
needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="there is no openssl here")
without_socks = pytest.mark.skipif(bool(find_spec("socks")), reason="PySocks is installed")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*NAMES, "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    download._get_tls_context.cache_clear()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("certificate"), *HOSTS)


@contextmanager
def internet(certificate: Path, **options: int) -> Iterator[tuple[Server, ConnectProxy]]:
    """Run a TLS server for all hosts, and a proxy that leads to it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Server(tls=context) as server:
        server.answers["/a.png"] = whole(PNG)
        with ConnectProxy(dict.fromkeys(HOSTS, server.port), **options) as proxy:
            yield server, proxy


def picture(url: str = PICTURE) -> bytes:
    """Download a picture with the default policy, and without DNS requests of this machine."""

    def refuse(host: str, port: int) -> list[str]:
        raise AssertionError(f"{host} was looked up on this machine")

    return download.fetch(
        url, policy=HostPolicy(resolve_host=refuse), limits=MediaLimits(idle_seconds=2)
    )


@needs_openssl
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_picture__goes_through_the_proxy(
    name: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with internet(certificate) as (server, proxy):
        monkeypatch.setenv(name, proxy.url.replace("://", f"://me:{SENTINEL}@"))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert picture() == PNG
        assert proxy.targets == ["i.redd.it:443"]
        assert "Proxy-Authorization: Basic bWU6c2VudGluZWw" in proxy.requests[0]
        assert SENTINEL not in server.requests[0]
        assert "Proxy-Authorization" not in server.requests[0]


@needs_openssl
def test_video__goes_through_the_proxy(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with internet(certificate) as (_, proxy):
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert video._BudgetedFetcher(HostPolicy(), MediaLimits()).fetch(PICTURE) == PNG
        assert proxy.targets == ["i.redd.it:443"]


@needs_openssl
def test_picture__certificate_is_checked_behind_the_proxy(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with internet(certificate) as (server, proxy):
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(DownloadRefusedError, match="no secure connection"):
            picture()
        assert server.requests == []


@needs_openssl
@pytest.mark.parametrize(
    "location", ["https://127.0.0.1/x", "http://i.redd.it/x", "https://10.0.0.1:80/", "file:///x"]
)
def test_picture__proxy_gets_no_other_host(
    location: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with internet(certificate) as (server, proxy):
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        server.answers["/a.png"] = redirect(location)
        with pytest.raises(DownloadRefusedError):
            picture()
        assert proxy.targets == ["i.redd.it:443"]


def test_picture__no_proxy_setting_bypasses_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", NOBODY)
    monkeypatch.setenv("NO_PROXY", "localhost,.redd.it")
    with pytest.raises(AssertionError, match="was looked up on this machine"):
        picture()


def test_picture__proxy_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    with ConnectProxy({}, status=407) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(
            DownloadRefusedError, match=r"names refused the connection \(status 407\)"
        ):
            picture()


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("HTTPS_PROXY", NOBODY, "the proxy that HTTPS_PROXY names can't be used"),
        ("HTTPS_PROXY", f"http://me:{SENTINEL}@host:port", "does not hold the address of a proxy"),
        ("ALL_PROXY", f"ftp://me:{SENTINEL}@host", "does not hold the address of a proxy"),
        (
            "HTTPS_PROXY",
            "https://127.0.0.1:9",
            "an https proxy, which downloads of media can't use",
        ),
        pytest.param("ALL_PROXY", "socks5://127.0.0.1:9", "PySocks is not", marks=without_socks),
    ],
)
def test_picture__unusable_proxy(
    setting: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(setting, value)
    with pytest.raises(DownloadRefusedError, match=message) as caught:
        picture()
    assert setting in str(caught.value)
    assert SENTINEL not in str(caught.value)


# The sources


@needs_openssl
@pytest.mark.parametrize("source", ["reddit", "arctic-shift"])
def test_save__goes_through_the_proxy(
    source: str, certificate: Path, run: Run, tmp_path: Path
) -> None:
    """The default URLs lead to a server on this machine."""
    settings = {
        **OFFLINE,
        "source": source,
        "media": {"save": True},
        "reddit": {"client_id": "an-id", "client_secret": "a-secret"},
        "arctic_shift": {"url": "https://arctic.example"},
    }
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(settings))
    token = b'{"access_token": "x", "expires_in": 3600, "scope": "*"}'
    with internet(certificate) as (server, proxy):
        server.answers["/api/v1/access_token"] = json_body(token)
        server.answers["/comments/9bread2/"] = json_body(
            (EXAMPLES / "everything.json").read_bytes()
        )
        bundle = {"REQUESTS_CA_BUNDLE": str(certificate)}
        address = proxy.url.replace("://", f"://me:{SENTINEL}@")
        ran = run("9bread2", "-vv", env={"HTTPS_PROXY": address, **bundle})
    assert SENTINEL not in ran.out + ran.err
    if source == "reddit":
        assert ran.code == 0, ran.err
        assert {"www.reddit.com:443", "oauth.reddit.com:443"} <= set(proxy.targets)
        assert "preview.redd.it:443" in proxy.targets
    else:
        assert set(proxy.targets) == {"arctic.example:443"}
        assert server.paths


@pytest.mark.parametrize("source", ["reddit", "arctic-shift"])
@pytest.mark.parametrize(
    ("name", "value", "code", "message"),
    [
        ("HTTPS_PROXY", f"http://me:{SENTINEL}@127.0.0.1:9", 1, "proxy that HTTPS_PROXY names"),
        ("HTTPS_PROXY", f"http://me:{SENTINEL}@host:port", 5, "HTTPS_PROXY does not hold"),
        ("ALL_PROXY", f"ftp://me:{SENTINEL}@host", 5, "ALL_PROXY does not hold"),
        ("REQUESTS_CA_BUNDLE", "/nowhere", 5, "which REQUESTS_CA_BUNDLE names"),
        pytest.param(
            *("ALL_PROXY", f"socks5://me:{SENTINEL}@127.0.0.1:9", 5, "PySocks is not installed"),
            marks=without_socks,
        ),
    ],
)
def test_save__unusable_environment(
    source: str, name: str, value: str, code: int, message: str, run: Run, tmp_path: Path
) -> None:
    key = {"client_id": "an-id", "client_secret": "a-secret"}
    settings = {**OFFLINE, "source": source, "tries": 1, "reddit": key}
    settings["arctic_shift"] = {"url": "https://arctic.example"}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(settings))
    for command in ("9bread2", "doctor"):
        ran = run(command, "-vv", env={name: value})
        assert ran.code == code
        assert message in " ".join((ran.out + ran.err).split())
        assert SENTINEL not in ran.out + ran.err
        assert "should not have happened" not in ran.out + ran.err


@pytest.mark.parametrize("piece", [b"X: y\r\n", b"y"], ids=["headers", "header"])
def test_proxy__endless_answer_is_refused(piece: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = endless(b"HTTP/1.1 200 OK\r\nX: ", piece, max_bytes=40_000_000)
    with answering(answer) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url(""))
        with (
            Session("Reddit", ["https://www.reddit.com"]) as session,
            pytest.raises(errors.FetchError, match=r"Reddit sent|can't be reached"),
        ):
            session.get("https://www.reddit.com/a", timeout=5)
        with pytest.raises(DownloadRefusedError, match="HTTPS_PROXY names can't be used"):
            picture()
        assert proxy.sent_bytes < 30_000_000


def test_session__local_requests_bypass_the_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Unless the proxy is on this machine too."""
    session = Session("It", ["http://127.0.0.1:8000"])
    url = "http://127.0.0.1:8000/a"
    for proxy, is_used in (("http://proxy.example:80", False), (NOBODY, True)):
        monkeypatch.setenv("HTTP_PROXY", proxy)
        settings = session.merge_environment_settings(url, {}, None, None, None)
        assert bool(settings["proxies"]) is is_used


def test_find__names_the_setting_and_shows_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", f"http://me:{SENTINEL}@proxy.example")
    found = proxies.find(PICTURE)
    assert found is not None
    assert (found.host, found.port, found.setting) == ("proxy.example", 80, "all_proxy")
    assert (found.password, SENTINEL in repr(found)) == (SENTINEL, False)


@needs_openssl
def test_bundle__file_without_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").write_text("nothing")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "empty"))
    with pytest.raises(errors.ConfigError, match="there are no certificates in"):
        tls.create_context()


@pytest.mark.parametrize(
    "value",
    [
        "ftp://127.0.0.1:3128",
        "http://.:80",
        "http://..a:80",
        f"http://{'a' * 64}.x:1",
        "http://a b",
    ],
)
def test_find__invalid_url(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(errors.ConfigError, match="HTTPS_PROXY does not hold the address"):
        proxies.find("https://example.com/")


@pytest.mark.parametrize("host", ["10.0.0.1", "proxy", "my_proxy.example.", "[::1]", "[fe80::1]"])
def test_find__accepts_all_forms_of_hosts(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://{host}:80")
    found = proxies.find("https://example.com/")
    assert found is not None
    assert found.host == host.strip("[]")
