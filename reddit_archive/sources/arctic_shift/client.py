"""An HTTP client for Arctic Shift's API, with rate limits and retries.

It sends no key, no cookie and no user name. It sends requests only to the configured host and
follows no redirect.
"""

import logging
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any

from requests import Response

from reddit_archive import USER_AGENT, errors
from reddit_archive.files import deep_json
from reddit_archive.network import origins, retry
from reddit_archive.network.retry import MAX_WAIT_SECONDS, RetryPolicy
from reddit_archive.network.session import Session
from reddit_archive.sources.base import StatusCallback

log = logging.getLogger(__name__)

SERVER_NAME = "Arctic Shift"
DEFAULT_URL = "https://arctic-shift.photon-reddit.com"
TIMEOUT_SECONDS = 60
MAX_REQUESTS_PER_WINDOW, WINDOW_SECONDS = 2, 1.0
"""Its documentation asks for at most "a couple requests per second"."""
BUSY_MESSAGE = re.compile(r"tim(?:ed? ?)out|slow down|too many", re.IGNORECASE)
SERVER_STATUS_HINT = (
    "Try again in a few minutes. https://status.arctic-shift.photon-reddit.com shows whether it is "
    "down. With a key for Reddit's API or a saved page you do not need it."
)
MAX_ERROR_CHARS = 200


class ArcticShiftClient:
    """Sends requests with retries, at most two per second. `request_count` counts them."""

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        retry_policy: RetryPolicy,
        on_status: StatusCallback,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Create a client from the settings under `arctic_shift:`. Raises ConfigError."""
        self._url = str(settings.get("url") or DEFAULT_URL).rstrip("/")
        try:
            origins.parse(self._url)
        except ValueError:
            raise errors.ConfigError(
                "'arctic_shift: url' is not the URL of a server",
                f"The default is {DEFAULT_URL}.",
            ) from None
        self._timeout = float(settings.get("timeout") or TIMEOUT_SECONDS)
        self._retry_policy = retry_policy
        self._on_status = on_status
        self._clock, self._sleep = clock, sleep
        self._sent_times: deque[float] = deque(maxlen=MAX_REQUESTS_PER_WINDOW)
        self._next_request_at = 0.0
        self._session = Session(SERVER_NAME, [self._url])
        self._session.headers["User-Agent"] = USER_AGENT
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self.request_count = 0

    def get(self, path: str, **params: str | int) -> Any:
        """Return the `data` of a response. Raises FetchError, after retries if they may help."""
        return self._retry_policy.call(
            lambda: self._get_once(path, params), on_status=self._on_status
        )

    def _get_once(self, path: str, params: Mapping[str, str | int]) -> Any:
        self._wait_for_turn()
        self.request_count += 1
        response = self._session.get(
            f"{self._url}/api/{path}", params=dict(params), timeout=self._timeout
        )
        size = len(response.content)
        log.debug("%s from %s, %d bytes", response.status_code, path, size)
        self._apply_rate_limit(response.headers)
        return _parse_response(response)

    def _wait_for_turn(self) -> None:
        """Wait for the own rate limit, and for the limit that the last response named."""
        now = self._clock()
        is_early = (
            len(self._sent_times) == MAX_REQUESTS_PER_WINDOW
            and now < self._sent_times[0] + WINDOW_SECONDS
        )
        next_request_at = max(
            self._next_request_at, self._sent_times[0] + WINDOW_SECONDS if is_early else 0.0
        )
        if next_request_at - now > WINDOW_SECONDS:
            seconds = next_request_at - now
            self._on_status(f"Waiting {seconds:.0f} s for {SERVER_NAME}'s rate limit.")
        if next_request_at > now:
            self._sleep(next_request_at - now)
        self._sent_times.append(self._clock())

    def _apply_rate_limit(self, headers: Mapping[str, str]) -> None:
        seconds = retry.parse_seconds_to_reset(headers)
        self._next_request_at = (
            self._clock() + min(seconds, MAX_WAIT_SECONDS) if seconds is not None else 0.0
        )


def _parse_response(response: Response) -> Any:
    """Return the data of a response, or raise the error that it stands for."""
    status = response.status_code
    retry.check_status(status, response.headers, SERVER_NAME)
    body = deep_json.convert_to_utf8(response.content).strip()
    if "html" in response.headers.get("content-type", "") or body[:1] == b"<":
        raise errors.BlockedError(
            f"{SERVER_NAME} returned a web page (status {status})", SERVER_STATUS_HINT
        )
    value = _parse_json(body) if status in (200, 400, 422) else None
    error_message = value.get("error") if isinstance(value, dict) else None
    if status == 422 or (isinstance(error_message, str) and BUSY_MESSAGE.search(error_message)):
        raise errors.ServerUnreachableError(
            f"{SERVER_NAME} is too busy for this request{_format_error_message(error_message)}",
            SERVER_STATUS_HINT,
        )
    if status != 200 or error_message:
        raise errors.FetchError(
            f"{SERVER_NAME} refused the request (status {status})"
            f"{_format_error_message(error_message)}",
            SERVER_STATUS_HINT,
        )
    if not isinstance(value, dict) or not isinstance(value.get("data"), list | dict):
        raise errors.InvalidResponseError(
            f"{SERVER_NAME}'s response contains no data", SERVER_STATUS_HINT
        )
    return value["data"]


def _parse_json(body: bytes) -> Any:
    if body[-1:] not in (b"}", b"]"):
        raise errors.InvalidResponseError(
            f"{SERVER_NAME}'s response is cut off", SERVER_STATUS_HINT
        )
    try:
        return deep_json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise errors.InvalidResponseError(
            f"{SERVER_NAME}'s response is not JSON", SERVER_STATUS_HINT
        ) from error


def _format_error_message(error_message: Any) -> str:
    """Return the server's error message as one short line."""
    if not isinstance(error_message, str):
        return ""
    line = "".join(c if c.isprintable() else " " for c in error_message).strip()
    return f": {line[:MAX_ERROR_CHARS]}" if line else ""
