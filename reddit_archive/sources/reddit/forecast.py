"""How many requests a whole thread takes, as a range, judged by its first page.

The page counts exactly what it leaves out: `count` of its stubs is what morechildren and
`/api/info` bring, 100 a request. The rest is below comments at the last level of the page, where
each page of a comment brings from 9 comments (a chain) to 499. How deep the comments are that the
stubs count is guessed from how many stand behind each id. benchmarks/request_counts.py compares the
range with the truth for all shapes of threads.
"""

import math
from dataclasses import dataclass
from math import ceil

from reddit_archive.sources.reddit.ask import LEVELS, MOST_BY_NAME, MOST_ON_PAGE

SAVED_SHARE, SAVED_REQUESTS = 0.5, 12
"""The most that pages in other orders save, in a small thread and in a large one."""
POOLS = 8
"""Each depth is asked for separately, which leaves up to this many requests half full."""
HIDDEN_TREE = 1.6
"""A stub may count one deep tree among many single comments: extra requests per 100 comments."""
DELETED = 0.4
"""Deleted comments without replies are counted and not shown: at most this share of the shown."""
MARGIN, CUT_MARGIN = 1.25, 2
"""For what is below the last level of the page: a factor, and requests."""
EMPTY = 1.5
"""How much more branches are cut off where the page hides comments, for each share of it."""
CLIMB, CLIMBS = 4, 22
"""The most requests for all that is above one comment, and above several, 30 levels deep."""


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

    @property
    def named(self) -> float:
        """How many comments the stubs count."""
        return sum(weight for _, weight in self.missing)

    @property
    def hidden(self) -> int:
        """How many comments a full page holds and does not show, because they are deleted."""
        return max(0, MOST_ON_PAGE - self.shown) if self.missing else 0

    @property
    def below(self) -> float:
        """How many comments are in no stub: below the last level, or hidden."""
        return self.total - self.shown - self.named if self.cut else 0.0


def expected(page: FirstPage) -> tuple[int, int]:
    """Return the least and the most requests that the whole thread takes, the page among them."""
    return 1 + _least(page), 1 + _most(page)


def _least(page: FirstPage) -> int:
    by_name = page.named / MOST_BY_NAME
    requests = max(by_name * (1 - SAVED_SHARE), by_name - SAVED_REQUESTS)
    surely_below = max(0.0, page.below - (page.hidden or page.shown * DELETED))
    on_page = sum(math.pow(page.family, level) for level in range(1, LEVELS))
    requests += surely_below / min(MOST_ON_PAGE, on_page)
    return max(ceil(requests), 1 if page.cut else 0)


def _most(page: FirstPage) -> int:
    by_name = page.named / MOST_BY_NAME
    # One page serves several branches where comments have several replies.
    per_page, served = (LEVELS - 1) * math.pow(page.family, 1.5), page.family**2
    deep, branches = _deep(page)
    tree = HIDDEN_TREE * by_name * min(1, page.named / max(1, len(page.missing)) - 1)
    below_cut = max(0.0, page.below - page.hidden)
    on_pages = max(tree, branches / served + deep / per_page)
    on_pages += page.cut / served + below_cut / per_page * MARGIN
    # Branches of which all is deleted are cut off as well, and cost a request for nothing.
    on_pages *= 1 + EMPTY * page.hidden / MOST_ON_PAGE
    return ceil(by_name + on_pages) + (POOLS if page.missing else 0) + CUT_MARGIN * (page.cut > 0)


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
