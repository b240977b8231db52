"""Sends the requests of a plan, one at a time, and gathers what comes; partial beats nothing."""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from praw import Reddit

from reddit_archive import capture, errors
from reddit_archive.capture import Thing
from reddit_archive.sources import Say
from reddit_archive.sources.journal import Journal
from reddit_archive.sources.reddit import failures
from reddit_archive.sources.reddit.ask import Ask, Failure, Reply, Steps

log = logging.getLogger(__name__)

MOST_FAILURES = 10
"""After so many refused requests the rest is not asked for."""
LONG_WAIT_SECONDS = 15.0
"""Shorter ones are how prawcore spreads requests; they are not worth a sentence."""
FATAL = (errors.LoginError, errors.Blocked, errors.Throttled, errors.Unreachable)
"""What would meet the next request as well."""


class Ended(Exception):
    """No more requests are to be made; what came is kept."""


class Asker:
    """One fetch: `things` is what came so far, `failed` why something did not.

    `answers` counts the answers, and `began_at` is when the first of them came.
    """

    def __init__(
        self,
        reddit: Reddit,
        post_id: str,
        *,
        journal: Journal | None,
        say: Say,
        on_answer: Callable[[int], None],
    ) -> None:
        self.things: list[Thing] = []
        self.failed: errors.ArchiveError | None = None
        self.answers = 0
        self._reddit = reddit
        self._post_id = post_id
        self._journal = journal
        self._say = say
        self._on_answer = on_answer
        self._began_at: datetime | None = journal.began_at if journal else None
        self._failures = 0

    @property
    def began_at(self) -> datetime:
        return self._began_at or capture.now()

    def follow(self, steps: Steps) -> None:
        """Make the requests that `steps` asks for. Raises what the first of all fails with."""
        try:
            ask = next(steps)
            while True:
                ask = steps.send(self._reply(ask))
        except StopIteration:
            pass

    def _reply(self, ask: Ask) -> Reply:
        try:
            things = capture.flatten(self._answer(ask))
        except errors.ArchiveError as error:
            if not self.answers or isinstance(error, errors.StoreError):
                raise
            self.failed = error
            self._failures += 1
            log.info("%s of %d names failed: %s", ask.kind, len(ask.names), error)
            if isinstance(error, FATAL) or self._failures > MOST_FAILURES:
                raise Ended from error
            return Failure(is_too_large=isinstance(error, failures.TooLarge))
        self.answers += 1
        self._began_at = self._began_at or capture.now()
        self.things += things
        self._on_answer(self.answers)
        return things

    def _answer(self, ask: Ask) -> Any:
        key = json.dumps(asdict(ask))
        known = self._journal.take(key) if self._journal else None
        if known is not None:
            return known
        method, path, fields = ask.request(self._post_id)
        sent = {"params": fields} if method == "GET" else {"data": fields}
        self._announce_wait()
        with failures.explained(path):
            answer = self._reddit.request(method=method, path=path, **sent)
        if self._journal:
            self._journal.note(key, answer)
        return answer

    def _announce_wait(self) -> None:
        """Say it when prawcore is going to sleep for long, which it does silently."""
        at = self._reddit._core.rate_limiter.next_request_timestamp_ns
        seconds = (at - time.monotonic_ns()) / 1e9 if at is not None else 0.0
        if seconds >= LONG_WAIT_SECONDS:
            self._say(f"waiting for Reddit's limit, {seconds:.0f} s")
