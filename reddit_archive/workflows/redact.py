"""Redact stored threads in two steps: plan what would change, then apply the plan."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import check_log, redact, store
from reddit_archive.archive.index import summary
from reddit_archive.archive.redact import RedactionCriteria, RedactionResult
from reddit_archive.archive.snapshot_format import format_time
from reddit_archive.export.site import page_cache
from reddit_archive.model.redaction import RedactionLevels
from reddit_archive.workflows.wording import format_count


@dataclass(frozen=True, slots=True)
class RedactionRequest:
    """What to redact.

    Attributes:
        root: The archive.
        thread_ids: The threads to which the criteria apply.
        criteria: What to redact in them.
        accept_pending: Whether to apply redactions from imported bags to them.
    """

    root: Path
    thread_ids: Sequence[str]
    criteria: RedactionCriteria
    accept_pending: bool = False


@dataclass(slots=True)
class RedactionPreview:
    """What a request would change.

    Attributes:
        request: The request.
        results: The threads that change; also threads with a crosspost of a redacted post.
        post_levels: The redacted posts, whose crossposts are redacted in all other threads.
        failures: Why threads can't be redacted, by thread id.
        requested_ids: The threads of the request.
    """

    request: RedactionRequest
    results: list[RedactionResult] = field(default_factory=list)
    post_levels: RedactionLevels = field(default_factory=dict)
    failures: dict[str, errors.ArchiveError] = field(default_factory=dict)
    requested_ids: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.requested_ids = frozenset(self.request.thread_ids)


def plan_redaction(request: RedactionRequest) -> RedactionPreview:
    """Find out what a request would change, and change nothing."""
    plan = RedactionPreview(request)
    results = {
        thread_id: _redact(plan, thread_id, dry_run=True) for thread_id in request.thread_ids
    }
    plan.post_levels = {
        name: level
        for result in results.values()
        if result
        for name, level in result.post_levels.items()
    }
    for thread_id in redact.find_threads_crossposting(request.root, plan.post_levels):
        results[thread_id] = _redact(plan, thread_id, dry_run=True)
    plan.results = [result for result in results.values() if result and result.snapshot_count]
    return plan


def apply_plan(plan: RedactionPreview) -> None:
    """Redact what a plan lists; `plan.failures` then also holds the failures of this step."""
    thread_ids = [result.thread_id for result in plan.results]
    page_cache.discard(thread_ids)
    for thread_id in thread_ids:
        _redact(plan, thread_id, dry_run=False)
    page_cache.discard(thread_ids)  # again: `open` may have written a page in the meantime
    redact.remove_orphaned_temps(plan.request.root)


def _redact(plan: RedactionPreview, thread_id: str, *, dry_run: bool) -> RedactionResult | None:
    """Redact a thread, or only its crossposts if the request does not name it."""
    request = plan.request
    is_requested = thread_id in plan.requested_ids
    try:
        return redact.redact(
            request.root,
            thread_id,
            request.criteria if is_requested else RedactionCriteria(),
            redacted_posts=plan.post_levels,
            dry_run=dry_run,
            accept_pending=request.accept_pending and is_requested,
        )
    except (errors.DamageFoundError, errors.NewerFormatError) as error:
        plan.failures[thread_id] = error
        return None


def build_error(plan: RedactionPreview) -> errors.ArchiveError | None:
    """Return the error for the threads that could not be redacted; None if all could be."""
    failures = [*plan.failures.values()]
    if not failures:
        return None
    if [*plan.failures] == [*plan.request.thread_ids] and len(failures) == 1:
        return failures[0]
    message = f"{format_count(len(failures), 'thread')} could not be redacted"
    if all(isinstance(error, errors.NewerFormatError) for error in failures):
        hint = "Install a newer reddit-archive and run the command again."
        return errors.NewerFormatError(message, hint)
    hint = "Restore the files named above from a backup, or remove them."
    return errors.DamageFoundError(message, hint)


def find_unavailable(root: Path, thread_ids: Iterable[str]) -> list[str]:
    """Return the threads that Reddit did not return at the last check."""
    return [thread_id for thread_id in thread_ids if _is_unavailable(root, thread_id)]


def _is_unavailable(root: Path, thread_id: str) -> bool:
    check = check_log.read_last(store.thread_folder(root, thread_id))
    headers = store.read_headers(root, thread_id) if check else []
    if check is None or not headers:
        return False
    return bool(summary.unavailable_reason(check, format_time(headers[-1].captured_at)))


def iter_pending(root: Path, thread_ids: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Yield the threads that imported bags redact, and how many snapshots that changes."""
    for thread_id in thread_ids:
        with suppress(errors.DamageFoundError, errors.NewerFormatError):
            if count := redact.count_pending(root, thread_id):
                yield thread_id, count


def count_skipped(root: Path, unavailable_ids: Iterable[str], criteria: RedactionCriteria) -> int:
    """Count the unavailable threads that `--deleted` skips although it could redact them."""
    everything = replace(criteria, is_deleted=False, matches_all=True)
    count = 0
    for thread_id in unavailable_ids:
        with suppress(errors.DamageFoundError, errors.NewerFormatError):
            count += bool(redact.redact(root, thread_id, everything, dry_run=True).levels)
    return count
