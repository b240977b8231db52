"""The HTTP session of a source: no redirects, no netrc, only the source's own hosts."""

import re
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from reddit_archive import errors
from reddit_archive.network import error_translation, origins, proxies, tls
from reddit_archive.network.adapter import BoundedAdapter
from reddit_archive.network.limits import LimitExceededError, ResponseLimits
from reddit_archive.network.response import Clock

REQUEST_ERRORS = (requests.RequestException, HTTPError, LimitExceededError, OSError, ValueError)
"""Includes exceptions of urllib3 and of sockets that requests does not wrap."""
HOST = re.compile(r"[a-z0-9.:_-]{1,253}")
REDIRECT_HINT = (
    "If your network requires a login, log in first. Otherwise check the addresses in config.yaml."
)


class Session(requests.Session):
    """Sends requests only to the origins of `urls`, within limits.

    Uses proxies and certificates from the environment. Requests raise ConfigError for an invalid
    address or proxy, RedirectedError, ResponseRefusedError and ServerUnreachableError.
    """

    def __init__(
        self,
        server: str,
        urls: Iterable[str],
        *,
        limits: ResponseLimits | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        """Open a session; `server` is the server's name in messages."""
        super().__init__()
        self._server, self._clock = server, clock
        self._origins = frozenset(map(_parse_origin, urls))
        # requests reads ~/.netrc for requests without a login of their own.
        self.auth = _skip_netrc_login
        for scheme in ("https://", "http://"):
            self.mount(scheme, BoundedAdapter(limits, clock=clock))

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        url = request.url or ""
        if _parse_origin(url) not in self._origins:
            host = urlsplit(url).hostname
            raise errors.FetchError(f"no request is sent to {host}: it is not {self._server}'s")
        tls.find_bundle()
        proxy = proxies.find(url)
        started_at = self._clock()
        try:
            response = super().send(request, **{**kwargs, "allow_redirects": False})
        except REQUEST_ERRORS as error:
            setting = proxy.setting if proxy else ""
            failure = error_translation.translate(error, self._server, proxy_setting=setting)
            if isinstance(failure, errors.ServerUnreachableError):
                failure.waited_seconds = self._clock() - started_at
            raise failure from error
        if response.is_redirect:
            raise _build_redirect_error(response, self._server)
        return response

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Follow no redirect. requests would prepare the next request and read ~/.netrc for it."""
        return

    def merge_environment_settings(self, url: Any, *args: Any, **kwargs: Any) -> Any:
        """Use no remote proxy for unencrypted requests to this machine."""
        settings = super().merge_environment_settings(url, *args, **kwargs)
        proxy = proxies.find(url)
        parts = urlsplit(url)
        is_local = parts.scheme == "http" and origins.is_loopback(parts.hostname or "")
        if proxy and is_local and not origins.is_loopback(proxy.host):
            settings["proxies"] = {}
        return settings


def _skip_netrc_login(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _parse_origin(url: str) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port. Raises ConfigError for an invalid URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or origins.DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        raise errors.ConfigError("the address of a server is invalid") from None
    return parts.scheme, parts.hostname, port


def _build_redirect_error(response: requests.Response, server: str) -> errors.RedirectedError:
    location = response.headers.get("location", "")
    try:
        host = urlsplit(urljoin(response.url, location)).hostname or ""
    except ValueError:
        host = ""
    target = host if HOST.fullmatch(host) else "an address without a host"
    return errors.RedirectedError(
        f"{server} redirects to {target}, which is not followed", REDIRECT_HINT, location=location
    )
