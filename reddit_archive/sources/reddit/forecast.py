"""Estimate how many requests a thread takes, as a range, from its first page.

The page counts what it leaves out: morechildren and `/api/info` return the comments that its stubs
count, 100 per request. The others are below comments at the last level of the page, where the page
of a comment returns from 9 comments (a chain) to 499. The depth of the comments in stubs is
estimated from their number per id. benchmarks/request_counts.py compares the range with the actual
numbers for all shapes of threads.
"""

from dataclasses import dataclass
from math import ceil

from reddit_archive.sources.reddit.ask import LEVELS, MOST_BY_NAME, MOST_ON_PAGE

SAVED_SHARE, SAVED_REQUESTS = 0.35, 12
"""Most that pages in other sort orders save: a share in small threads, a number in large ones."""
POOLS = 8
"""Half-empty requests, because comments of different depth are requested separately."""
HIDDEN_TREE = 1.6
"""Requests per 100 comments, at most, if a stub counts a deep tree among single comments."""
DELETED = 0.4
"""Most deleted comments without replies per shown comment. Reddit counts but hides them."""
MARGIN = 1.25
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


def estimate_thread(page: FirstPage) -> tuple[int, int]:
    """Return the minimum and maximum number of requests for a whole thread, first page included."""
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
