"""The login of the test server: strict about redirect URIs, states and codes."""

import http.client
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.support.reddit_client import log_in
from tests.support.reddit_server import (
    CLIENT_ID,
    CLIENT_SECRET,
    INSTALLED_ID,
    REDIRECT_URI,
    USER_AGENT,
    Server,
)
from tests.support.reddit_server.access import CODE_SECONDS, Tokens

REQUESTED = {
    "client_id": CLIENT_ID,
    "response_type": "code",
    "redirect_uri": REDIRECT_URI,
    "state": "a state",
    "duration": "permanent",
    "scope": "read",
}


def visit(server: Server, **changed: str) -> tuple[int, dict[str, str]]:
    """Request consent like a browser; return the status and the parameters of the redirect."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=5)
    try:
        target = f"/api/v1/authorize?{urlencode({**REQUESTED, **changed})}"
        connection.request("GET", target, headers={"User-Agent": USER_AGENT})
        answer = connection.getresponse()
        location = answer.headers.get("location", "")
        return answer.status, dict(parse_qsl(urlsplit(location).query))
    finally:
        connection.close()


def exchange(server: Server, code: str, **changed: str) -> Any:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
    return log_in(server, CLIENT_ID, CLIENT_SECRET, **{**form, **changed}).json


def test_authorize__code_is_exchanged_once_for_a_refresh_token() -> None:
    with Server() as server:
        status, answer = visit(server)
        assert (status, answer["state"]) == (302, "a state")
        token = exchange(server, answer["code"])
        assert token["scope"] == "read"
        again = exchange(server, answer["code"])
        assert again == {"error": "invalid_grant"}
        form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
        assert log_in(server, CLIENT_ID, CLIENT_SECRET, **form).status == 200
        assert server.count() == 0


def test_authorize__temporary_access_has_no_refresh_token() -> None:
    with Server() as server:
        _, answer = visit(server, duration="temporary")
        assert "refresh_token" not in exchange(server, answer["code"])


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": REDIRECT_URI.rstrip("/")},
        {"redirect_uri": f"{REDIRECT_URI}x"},
        {"client_id": "nobody"},
        {"state": ""},
    ],
    ids=str,
)
def test_authorize__unregistered_redirect_uri_is_refused(
    changed: dict[str, str],
) -> None:
    with Server() as server:
        assert visit(server, **changed) == (400, {})


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "password"}, "unsupported_response_type"),
        ({"scope": ""}, "invalid_scope"),
        ({}, "access_denied"),
    ],
    ids=str,
)
def test_authorize__refusal_returns_the_state(changed: dict[str, str], error: str) -> None:
    with Server() as server:
        server.tokens.allows = False
        assert visit(server, **changed) == (302, {"state": "a state", "error": error})


def test_token__code_of_another_client_is_refused_and_invalidated() -> None:
    with Server() as server:
        code = visit(server)[1]["code"]
        assert exchange(server, code, redirect_uri=f"{REDIRECT_URI}x") == {"error": "invalid_grant"}
        assert exchange(server, code) == {"error": "invalid_grant"}
        code = visit(server, client_id=INSTALLED_ID)[1]["code"]
        assert exchange(server, code) == {"error": "invalid_grant"}


def test_token__code_expires() -> None:
    now = [0.0]
    tokens = Tokens(clock=lambda: now[0])
    location = tokens.consent(REQUESTED)
    assert location
    code = dict(parse_qsl(urlsplit(location).query))["code"]
    now[0] = CODE_SECONDS + 1
    basic = "Basic c2NyaXB0LWNsaWVudC1pZDpzY3JpcHQtY2xpZW50LXNlY3JldA=="
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
    assert tokens.grant(basic, form) == (200, {"error": "invalid_grant"})
