"""The one owner of retries: five tries in all, whatever went wrong on the way to a source.

Waits are as long as the server asks for, never longer than ten minutes, and always announced.
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
LONGEST_WAIT_SECONDS = 600.0
"""Reddit counts requests in windows of ten minutes; to be told to wait longer is a refusal."""
MAX_SILENT_SECONDS = 45.0
"""Seconds after which a stalled server gets no further request, for all tries together."""
EPOCH_SECONDS = 1e9
"""A number of seconds this large is a time, not a wait."""
TRY_LATER = "Try again in a few minutes; what was saved before is still there."
TRANSIENT_ERRORS = (errors.Throttled, errors.Unreachable, errors.Malformed)
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to try in all, and how long to wait after the first failure; then ever longer."""

    tries: int = 5
    first_wait_seconds: float = 1.0

    def persist(self, once: Callable[[], Answer], *, say: Callable[[str], None]) -> Answer:
        """Call `once` until it raises none of TRANSIENT_ERRORS, or the last of them for good."""

        waited_seconds = 0.0

        def announce(state: tenacity.RetryCallState) -> None:
            wait = state.next_action.sleep if state.next_action else 0.0
            number = state.attempt_number + 1
            say(f"{_error(state)}; waiting {wait:.0f} s, then try {number} of {self.tries}")

        def is_last(state: tenacity.RetryCallState) -> bool:
            nonlocal waited_seconds
            waited_seconds += getattr(_error(state), "waited_seconds", 0.0)
            is_silent = state.attempt_number > 1 and waited_seconds >= MAX_SILENT_SECONDS
            return is_silent or state.attempt_number >= self.tries

        retrying = tenacity.Retrying(
            stop=is_last,
            retry=tenacity.retry_if_exception_type(TRANSIENT_ERRORS),
            wait=self._wait_seconds,
            before_sleep=announce,
            reraise=True,
        )
        return retrying(once)

    def _wait_seconds(self, state: tenacity.RetryCallState) -> float:
        asked = getattr(_error(state), "wait_seconds", None)
        if asked is not None:
            return min(float(asked), LONGEST_WAIT_SECONDS)
        first = self.first_wait_seconds
        wait: float = first * 2 ** (state.attempt_number - 1) + random.uniform(0, first)
        return min(wait, 60 * first, LONGEST_WAIT_SECONDS)


def _error(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def check_status(status: int, headers: Mapping[str, str], who: str) -> None:
    """Raise what the status of a passing trouble means; `who` is the server, for the message.

    `headers` are found by lower-case names. Raises Throttled, Unreachable, and FetchError where
    the server asks to wait for longer than anybody waits.
    """
    if status == 429:
        raise _throttled(headers, who)
    if status in TRANSIENT_STATUSES:
        raise errors.Unreachable(f"{who} has trouble of its own (status {status})", TRY_LATER)


def _throttled(headers: Mapping[str, str], who: str) -> errors.FetchError:
    seconds = _retry_after(headers.get("retry-after"))
    if seconds is None:
        seconds = seconds_to_reset(headers)
    if seconds is not None and seconds > LONGEST_WAIT_SECONDS:
        return errors.FetchError(
            f"{who} asks to wait {seconds / 60:.0f} minutes", "Run the same command again then."
        )
    return errors.Throttled(f"{who}'s rate limit is used up", TRY_LATER, wait_seconds=seconds)


def seconds_to_reset(headers: Mapping[str, str]) -> float | None:
    """How long until a limit that is used up is renewed; None where there is more of it."""
    try:
        remaining = float(headers.get("x-ratelimit-remaining", ""))
        seconds = float(headers.get("x-ratelimit-reset", ""))
    except ValueError:
        return None
    return max(0.0, seconds) if remaining < 1 and seconds < EPOCH_SECONDS else None


def _retry_after(value: str | None) -> float | None:
    """Read Retry-After in both forms, seconds and an HTTP date."""
    if not value:
        return None
    try:
        seconds = float(value)
        return max(0.0, seconds) if seconds == seconds else None  # "nan" is a number, too
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
