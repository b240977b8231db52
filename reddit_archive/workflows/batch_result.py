"""What happens to the threads of a batch."""

from dataclasses import dataclass
from typing import Literal

from reddit_archive import errors
from reddit_archive.workflows.inputs import ThreadRequest

Status = Literal["new", "changed", "unchanged", "not due", "gone", "failed"]
FATAL_ERRORS = (errors.LoginError, errors.ConfigError, errors.StoreError, errors.BlockedError)
"""Errors that every other thread would meet as well."""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What happened to one requested thread.

    Attributes:
        request: The request.
        status: The outcome.
        thread_id: The thread, if it is known.
        newly_deleted_count: How many texts Reddit has deleted since that the archive still has.
        error: Why it failed.
        unavailable_reason: Why the source no longer returns the thread.
        forgotten_at: When the thread had been forgotten that is stored again.
        was_gone: Whether the source did not have the thread before either.
    """

    request: ThreadRequest
    status: Status
    thread_id: str = ""
    newly_deleted_count: int = 0
    error: errors.ArchiveError | None = None
    unavailable_reason: str = ""
    forgotten_at: str = ""
    was_gone: bool = False


def fail(request: ThreadRequest, error: errors.ArchiveError) -> BatchResult:
    """Return the result of a request that failed."""
    return BatchResult(request, "failed", request.reference.post_id or "", error=error)
