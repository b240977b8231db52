"""Schedule of repeated checks: hours after a thread was posted, then days, then months."""

from collections.abc import Iterable
from datetime import datetime, timedelta

MIN_INTERVAL = timedelta(hours=1)
MAX_INTERVAL = timedelta(days=180)
ARCHIVED_INTERVAL = timedelta(days=365)
"""In threads that Reddit has archived, nobody can comment or vote, only delete."""
SHARE_OF_AGE = 0.1


def is_due(
    checks: Iterable[tuple[datetime, bool]],
    created_at: datetime | None,
    *,
    is_archived: bool,
    now: datetime,
) -> bool:
    """Return whether a thread is due for another check.

    Checks with a date in the future were made with a wrong clock and are ignored.

    Args:
        looks: The times of earlier checks, and whether the thread was gone.
        created_at: When the thread was posted, if known.
        is_archived: Whether Reddit has archived it.
        now: The current time.
    """
    past_checks = [look for look in checks if look[0] <= now]
    if not past_checks:
        return True
    checked_at, is_gone = max(past_checks)
    return now >= get_next_check_time(
        checked_at, created_at, is_archived=is_archived, is_gone=is_gone
    )


def get_next_check_time(
    checked_at: datetime, created_at: datetime | None, *, is_archived: bool, is_gone: bool = False
) -> datetime:
    """Return when to check again: after a tenth of the thread's age at the last check.

    Threads that are gone are checked twice a year, because some come back.
    """
    if is_archived:
        return checked_at + ARCHIVED_INTERVAL
    if is_gone or created_at is None:
        return checked_at + (MAX_INTERVAL if is_gone else MIN_INTERVAL)
    age = max(checked_at - created_at, timedelta(0))
    return checked_at + min(max(age * SHARE_OF_AGE, MIN_INTERVAL), MAX_INTERVAL)
