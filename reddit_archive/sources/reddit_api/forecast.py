"""Estimate how many requests a thread takes, as a range, from its first page.

The page counts what it leaves out: morechildren and `/api/info` return the comments that its stubs
count, 100 per request. The others are below comments at the last level of the page, where the page
of a comment returns from 9 comments (a chain) to 499. The depth of the comments in stubs is
estimated from their number per id. benchmarks/request_counts.py compares the range with the actual
numbers for all shapes of threads.
"""

import math
from dataclasses import dataclass
from math import ceil

from reddit_archive.sources.reddit_api.api_calls import LEVELS, MOST_BY_NAME, MOST_ON_PAGE

SAVED_SHARE, SAVED_REQUESTS = 0.5, 12
"""Most that pages in other sort orders save: a share in small threads, a number in large ones."""
POOLS = 8
"""Half-empty requests, because comments of different depth are requested separately."""
HIDDEN_TREE = 1.6
"""Requests per 100 comments, at most, if a stub counts a deep tree among single comments."""
DELETED = 0.4
"""Most deleted comments without replies per shown comment. Reddit counts but hides them."""
MARGIN, CUT_MARGIN = 1.25, 2
"""For comments below the last level of the page: a factor, and a number of requests."""
EMPTY = 1.5
"""How many more branches are cut off per share of the page's comments that are hidden."""
CLIMB, CLIMBS = 4, 22
"""Requests for all ancestors of one comment and of several, up to 30 levels deep."""


@dataclass(frozen=True, slots=True)
class FirstPage:
    """The numbers that the first page shows.

    Attributes:
        shown: Comments on the page.
        total: Comments of the thread.
        missing: The depth and the weight of each id in a stub. The weight is about the number of
            comments in the branch of that id.
        cut: Comments at the last level that have replies.
        family: The average number of replies, among comments that have any and show them all.
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


def estimate_thread(page: FirstPage) -> tuple[int, int]:
    """Return the minimum and maximum number of requests for a whole thread, first page included."""
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


def estimate_comments(comments: int, page: FirstPage) -> tuple[int, int]:
    """Return the minimum and maximum number of requests for some comments and their ancestors.

    It can be more if several are over 30 levels deep, which the first page does not show.
    """
    is_shallow = not page.missing and not page.cut
    if comments < 2:
        return 1, 1 if is_shallow or not comments else CLIMB
    return 1, LEVELS + 1 if is_shallow else CLIMBS + 2 * ceil(comments / MOST_BY_NAME)


def _deep(page: FirstPage) -> tuple[float, float]:
    """Estimate how many comments in stubs are too deep for morechildren, in how many branches.

    In a branch of `weight` comments, each has a reply with the probability 1 - 1/weight.
    """
    deep = branches = 0.0
    for depth, weight in page.missing:
        chance = (1 - 1 / weight) ** max(1, LEVELS - depth)
        branches += chance
        deep += weight * chance
    return deep, branches
