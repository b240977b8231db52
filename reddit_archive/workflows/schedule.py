"""Schedule of repeated checks: hours after a thread was posted, then days, then months."""

from collections.abc import Iterable
from datetime import datetime, timedelta

SOONEST = timedelta(hours=1)
SELDOM = timedelta(days=180)
ARCHIVED = timedelta(days=365)
"""Nobody can answer or vote any more in a thread that Reddit has archived; only delete."""
SHARE_OF_AGE = 0.1


def is_due(
    looks: Iterable[tuple[datetime, bool]],
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
    past = [look for look in looks if look[0] <= now]
    if not past:
        return True
    looked_at, is_gone = max(past)
    return now >= next_look(looked_at, created_at, is_archived=is_archived, is_gone=is_gone)


def next_look(
    looked_at: datetime, created_at: datetime | None, *, is_archived: bool, is_gone: bool = False
) -> datetime:
    """Return when to check again: after a tenth of the thread's age at the last check.

    Threads that are gone are checked twice a year, because some come back.
    """
    if is_archived:
        return looked_at + ARCHIVED
    if is_gone or created_at is None:
        return looked_at + (SELDOM if is_gone else SOONEST)
    age = max(looked_at - created_at, timedelta(0))
    return looked_at + min(max(age * SHARE_OF_AGE, SOONEST), SELDOM)
