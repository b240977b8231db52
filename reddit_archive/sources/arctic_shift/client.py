"""Arctic Shift's API: one question, one answer, and what its failures mean.

Nothing is sent but the question: no key, no cookie, no name. No host is asked but the configured
one, wherever an answer may point.
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
from reddit_archive.network.retry import LONGEST_WAIT_SECONDS, Patience
from reddit_archive.network.session import Session
from reddit_archive.sources.base import Say

log = logging.getLogger(__name__)

WHO = "Arctic Shift"
URL = "https://arctic-shift.photon-reddit.com"
TIMEOUT_SECONDS = 60
AT_ONCE, WINDOW_SECONDS = 2, 1.0
"""Its documentation asks for no more than "a couple requests per second"."""
BUSY = re.compile(r"tim(?:ed? ?)out|slow down|too many", re.IGNORECASE)
SEE_STATUS = (
    "Try again in a few minutes; https://status.arctic-shift.photon-reddit.com says whether it is "
    "down. With a key for Reddit's API, or a saved page, you do not need it."
)
LONGEST_QUOTE = 200


class Api:
    """Asks, patiently and at most twice a second. `requests` counts what was sent."""

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        patience: Patience,
        say: Say,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take `settings` as they stand under `arctic_shift:`; raises ConfigError for a bad URL."""
        self._url = str(settings.get("url") or URL).rstrip("/")
        try:
            origins.parse(self._url)
        except ValueError:
            raise errors.ConfigError(
                "'arctic_shift: url' is not the address of a server", f"The default is {URL}."
            ) from None
        self._timeout = float(settings.get("timeout") or TIMEOUT_SECONDS)
        self._patience = patience
        self._say = say
        self._clock, self._sleep = clock, sleep
        self._sent: deque[float] = deque(maxlen=AT_ONCE)
        self._free_at = 0.0
        self._session = Session(WHO, [self._url])
        self._session.headers["User-Agent"] = USER_AGENT
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self.requests = 0

    def ask(self, path: str, **question: str | int) -> Any:
        """Give the `data` of an answer. Raises FetchError, after five tries where that may help."""
        return self._patience.persist(lambda: self._ask_once(path, question), say=self._say)

    def _ask_once(self, path: str, question: Mapping[str, str | int]) -> Any:
        self._wait_for_turn()
        self.requests += 1
        answer = self._session.get(
            f"{self._url}/api/{path}", params=dict(question), timeout=self._timeout
        )
        size = len(answer.content)
        log.debug("%s from %s, %d bytes", answer.status_code, path, size)
        self._heed_limit(answer.headers)
        return _read(answer)

    def _wait_for_turn(self) -> None:
        """Keep to the pace, and to the limit of which the last answer told."""
        now = self._clock()
        is_early = len(self._sent) == AT_ONCE and now < self._sent[0] + WINDOW_SECONDS
        free_at = max(self._free_at, self._sent[0] + WINDOW_SECONDS if is_early else 0.0)
        if free_at - now > WINDOW_SECONDS:
            self._say(f"waiting for {WHO}'s limit, {free_at - now:.0f} s")
        if free_at > now:
            self._sleep(free_at - now)
        self._sent.append(self._clock())

    def _heed_limit(self, headers: Mapping[str, str]) -> None:
        seconds = retry.seconds_to_reset(headers)
        self._free_at = (
            self._clock() + min(seconds, LONGEST_WAIT_SECONDS) if seconds is not None else 0.0
        )


def _read(answer: Response) -> Any:
    """Take the data out of an answer, or raise what its failure means."""
    status = answer.status_code
    retry.check_status(status, answer.headers, WHO)
    body = deep_json.in_utf8(answer.content).strip()
    if "html" in answer.headers.get("content-type", "") or body[:1] == b"<":
        raise errors.Blocked(f"{WHO} answers with a web page (status {status})", SEE_STATUS)
    value = _parse(body) if status in (200, 400, 422) else None
    told = value.get("error") if isinstance(value, dict) else None
    if status == 422 or (isinstance(told, str) and BUSY.search(told)):
        raise errors.Unreachable(f"{WHO} is too busy for this request{_quoted(told)}", SEE_STATUS)
    if status != 200 or told:
        raise errors.FetchError(
            f"{WHO} refused the request (status {status}){_quoted(told)}", SEE_STATUS
        )
    if not isinstance(value, dict) or not isinstance(value.get("data"), list | dict):
        raise errors.Malformed(f"{WHO}'s answer holds no data", SEE_STATUS)
    return value["data"]


def _parse(body: bytes) -> Any:
    if body[-1:] not in (b"}", b"]"):
        raise errors.Malformed(f"{WHO}'s answer is cut off", SEE_STATUS)
    try:
        return deep_json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise errors.Malformed(f"{WHO}'s answer is no JSON", SEE_STATUS) from error


def _quoted(told: Any) -> str:
    """What the server says of its failure, as one short line."""
    if not isinstance(told, str):
        return ""
    line = "".join(c if c.isprintable() else " " for c in told).strip()
    return f": {line[:LONGEST_QUOTE]}" if line else ""
