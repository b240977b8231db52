"""Generate threads of the shapes that occur on Reddit."""

from collections.abc import Callable, Mapping
from random import Random

from .synthetic import build, generate
from .thread import Thread

CHAIN = 100
BRANCH = 5000
Parents = Callable[[int, Random], int | None]
"""Choose a parent for the comment of this number: an earlier number, or None for the post."""


def _recent(number: int, random: Random) -> int | None:
    """30 % top-level comments, and replies to the last 40 comments, newer ones more often."""
    if number == 0 or random.random() < 0.3:
        return None
    return max(0, number - 1 - min(39, int(random.expovariate(1 / 8))))


def _wide(number: int, random: Random) -> int | None:
    """70 % top-level comments, and replies to any comment."""
    return None if number == 0 or random.random() < 0.7 else random.randrange(number)


def _chains(number: int, _random: Random) -> int | None:
    """Chains of 100 comments, each of which has one reply."""
    return number - 1 if number % CHAIN else None


def _replies(number: int, random: Random) -> int | None:
    """90 % direct replies to the first comment, 5,000 at most."""
    return 0 if number % 10 and number < BRANCH else _wide(number, random)


def _tree(number: int, random: Random) -> int | None:
    """90 % in one tree below the first comment, 5,000 at most."""
    if number == 0 or number % 10 == 0 or number > BRANCH:
        return _wide(number, random)
    return random.choice([n for n in range(max(0, number - 300), number) if n % 10 or n == 0])


_PARENTS: Mapping[str, Parents] = {
    "recent": _recent,
    "wide": _wide,
    "chains": _chains,
    "replies": _replies,
    "tree": _tree,
}
DELETED = 0.4
SHAPES = ("mixed", *_PARENTS, "deleted")


def shaped(shape: str, comments: int, *, seed: int = 1) -> Thread:
    """Make a thread of one of the SHAPES; the same for the same seed."""
    if shape in _PARENTS:
        return build(comments, _PARENTS[shape], seed=seed)
    if shape == "mixed":
        return generate(comments, seed=seed)
    thread = build(comments, _recent, seed=seed)
    random = Random(seed)
    for comment_id in thread.comments:
        if random.random() < DELETED:
            thread.delete(comment_id)
    return thread
