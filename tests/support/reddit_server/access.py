"""Access control: OAuth tokens, user agents, and the window of the rate limit."""

import base64
import binascii
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from .thread import JsonObject

CLIENT_ID = "script-client-id"
CLIENT_SECRET = "script-client-secret"
INSTALLED_ID = "installed-client-id"
REFRESH_TOKEN = "known-refresh-token"
USERNAME = "known_user"
PASSWORD = "known-password"
USER_AGENT = "test:reddit-archive:0 (by /u/known_user)"
REDIRECT_URI = "http://127.0.0.1:65010/"

INSTALLED_GRANT = "https://oauth.reddit.com/grants/installed_client"
EXPIRES_SECONDS = 3600
CODE_SECONDS = 600
WINDOW_SECONDS = 600
GRANTS = (
    *("refresh_token", "client_credentials", "password", "authorization_code"),
    INSTALLED_GRANT,
)

_DEFAULT_AGENT = re.compile(
    r"\s*$|(python|python-requests|python-urllib|urllib|curl|wget|java|okhttp|aiohttp|httpx)\b",
    re.IGNORECASE,
)


def is_bad_agent(agent: str) -> bool:
    """Return whether Reddit throttles this user agent: none, or a library's default."""
    return _DEFAULT_AGENT.match(agent) is not None


@dataclass(frozen=True, slots=True)
class Consent:
    """The meaning of a code until it is used."""

    client: str
    redirect_uri: str
    scope: str
    is_permanent: bool
    until: float


class Tokens:
    """The issued tokens and codes, with their clients and lifetimes.

    `redirect_uris` are registered for the apps. `allows` is the user's decision in the browser.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.clients = {CLIENT_ID: CLIENT_SECRET, INSTALLED_ID: ""}
        self.refresh_tokens = {REFRESH_TOKEN}
        self.users = {USERNAME: PASSWORD}
        self.redirect_uris = dict.fromkeys(self.clients, REDIRECT_URI)
        self.allows = True
        self._clock = clock
        self._expiry: dict[str, float] = {}
        self._consents: dict[str, Consent] = {}

    def issue(self) -> str:
        token = secrets.token_urlsafe(24)
        self._expiry[token] = self._clock() + EXPIRES_SECONDS
        return token

    def revoke(self) -> None:
        """Forget every token, as after an hour."""
        self._expiry.clear()

    def accepts(self, authorization: str) -> bool:
        scheme, _, token = authorization.partition(" ")
        return scheme.lower() == "bearer" and self._expiry.get(token, 0) > self._clock()

    def consent(self, parameters: Mapping[str, str]) -> str | None:
        """Return the redirect for GET /api/v1/authorize after the user's decision.

        Returns None if Reddit shows an error page instead of a redirect.
        """
        client, target = parameters.get("client_id", ""), parameters.get("redirect_uri", "")
        if not target or self.redirect_uris.get(client) != target or not parameters.get("state"):
            return None
        answer = {"state": parameters["state"]}
        duration = parameters.get("duration", "temporary")
        if parameters.get("response_type") != "code" or duration not in ("temporary", "permanent"):
            answer["error"] = "unsupported_response_type"
        elif not parameters.get("scope"):
            answer["error"] = "invalid_scope"
        elif not self.allows:
            answer["error"] = "access_denied"
        else:
            answer["code"] = secrets.token_urlsafe(20)
            until = self._clock() + CODE_SECONDS
            permanent = duration == "permanent"
            new_consent = Consent(client, target, parameters["scope"], permanent, until)
            self._consents[answer["code"]] = new_consent
        return f"{target}?{urlencode(answer)}"

    def grant(self, authorization: str, form: Mapping[str, str]) -> tuple[int, JsonObject]:
        """Return the status and the JSON for POST /api/v1/access_token."""
        client = self._client(authorization)
        if client is None:
            return 401, {"message": "Unauthorized", "error": 401}
        kind = form.get("grant_type", "")
        confidential = bool(self.clients[client])
        if kind == "refresh_token" and form.get("refresh_token") not in self.refresh_tokens:
            return 400, {"message": "Bad Request", "error": 400}
        if kind == "client_credentials" and not confidential:
            return 401, {"message": "Unauthorized", "error": 401}
        if kind == "password" and not (confidential and self._knows_user(form)):
            return 200, {"error": "invalid_grant"}
        if kind == INSTALLED_GRANT and not 20 <= len(form.get("device_id", "")) <= 30:
            return 400, {"error": "invalid_request"}
        if kind not in GRANTS:
            return 200, {"error": "unsupported_grant_type"}
        more: JsonObject = {"scope": "*"}
        if kind == "authorization_code":
            consent = self._redeem(client, form)
            if consent is None:
                return 200, {"error": "invalid_grant"}
            more = {"scope": consent.scope}
            if consent.is_permanent:
                more["refresh_token"] = secrets.token_urlsafe(24)
                self.refresh_tokens.add(more["refresh_token"])
        return 200, {
            "access_token": self.issue(),
            "token_type": "bearer",
            "expires_in": EXPIRES_SECONDS,
            **more,
        }

    def _redeem(self, client: str, form: Mapping[str, str]) -> Consent | None:
        """Invalidate a code and return its meaning; None if it is not valid for this client."""
        consent = self._consents.pop(form.get("code", ""), None)
        if consent is None or consent.client != client or consent.until < self._clock():
            return None
        return consent if consent.redirect_uri == form.get("redirect_uri") else None

    def _client(self, authorization: str) -> str | None:
        scheme, _, encoded = authorization.partition(" ")
        try:
            client, _, secret = base64.b64decode(encoded).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        is_known = scheme.lower() == "basic" and self.clients.get(client) == secret
        return client if is_known else None

    def _knows_user(self, form: Mapping[str, str]) -> bool:
        name = form.get("username", "")
        return name in self.users and self.users[name] == form.get("password")


class Window:
    """The rate limit's window of 600 seconds, with `budget` requests in each.

    prawcore waits until `used / budget` of the window is past. It therefore begins `age_seconds`
    before the first request: after 120 of 600 seconds, a fifth of the budget needs no wait.
    """

    def __init__(
        self, budget: int, *, age_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.budget = budget
        self.used = 0
        self._clock = clock
        self._began = clock() - age_seconds
        self._lock = threading.Lock()

    def take(self) -> tuple[bool, dict[str, str]]:
        """Use one request; return whether one was left, and the rate-limit headers."""
        with self._lock:
            passed = self._clock() - self._began
            if passed >= WINDOW_SECONDS:
                self._began += passed - passed % WINDOW_SECONDS
                self.used, passed = 0, passed % WINDOW_SECONDS
            granted = self.used < self.budget
            self.used += granted
            return granted, self._headers(passed)

    def _headers(self, passed: float) -> dict[str, str]:
        return {
            "x-ratelimit-used": str(self.used),
            "x-ratelimit-remaining": f"{max(self.budget - self.used, 0):.1f}",
            "x-ratelimit-reset": str(int(WINDOW_SECONDS - passed)),
        }
