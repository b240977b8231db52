"""The one place that retries: five tries in all, whatever went wrong on the way.

It stands below prawcore, which sees the last answer only, so that its own retries never multiply
with these. Waits are as long as Reddit asks for, and always announced.
"""

import logging
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import tenacity
from prawcore.exceptions import RequestException
from prawcore.requestor import Requestor
from requests import Response

from reddit_archive import capture, errors
from reddit_archive.sources import Say

log = logging.getLogger(__name__)

TRANSIENT_STATUSES = frozenset({408, 500, 502, 503, 504, 520, 522, 524})
LONGEST_WAIT_SECONDS = 600.0
"""Reddit counts requests in windows of ten minutes; to be told to wait longer is a refusal."""
BUDGET_HEADERS = ("x-ratelimit-used", "x-ratelimit-remaining", "x-ratelimit-reset")
CHECK_KEY = "Check client_id, client_secret and refresh_token under reddit: in config.yaml."
BLOCKED_HINT = (
    "Reddit blocks some networks and unapproved apps; try from another network, or save the "
    "thread's .json page in your browser and give that file."
)
TRY_LATER = "Try again in a few minutes; what was saved before is still there."


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to try in all, and how long to wait after the first failure; then ever longer."""

    tries: int = 5
    first_wait_seconds: float = 1.0


class PatientRequestor(Requestor):
    """Sends one request, again where it makes sense.

    Raises Throttled, Unreachable, Malformed when all tries failed; Blocked, LoginError at once.
    """

    def __init__(self, *, patience: Patience, say: Say, **options: Any) -> None:
        super().__init__(**options)
        self._patience = patience
        self._say = say

    def request(self, *args: Any, timeout: float | None = None, **kwargs: Any) -> Response:
        """Send it; `timeout` is prawcore's fixed one and gives way to the configured one."""
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._patience.tries),
            retry=tenacity.retry_if_exception_type(
                (errors.Throttled, errors.Unreachable, errors.Malformed)
            ),
            wait=self._wait_seconds,
            before_sleep=self._announce,
            reraise=True,
        )
        answer: Response = retrying(self._once, *args, **kwargs)
        return answer

    def _once(self, *args: Any, **kwargs: Any) -> Response:
        try:
            answer = super().request(*args, timeout=self.timeout, **kwargs)
        except RequestException as error:
            raise _unreachable(error.original_exception) from error
        log.debug("%s from %s, %d bytes", answer.status_code, answer.url, len(answer.content))
        if answer.status_code == 429:
            raise _throttled(answer)
        if answer.status_code in TRANSIENT_STATUSES:
            raise errors.Unreachable(
                f"Reddit has trouble of its own (status {answer.status_code})", TRY_LATER
            )
        if answer.status_code == 401:  # prawcore renews tokens in time, and would only ask again
            raise errors.LoginError("Reddit does not accept the key (status 401)", CHECK_KEY)
        if answer.status_code == 200:
            _check_json(answer)
        _mend_budget(answer)
        return answer

    def _wait_seconds(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = getattr(error, "wait_seconds", None)
        if asked is not None:
            return float(asked)
        first = self._patience.first_wait_seconds
        return float(
            tenacity.wait_exponential_jitter(initial=first, max=60 * first, jitter=first)(state)
        )

    def _announce(self, state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        wait = state.next_action.sleep if state.next_action else 0.0
        self._say(
            f"{error}; waiting {wait:.0f} s, then try {state.attempt_number + 1} "
            f"of {self._patience.tries}"
        )


def _throttled(answer: Response) -> errors.ArchiveError:
    seconds = _retry_after(answer.headers.get("retry-after"))
    if seconds is not None and seconds > LONGEST_WAIT_SECONDS:
        return errors.FetchError(
            f"Reddit asks to wait {seconds / 60:.0f} minutes", "Run the same command again then."
        )
    return errors.Throttled("Reddit's rate limit is used up", TRY_LATER, wait_seconds=seconds)


def _retry_after(value: str | None) -> float | None:
    """Read Retry-After in both forms, seconds and an HTTP date."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - capture.now()).total_seconds())
    except (ValueError, TypeError):
        return None


def _unreachable(error: Exception) -> errors.ArchiveError:
    name = type(error).__name__
    what = {
        "ConnectTimeout": "Reddit does not answer",
        "ReadTimeout": "Reddit did not answer in time",
        "SSLError": "no safe connection to Reddit could be made",
        "ChunkedEncodingError": "Reddit's answer broke off",
        "ContentDecodingError": "Reddit's answer is garbled",
        "ConnectionError": "Reddit can't be reached",
    }.get(name, f"the request to Reddit failed ({name})")
    return errors.Unreachable(what, "Check your connection, and try again in a few minutes.")


def _check_json(answer: Response) -> None:
    """Tell a block page and a cut answer from JSON, without reading it twice."""
    kind = answer.headers.get("content-type", "")
    body = answer.content.strip()
    if "html" in kind or body[:1] == b"<":
        raise errors.Blocked("Reddit answers with a web page in place of the thread", BLOCKED_HINT)
    if body[-1:] not in (b"}", b"]"):
        raise errors.Malformed("Reddit's answer is cut off", TRY_LATER)


def _mend_budget(answer: Response) -> None:
    """Make the rate-limit headers such that prawcore can read them: all, and whole numbers."""
    try:
        numbers = [int(float(answer.headers[name])) for name in BUDGET_HEADERS]
        answer.headers.update(zip(BUDGET_HEADERS, map(str, numbers), strict=True))
    except (KeyError, ValueError, OverflowError):
        for name in BUDGET_HEADERS:
            answer.headers.pop(name, None)
