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

from reddit_archive.sources.reddit_api.api_calls import (
    MAX_INFO_NAMES,
    MAX_PAGE_COMMENTS,
    PAGE_LEVELS,
)

MAX_AVOIDED_SHARE, MAX_AVOIDED_REQUESTS = 0.5, 12
"""The most that other sort orders save: a share in small threads, a number in large ones."""
HALF_EMPTY_REQUESTS = 8
"""Additional requests, because comments of different depth are requested separately."""
HIDDEN_TREE_FACTOR = 1.6
"""Requests per 100 comments, at most, if a stub counts a deep tree among single comments."""
MAX_DELETED_SHARE = 0.4
"""Deleted comments without replies per shown comment, at most. Reddit counts but hides them."""
BELOW_PAGE_FACTOR, BELOW_PAGE_REQUESTS = 1.25, 2
"""For comments below the last level of the page: a factor, and a number of requests."""
EMPTY_BRANCH_FACTOR = 1.5
"""Additional branches that are cut off, per share of hidden comments on the page."""
ONE_COMMENT_ANCESTOR_REQUESTS, ANCESTOR_REQUESTS = 4, 22
"""Requests for all ancestors of one comment and of several, up to 30 levels deep."""


@dataclass(frozen=True, slots=True)
class FirstPage:
    """The numbers that the first page shows.

    Attributes:
        comment_count: Comments on the page.
        total_comments: Comments of the thread.
        missing_branches: The depth and the weight of each id in a stub. The weight is the
            approximate number of comments in the branch of that id.
        truncated_branches: Comments at the last level that have replies.
        mean_replies: The average number of replies, among comments that have any and show all.
    """

    comment_count: int
    total_comments: int
    missing_branches: tuple[tuple[int, float], ...]
    truncated_branches: int
    mean_replies: float

    @property
    def stub_comments(self) -> float:
        """The number of comments that the stubs count."""
        return sum(weight for _, weight in self.missing_branches)

    @property
    def hidden_comments(self) -> int:
        """The number of comments that a full page hides, because they are deleted."""
        return max(0, MAX_PAGE_COMMENTS - self.comment_count) if self.missing_branches else 0

    @property
    def unlisted_comments(self) -> float:
        """The number of comments in no stub: below the last level, or hidden."""
        return (
            self.total_comments - self.comment_count - self.stub_comments
            if self.truncated_branches
            else 0.0
        )


def estimate_thread(page: FirstPage) -> tuple[int, int]:
    """Return the minimum and maximum number of requests for a whole thread, first page included."""
    return 1 + _estimate_min(page), 1 + _estimate_max(page)


def _estimate_min(page: FirstPage) -> int:
    info_requests = page.stub_comments / MAX_INFO_NAMES
    requests = max(info_requests * (1 - MAX_AVOIDED_SHARE), info_requests - MAX_AVOIDED_REQUESTS)
    min_below_page = max(
        0.0,
        page.unlisted_comments - (page.hidden_comments or page.comment_count * MAX_DELETED_SHARE),
    )
    comments_per_page = sum(math.pow(page.mean_replies, level) for level in range(1, PAGE_LEVELS))
    requests += min_below_page / min(MAX_PAGE_COMMENTS, comments_per_page)
    return max(ceil(requests), 1 if page.truncated_branches else 0)


def _estimate_max(page: FirstPage) -> int:
    info_requests = page.stub_comments / MAX_INFO_NAMES
    # One page serves several branches where comments have several replies.
    comments_per_page, branches_per_page = (
        (PAGE_LEVELS - 1) * math.pow(page.mean_replies, 1.5),
        page.mean_replies**2,
    )
    deep_comments, deep_branches = _estimate_deep_comments(page)
    tree_requests = (
        HIDDEN_TREE_FACTOR
        * info_requests
        * min(1, page.stub_comments / max(1, len(page.missing_branches)) - 1)
    )
    below_page = max(0.0, page.unlisted_comments - page.hidden_comments)
    page_requests = max(
        tree_requests, deep_branches / branches_per_page + deep_comments / comments_per_page
    )
    page_requests += (
        page.truncated_branches / branches_per_page
        + below_page / comments_per_page * BELOW_PAGE_FACTOR
    )
    # Branches of deleted comments only are cut off, too, and each costs a request.
    page_requests *= 1 + EMPTY_BRANCH_FACTOR * page.hidden_comments / MAX_PAGE_COMMENTS
    return (
        ceil(info_requests + page_requests)
        + (HALF_EMPTY_REQUESTS if page.missing_branches else 0)
        + BELOW_PAGE_REQUESTS * (page.truncated_branches > 0)
    )


def estimate_comments(comment_count: int, page: FirstPage) -> tuple[int, int]:
    """Return the minimum and maximum number of requests for some comments and their ancestors.

    More are needed if several are over 30 levels deep, which the first page does not show.
    """
    is_shallow = not page.missing_branches and not page.truncated_branches
    if comment_count < 2:
        return 1, 1 if is_shallow or not comment_count else ONE_COMMENT_ANCESTOR_REQUESTS
    return 1, PAGE_LEVELS + 1 if is_shallow else ANCESTOR_REQUESTS + 2 * ceil(
        comment_count / MAX_INFO_NAMES
    )


def _estimate_deep_comments(page: FirstPage) -> tuple[float, float]:
    """Estimate how many comments in stubs are too deep for morechildren, in how many branches.

    In a branch of `weight` comments, each has a reply with the probability 1 - 1/weight.
    """
    deep_comments = deep_branches = 0.0
    for depth, weight in page.missing_branches:
        probability = (1 - 1 / weight) ** max(1, PAGE_LEVELS - depth)
        deep_branches += probability
        deep_comments += weight * probability
    return deep_comments, deep_branches
