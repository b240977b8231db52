"""When to look at a thread again: hours after it began, then days, then months."""

from datetime import datetime, timedelta

SOONEST = timedelta(hours=1)
SELDOM = timedelta(days=180)
ARCHIVED = timedelta(days=365)
"""Nobody can answer or vote any more in a thread that Reddit has archived; only delete."""
SHARE_OF_AGE = 0.1


def next_look(
    looked_at: datetime, created_at: datetime | None, *, is_archived: bool, is_gone: bool = False
) -> datetime:
    """Wait a tenth of the thread's age at the last look: two hours after twenty.

    A thread that is gone is looked for twice a year, since some come back.
    """
    if is_archived:
        return looked_at + ARCHIVED
    if is_gone or created_at is None:
        return looked_at + (SELDOM if is_gone else SOONEST)
    age = max(looked_at - created_at, timedelta(0))
    return looked_at + min(max(age * SHARE_OF_AGE, SOONEST), SELDOM)
