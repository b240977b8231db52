"""Send the requests of a plan, one at a time, and collect the responses.

If a later request fails, the responses so far become an incomplete capture.
"""

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
from reddit_archive.model.capture import Capture, Thing, get_data_str
from reddit_archive.sources.base import StatusCallback
from reddit_archive.sources.reddit_api import error_translation
from reddit_archive.sources.reddit_api.api_calls import (
    ApiRequest,
    ApiResponse,
    RequestFailure,
    RequestGenerator,
)
from reddit_archive.sources.resume_journal import ResumeJournal

log = logging.getLogger(__name__)

NAME = "reddit"
MAX_FAILURES = 10
"""After this number of failed requests, no more are sent."""
LONG_WAIT_SECONDS = 15.0
"""Shorter waits are not reported: prawcore spreads requests evenly."""
FATAL_ERRORS = (
    errors.LoginError,
    errors.BlockedError,
    errors.RateLimitError,
    errors.ServerUnreachableError,
    errors.ResponseRefusedError,
)
"""Errors that the next request would meet, too."""


class StopFetching(Exception):
    """Stops a fetch. The responses so far are kept."""


class PlanRunner:
    """One fetch of one thread. `last_error` is the last error that a request met, if any."""

    def __init__(
        self,
        reddit: Reddit,
        post_id: str,
        *,
        journal: ResumeJournal | None,
        on_status: StatusCallback,
        report_request_count: Callable[[int], None],
    ) -> None:
        self.last_error: errors.ArchiveError | None = None
        self._reddit = reddit
        self._post_id = post_id
        self._journal = journal
        self._on_status = on_status
        self._report_request_count = report_request_count
        self._began_at: datetime | None = journal.began_at if journal else None
        self._responses: list[Sequence[Thing]] = []
        self._failure_count = 0

    @property
    def response_count(self) -> int:
        return len(self._responses)

    @property
    def things(self) -> Iterator[Thing]:
        """The things of all responses so far, in the order of the responses."""
        return chain.from_iterable(self._responses)

    def build_capture(
        self,
        request: Mapping[str, Any],
        unavailable_ids: Container[str],
        unfetched_replies: Mapping[str, int],
    ) -> Capture:
        """Build a capture of all responses, with the time of the first response.

        Args:
            request: Description of the request.
            unavailable_ids: Comments that Reddit named and did not return.
            unfetched_replies: Number of comments, by ancestor, that no response shows or names.
        """
        page, *later_responses = self._responses or [()]
        things = tuple(page)
        if later_responses:
            things = comment_tree.merge_listings(
                page, chain.from_iterable(later_responses), withheld_ids=unavailable_ids
            )
        things += tuple(
            comment_tree.build_stub_without_ids(name, count)
            for name, count in unfetched_replies.items()
        )
        captured_at = self._began_at or capture.utc_now()
        thread_capture = Capture(
            self._post_id, captured_at, NAME, {**request, "requests": self.response_count}, things
        )
        if self.last_error is not None and thread_capture.missing_comments:
            self._on_status(
                f"Some comments could not be fetched: {self.last_error}. The others are kept."
            )
            return replace(
                thread_capture, request={**thread_capture.request, "failed": str(self.last_error)}
            )
        return thread_capture

    def run(self, requests: RequestGenerator) -> None:
        """Send the requests of a plan. Raises the error of the first request, if it fails."""
        try:
            request = next(requests)
            while True:
                request = requests.send(self._run_request(request))
                self._report_request_count(self.response_count)
        except StopIteration:
            self._report_request_count(self.response_count)

    def _run_request(self, request: ApiRequest) -> ApiResponse:
        try:
            things = capture.flatten(self._load_or_send(request))
        except errors.ArchiveError as error:
            if not self._responses or isinstance(error, errors.StoreError):
                raise
            self.last_error = error
            self._failure_count += 1
            log.info("%s of %d names failed: %s", request.kind, len(request.fullnames), error)
            if isinstance(error, FATAL_ERRORS) or self._failure_count > MAX_FAILURES:
                raise StopFetching from error
            return RequestFailure(
                is_too_large=isinstance(error, error_translation.RequestTooLargeError)
            )
        self._began_at = self._began_at or capture.utc_now()
        if request.kind == "info":  # a wrong id returns comments of other threads
            link_ids = ("", f"t3_{self._post_id}")
            things = tuple(
                thing for thing in things if get_data_str(thing, "link_id").lower() in link_ids
            )
        if request.kind == "page" and not self._responses:
            self._require_thread(things)
        self._responses.append(things)
        return things

    def _require_thread(self, things: Sequence[Thing]) -> None:
        """Raise NotAThreadError for a page without the thread; the next fetch requests it again."""
        try:
            page = Capture(self._post_id, capture.utc_now(), NAME, {}, tuple(things))
            capture.require_thread(page)
        except errors.NotAThreadError:
            if self._journal:
                self._journal.discard()
            raise

    def _load_or_send(self, request: ApiRequest) -> Any:
        key = request.key
        journaled = self._journal.pop(key) if self._journal else None
        if journaled is not None:
            return journaled
        if self._journal:
            self._journal.write_pending()
        method, path, fields = request.to_http(self._post_id)
        payload = {"params": fields} if method == "GET" else {"data": fields}
        self._report_long_wait()
        with error_translation.translate_errors(path):
            response = self._reddit.request(method=method, path=path, **payload)
        if self._journal:
            core: Any = self._reddit._core
            self._journal.record(key, core.requestor.last_body)
        return response

    def _report_long_wait(self) -> None:
        """Report a long wait, because prawcore sleeps silently."""
        core: Any = self._reddit._core
        next_request_ns = core.rate_limiter.next_request_timestamp_ns
        seconds = (
            (next_request_ns - time.monotonic_ns()) / 1e9 if next_request_ns is not None else 0.0
        )
        if seconds >= LONG_WAIT_SECONDS:
            self._on_status(f"Waiting {seconds:.0f} s for Reddit's rate limit.")
