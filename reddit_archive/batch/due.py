"""When to look at a thread again: hours after it was posted, then days, then months."""

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
    """Return whether it is time to look at a thread again.

    A look dated later than now was made with a wrong clock. It does not tell when it was made, so
    it does not put the next look off.

    Args:
        looks: When the thread was looked at, and whether it was gone then.
        created_at: When it was posted, if that is known.
        is_archived: Whether Reddit has archived it.
        now: The present time.
    """
    past = [look for look in looks if look[0] <= now]
    if not past:
        return True
    looked_at, is_gone = max(past)
    return now >= next_look(looked_at, created_at, is_archived=is_archived, is_gone=is_gone)


def next_look(
    looked_at: datetime, created_at: datetime | None, *, is_archived: bool, is_gone: bool = False
) -> datetime:
    """Return when to look again: after a tenth of the thread's age at the last look.

    A thread that is gone is looked for twice a year, because some come back.
    """
    if is_archived:
        return looked_at + ARCHIVED
    if is_gone or created_at is None:
        return looked_at + (SELDOM if is_gone else SOONEST)
    age = max(looked_at - created_at, timedelta(0))
    return looked_at + min(max(age * SHARE_OF_AGE, SOONEST), SELDOM)
