"""Check a key for Reddit's API, and exchange a login in the browser for a refresh token.

Each request is sent once. The choice of the OAuth grant follows PRAW; a test compares them.
"""

from collections.abc import Iterator, Mapping
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
from reddit_archive.config import Settings, key_settings
from reddit_archive.network.retry import RetryPolicy
from reddit_archive.sources.base import CheckResult
from reddit_archive.sources.reddit_api import error_translation
from reddit_archive.sources.reddit_api.requestor import (
    CHECK_CREDENTIALS_HINT,
    RATE_LIMIT_HEADERS,
    REDDIT_URLS,
    RetryingRequestor,
    build_user_agent,
)

NEW_KEY_HINT = "Run `archive login` to set another key."
MIN_REMAINING_SHARE = 0.05
"""With a smaller share of its requests left, a key gets a warning."""
SCOPE = "read"
DURATION = "permanent"
"""Required for a refresh token."""
TIMEOUT_SECONDS = 16.0
PROBE_PARAMS = {"id": "t3_1"}
"""The id need not exist: an empty response also carries the rate limit."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """The used and remaining requests, and the seconds until all are available again."""

    used: int
    remaining: int
    reset_seconds: int


class Credentials:
    """The key in the settings under `reddit:` in config.yaml."""

    def __init__(self, settings: Mapping[str, Any], *, timeout: float | None = None) -> None:
        urls = {name: str(settings.get(name) or REDDIT_URLS[name]) for name in REDDIT_URLS}
        with error_translation.translate_errors("the configuration"):
            self._requestor = _RateLimitRequestor(
                retry_policy=RetryPolicy(tries=1),
                on_status=lambda _: None,
                user_agent=settings.get("user_agent") or build_user_agent(settings),
                timeout=timeout or settings.get("timeout") or TIMEOUT_SECONDS,
                **{name: url.rstrip("/") for name, url in urls.items()},
            )
        self._authorizer = _create_authorizer(settings, self._requestor)

    def request_token(self) -> None:
        """Request an access token. Raises LoginError, FetchError."""
        with error_translation.translate_errors("the key"):
            self._authorizer.refresh()  # type: ignore[attr-defined]  # each class that we create has it

    def request_rate_limit(self) -> RateLimit | None:
        """Send one small request; return the limit if known. Raises LoginError, FetchError."""
        try:
            with error_translation.translate_errors("a request"):
                Session(authorizer=self._authorizer).request(
                    method="GET", path="api/info/", params=PROBE_PARAMS
                )
        except errors.ThreadUnavailableError as error:
            raise errors.LoginError(
                "Reddit issues a token and then refuses it", CHECK_CREDENTIALS_HINT
            ) from error
        return self._requestor.rate_limit

    def build_consent_url(self, state: str) -> str:
        """Return the URL where the user grants access in a browser."""
        authenticator = self._authorizer.authenticator
        url: str = authenticator.authorize_url(duration=DURATION, scopes=[SCOPE], state=state)
        return url

    def exchange_code(self, code: str) -> str:
        """Exchange the code from the browser for a refresh token. Raises LoginError."""
        authorizer = Authorizer(authenticator=self._authorizer.authenticator)
        with error_translation.translate_errors("the login"):
            authorizer.authorize(code)
        token: str | None = authorizer.refresh_token
        if not token:
            raise errors.LoginError("Reddit returned no refresh token", "Run the login again.")
        return token


def check_source(settings: Settings, *, is_chosen: bool, timeout: float) -> Iterator[CheckResult]:
    """Check whether Reddit accepts the key, and how many requests are left."""
    if not settings.reddit.get("client_id"):
        return
    try:
        credentials = Credentials(key_settings.check(settings), timeout=timeout)
        credentials.request_token()
        limit = credentials.request_rate_limit()
    except errors.LoginError as error:
        error.hint = f"{error.hint} {NEW_KEY_HINT}"
        raise
    yield CheckResult("Reddit", "ok", "accepts the key and responds")
    if limit is not None:
        total = limit.used + limit.remaining
        is_low = limit.remaining < MIN_REMAINING_SHARE * total
        yield CheckResult(
            "limit",
            "warn" if is_low else "ok",
            f"{limit.remaining:,} of {total:,} requests left; resets in {limit.reset_seconds} s",
            "Wait until the limit resets." if is_low else "",
        )


def describe_credentials(settings: Mapping[str, Any]) -> str:
    """Describe the kind of key without showing it; "" if there is none."""
    if not settings.get("client_id"):
        return ""
    app_type = "script or web app" if settings.get("client_secret") else "installed app"
    if settings.get("client_secret") and settings.get("username") and settings.get("password"):
        return f"{app_type}, with username and password"
    return f"{app_type}, with a refresh token" if settings.get("refresh_token") else app_type


def _create_authorizer(settings: Mapping[str, Any], requestor: RetryingRequestor) -> BaseAuthorizer:
    """Choose like PRAW: by password, otherwise by refresh token, otherwise by the app alone."""
    client_options = {
        "client_id": settings["client_id"],
        "redirect_uri": settings.get("redirect_uri"),
        "requestor": requestor,
    }
    secret, refresh_token = settings.get("client_secret"), settings.get("refresh_token")
    username, password = settings.get("username"), settings.get("password")
    authenticator = (
        TrustedAuthenticator(**client_options, client_secret=secret)
        if secret
        else UntrustedAuthenticator(**client_options)
    )
    if secret and username and password:
        return ScriptAuthorizer(authenticator=authenticator, username=username, password=password)
    if refresh_token:
        return Authorizer(authenticator=authenticator, refresh_token=refresh_token)
    app_authorizer = ReadOnlyAuthorizer if secret else DeviceIDAuthorizer
    return app_authorizer(authenticator=authenticator)


class _RateLimitRequestor(RetryingRequestor):
    """Stores the rate limit of the last response."""

    rate_limit: RateLimit | None = None

    def request(self, *args: Any, timeout: float | None = None, **kwargs: Any) -> Response:
        response = super().request(*args, timeout=timeout, **kwargs)
        if all(name in response.headers for name in RATE_LIMIT_HEADERS):
            self.rate_limit = RateLimit(
                *(int(response.headers[name]) for name in RATE_LIMIT_HEADERS)
            )
        return response
