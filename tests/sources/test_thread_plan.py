"""What a fetch asks for: every comment comes, in few requests, whatever an answer leaves out."""

from collections import Counter
from pathlib import Path
from random import Random
from statistics import median

import pytest

from reddit_archive.model import capture, comment_tree
from reddit_archive.model.capture import Thing
from reddit_archive.sources.reddit_api.api_calls import ApiRequest, ApiResponse, RequestFailure
from reddit_archive.sources.reddit_api.comments_plan import CommentsPlan
from reddit_archive.sources.reddit_api.thread_plan import ThreadPlan
from tests.support import reddit_server as rs
from tests.support.request_counts import answers, follow, ids


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize(("comments", "depth"), [(50, 4), (450, 14), (1000, 9), (1500, 30)])
def test_plan__brings_every_comment(comments: int, depth: int, deep: bool) -> None:
    thread = rs.generate(comments, depth=depth)
    done = follow(ThreadPlan(thread.name).iter_requests(), answers(thread, deep=deep))
    assert ids(done) == thread.visible()


def test_plan__recorded_sessions(recordings: Path) -> None:
    for folder in sorted((recordings / "sessions").iterdir()):
        thread = rs.load_session(folder)
        done = follow(ThreadPlan(thread.name).iter_requests(), answers(thread))
        assert ids(done) >= thread.visible()
        assert len(done) <= 14


def test_plan__asks_for_nothing_twice() -> None:
    thread = rs.generate(1500, depth=30)
    asks = Counter(
        ask for ask, _ in follow(ThreadPlan(thread.name).iter_requests(), answers(thread))
    )
    assert set(asks.values()) == {1}


@pytest.mark.parametrize(
    ("comments", "most"), [(450, 2), (1000, 18), pytest.param(3000, 55, marks=pytest.mark.slow)]
)
def test_plan__few_requests(comments: int, most: int) -> None:
    thread = rs.generate(comments)
    assert len(follow(ThreadPlan(thread.name).iter_requests(), answers(thread))) <= most


def test_plan__deleted_leaves_are_told_from_withheld_ones() -> None:
    thread = rs.generate(900)
    plan = ThreadPlan(thread.name)
    first = ids(follow(plan.request_first_page(), answers(thread)))
    hidden = sorted(thread.visible() - first)
    gone = next(i for i in hidden if not thread.replies.get(f"t1_{i}"))
    given = answers(thread)

    def withhold(ask: ApiRequest) -> ApiResponse:
        reply = given(ask)
        assert not isinstance(reply, RequestFailure)
        return [thing for thing in reply if capture.get_fullname(thing) != f"t1_{gone}"]

    plan = ThreadPlan(thread.name)
    done = follow(plan.iter_requests(), withhold)
    assert plan.thread.unavailable_ids <= {gone}
    assert ids(done) == thread.visible() - {gone}


def test_plan__goes_on_when_requests_fail() -> None:
    thread = rs.generate(1500)
    given = answers(thread)
    plan = ThreadPlan(thread.name)
    done = follow(
        plan.iter_requests(), lambda ask: RequestFailure() if ask.kind == "children" else given(ask)
    )
    assert thread.visible() > ids(done) > ids(done[:1])
    assert not plan.thread.unavailable_ids


def test_plan__halves_what_is_too_large() -> None:
    thread = rs.generate(1500)
    given = answers(thread)
    is_large = lambda ask: ask.kind == "children" and len(ask.fullnames) > 20  # noqa: E731
    done = follow(
        ThreadPlan(thread.name).iter_requests(),
        lambda ask: RequestFailure(is_too_large=True) if is_large(ask) else given(ask),
    )
    assert ids(done) == thread.visible()


def test_plan__survives_circles_of_parents() -> None:
    page = [
        {"kind": "t1", "data": {"id": "a", "name": "t1_a", "parent_id": "t1_b"}},
        {"kind": "t1", "data": {"id": "b", "name": "t1_b", "parent_id": "t1_a"}},
        {"kind": "more", "data": {"parent_id": "t1_a", "children": ["c"], "count": 7}},
        {"kind": "more", "data": {"parent_id": "t1_x", "children": None}},
    ]
    done = follow(
        ThreadPlan("t3_p").iter_requests(), lambda ask: page if ask.kind == "page" else []
    )
    assert len(done) < 10


