"""Few requests for threads of all shapes, no missing comment, and a correct estimate.

The numbers of all sizes and seeds are printed by benchmarks/requests.py.
"""

from collections.abc import Iterable
from dataclasses import replace
from random import Random

import pytest

from reddit_archive.model.capture import Thing
from reddit_archive.sources.reddit_api import forecast
from reddit_archive.sources.reddit_api.forecast import FirstPage
from reddit_archive.sources.reddit_api.partial_thread import PartialThread
from reddit_archive.sources.reddit_api.thread_plan import ThreadPlan
from tests.support import reddit_server as rs
from tests.support import request_counts
from tests.support.reddit_server.rules import Leftovers
from tests.support.reddit_server.synthetic import build
from tests.support.request_counts import (
    answer_locally,
    count,
    count_praw,
    floor,
    follow,
    get_ids,
    limit,
)

slow = pytest.mark.slow
SHAPE = pytest.mark.parametrize("shape", rs.SHAPES)
LEFTOVER_KINDS: tuple[Leftovers, ...] = ("stubbed", "dropped")
LEFTOVERS = pytest.mark.parametrize("leftovers", ["dropped", pytest.param("stubbed", marks=slow)])


def check(shape: str, comments: int, seed: int = 1, leftovers: Leftovers = "stubbed") -> None:
    """Fetch a whole thread: all comments, within the limit and within the estimate."""
    thread = rs.shaped(shape, comments, seed=seed)
    counted = count(thread, leftovers=leftovers)
    assert counted.ids >= thread.visible()
    assert counted.requests <= limit(thread)
    assert counted.least <= counted.requests <= counted.most


@SHAPE
@LEFTOVERS
def test_plan__few_requests_for_each_shape(shape: str, leftovers: Leftovers) -> None:
    check(shape, 700, leftovers=leftovers)


@SHAPE
def test_plan__no_more_requests_than_praw(shape: str) -> None:
    thread = rs.shaped(shape, 700)
    assert count(thread).requests <= count_praw(thread)[0]


@pytest.mark.parametrize("comments", [10, *(pytest.param(n, marks=slow) for n in (300, 600))])
@SHAPE
def test_forecast__small_threads(shape: str, comments: int) -> None:
    check(shape, comments)


@slow
@SHAPE
@pytest.mark.parametrize(
    ("comments", "seeds", "leftovers"),
    [
        (1000, (1, 2, 3), "stubbed"),
        (1000, (1, 2, 3), "dropped"),
        (3000, (1, 2, 3), "stubbed"),
        (3000, (1, 2), "dropped"),
        (10000, (1,), "stubbed"),
    ],
)
def test_plan__few_requests_for_each_shape_and_seed(
    shape: str, comments: int, seeds: Iterable[int], leftovers: Leftovers
) -> None:
    for seed in seeds:
        check(shape, comments, seed, leftovers)


def random_thread(dice: Random) -> rs.Thread:
    """Make a thread of any shape, of which up to four in five comments are deleted."""
    top, span, deepest = dice.random() * 0.6, dice.choice((1, 10, 300)), dice.choice((9, 12, 100))
    levels: list[int] = []

    def parent(number: int, random: Random) -> int | None:
        above = random.randrange(max(0, number - span), number) if number else None
        if above is None or random.random() < top or levels[above] >= deepest:
            above = None
        levels.append(0 if above is None else levels[above] + 1)
        return above

    thread = build(dice.choice((200, 600, 900, 1500)), parent, seed=dice.randrange(1000))
    share = dice.choice((0, 0.2, 0.5, 0.8))
    for comment_id in thread.comments:
        if dice.random() < share:
            dice.choice((thread.delete, thread.remove))(comment_id)
    return thread


@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(n, marks=slow) for n in range(4, 40))])
def test_plan__random_threads_are_complete(seed: int) -> None:
    dice = Random(seed)
    thread = random_thread(dice)
    answer = answer_locally(thread, deep=dice.random() < 0.3, leftovers=dice.choice(LEFTOVER_KINDS))
    assert get_ids(follow(ThreadPlan(thread.name).iter_requests(), answer)) >= thread.visible()


def test_floor__one_page_then_hundreds_and_branches() -> None:
    assert floor(rs.shaped("chains", 1000)) == 1 + 5 + 10 * 10
    assert floor(rs.generate(1000, depth=1)) == 1 + 5
    assert floor(rs.generate(400, depth=9)) == 1


# Seeded faults


def test_plan__catches_trust_in_stubs_of_the_post(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comments that do not fit into morechildren are in a stub of the post, at depth 0."""
    real = PartialThread._record_stub

    def record_latest(thread: PartialThread, stub: Thing) -> Iterable[str]:
        for comment_id in stub["data"]["children"]:
            thread.missing.pop(f"t1_{comment_id}", None)
        return real(thread, stub)

    monkeypatch.setattr(PartialThread, "_record_stub", record_latest)
    with pytest.raises(AssertionError):
        check("mixed", 3000)


def test_plan__catches_that_dropped_comments_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def trust_stubs(post_name: str) -> ThreadPlan:
        plan = ThreadPlan(post_name)
        plan.thread.has_complete_stubs = True
        return plan

    monkeypatch.setattr(request_counts, "ThreadPlan", trust_stubs)
    with pytest.raises(AssertionError):
        check("deleted", 3000, leftovers="dropped")


def test_forecast__catches_branches_that_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    real = forecast.estimate_thread

    def shallow(page: FirstPage) -> tuple[int, int]:
        return real(replace(page, truncated_branches=0))

    monkeypatch.setattr(forecast, "estimate_thread", shallow)
    with pytest.raises(AssertionError):
        check("chains", 1000)
