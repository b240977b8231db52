"""Few requests for threads of every shape, all comments there, and a forecast that holds.

The numbers of all sizes and seeds are printed by benchmarks/requests.py.
"""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from reddit_archive.capture import Thing
from reddit_archive.sources.reddit import forecast
from reddit_archive.sources.reddit.forecast import FirstPage
from reddit_archive.sources.reddit.plan import Plan

from . import reddit_server as rs
from . import request_counts
from .reddit_server.rules import Leftovers
from .request_counts import count, count_praw, floor, limit

slow = pytest.mark.slow
SHAPE = pytest.mark.parametrize("shape", rs.SHAPES)
LEFTOVERS = pytest.mark.parametrize("leftovers", ["stubbed", "dropped"])


def check(shape: str, comments: int, seed: int = 1, leftovers: Leftovers = "stubbed") -> None:
    """Fetch a whole thread: everything, within the limit, and as the first page foretold."""
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


def test_floor__one_page_then_hundreds_and_branches() -> None:
    assert floor(rs.shaped("chains", 1000)) == 1 + 5 + 10 * 10
    assert floor(rs.generate(1000, depth=1)) == 1 + 5
    assert floor(rs.generate(400, depth=9)) == 1


# Seeded faults


def test_plan__catches_belief_in_stubs_of_the_post(monkeypatch: pytest.MonkeyPatch) -> None:
    """What morechildren has no room for is in a stub that names the post, at depth 0."""
    real = Plan._note

    def note(plan: Plan, stub: Thing) -> Iterable[str]:
        for each in stub["data"]["children"]:
            plan._missing.pop(f"t1_{each}", None)
        return real(plan, stub)

    monkeypatch.setattr(Plan, "_note", note)
    with pytest.raises(AssertionError):
        check("mixed", 3000)


def test_plan__catches_that_dropped_comments_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def trusting(post: str) -> Plan:
        return Plan(post, _names_leftovers=True)

    monkeypatch.setattr(request_counts, "Plan", trusting)
    with pytest.raises(AssertionError):
        check("deleted", 3000, leftovers="dropped")


def test_forecast__catches_branches_that_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    real = forecast.expected

    def shallow(page: FirstPage) -> tuple[int, int]:
        return real(replace(page, cut=0))

    monkeypatch.setattr(forecast, "expected", shallow)
    with pytest.raises(AssertionError):
        check("chains", 1000)