def test_plan__replies_below_a_deep_comment() -> None:
    """Comments come before those above them, so that depths are known only at the end."""
    thread = rs.generate(3000, depth=40)
    depths, sizes = thread.depths(), thread.sizes()
    deep = next(each for each, depth in depths.items() if depth > 20 and sizes[each] > 50)
    chosen = CommentsPlan(thread.name, (f"t1_{deep}",))
    done = follow(chosen.iter_requests(with_replies=True), answers(thread))
    things = [
        thing for _, reply in done if not isinstance(reply, RequestFailure) for thing in reply
    ]
    done += follow(ThreadPlan(thread.name).request_descendants(things), answers(thread))
    assert ids(done) >= {each for each in thread.comments if deep in thread.path(each)}
    assert len(done) <= 10


# Chosen comments


def chosen(thread: rs.Thread, names: list[str], *, with_replies: bool = False) -> list[ApiRequest]:
    """Fetch these; checks that they, their ancestors and the post came; gives the requests."""
    wanted = CommentsPlan(thread.name, tuple(f"t1_{name}" for name in names))
    done = follow(wanted.iter_requests(with_replies=with_replies), answers(thread))
    expected = {above for name in names for above in thread.path(name)}
    assert expected <= ids(done)
    replies = [reply for _, reply in done if not isinstance(reply, RequestFailure)]
    assert any(thing["kind"] == "t3" for reply in replies for thing in reply)
    return [ask for ask, _ in done]


def test_chosen__one_comment_is_one_request() -> None:
    thread = rs.generate(3000, depth=9)
    deepest = max(thread.depths().items(), key=lambda each: each[1])[0]
    assert len(chosen(thread, [deepest])) == 1


@pytest.mark.parametrize("depth", [9, 14])
def test_chosen__fifty_of_3000(depth: int) -> None:
    thread = rs.generate(3000, depth=depth)
    samples = [Random(seed).sample(sorted(thread.comments), 50) for seed in range(9)]
    assert median(len(chosen(thread, sample)) for sample in samples) <= 8


def count_worst_of_fifty(thread: rs.Thread) -> int:
    """Return the most requests that 50 comments take, in nine random samples."""
    samples = [Random(seed).sample(sorted(thread.comments), 50) for seed in range(9)]
    return max(len(chosen(thread, sample)) for sample in samples)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_chosen__fifty_of_3000_in_at_most_eight(seed: int) -> None:
    assert count_worst_of_fifty(rs.generate(3000, depth=9, seed=seed)) <= 8


@pytest.mark.parametrize("seed", [1, 3])
def test_chosen__catches_requests_that_are_not_filled(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CommentsPlan, "_iter_likely_ancestors", lambda *_: iter(()))
    assert count_worst_of_fifty(rs.generate(3000, depth=9, seed=seed)) > 8


def test_chosen__named_ancestors_are_requested_together() -> None:
    """A page per chain would take two requests."""
    page = [comment("top", "t3_p"), stub("t1_top", "a1", "b1", count=2)]
    replies = {"a2": "t1_a1", "b2": "t1_b1", "a1": "t1_top", "b1": "t1_top"}
    plan = CommentsPlan("t3_p", ("t1_a2", "t1_b2"))
    plan.add_things([{"kind": "t3", "data": {"name": "t3_p"}}, *page])

    def answer(request: ApiRequest) -> ApiResponse:
        return [comment(name[3:], replies[name[3:]]) for name in request.fullnames]

    done = follow(plan.iter_requests(with_replies=False), answer)
    assert [request.kind for request, _ in done] == ["info", "info"]


def test_chosen__top_level_comments_come_with_the_post_in_one() -> None:
    thread = rs.generate(3000, depth=1)
    assert len(chosen(thread, list(thread.comments)[:99])) == 1


def test_chosen__a_long_chain_is_climbed_by_eights() -> None:
    thread = rs.generate(120, depth=100)
    two = [name for name, depth in thread.depths().items() if depth in (98, 99)]
    assert len(chosen(thread, two)) <= 15


def test_chosen__five_of_deep_chains() -> None:
    thread = rs.shaped("chains", 3000)
    samples = [Random(seed).sample(sorted(thread.comments), 5) for seed in range(9)]
    assert max(len(chosen(thread, sample)) for sample in samples) <= 60


def test_chosen__a_deleted_leaf_comes_by_name() -> None:
    thread = rs.generate(600)
    leaf = [name for name in thread.comments if not thread.replies.get(f"t1_{name}")][-1]
    thread.delete(leaf)
    assert len(chosen(thread, [leaf])) <= 3


