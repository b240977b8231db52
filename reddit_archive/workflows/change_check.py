"""Find which of many threads changed since they were saved, with 100 things per request."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from reddit_archive.history import CONTENT_FIELDS
from reddit_archive.model.capture import Capture, Thing, get_fullname

MAX_NAMES = 100
"""Fullnames per request."""
METADATA_FIELDS = ("num_comments", "edited", "locked")

Fingerprints = Mapping[str, int]
"""A number for the content of each post and comment of a thread, by fullname."""
FieldValues = tuple[str, ...]
LookUp = Callable[[Sequence[str]], Mapping[str, Thing]]


def compute_fingerprints(capture: Capture) -> dict[str, int]:
    """Return the fingerprint of each post and comment of a capture, by fullname."""
    return {name: compute_fingerprint(thing) for name, thing in index_by_fullname(capture).items()}


def index_by_fullname(capture: Capture) -> dict[str, Thing]:
    """Return the posts and comments of a capture by fullname."""
    things = (
        (get_fullname(thing), thing) for thing in capture.things if thing["kind"] in ("t1", "t3")
    )
    return {name: thing for name, thing in things if name is not None}


def compute_fingerprint(thing: Thing) -> int:
    """Return a number for the content of a thing; it differs from process to process."""
    return hash_values(get_field_values(thing))


def get_field_values(thing: Thing) -> FieldValues:
    """Return the content of a thing with a post's number of comments, but without votes."""
    data = thing["data"]
    names = (*CONTENT_FIELDS[thing["kind"]], *METADATA_FIELDS)
    return tuple(repr(data.get(name)) for name in names)


def hash_values(values: FieldValues) -> int:
    """Return the fingerprint of a thing with these field values."""
    return hash(values)


def iter_changed(
    threads: Iterable[tuple[str, Fingerprints]], look_up: LookUp
) -> Iterator[tuple[str, bool]]:
    """Look up all things of many threads, and yield each thread's id and whether it changed.

    A thread also counts as changed if one of its things is no longer there. Requests mix things of
    several threads.
    """
    pending: deque[tuple[str, str, int]] = deque()
    remaining_counts: dict[str, int] = {}
    changed_ids: set[str] = set()
    for thread_id, fingerprints in threads:
        remaining_counts[thread_id] = len(fingerprints)
        pending.extend((thread_id, name, value) for name, value in fingerprints.items())
        while len(pending) >= MAX_NAMES:
            yield from _look_up_batch(pending, remaining_counts, changed_ids, look_up)
    while pending:
        yield from _look_up_batch(pending, remaining_counts, changed_ids, look_up)


def _look_up_batch(
    pending: deque[tuple[str, str, int]],
    remaining_counts: dict[str, int],
    changed_ids: set[str],
    look_up: LookUp,
) -> Iterator[tuple[str, bool]]:
    """Send one request, and yield the threads that are complete with it."""
    batch = [pending.popleft() for _ in range(min(MAX_NAMES, len(pending)))]
    things = look_up([name for _, name, _ in batch])
    for thread_id, name, fingerprint in batch:
        thing = things.get(name)
        if thing is None or compute_fingerprint(thing) != fingerprint:
            changed_ids.add(thread_id)
        remaining_counts[thread_id] -= 1
        if not remaining_counts[thread_id]:
            del remaining_counts[thread_id]
            yield thread_id, thread_id in changed_ids
            changed_ids.discard(thread_id)
