"""Merge the snapshots of commands that saved a thread at the same time.

Adding needs no lock, so two commands may store the same content. Both files stay. Readers see one
snapshot, as if one command had run after the other.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.model import completeness

MAX_TIME_DIFFERENCE = timedelta(hours=1)
"""A later snapshot is not merged, because it shows that Reddit's content was still the same."""


def merge_duplicates(snapshots: Iterable[Snapshot]) -> tuple[Snapshot, ...]:
    """Return the snapshots in order, without those that repeat an earlier one.

    The earlier one has their digests in `duplicate_digests`.
    """
    merged: list[Snapshot] = []
    last_indexes: dict[str, int] = {}
    for snapshot in snapshots:
        index = last_indexes.get(snapshot.capture.source)
        if index is not None and _is_duplicate(snapshot, merged[index]):
            previous = merged[index]
            merged[index] = replace(
                previous, duplicate_digests=(*previous.duplicate_digests, snapshot.digest)
            )
            continue
        last_indexes[snapshot.capture.source] = len(merged)
        merged.append(snapshot)
    return tuple(merged)


def _is_duplicate(later: Snapshot, earlier: Snapshot) -> bool:
    """Return whether `later` would not have been stored if its command had seen `earlier`."""
    if later.parent != earlier.parent:  # the common case
        return False
    new, old = later.capture, earlier.capture
    return (
        (new.is_redaction, new.is_imported) == (old.is_redaction, old.is_imported)
        and abs(new.captured_at - old.captured_at) <= MAX_TIME_DIFFERENCE
        and old.has_same_content(new)
        and not completeness.has_better_coverage(new, old)
    )
