"""Retry failed requests: by default five tries in all, for every kind of transient error.

A wait is as long as the server asks, but never longer than ten minutes, and is always announced.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import tenacity

from reddit_archive import errors

TRANSIENT_STATUSES = frozenset({408, 500, 502, 503, 504, 520, 522, 524})
MAX_WAIT_SECONDS = 600.0
"""Reddit counts requests in windows of ten minutes. A longer wait is treated as a refusal."""
MAX_SILENT_SECONDS = 45.0
"""If all tries together waited this long for a stalled server, there are no further tries."""
MIN_TIMESTAMP = 1e9
"""A number of seconds this large is a point in time, not a duration."""
TRY_LATER = "Try again in a few minutes. What was saved before is still there."
TRANSIENT_ERRORS = (
    errors.RateLimitError,
    errors.ServerUnreachableError,
    errors.InvalidResponseError,
)
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often to try in all, and how long to wait after the first failure.

    Each further wait is about twice as long.
    """

    tries: int = 5
    first_wait_seconds: float = 1.0

    def call(self, function: Callable[[], Result], *, on_status: Callable[[str], None]) -> Result:
        """Call a function until it raises none of TRANSIENT_ERRORS, or the tries are used up.

        Raises the error of the last try.
        """
        waited_seconds = 0.0

        def announce(state: tenacity.RetryCallState) -> None:
            wait = state.next_action.sleep if state.next_action else 0.0
            next_try = state.attempt_number + 1
            on_status(
                f"{_get_error(state)}; waiting {wait:.0f} s, then try {next_try} of {self.tries}"
            )

        def is_last(state: tenacity.RetryCallState) -> bool:
            nonlocal waited_seconds
            waited_seconds += getattr(_get_error(state), "waited_seconds", 0.0)
            is_silent = state.attempt_number > 1 and waited_seconds >= MAX_SILENT_SECONDS
            return is_silent or state.attempt_number >= self.tries

        retrying = tenacity.Retrying(
            stop=is_last,
            retry=tenacity.retry_if_exception_type(TRANSIENT_ERRORS),
            wait=self._compute_wait_seconds,
            before_sleep=announce,
            reraise=True,
        )
        return retrying(function)

    def _compute_wait_seconds(self, state: tenacity.RetryCallState) -> float:
        requested_seconds = getattr(_get_error(state), "wait_seconds", None)
        if requested_seconds is not None:
            return min(float(requested_seconds), MAX_WAIT_SECONDS)
        first_wait = self.first_wait_seconds
        wait: float = first_wait * 2 ** (state.attempt_number - 1) + random.uniform(0, first_wait)
        return min(wait, 60 * first_wait, MAX_WAIT_SECONDS)


def _get_error(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def check_status(status: int, headers: Mapping[str, str], server: str) -> None:
    """Raise an error for the status of a transient failure.

    Args:
        status: The status of the response.
        headers: The headers, by lower-case names.
        server: The server's name, for the message.

    Raises:
        RateLimitError: The rate limit is exceeded.
        FetchError: The server asks for a wait of more than MAX_WAIT_SECONDS.
        ServerUnreachableError: The server failed.
    """
    if status == 429:
        raise _build_rate_limit_error(headers, server)
    if status in TRANSIENT_STATUSES:
        raise errors.ServerUnreachableError(
            f"{server} failed to process the request (status {status})", TRY_LATER
        )


def _build_rate_limit_error(headers: Mapping[str, str], server: str) -> errors.FetchError:
    seconds = _parse_retry_after(headers.get("retry-after"))
    if seconds is None:
        seconds = parse_seconds_to_reset(headers)
    if seconds is not None and seconds > MAX_WAIT_SECONDS:
        return errors.FetchError(
            f"{server} asks to wait {seconds / 60:.0f} minutes", "Run the same command after that."
        )
    return errors.RateLimitError(
        f"{server}'s rate limit is used up", TRY_LATER, wait_seconds=seconds
    )


def parse_seconds_to_reset(headers: Mapping[str, str]) -> float | None:
    """Return the seconds until an exhausted rate limit is reset; None if requests are left."""
    try:
        remaining = float(headers.get("x-ratelimit-remaining", ""))
        seconds = float(headers.get("x-ratelimit-reset", ""))
    except ValueError:
        return None
    return max(0.0, seconds) if remaining < 1 and seconds < MIN_TIMESTAMP else None


def _parse_retry_after(value: str | None) -> float | None:
    """Parse both forms of Retry-After, seconds and an HTTP date."""
    if not value:
        return None
    try:
        seconds = float(value)
        return max(0.0, seconds) if seconds == seconds else None  # float() accepts "nan"
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
