"""What stands below prawcore and sends its requests: patiently, and with answers it can read.

prawcore sees the last answer only, so that its own retries never multiply with ours.
"""

import json
import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from prawcore.exceptions import RequestException
from prawcore.requestor import Requestor
from requests import Response

from reddit_archive import errors
from reddit_archive.files import deep_json, fast_json
from reddit_archive.network import origins, retry
from reddit_archive.network.retry import TRY_LATER
from reddit_archive.network.retry import Patience as Patience
from reddit_archive.network.session import Session
from reddit_archive.sources.base import Say

log = logging.getLogger(__name__)

BUDGET_HEADERS = ("x-ratelimit-used", "x-ratelimit-remaining", "x-ratelimit-reset")
CHECK_KEY = "Check client_id, client_secret and refresh_token under reddit: in config.yaml."
BLOCKED_HINT = (
    "Reddit blocks some networks and unapproved apps; try from another network, or save the "
    "thread's .json page in your browser and give that file."
)


class PatientRequestor(Requestor):
    """Sends one request, again where it makes sense; `latest` is the last answer's JSON in UTF-8.

    Raises Throttled, Unreachable, Malformed when all tries failed; Blocked, LoginError at once.
    """

    def __init__(self, *, patience: Patience, say: Say, **options: Any) -> None:
        urls = (options["oauth_url"], options["reddit_url"])
        for name in ("oauth_url", "reddit_url"):
            origins.for_key(options[name], f"reddit: {name}")
        super().__init__(session=Session("Reddit", urls), **options)
        self._patience = patience
        self._say = say
        self.latest = b""

    def request(self, *args: Any, timeout: float | None = None, **kwargs: Any) -> Response:
        """Send it; `timeout` is prawcore's fixed one and gives way to the configured one."""
        return self._patience.persist(lambda: self._once(*args, **kwargs), say=self._say)

    def _once(self, *args: Any, **kwargs: Any) -> Response:
        try:
            answer = super().request(*args, timeout=self.timeout, **kwargs)
        except RequestException as error:
            raise _unwrapped(error.original_exception, args) from error
        log.debug("%s from %s, %d bytes", answer.status_code, answer.url, len(answer.content))
        retry.check_status(answer.status_code, answer.headers, "Reddit")
        if answer.status_code == 401:  # prawcore renews tokens in time, and would only ask again
            raise errors.LoginError("Reddit does not accept the key (status 401)", CHECK_KEY)
        if answer.status_code == 200:
            self.latest = _in_utf8(answer)
            _check_json(answer, self.latest.strip())
            answer.json = partial(_read, self.latest)  # type: ignore[method-assign]
        _mend_budget(answer)
        return answer


def _unwrapped(error: Exception, request: Sequence[Any]) -> errors.ArchiveError:
    """Return the session's error; a redirect during the login becomes a LoginError."""
    if isinstance(error, errors.Redirected) and any("access_token" in str(x) for x in request):
        return errors.LoginError(error.message, error.hint)
    if isinstance(error, errors.ArchiveError):
        return error
    return errors.FetchError(f"the request to Reddit failed ({type(error).__name__})", TRY_LATER)


def _check_json(answer: Response, body: bytes) -> None:
    """Tell a block page and a cut answer from JSON, without reading it twice."""
    kind = answer.headers.get("content-type", "")
    if "html" in kind or body[:1] == b"<":
        raise errors.Blocked("Reddit answers with a web page in place of the thread", BLOCKED_HINT)
    if body[-1:] not in (b"}", b"]"):
        raise errors.Malformed("Reddit's answer is cut off", TRY_LATER)


def _read(data: bytes) -> Any:
    """Read an answer for prawcore; of one that is no UTF-8 all but those bytes."""
    try:
        return fast_json.loads(data)
    except ValueError:
        return json.loads(data.decode("utf-8", "replace"))


def _in_utf8(answer: Response) -> bytes:
    stated = (answer.encoding or "utf-8").lower()
    if stated.startswith("utf"):
        return deep_json.in_utf8(answer.content)
    return answer.text.encode("utf-8", "replace")


def _mend_budget(answer: Response) -> None:
    """Make the rate-limit headers such that prawcore can read them: all, and whole numbers."""
    try:
        numbers = [int(float(answer.headers[name])) for name in BUDGET_HEADERS]
        answer.headers.update(zip(BUDGET_HEADERS, map(str, numbers), strict=True))
    except (KeyError, ValueError, OverflowError):
        for name in BUDGET_HEADERS:
            answer.headers.pop(name, None)
