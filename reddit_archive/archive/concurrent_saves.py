"""The snapshots of commands that saved a thread at the same time, each without seeing the other.

Adding needs no lock, so each of them may find the thread as it was before, and store what the other
one stores too. Both files stay. Readers take them for the one snapshot that there would be if the
commands had run one after the other.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.model import completeness

AT_ONCE = timedelta(hours=1)
"""How far apart they may be. A later snapshot tells that Reddit still showed the same then."""


def united(snapshots: Iterable[Snapshot]) -> tuple[Snapshot, ...]:
    """Return the snapshots in their order, with each one left out that repeats an earlier one.

    The earlier one keeps the digests of those in `repeats`.
    """
    found: list[Snapshot] = []
    last: dict[str, int] = {}
    for each in snapshots:
        number = last.get(each.capture.source)
        if number is not None and _repeats(each, found[number]):
            before = found[number]
            found[number] = replace(before, repeats=(*before.repeats, each.digest))
            continue
        last[each.capture.source] = len(found)
        found.append(each)
    return tuple(found)


def _repeats(later: Snapshot, earlier: Snapshot) -> bool:
    """Return whether `later` would not have been stored if its command had seen `earlier`."""
    if later.parent != earlier.parent:  # so it nearly always is
        return False
    new, old = later.capture, earlier.capture
    return (
        (new.is_redaction, new.is_imported) == (old.is_redaction, old.is_imported)
        and abs(new.captured_at - old.captured_at) <= AT_ONCE
        and old.covers(new)
        and not completeness.tells_more(new, old)
    )
