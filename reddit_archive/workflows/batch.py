"""Save many threads: check all that are stored, then fetch what is new or has changed.

Each thread gets a result or an error of its own. A run that was interrupted resumes where it
stopped.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from reddit_archive import errors
from reddit_archive.archive import check_log, gone_log, store
from reddit_archive.archive.gone_log import GoneThread
from reddit_archive.archive.index import maintenance
from reddit_archive.archive.index.summary import UNCHANGED
from reddit_archive.archive.snapshot_reader import gc_paused
from reddit_archive.config import Settings
from reddit_archive.model import capture as capture_model
from reddit_archive.model import completeness
from reddit_archive.model.capture import Capture
from reddit_archive.model.content import Post
from reddit_archive.model.source_info import is_live
from reddit_archive.sources.base import FetchRequest, Source
from reddit_archive.sources.reddit_api.thread_plan import estimate_min_requests
from reddit_archive.workflows import change_check, schedule
from reddit_archive.workflows.batch_result import FATAL_ERRORS, BatchResult, Status, fail
from reddit_archive.workflows.deferred_interrupt import DeferredInterrupt
from reddit_archive.workflows.fetch import fetch_from
from reddit_archive.workflows.inputs import ThreadRequest
from reddit_archive.workflows.load import LoadedThread, load_thread
from reddit_archive.workflows.reporter import Reporter
from reddit_archive.workflows.resolve_links import resolve_requests
from reddit_archive.workflows.resume_log import ResumeLog
from reddit_archive.workflows.save import store_captures

MAX_OUTAGES = 3
GONE_REASONS = frozenset({"not-found", "private", "banned", "legal"})
"""Reasons that another request soon would not change, as a login may change others."""
SETTLED_DAYS = 3
"""Arctic Shift visits a thread a second time after a day and a half, and then no more."""


@dataclass(slots=True)
class BatchRun:
    """A run in which one source is asked for every thread.

    Attributes:
        source: The source.
        settings: The settings.
        reporter: Receives messages.
        only_due: Whether to skip stored threads that are not due for another check.
        retries_gone: Whether to ask for threads that the source did not have lately, too.
    """

    source: Source
    settings: Settings
    reporter: Reporter
    only_due: bool = False
    retries_gone: bool = False
    _gone: Mapping[str, GoneThread] = field(init=False)
    _outages: int = 0
    _interrupt: DeferredInterrupt = field(default_factory=DeferredInterrupt)

    def __post_init__(self) -> None:
        self._gone = gone_log.read(self.settings.archive, self.source.name)

    def run(self, requests: Sequence[ThreadRequest]) -> Iterator[BatchResult]:
        """Yield a result for each request, first for those that need no request of their own.

        Threads that an interrupted run finished are "unchanged", unless they were removed since.

        Raises:
            ArchiveError: One of FATAL_ERRORS, or a third outage of the source.
            KeyboardInterrupt: Between two writes.
        """
        resume_log = ResumeLog(self.settings.archive / "tmp", requests)
        remaining: list[ThreadRequest] = []
        for request in requests:
            if request in resume_log and self._is_stored(request):
                yield BatchResult(request, "unchanged", request.reference.post_id or "")
            else:
                remaining.append(request)
        checked_ids: list[str] = []
        try:
            with self._interrupt.install():
                for result in self._process(remaining):
                    if result.status != "failed":
                        resume_log.record(result.request)
                    if result.status == "unchanged" or result.unavailable_reason:
                        checked_ids.append(result.thread_id)  # its log of checks may have grown
                    yield result
        finally:
            maintenance.confirm(self.settings.archive, checked_ids)
        resume_log.close()

    def _process(self, requests: Sequence[ThreadRequest]) -> Iterator[BatchResult]:
        new: list[ThreadRequest] = []
        stored: dict[str, ThreadRequest] = {}
        for request in requests:
            if self._was_gone_lately(request):
                thread_id = request.reference.post_id or ""
                yield BatchResult(request, "gone", thread_id, was_gone=True)
            elif self._is_stored(request):
                stored[request.reference.post_id or ""] = request
            else:
                new.append(request)
        changed: list[ThreadRequest] = []
        for thread_id, must_fetch in self._check_stored(stored):
            if must_fetch is None:
                yield BatchResult(stored[thread_id], "not due", thread_id)
            elif must_fetch:
                changed.append(stored[thread_id])
            else:
                self._log_unchanged(thread_id)
                yield BatchResult(stored[thread_id], "unchanged", thread_id)
        for request in (*new, *changed):
            yield self._save(request)

    def _was_gone_lately(self, request: ThreadRequest) -> bool:
        """Return whether the source did not have the thread, and is not asked again yet."""
        gone = self._gone.get(request.reference.post_id or "")
        return (
            gone is not None and not self.retries_gone and not gone.is_due(capture_model.utc_now())
        )

    def _is_stored(self, request: ThreadRequest) -> bool:
        thread_id = request.reference.post_id
        return bool(thread_id and store.read_headers(self.settings.archive, thread_id))

    def _check_stored(self, thread_ids: Iterable[str]) -> Iterator[tuple[str, bool | None]]:
        """Yield for each stored thread whether it must be fetched; None if it is not due."""
        checked_by_name: list[str] = []
        for thread_id in thread_ids:
            with suppress(errors.DamageFoundError, errors.NewerFormatError):
                capture = store.load_last(self.settings.archive, thread_id).capture
                if self.only_due and not self._is_due(thread_id, capture):
                    yield thread_id, None
                    continue
                if not is_live(self.source.name):
                    yield thread_id, not self._is_settled(capture)
                    continue
                if self._is_cheap_by_name(capture):
                    checked_by_name.append(thread_id)
                    continue
            yield thread_id, True
        fingerprints = map(self._compute_fingerprints, checked_by_name)
        yield from change_check.iter_changed(fingerprints, self.source.look_up)

    def _compute_fingerprints(self, thread_id: str) -> tuple[str, change_check.Fingerprints]:
        capture = store.load_last(self.settings.archive, thread_id).capture
        return thread_id, change_check.compute_fingerprints(capture)

    def _is_cheap_by_name(self, capture: Capture) -> bool:
        """Return whether looking up all stored things takes fewer requests than a new fetch."""
        if capture.source != self.source.name or not completeness.is_capture_complete(capture):
            return False
        requests = capture.request.get("requests")
        fetch_requests = (
            requests if isinstance(requests, int) else estimate_min_requests(len(capture.things))
        )
        return len(capture.things) / change_check.MAX_NAMES <= fetch_requests

    def _is_due(self, thread_id: str, capture: Capture) -> bool:
        root, post = self.settings.archive, _get_post(capture)
        checks = [(header.captured_at, False) for header in store.read_headers(root, thread_id)]
        for entry in check_log.read(store.thread_folder(root, thread_id)):
            with suppress(KeyError, ValueError, TypeError):
                is_gone = entry["result"] not in ("", UNCHANGED)
                checks.append((check_log.parse_check_time(entry), is_gone))
        return schedule.is_due(
            checks,
            post.created_at,
            is_archived=post.raw.get("archived") is True,
            now=capture_model.utc_now(),
        )

    def _is_settled(self, capture: Capture) -> bool:
        """Return whether Arctic Shift will not visit the thread again."""
        created_at = _get_post(capture).created_at
        return (
            capture.source == self.source.name
            and created_at is not None
            and (capture_model.utc_now() - created_at).days >= SETTLED_DAYS
            and (capture.captured_at - created_at).days >= 0
            and not _has_fetchable_comments(capture)
        )

    def _log_unchanged(self, thread_id: str) -> None:
        if is_live(self.source.name):
            with self._interrupt.defer():
                folder = store.thread_folder(self.settings.archive, thread_id)
                check_log.add(folder, capture_model.utc_now(), self.source.name, "unchanged")

    def _save(self, request: ThreadRequest) -> BatchResult:
        """Fetch and store a thread; the result tells of an error that concerns it alone."""
        try:
            return self._fetch_and_store(request)
        except errors.NewerFormatError as error:  # a StoreError that concerns one thread only
            return fail(request, error)
        except FATAL_ERRORS:
            raise
        except (
            errors.ServerUnreachableError,
            errors.RateLimitError,
            errors.ResponseRefusedError,
        ) as error:
            self._outages += 1
            if self._outages >= MAX_OUTAGES:
                raise
            return fail(request, error)
        except errors.ThreadUnavailableError as error:
            return self._report_missing(request, error)
        except errors.ArchiveError as error:
            return fail(request, error)

    def _report_missing(
        self, request: ThreadRequest, error: errors.ThreadUnavailableError
    ) -> BatchResult:
        """Return the result for a thread that was never stored: a failure the first time only."""
        thread_id = request.reference.post_id or ""
        if not thread_id or error.reason not in GONE_REASONS:
            return fail(request, error)
        if not self._record_gone(thread_id):
            return fail(request, error)
        return BatchResult(
            request, "gone", thread_id, unavailable_reason=error.message, was_gone=True
        )

    def _record_gone(self, thread_id: str) -> bool:
        """Remember that the source has no such thread; return whether it had none before."""
        with self._interrupt.defer():
            gone_log.record_gone(self.settings.archive, thread_id, self.source.name)
        return thread_id in self._gone

    @gc_paused()
    def _fetch_and_store(self, request: ThreadRequest) -> BatchResult:
        root = self.settings.archive
        fetch_request = FetchRequest(request.options.selection.comments)
        fetched = fetch_from(self.source, request.reference, fetch_request, root)
        self._outages = 0
        thread_id = fetched.reference.post_id or ""
        request = replace(request, reference=fetched.reference)
        before = (
            load_thread(root, thread_id, reporter=self.reporter)
            if store.read_headers(root, thread_id)
            else None
        )
        if not fetched.captures:
            return BatchResult(
                request,
                "gone",
                thread_id,
                unavailable_reason=fetched.unavailable_reason,
                was_gone=self._record_gone(thread_id),
            )
        with self._interrupt.defer():
            if thread_id in self._gone:
                gone_log.record_back(root, thread_id, self.source.name)
            after = store_captures(fetched.captures, self.settings, self.reporter)
        status: Status = "new" if before is None else "changed" if after.is_new else "unchanged"
        return BatchResult(
            request,
            status,
            thread_id,
            newly_deleted_count=_count_preserved(after) - _count_preserved(before),
            forgotten_at=after.forgotten_at,
        )


def save_all(
    requests: Sequence[ThreadRequest],
    source: Source,
    settings: Settings,
    reporter: Reporter,
    *,
    only_due: bool = False,
    retries_gone: bool = False,
) -> Iterator[BatchResult]:
    """Save many threads from one source; yields a result for each. Raises what `BatchRun` does.

    Args:
        requests: The threads.
        source: The source to ask.
        settings: The settings.
        reporter: Receives messages.
        only_due: Whether to skip stored threads that are not due for another check.
        retries_gone: Whether to ask for threads that the source did not have lately, too.
    """
    resolved, failed = resolve_requests(requests, source, settings.archive)
    yield from failed
    run = BatchRun(source, settings, reporter, only_due=only_due, retries_gone=retries_gone)
    yield from run.run(resolved)


def _count_preserved(loaded: LoadedThread | None) -> int:
    """Count the texts that the archive has and Reddit no longer shows."""
    if loaded is None:
        return 0
    thread = loaded.thread
    contents = [*([thread.post] if thread.post else []), *thread.comments.values()]
    return sum(content.is_preserved for content in contents)


def _has_fetchable_comments(capture: Capture) -> bool:
    """Return whether the source named comments that it may still return."""
    return (
        any(not missing.is_withheld for missing in capture.missing_comments)
        or capture.request.get("whole") is False
    )


def _get_post(capture: Capture) -> Post:
    return Post(next((t["data"] for t in capture.things if t["kind"] == "t3"), {}))
