"""Fill stored threads: fetch by id what their snapshots name or count and do not contain.

What arrives is stored as a snapshot of its own source, and no stored snapshot changes. Comments
that a live source names and does not return are stored as withheld, which ends the search for them.
That Arctic Shift lacks a comment proves nothing about Reddit, so the comment stays missing, and a
log remembers for a week not to ask again.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Literal

from reddit_archive import errors
from reddit_archive.archive import fill_log
from reddit_archive.archive.snapshot_reader import gc_paused
from reddit_archive.config import Settings
from reddit_archive.model.source_info import SOURCES
from reddit_archive.sources.base import Source
from reddit_archive.sources.reddit_api.thread_plan import estimate_min_requests
from reddit_archive.workflows.deferred_interrupt import DeferredInterrupt
from reddit_archive.workflows.fill_thread import ThreadFill
from reddit_archive.workflows.gaps import Gaps, find_gaps
from reddit_archive.workflows.load import LoadedThread, load_thread
from reddit_archive.workflows.reporter import Reporter

Status = Literal["complete", "filled", "partly filled", "unchanged", "failed"]
FATAL_ERRORS = (errors.LoginError, errors.ConfigError, errors.StoreError)
"""Errors that every other thread would meet as well."""
OUTAGE_ERRORS = (
    errors.ServerUnreachableError,
    errors.RateLimitError,
    errors.ResponseRefusedError,
    errors.BlockedError,
)
MAX_OUTAGES = 3
"""After this number of threads in a row, a source that is down is not asked again in this run."""


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """What a source did for a thread.

    Attributes:
        source: Its name.
        requested: Fullnames that were requested.
        unavailable: Fullnames that it does not have, now or when it was asked before.
        reason: Why it does not have the thread at all, if it does not.
        error: Why it did not answer all requests.
    """

    source: str
    requested: frozenset[str] = frozenset()
    unavailable: frozenset[str] = frozenset()
    reason: str = ""
    error: errors.ArchiveError | None = None


@dataclass(frozen=True, slots=True)
class FillResult:
    """What happened to one thread.

    Attributes:
        thread_id: The thread.
        status: "complete" if nothing was missing before.
        gaps: What is missing now; None if the thread could not be read.
        comment_count: The number of comments that were added.
        has_new_post: Whether the post was added.
        dated_count: The number of texts that had no time and have one now.
        answers: What each source did, in the order in which they were asked.
        error: Why the thread is not filled, if a source failed.
    """

    thread_id: str
    status: Status
    gaps: Gaps | None = None
    comment_count: int = 0
    has_new_post: bool = False
    dated_count: int = 0
    answers: tuple[SourceAnswer, ...] = ()
    error: errors.ArchiveError | None = None


@dataclass(frozen=True, slots=True)
class FillEstimate:
    """What is missing from a thread, and how many requests to the first source that takes."""

    thread_id: str
    gaps: Gaps
    min_requests: int
    max_requests: int


@dataclass(slots=True)
class FillRun:
    """A run over many threads, one after the other.

    Attributes:
        open_sources: Returns the sources to ask in turn. Called when the first thread needs them.
        asks_again: Ask also for what the sources did not have in the last days.
    """

    open_sources: Callable[[], Sequence[Source]]
    settings: Settings
    reporter: Reporter
    asks_again: bool = False
    _sources: Sequence[Source] = ()
    _outages: dict[str, int] = field(default_factory=dict)
    _last_errors: dict[str, errors.ArchiveError] = field(default_factory=dict)
    _interrupt: DeferredInterrupt = field(default_factory=DeferredInterrupt)

    def run(self, thread_ids: Iterable[str]) -> Iterator[FillResult]:
        """Yield a result for each thread. An interrupt keeps what has arrived.

        Raises:
            ArchiveError: One of FATAL_ERRORS.
            KeyboardInterrupt: Between two writes.
        """
        known = {} if self.asks_again else fill_log.read(self.settings.archive)
        with self._interrupt.install():
            for thread_id in thread_ids:
                try:
                    yield self._fill(thread_id, known)
                except (errors.NotArchivedError, errors.DamageFoundError) as error:
                    yield FillResult(thread_id, "failed", error=error)
                except errors.NewerFormatError as error:  # a StoreError of this thread alone
                    yield FillResult(thread_id, "failed", error=error)

    @gc_paused()
    def _fill(self, thread_id: str, known: fill_log.Answers) -> FillResult:
        before = load_thread(self.settings.archive, thread_id, reporter=self.reporter)
        loaded, gaps = before, find_gaps(before)
        answers: list[SourceAnswer] = []
        if not gaps.is_empty and not self._sources:
            self._sources = self.open_sources()
        for source in self._sources:
            if gaps.is_empty:
                break
            unavailable = known.get((thread_id, source.name), frozenset())
            thread_fill = ThreadFill(
                source, self.settings, self.reporter, self._interrupt, loaded, set(unavailable)
            )
            answers.append(self._ask(thread_fill))
            loaded = thread_fill.loaded
            gaps = find_gaps(loaded)
        return _build_result(before, loaded, gaps, answers)

    def _ask(self, thread_fill: ThreadFill) -> SourceAnswer:
        """Fill a thread from one source, unless that was down for several threads in a row."""
        name = thread_fill.source.name
        error: errors.ArchiveError | None = None
        if self._outages.get(name, 0) >= MAX_OUTAGES:
            return SourceAnswer(name, error=self._last_errors[name])
        try:
            thread_fill.run()
            self._outages[name] = 0
        except FATAL_ERRORS:
            raise
        except (errors.FetchError, errors.NotAThreadError) as fetch_error:
            error = self._last_errors[name] = fetch_error
            is_outage = isinstance(error, OUTAGE_ERRORS)
            self._outages[name] = self._outages.get(name, 0) + 1 if is_outage else 0
        return SourceAnswer(
            name,
            frozenset(thread_fill.requested),
            frozenset(thread_fill.unavailable),
            thread_fill.unavailable_reason,
            error,
        )


def _build_result(
    before: LoadedThread, after: LoadedThread, gaps: Gaps, answers: Sequence[SourceAnswer]
) -> FillResult:
    old_gaps = find_gaps(before)
    comment_count = len(after.thread.comments) - len(before.thread.comments)
    has_new_post = gaps.has_post and not old_gaps.has_post
    dated_count = len({*old_gaps.undated} - {*gaps.undated})
    has_added = comment_count > 0 or has_new_post or dated_count > 0
    error = next((answer.error for answer in answers if answer.error), None)
    status: Status = "filled"
    if old_gaps.is_empty:
        status = "complete"
    elif not gaps.is_empty:
        status = "partly filled" if has_added else "failed" if error else "unchanged"
    return FillResult(
        before.thread.id,
        status,
        gaps,
        comment_count,
        has_new_post,
        dated_count,
        tuple(answers),
        None if gaps.is_empty else error,
    )


def estimate_all(
    thread_ids: Iterable[str], source: str, root: Path, reporter: Reporter, *, asks_again: bool
) -> Iterator[FillEstimate]:
    """Yield what is missing from each thread that is not complete. Sends no request."""
    known = {} if asks_again else fill_log.read(root)
    for thread_id in thread_ids:
        loaded = load_thread(root, thread_id, reporter=reporter)
        gaps = find_gaps(loaded)
        if not gaps.is_empty:
            unavailable = known.get((thread_id, source), frozenset())
            yield FillEstimate(
                thread_id, gaps, *_estimate_requests(loaded, gaps, source, unavailable)
            )


def _estimate_requests(
    loaded: LoadedThread, gaps: Gaps, source: str, unavailable: Collection[str]
) -> tuple[int, int]:
    """Return the approximate minimum and maximum number of requests."""
    names = gaps.list_names(loaded.thread.id, unavailable)
    by_name = ceil(len(names) / SOURCES[source].names_per_request)
    if not gaps.unlisted_keys - {*unavailable}:
        return by_name, by_name
    if not SOURCES[source].is_live:
        return 2, 2 + by_name
    total = len(loaded.thread.comments) + gaps.comment_count
    whole = estimate_min_requests(total)
    return whole, max(whole, 1 + by_name) + ceil(total / 50)
