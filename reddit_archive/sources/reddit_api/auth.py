"""A key, tried: does Reddit give a token for it, does a request pass, how many are left.

Here is also the way to a refresh token: where the browser goes, and what its answer is worth. Each
request is sent once. Which grant a key is used with is PRAW's choice; a test compares.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prawcore import (
    Authorizer,
    DeviceIDAuthorizer,
    ReadOnlyAuthorizer,
    ScriptAuthorizer,
    Session,
    TrustedAuthenticator,
    UntrustedAuthenticator,
)
from prawcore.auth import BaseAuthorizer
from requests import Response

from reddit_archive import errors
from reddit_archive.network.retry import Patience
from reddit_archive.sources.reddit_api import OWN_URLS, error_translation, user_agent
from reddit_archive.sources.reddit_api.requestor import BUDGET_HEADERS, CHECK_KEY, PatientRequestor

SCOPE = "read"
DURATION = "permanent"
"""Without it there is no refresh token."""
TIMEOUT_SECONDS = 16.0
PROBE = {"id": "t3_1"}
"""Any id will do: an answer that lists nothing passes as well, and carries the limit."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What is left of the requests that Reddit allows, and when it allows all again."""

    used: int
    remaining: int
    reset_seconds: int


class Key:
    """The key of settings as they stand under `reddit:`; no request is made yet."""

    def __init__(self, settings: Mapping[str, Any], *, timeout: float | None = None) -> None:
        urls = {name: str(settings.get(name) or OWN_URLS[name]) for name in OWN_URLS}
        with error_translation.explained("the configuration"):
            self._requestor = _Requestor(
                patience=Patience(tries=1),
                say=lambda _: None,
                user_agent=settings.get("user_agent") or user_agent(settings),
                timeout=timeout or settings.get("timeout") or TIMEOUT_SECONDS,
                **{name: url.rstrip("/") for name, url in urls.items()},
            )
        self._authorizer = _authorizer(settings, self._requestor)

    def token(self) -> None:
        """Ask for a token. Raises LoginError, FetchError."""
        with error_translation.explained("the key"):
            self._authorizer.refresh()  # type: ignore[attr-defined]  # each of ours has it

    def ask(self) -> Limit | None:
        """Make one small request; tell the limit, if Reddit does. Raises LoginError, FetchError."""
        try:
            with error_translation.explained("a request"):
                Session(authorizer=self._authorizer).request(
                    method="GET", path="api/info/", params=PROBE
                )
        except errors.Gone as error:
            raise errors.LoginError("Reddit gives a token, and refuses it", CHECK_KEY) from error
        return self._requestor.limit

    def consent_url(self, state: str) -> str:
        """Where the person allows it, in a browser."""
        app = self._authorizer.authenticator
        url: str = app.authorize_url(duration=DURATION, scopes=[SCOPE], state=state)
        return url

    def redeem(self, code: str) -> str:
        """Give a refresh token for the code that the browser brought. Raises LoginError."""
        authorizer = Authorizer(authenticator=self._authorizer.authenticator)
        with error_translation.explained("the login"):
            authorizer.authorize(code)
        token: str | None = authorizer.refresh_token
        if not token:
            raise errors.LoginError("Reddit gave no refresh token", "Run the login again.")
        return token


def describe(settings: Mapping[str, Any]) -> str:
    """Say what kind of key it is, never what it is; "" where there is none."""
    if not settings.get("client_id"):
        return ""
    app = "script or web app" if settings.get("client_secret") else "installed app"
    if settings.get("client_secret") and settings.get("username") and settings.get("password"):
        return f"{app}, with username and password"
    return f"{app}, with a refresh token" if settings.get("refresh_token") else app


def _authorizer(settings: Mapping[str, Any], requestor: PatientRequestor) -> BaseAuthorizer:
    """Choose as PRAW does: a password before a refresh token before the app alone."""
    client = {
        "client_id": settings["client_id"],
        "redirect_uri": settings.get("redirect_uri"),
        "requestor": requestor,
    }
    secret, refresh_token = settings.get("client_secret"), settings.get("refresh_token")
    username, password = settings.get("username"), settings.get("password")
    authenticator = (
        TrustedAuthenticator(**client, client_secret=secret)
        if secret
        else UntrustedAuthenticator(**client)
    )
    if secret and username and password:
        return ScriptAuthorizer(authenticator=authenticator, username=username, password=password)
    if refresh_token:
        return Authorizer(authenticator=authenticator, refresh_token=refresh_token)
    app_alone = ReadOnlyAuthorizer if secret else DeviceIDAuthorizer
    return app_alone(authenticator=authenticator)


class _Requestor(PatientRequestor):
    """Remembers the limit of which the last answer told."""

    limit: Limit | None = None

    def request(self, *args: Any, timeout: float | None = None, **kwargs: Any) -> Response:
        answer = super().request(*args, timeout=timeout, **kwargs)
        if all(name in answer.headers for name in BUDGET_HEADERS):
            self.limit = Limit(*(int(answer.headers[name]) for name in BUDGET_HEADERS))
        return answer