def test_chosen__an_unknown_comment_ends() -> None:
    thread = rs.generate(60, depth=3)
    wanted = CommentsPlan(thread.name, ("t1_zzzzzz", f"t1_{next(iter(thread.comments))}"))
    done = follow(wanted.iter_requests(with_replies=False), answers(thread))
    assert wanted.unavailable_ids == {"zzzzzz"}
    assert len(done) <= 2


def test_chosen__ends_when_everything_fails() -> None:
    wanted = CommentsPlan("t3_p", ("t1_a", "t1_b"))
    assert len(follow(wanted.iter_requests(with_replies=True), lambda _: RequestFailure())) < 10


# Assembly


def test_assemble__one_tree_of_many_answers() -> None:
    thread = rs.generate(1500, depth=20)
    done = follow(ThreadPlan(thread.name).iter_requests(), answers(thread))
    page, *more = [list(reply) for _, reply in done if not isinstance(reply, RequestFailure)]
    things = comment_tree.merge_listings(page, (thing for reply in more for thing in reply))
    names = [capture.get_fullname(thing) for thing in things]
    assert len(names) == len(set(names)) == 1501
    assert not [thing for thing in things if thing["kind"] == "more"]
    place = {name: number for number, name in enumerate(names)}
    assert all(place[t["data"]["parent_id"]] < place[f"t1_{t['data']['id']}"] for t in things[1:])


def test_assemble__first_page_keeps_its_order() -> None:
    thread = rs.generate(1500)
    done = follow(ThreadPlan(thread.name).iter_requests(), answers(thread))
    page, *more = [list(reply) for _, reply in done if not isinstance(reply, RequestFailure)]
    things = comment_tree.merge_listings(page, (thing for reply in more for thing in reply))
    top = [t["data"]["id"] for t in things if t["data"].get("parent_id") == thread.name]
    shown = [t["data"]["id"] for t in page if t["data"].get("parent_id") == thread.name]
    shown = [i for i in shown if i in top]
    assert top[: len(shown)] == shown


def stub(parent: str, *children: str, count: int) -> Thing:
    data = {"parent_id": parent, "children": list(children), "count": count, "depth": 0}
    return {"kind": "more", "data": data}


def comment(name: str, parent: str) -> Thing:
    return {"kind": "t1", "data": {"id": name, "name": f"t1_{name}", "parent_id": parent}}


def test_assemble__stubs_of_one_parent_become_what_is_missing() -> None:
    page = [comment("a", "t3_p"), stub("t3_p", "b", "c", "d", count=9)]
    things = comment_tree.merge_listings(
        page, [comment("b", "t3_p"), stub("t3_p", "c", "d", count=4)]
    )
    assert capture.find_missing_comments(things) == (
        capture.MissingComments("t3_p", ("c", "d"), 4),
    )


def test_assemble__withheld_ids_are_a_gap_of_their_own() -> None:
    page = [comment("a", "t3_p"), stub("t3_p", "b", "c", count=2)]
    things = comment_tree.merge_listings(page, [], withheld_ids={"c"})
    assert capture.find_missing_comments(things) == (
        capture.MissingComments("t3_p", ("b",), 1),
        capture.MissingComments("t3_p", ("c",), 1, is_withheld=True),
    )


def test_assemble__nothing_is_dropped() -> None:
    odd: list[Thing] = [
        {"kind": "unknown", "data": [1]},
        {"kind": "t5", "data": {"id": "x"}},
        comment("lost", "t1_nowhere"),
        comment("loop", "t1_loop"),
        {"kind": "t1", "data": {"body": "without a name"}},
    ]
    things = comment_tree.merge_listings([], odd)
    assert sorted(map(str, things)) == sorted(map(str, odd))


def test_assemble__each_missing_comment_is_in_the_stub_of_its_parent() -> None:
    """An answer without room names the post for what did not fit, whatever its parents are."""
    page = [comment("a", "t3_p"), stub("t1_a", "b", "c", count=9), stub("t3_p", "d", count=1)]
    things = comment_tree.merge_listings(page, [stub("t3_p", "b", "c", count=2)])
    assert capture.find_missing_comments(things) == (
        capture.MissingComments("t1_a", ("b", "c"), 9),
        capture.MissingComments("t3_p", ("d",), 1),
    )
