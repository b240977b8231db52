"""Stubs without ids: when an archive's comments settle them, and in how many steps."""

from datetime import timedelta
from typing import Any

import pytest

from reddit_archive.model import completeness
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.model.completeness import tracker
from tests.support.filling import build_stub
from tests.support.histories import START, comment

POST: Thing = {"kind": "t3", "data": {"id": "p1", "title": "T"}}


def capture(source: str, *things: Thing, days: int = 0, total: int | None = None) -> Capture:
    post = {"kind": "t3", "data": {**POST["data"], "num_comments": total}}
    request = {"path": "api/comments/tree"} if source == "arctic-shift" else {"file": "x.html"}
    return Capture("p1", START + timedelta(days=days), source, request, (post, *things))


def below(name: str, parent: str = "t1_a", **fields: Any) -> Thing:
    return comment(name, parent_id=parent, **fields)


def count(*captures: Capture) -> int:
    """Count what is missing after captures, in the order of their times."""
    ordered = sorted(captures, key=lambda each: each.captured_at)
    coverages = [completeness.get_coverage(each) for each in ordered]
    missing = completeness.find_missing("p1", coverages)
    return sum(group.count for group in missing) + sum(not group.count for group in missing)


@pytest.mark.parametrize("days", [-9, 9])
def test_counted_stub__is_settled_by_an_archive_of_any_time(days: int) -> None:
    page = capture("saved-page", comment("a"), build_stub("t1_a", [], 2), total=3)
    archive = capture(
        "arctic-shift", comment("a"), below("b"), below("c", "t1_b"), days=days, total=3
    )
    assert (count(page), count(page, archive)) == (2, 0)


def test_counted_stub__what_the_page_shows_does_not_settle_it() -> None:
    page = capture("saved-page", comment("a"), below("b"), build_stub("t1_a", [], 2), total=4)
    archive = capture("arctic-shift", comment("a"), below("b"), below("c"), days=-9, total=4)
    assert count(page, archive) == 1


@pytest.mark.parametrize(("total", "missing"), [(2, 0), (3, 2)])
def test_continue_stub__is_settled_when_all_are_counted(total: int, missing: int) -> None:
    page = capture("saved-page", comment("a"), build_stub("t1_a", []), total=total)
    archive = capture("arctic-shift", comment("a"), below("b"), days=-9, total=total)
    assert count(page) > 0
    assert count(page, archive) == missing


def test_stubs__each_comment_is_visited_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain in which every comment has a stub: walking below each would take its square."""

    class Counted(dict[str, str]):
        visits = 0

        def get(self, *args: Any) -> Any:
            Counted.visits += 1
            return super().get(*args)

    names = [f"a{number}" for number in range(2000)]
    parents = ["t3_p1", *(f"t1_{name}" for name in names)]
    things = [below(name, parent) for name, parent in zip(names, parents, strict=False)]
    stubs = [build_stub(f"t1_{name}", [], 1) for name in names]
    found = tracker.CompletenessTracker("p1")
    found._parents = Counted()
    found.add(completeness.get_coverage(capture("saved-page", *things, *stubs, total=4000)))
    assert len(found.find_missing()) == 2000
    assert Counted.visits < 10 * 2000


def test_stubs__a_cycle_of_parents_ends() -> None:
    things = [below("a", "t1_b"), below("b", "t1_a"), below("c", "t1_a")]
    assert count(capture("saved-page", *things, build_stub("t1_a", [], 5), total=8)) == 5
