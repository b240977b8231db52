"""The HTTP layer below prawcore: retries, and responses that prawcore can parse.

prawcore sees only the last response, so that its own retries do not multiply with ours.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from prawcore.exceptions import RequestException
from prawcore.requestor import Requestor
from requests import Response

from reddit_archive import USER_AGENT, errors
from reddit_archive.files import deep_json, fast_json
from reddit_archive.network import origins, retry
from reddit_archive.network.retry import TRY_LATER, RetryPolicy
from reddit_archive.network.session import Session
from reddit_archive.sources.base import StatusCallback

log = logging.getLogger(__name__)

REDDIT_URLS = {"oauth_url": "https://oauth.reddit.com", "reddit_url": "https://www.reddit.com"}
RATE_LIMIT_HEADERS = ("x-ratelimit-used", "x-ratelimit-remaining", "x-ratelimit-reset")
CHECK_CREDENTIALS_HINT = (
    "Check client_id, client_secret and refresh_token under reddit: in config.yaml."
)
BLOCKED_HINT = (
    "Reddit blocks some networks and unapproved apps; try from another network, or save the "
    "thread's page in your browser (Ctrl+S) and pass that file."
)


class RetryingRequestor(Requestor):
    """Sends requests, and repeats those that may succeed later.

    `last_body` is the JSON of the last response in UTF-8. Raises RateLimitError,
    ServerUnreachableError and InvalidResponseError after the last try, and BlockedError and
    LoginError at once.
    """

    def __init__(
        self, *, retry_policy: RetryPolicy, on_status: StatusCallback, **options: Any
    ) -> None:
        urls = (options["oauth_url"], options["reddit_url"])
        for name in ("oauth_url", "reddit_url"):
            origins.parse_for_key(options[name], f"reddit: {name}")
        super().__init__(session=Session("Reddit", urls), **options)
        self._retry_policy = retry_policy
        self._on_status = on_status
        self.last_body = b""

    def request(self, *args: Any, timeout: float | None = None, **kwargs: Any) -> Response:
        """Send a request. The configured timeout replaces `timeout`, which prawcore sets."""
        return self._retry_policy.call(
            lambda: self._send_once(*args, **kwargs), on_status=self._on_status
        )

    def _send_once(self, *args: Any, **kwargs: Any) -> Response:
        try:
            response = super().request(*args, timeout=self.timeout, **kwargs)
        except RequestException as error:
            raise _to_archive_error(error.original_exception, args) from error
        log.debug("%s from %s, %d bytes", response.status_code, response.url, len(response.content))
        retry.check_status(response.status_code, response.headers, "Reddit")
        if response.status_code == 401:  # prawcore would only repeat the request
            raise errors.LoginError(
                "Reddit does not accept the key (status 401)", CHECK_CREDENTIALS_HINT
            )
        if response.status_code == 200:
            self.last_body = _encode_utf8(response)
            _check_json(response, self.last_body.strip())
            response.json = partial(_parse_json, self.last_body)  # type: ignore[method-assign]
        _fix_rate_limit_headers(response)
        return response


def _to_archive_error(error: Exception, request_args: Sequence[Any]) -> errors.ArchiveError:
    """Return the session's error; a redirect during the login becomes a LoginError."""
    if isinstance(error, errors.RedirectedError) and any(
        "access_token" in str(arg) for arg in request_args
    ):
        return errors.LoginError(error.message, error.hint)
    if isinstance(error, errors.ArchiveError):
        return error
    return errors.FetchError(f"the request to Reddit failed ({type(error).__name__})", TRY_LATER)


def _check_json(response: Response, body: bytes) -> None:
    """Raise an error for a block page or truncated JSON, without parsing the body."""
    content_type = response.headers.get("content-type", "")
    if "html" in content_type or body[:1] == b"<":
        raise errors.BlockedError("Reddit returned a web page instead of the thread", BLOCKED_HINT)
    if body[-1:] not in (b"}", b"]"):
        raise errors.InvalidResponseError("Reddit's response is cut off", TRY_LATER)


def _parse_json(data: bytes) -> Any:
    """Parse a response for prawcore; replace bytes that are not valid UTF-8."""
    try:
        return fast_json.loads(data)
    except ValueError:
        return json.loads(data.decode("utf-8", "replace"))


def _encode_utf8(response: Response) -> bytes:
    encoding = (response.encoding or "utf-8").lower()
    if encoding.startswith("utf"):
        return deep_json.convert_to_utf8(response.content)
    return response.text.encode("utf-8", "replace")


def _fix_rate_limit_headers(response: Response) -> None:
    """Make the rate-limit headers integers, or remove them, so that prawcore can parse them."""
    try:
        numbers = [int(float(response.headers[name])) for name in RATE_LIMIT_HEADERS]
        response.headers.update(zip(RATE_LIMIT_HEADERS, map(str, numbers), strict=True))
    except (KeyError, ValueError, OverflowError):
        for name in RATE_LIMIT_HEADERS:
            response.headers.pop(name, None)


def build_user_agent(settings: Mapping[str, Any]) -> str:
    """Return a user agent in Reddit's form: <platform>:<app ID>:<version> (by /u/<user>)."""
    user_suffix = f" (by /u/{settings['username']})" if settings.get("username") else ""
    return f"{USER_AGENT}{user_suffix}"
