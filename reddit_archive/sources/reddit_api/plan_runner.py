"""Sends the requests of a plan, one at a time, and gathers what comes; partial beats nothing."""

import logging
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Any

from praw import Reddit

from reddit_archive import errors
from reddit_archive.model import capture, comment_tree
from reddit_archive.model.capture import Capture, Thing, text_of
from reddit_archive.sources.base import Say
from reddit_archive.sources.reddit_api import error_translation
from reddit_archive.sources.reddit_api.api_calls import Ask, Failure, Reply, Steps
from reddit_archive.sources.resume_journal import Journal

log = logging.getLogger(__name__)

NAME = "reddit"
MOST_FAILURES = 10
"""After so many refused requests the rest is not asked for."""
LONG_WAIT_SECONDS = 15.0
"""Shorter ones are how prawcore spreads requests; they are not worth a sentence."""
FATAL = (
    errors.LoginError,
    errors.Blocked,
    errors.Throttled,
    errors.Unreachable,
    errors.ResponseRefused,
)
"""What would meet the next request as well."""


class Ended(Exception):
    """No more requests are to be made; what came is kept."""


class Asker:
    """One fetch of one thread. `failed` is why something did not come."""

    def __init__(
        self,
        reddit: Reddit,
        post_id: str,
        *,
        journal: Journal | None,
        say: Say,
        show: Callable[[int], None],
    ) -> None:
        self.failed: errors.ArchiveError | None = None
        self._reddit = reddit
        self._post_id = post_id
        self._journal = journal
        self._say = say
        self._show = show
        self._began_at: datetime | None = journal.began_at if journal else None
        self._answers: list[Sequence[Thing]] = []
        self._failures = 0

    @property
    def answers(self) -> int:
        return len(self._answers)

    @property
    def things(self) -> Iterator[Thing]:
        """What came so far, in the order in which it came."""
        return chain.from_iterable(self._answers)

    def capture(
        self, request: Mapping[str, Any], withheld: Container[str], unread: Mapping[str, int]
    ) -> Capture:
        """Make a capture of all answers, with the time of the first answer.

        `unread` is the number of comments below others that no answer shows or names.
        """
        page, *more = self._answers or [()]
        things = tuple(page)
        if more:
            things = comment_tree.assemble(page, chain.from_iterable(more), withheld=withheld)
        things += tuple(comment_tree.unnamed(name, count) for name, count in unread.items())
        at = self._began_at or capture.now()
        taken = Capture(self._post_id, at, NAME, {**request, "requests": self.answers}, things)
        if self.failed is not None and taken.gaps:
            self._say(f"Reddit did not give all: {self.failed}. What came is kept.")
            return replace(taken, request={**taken.request, "failed": str(self.failed)})
        return taken

    def follow(self, steps: Steps) -> None:
        """Make the requests that `steps` asks for. Raises what the first of all fails with."""
        try:
            ask = next(steps)
            while True:
                ask = steps.send(self._reply(ask))
                self._show(self.answers)
        except StopIteration:
            self._show(self.answers)

    def _reply(self, ask: Ask) -> Reply:
        try:
            things = capture.flatten(self._answer(ask))
        except errors.ArchiveError as error:
            if not self._answers or isinstance(error, errors.StoreError):
                raise
            self.failed = error
            self._failures += 1
            log.info("%s of %d names failed: %s", ask.kind, len(ask.names), error)
            if isinstance(error, FATAL) or self._failures > MOST_FAILURES:
                raise Ended from error
            return Failure(is_too_large=isinstance(error, error_translation.TooLarge))
        self._began_at = self._began_at or capture.now()
        if ask.kind == "info":  # a wrong id brings comments of other threads
            links = ("", f"t3_{self._post_id}")
            things = tuple(t for t in things if text_of(t, "link_id").lower() in links)
        if ask.kind == "page" and not self._answers:
            self._require_thread(things)
        self._answers.append(things)
        return things

    def _require_thread(self, things: Sequence[Thing]) -> None:
        """Raise NotAThread for a page without anything of the thread. The request is repeated."""
        try:
            page = Capture(self._post_id, capture.now(), NAME, {}, tuple(things))
            capture.require_thread(page)
        except errors.NotAThread:
            if self._journal:
                self._journal.discard()
            raise

    def _answer(self, ask: Ask) -> Any:
        key = ask.key
        known = self._journal.take(key) if self._journal else None
        if known is not None:
            return known
        if self._journal:
            self._journal.write_pending()
        method, path, fields = ask.request(self._post_id)
        sent = {"params": fields} if method == "GET" else {"data": fields}
        self._announce_wait()
        with error_translation.explained(path):
            answer = self._reddit.request(method=method, path=path, **sent)
        if self._journal:
            core: Any = self._reddit._core
            self._journal.note(key, core.requestor.latest)
        return answer

    def _announce_wait(self) -> None:
        """Say it when prawcore is going to sleep for long, which it does silently."""
        core: Any = self._reddit._core
        at = core.rate_limiter.next_request_timestamp_ns
        seconds = (at - time.monotonic_ns()) / 1e9 if at is not None else 0.0
        if seconds >= LONG_WAIT_SECONDS:
            self._say(f"waiting for Reddit's limit, {seconds:.0f} s")
