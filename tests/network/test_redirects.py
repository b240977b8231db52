"""S8, S6: no request with a secret follows a redirect, and ~/.netrc is never read."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import yaml

from reddit_archive import errors
from reddit_archive.network import session
from reddit_archive.network.retry import RetryPolicy
from reddit_archive.network.session import Session
from reddit_archive.sources.reddit_api import RedditSource
from reddit_archive.sources.reddit_api.auth import Credentials
from tests.conftest import OFFLINE, Run, write_config
from tests.support import media_server
from tests.support import reddit_server as rs
from tests.support.media_server import Server, redirect
from tests.support.network_servers import REDIRECT_STATUSES, answering, token_giver

SLOW_STATUSES = [pytest.param(status, marks=pytest.mark.slow) for status in (301, 303)]
NETRC = "default login somebody password geheim\n"
QUERY = "?code=sentinel-in-a-query"


@pytest.fixture
def stranger() -> Iterator[Server]:
    """A host that is not Reddit's."""
    with token_giver() as server:
        yield server


def redirected(status: int, stranger: Server) -> rs.Fault:
    url = stranger.url(f"/api/v1/access_token{QUERY}").replace("127.0.0.1", "localhost")
    return rs.Fault(status, {"Location": url}, "")


@pytest.mark.parametrize("status", REDIRECT_STATUSES)
@pytest.mark.parametrize("flow", ["script", "installed", "refresh", "password"])
def test_token__redirect_is_not_followed(
    status: int, flow: str, reddit: rs.Server, stranger: Server
) -> None:
    reddit.fail("access_token", redirected(status, stranger), times=None)
    settings = {k: v for k, v in reddit.settings(flow).items() if k != "check_for_updates"}  # type: ignore[arg-type]
    with pytest.raises(errors.LoginError, match="redirects to localhost, which is not") as caught:
        Credentials(settings).request_token()
    assert QUERY not in f"{caught.value}{caught.value.hint}"
    assert (stranger.requests, reddit.count("token")) == ([], 1)


def test_token__control_detects_a_session_that_follows(
    reddit: rs.Server, stranger: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session.Session, "send", requests.Session.send)
    monkeypatch.setattr(
        session.Session, "get_redirect_target", requests.Session.get_redirect_target
    )
    reddit.fail("access_token", redirected(307, stranger), times=None)
    settings = {k: v for k, v in reddit.settings("refresh").items() if k != "check_for_updates"}
    Credentials(settings).request_token()
    assert len(stranger.requests) == 1


@pytest.mark.parametrize("status", [302, 307, *SLOW_STATUSES])
@pytest.mark.parametrize("part", ["access_token", "comments/", "info"])
@pytest.mark.parametrize("command", [("9bread1", "-vv"), ("doctor", "-vv")])
def test_program__sends_no_secret_after_a_redirect(
    status: int,
    part: str,
    command: tuple[str, ...],
    run: Run,
    reddit: rs.Server,
    stranger: Server,
    tmp_path: Path,
) -> None:
    (tmp_path / "netrc").write_text(NETRC)
    reddit.fail(part, redirected(status, stranger), times=None)
    ran = run(*command, env={"NETRC": str(tmp_path / "netrc")})
    is_needed = (part == "comments/") == (command[0] == "9bread1") or part == "access_token"
    assert stranger.requests == []
    if is_needed:
        assert ran.code == (5 if part == "access_token" else 1)
        assert "redirects to localhost, which is not followed" in ran.out + ran.err
    assert QUERY not in ran.out + ran.err
    sent = [str(each.headers) for each in reddit.log]
    assert not any("c29tZWJvZHk6Z2VoZWlt" in each for each in sent)


@pytest.mark.parametrize("status", [308, *SLOW_STATUSES])
def test_login__writes_no_key_after_a_redirect(
    status: int, reddit: rs.Server, stranger: Server, tmp_path: Path, run: Run
) -> None:
    own = tmp_path / "reddit-archive" / "config.yaml"
    own.parent.mkdir()
    write_config(own.parent, reddit)
    before = own.read_bytes()
    reddit.fail("access_token", redirected(status, stranger), times=None)
    args = ("login", "--kind", "script", "--client-id", rs.CLIENT_ID)
    ran = run(*args, stdin=rs.CLIENT_SECRET.encode())
    assert (ran.code, stranger.requests) == (5, [])
    assert "redirects to localhost, which is not followed" in ran.err
    assert "If your network requires a login" in ran.err
    assert own.read_bytes() == before


@pytest.mark.parametrize("status", REDIRECT_STATUSES)
def test_session__reads_no_netrc_on_a_redirect(
    status: int, stranger: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text(NETRC)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    read: list[str] = []
    monkeypatch.setattr("requests.sessions.get_netrc_auth", read.append)
    with answering(redirect(stranger.url("/b"), status)) as server:
        with Session("It", [server.url("")]) as session, pytest.raises(errors.RedirectedError):
            session.get(server.url("/a"), timeout=5)
        assert "uthorization" not in server.requests[0]
    assert (read, stranger.requests) == ([], [])


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("//evil.example/x?token=1", "evil.example"),
        ("https://user:word@evil.example/", "evil.example"),
        ("/other", "127.0.0.1"),
        (f"http://{'x' * 300}/", "an address without a host"),
        ("http://[broken", "an address without a host"),
        ("http://ev\x1b[31mil/", "an address without a host"),
    ],
)
def test_session__message_shows_only_the_host(location: str, name: str) -> None:
    with answering(redirect(location)) as server, pytest.raises(errors.RedirectedError) as caught:
        Session("It", [server.url("")]).get(server.url("/a"), timeout=5)
    assert caught.value.message == f"It redirects to {name}, which is not followed"


def test_session__sends_requests_only_to_its_own_hosts(stranger: Server) -> None:
    with Session("Reddit", ["http://127.0.0.1:1"]) as session:
        for url in (stranger.url("/a"), stranger.url("/a").replace("://", "://127.0.0.1:1@")):
            with pytest.raises(errors.FetchError, match="it is not Reddit's"):
                session.get(url, timeout=5)
    assert stranger.requests == []


def test_reddit__path_to_another_host_is_refused(reddit: rs.Server, stranger: Server) -> None:
    settings = {k: v for k, v in reddit.settings().items() if k != "check_for_updates"}
    source = RedditSource(settings, retry_policy=RetryPolicy(1, 0), on_status=lambda _: None)
    with pytest.raises(errors.FetchError):
        source._get(stranger.url("/a").removeprefix("http:"))
    assert stranger.requests == []


def test_arctic_shift__redirect_is_not_followed(run: Run, stranger: Server, tmp_path: Path) -> None:
    with media_server.Server() as server:
        server.answers["/api/posts/ids"] = redirect(stranger.url("/x"), 308)
        at = {"arctic_shift": {"url": server.url("")}}
        (tmp_path / "config.yaml").write_text(yaml.safe_dump({**OFFLINE, **at}))
        ran = run("9bread1")
    assert (ran.code, stranger.requests) == (1, [])
    assert "Arctic Shift redirects to 127.0.0.1, which is not followed" in ran.err
