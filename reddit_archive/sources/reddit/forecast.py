"""How many requests a whole thread takes, as a range, judged by its first page.

The page counts exactly what it leaves out: `count` of its stubs is what morechildren and
`/api/info` bring, 100 a request. The rest is below comments at the last level of the page, where
each page of a comment brings from 9 comments (a chain) to 499. How deep the comments are that the
stubs count is guessed from how many stand behind each id. benchmarks/request_counts.py compares the
range with the truth for all shapes of threads.
"""

from dataclasses import dataclass
from math import ceil

from reddit_archive.sources.reddit.ask import LEVELS, MOST_BY_NAME, MOST_ON_PAGE

SAVED_SHARE, SAVED_REQUESTS = 0.35, 12
"""What pages in other orders save at most, in a small thread and in a large one."""
POOLS = 8
"""Comments of different depth are asked for apart, which leaves that many requests half full."""
HIDDEN_TREE = 1.6
"""A stub may count a deep tree among many single comments, at most so many requests per 100."""
DELETED = 0.4
"""Deleted comments without replies are counted and not shown: at most so many for each that is."""
MARGIN = 1.25
CLIMB, CLIMBS = 4, 22
"""So many requests the way up from one and from several comments takes, where it has 30 levels."""


@dataclass(frozen=True, slots=True)
class FirstPage:
    """What the first page tells: `missing` are the depth and the weight of each id in a stub.

    The weight is about how many comments stand behind the id. `cut` are the comments at the last
    level that have replies, and `family` is how many replies a comment has that has any, where all
    of them are on the page.
    """

    shown: int
    total: int
    missing: tuple[tuple[int, float], ...]
    cut: int
    family: float


def expected(page: FirstPage) -> tuple[int, int]:
    """Return the least and the most requests that the whole thread takes, the page among them."""
    named = sum(weight for _, weight in page.missing)
    left = page.total - page.shown - named if page.cut else 0.0
    hidden = MOST_ON_PAGE - page.shown if page.missing else 0
    below_cut = max(0.0, left - hidden)
    surely_below = max(0.0, left - (hidden or page.shown * DELETED))
    by_name = named / MOST_BY_NAME
    least = max(by_name * (1 - SAVED_SHARE), by_name - SAVED_REQUESTS)
    least += surely_below / min(MOST_ON_PAGE, sum(page.family**level for level in range(1, LEVELS)))
    # One page serves several branches where comments have several replies.
    per_page, served = (LEVELS - 1) * page.family**1.5, page.family**2
    deep, branches = _deep(page)
    tree = HIDDEN_TREE * by_name * min(1, named / max(1, len(page.missing)) - 1)
    most = by_name + (POOLS if named else 0)
    most += max(tree, branches / served + deep / per_page)
    most += page.cut / served + below_cut / per_page * MARGIN
    return 1 + max(ceil(least), int(page.cut > 0)), 1 + ceil(most)


def expected_of(comments: int, page: FirstPage) -> tuple[int, int]:
    """Return the least and the most requests that chosen comments take, with all above them.

    It is more where several are more than 30 levels deep, which the first page does not tell.
    """
    is_shallow = not page.missing and not page.cut
    if comments < 2:
        return 1, 1 if is_shallow or not comments else CLIMB
    return 1, LEVELS + 1 if is_shallow else CLIMBS + 2 * ceil(comments / MOST_BY_NAME)


def _deep(page: FirstPage) -> tuple[float, float]:
    """Estimate how many of the comments in stubs are too deep for morechildren, and their branches.

    Where `weight` comments stand behind an id, each has a reply with the probability 1 - 1/weight.
    """
    deep = branches = 0.0
    for depth, weight in page.missing:
        chance = (1 - 1 / weight) ** max(1, LEVELS - depth)
        branches += chance
        deep += weight * chance
    return deep, branches
