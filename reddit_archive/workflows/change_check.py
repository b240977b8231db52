"""Which of many threads have moved since they were saved, at a hundred things a request."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from reddit_archive.history import CONTENT_FIELDS
from reddit_archive.model.capture import Capture, Thing, get_fullname

MOST_BY_NAME = 100
COUNTED = ("num_comments", "edited", "locked")

States = Mapping[str, int]
"""What each post and comment of a thread said, by fullname: a number that tells it from others."""
Words = tuple[str, ...]
LookUp = Callable[[Sequence[str]], Mapping[str, Thing]]


def states(taken: Capture) -> dict[str, int]:
    """Tell what the things of a capture said."""
    return {name: state(thing) for name, thing in named(taken).items()}


def named(taken: Capture) -> dict[str, Thing]:
    """The posts and comments of a capture, by fullname."""
    things = (
        (get_fullname(thing), thing) for thing in taken.things if thing["kind"] in ("t1", "t3")
    )
    return {name: thing for name, thing in things if name is not None}


def state(thing: Thing) -> int:
    """Sum up what a thing says; in another process the number is another one."""
    return number(words(thing))


def words(thing: Thing) -> Words:
    """What a thing says, with a post's number of comments; without votes."""
    data = thing["data"]
    return tuple(repr(data.get(key)) for key in (*CONTENT_FIELDS[thing["kind"]], *COUNTED))


def number(said: Words) -> int:
    return hash(said)


def moved(threads: Iterable[tuple[str, States]], look_up: LookUp) -> Iterator[tuple[str, bool]]:
    """Look everything up, threads mixed in one request; give each thread and whether it moved.

    A thread of which something is no longer to be seen has moved: why, a whole fetch tells.
    """
    pending: deque[tuple[str, str, int]] = deque()
    left: dict[str, int] = {}
    has_moved: set[str] = set()
    for thread_id, known in threads:
        left[thread_id] = len(known)
        pending.extend((thread_id, name, was) for name, was in known.items())
        while len(pending) >= MOST_BY_NAME:
            yield from _settle(pending, left, has_moved, look_up)
    while pending:
        yield from _settle(pending, left, has_moved, look_up)


def _settle(
    pending: deque[tuple[str, str, int]],
    left: dict[str, int],
    has_moved: set[str],
    look_up: LookUp,
) -> Iterator[tuple[str, bool]]:
    """Make one request, and give the threads of which it was the last."""
    asked = [pending.popleft() for _ in range(min(MOST_BY_NAME, len(pending)))]
    found = look_up([name for _, name, _ in asked])
    for thread_id, name, was in asked:
        thing = found.get(name)
        if thing is None or state(thing) != was:
            has_moved.add(thread_id)
        left[thread_id] -= 1
        if not left[thread_id]:
            del left[thread_id]
            yield thread_id, thread_id in has_moved
            has_moved.discard(thread_id)
