"""The requests of a fetch: all comments in few requests, also from incomplete responses."""

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
from tests.support.request_counts import answer_locally, follow, get_ids

slow = pytest.mark.slow


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize(
    ("comments", "depth"), [(50, 4), (450, 14), (1000, 9), pytest.param(1500, 30, marks=slow)]
)
def test_plan__fetches_every_comment(comments: int, depth: int, deep: bool) -> None:
    thread = rs.generate(comments, depth=depth)
    exchanges = follow(ThreadPlan(thread.name).iter_requests(), answer_locally(thread, deep=deep))
    assert get_ids(exchanges) == thread.visible()


def test_plan__recorded_sessions(recordings: Path) -> None:
    for folder in sorted((recordings / "sessions").iterdir()):
        thread = rs.load_session(folder)
        exchanges = follow(ThreadPlan(thread.name).iter_requests(), answer_locally(thread))
        assert get_ids(exchanges) >= thread.visible()
        assert len(exchanges) <= 14


def test_plan__sends_no_request_twice() -> None:
    thread = rs.generate(1500, depth=30)
    requests = Counter(
        request
        for request, _ in follow(ThreadPlan(thread.name).iter_requests(), answer_locally(thread))
    )
    assert set(requests.values()) == {1}


@pytest.mark.parametrize(
    ("comments", "most"), [(450, 2), (1000, 18), pytest.param(3000, 55, marks=slow)]
)
def test_plan__few_requests(comments: int, most: int) -> None:
    thread = rs.generate(comments)
    assert len(follow(ThreadPlan(thread.name).iter_requests(), answer_locally(thread))) <= most


def test_plan__distinguishes_deleted_leaves_from_withheld_ones() -> None:
    thread = rs.generate(900)
    plan = ThreadPlan(thread.name)
    first = get_ids(follow(plan.request_first_page(), answer_locally(thread)))
    hidden = sorted(thread.visible() - first)
    hidden_id = next(i for i in hidden if not thread.replies.get(f"t1_{i}"))
    get_response = answer_locally(thread)

    def withhold(request: ApiRequest) -> ApiResponse:
        reply = get_response(request)
        assert not isinstance(reply, RequestFailure)
        return [thing for thing in reply if capture.get_fullname(thing) != f"t1_{hidden_id}"]

    plan = ThreadPlan(thread.name)
    exchanges = follow(plan.iter_requests(), withhold)
    assert plan.thread.unavailable_ids <= {hidden_id}
    assert get_ids(exchanges) == thread.visible() - {hidden_id}


def test_plan__continues_when_requests_fail() -> None:
    thread = rs.generate(1500)
    get_response = answer_locally(thread)
    plan = ThreadPlan(thread.name)
    exchanges = follow(
        plan.iter_requests(),
        lambda request: RequestFailure() if request.kind == "children" else get_response(request),
    )
    assert thread.visible() > get_ids(exchanges) > get_ids(exchanges[:1])
    assert not plan.thread.unavailable_ids


def test_plan__halves_requests_that_are_too_large() -> None:
    thread = rs.generate(1500)
    get_response = answer_locally(thread)
    is_large = lambda request: request.kind == "children" and len(request.fullnames) > 20  # noqa: E731
    exchanges = follow(
        ThreadPlan(thread.name).iter_requests(),
        lambda request: (
            RequestFailure(is_too_large=True) if is_large(request) else get_response(request)
        ),
    )
    assert get_ids(exchanges) == thread.visible()


def test_plan__handles_cycles_of_parents() -> None:
    page = [
        {"kind": "t1", "data": {"id": "a", "name": "t1_a", "parent_id": "t1_b"}},
        {"kind": "t1", "data": {"id": "b", "name": "t1_b", "parent_id": "t1_a"}},
        {"kind": "more", "data": {"parent_id": "t1_a", "children": ["c"], "count": 7}},
        {"kind": "more", "data": {"parent_id": "t1_x", "children": None}},
    ]
    exchanges = follow(
        ThreadPlan("t3_p").iter_requests(), lambda request: page if request.kind == "page" else []
    )
    assert len(exchanges) < 10


def test_plan__replies_below_a_deep_comment() -> None:
    """Comments are returned before their ancestors, so that depths are known only at the end."""
    thread = rs.generate(3000, depth=40)
    depths, sizes = thread.depths(), thread.sizes()
    deep = next(each for each, depth in depths.items() if depth > 20 and sizes[each] > 50)
    fetch_comments = CommentsPlan(thread.name, (f"t1_{deep}",))
    exchanges = follow(fetch_comments.iter_requests(with_replies=True), answer_locally(thread))
    things = [
        thing for _, reply in exchanges if not isinstance(reply, RequestFailure) for thing in reply
    ]
    exchanges += follow(ThreadPlan(thread.name).request_descendants(things), answer_locally(thread))
    assert get_ids(exchanges) >= {each for each in thread.comments if deep in thread.path(each)}
    assert len(exchanges) <= 10


# Chosen comments


def fetch_comments(
    thread: rs.Thread, names: list[str], *, with_replies: bool = False
) -> list[ApiRequest]:
    """Fetch comments, check that all ancestors and the post were returned; return the requests."""
    comments_plan = CommentsPlan(thread.name, tuple(f"t1_{name}" for name in names))
    exchanges = follow(
        comments_plan.iter_requests(with_replies=with_replies), answer_locally(thread)
    )
    expected = {above for name in names for above in thread.path(name)}
    assert expected <= get_ids(exchanges)
    replies = [reply for _, reply in exchanges if not isinstance(reply, RequestFailure)]
    assert any(thing["kind"] == "t3" for reply in replies for thing in reply)
    return [request for request, _ in exchanges]


def test_chosen__one_comment_is_one_request() -> None:
    thread = rs.generate(3000, depth=9)
    deepest = max(thread.depths().items(), key=lambda each: each[1])[0]
    assert len(fetch_comments(thread, [deepest])) == 1


@pytest.mark.parametrize("depth", [9, pytest.param(14, marks=slow)])
def test_chosen__fifty_of_3000(depth: int) -> None:
    thread = rs.generate(3000, depth=depth)
    samples = [Random(seed).sample(sorted(thread.comments), 50) for seed in range(9)]
    assert median(len(fetch_comments(thread, sample)) for sample in samples) <= 8


def count_worst_of_fifty(thread: rs.Thread) -> int:
    """Return the most requests that 50 comments take, in nine random samples."""
    samples = [Random(seed).sample(sorted(thread.comments), 50) for seed in range(9)]
    return max(len(fetch_comments(thread, sample)) for sample in samples)


@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=slow) for n in (2, 3))])
def test_chosen__fifty_of_3000_in_at_most_eight(seed: int) -> None:
    assert count_worst_of_fifty(rs.generate(3000, depth=9, seed=seed)) <= 8


@pytest.mark.parametrize("seed", [1, pytest.param(3, marks=slow)])
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

    exchanges = follow(plan.iter_requests(with_replies=False), answer)
    assert [request.kind for request, _ in exchanges] == ["info", "info"]


def test_chosen__top_level_comments_and_post_in_one_request() -> None:
    thread = rs.generate(3000, depth=1)
    assert len(fetch_comments(thread, list(thread.comments)[:99])) == 1


def test_chosen__a_long_chain_takes_eight_levels_per_request() -> None:
    thread = rs.generate(120, depth=100)
    two = [name for name, depth in thread.depths().items() if depth in (98, 99)]
    assert len(fetch_comments(thread, two)) <= 15


def test_chosen__five_of_deep_chains() -> None:
    thread = rs.shaped("chains", 3000)
    samples = [Random(seed).sample(sorted(thread.comments), 5) for seed in range(9)]
    assert max(len(fetch_comments(thread, sample)) for sample in samples) <= 60


def test_chosen__a_deleted_leaf_is_requested_by_name() -> None:
    thread = rs.generate(600)
    leaf = [name for name in thread.comments if not thread.replies.get(f"t1_{name}")][-1]
    thread.delete(leaf)
    assert len(fetch_comments(thread, [leaf])) <= 3


def test_chosen__an_unknown_comment_ends() -> None:
    thread = rs.generate(60, depth=3)
    comments_plan = CommentsPlan(thread.name, ("t1_zzzzzz", f"t1_{next(iter(thread.comments))}"))
    exchanges = follow(comments_plan.iter_requests(with_replies=False), answer_locally(thread))
    assert comments_plan.unavailable_ids == {"zzzzzz"}
    assert len(exchanges) <= 2


def test_chosen__ends_when_everything_fails() -> None:
    comments_plan = CommentsPlan("t3_p", ("t1_a", "t1_b"))
    assert (
        len(follow(comments_plan.iter_requests(with_replies=True), lambda _: RequestFailure())) < 10
    )


# Assembly


def test_merge_listings__one_tree_from_many_responses() -> None:
    thread = rs.generate(1500, depth=20)
    exchanges = follow(ThreadPlan(thread.name).iter_requests(), answer_locally(thread))
    page, *more = [list(reply) for _, reply in exchanges if not isinstance(reply, RequestFailure)]
    things = comment_tree.merge_listings(page, (thing for reply in more for thing in reply))
    names = [capture.get_fullname(thing) for thing in things]
    assert len(names) == len(set(names)) == 1501
    assert not [thing for thing in things if thing["kind"] == "more"]
    place = {name: number for number, name in enumerate(names)}
    assert all(place[t["data"]["parent_id"]] < place[f"t1_{t['data']['id']}"] for t in things[1:])


def test_merge_listings__first_page_keeps_its_order() -> None:
    thread = rs.generate(1500)
    exchanges = follow(ThreadPlan(thread.name).iter_requests(), answer_locally(thread))
    page, *more = [list(reply) for _, reply in exchanges if not isinstance(reply, RequestFailure)]
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


def test_merge_listings__stubs_of_one_parent_are_merged() -> None:
    page = [comment("a", "t3_p"), stub("t3_p", "b", "c", "d", count=9)]
    things = comment_tree.merge_listings(
        page, [comment("b", "t3_p"), stub("t3_p", "c", "d", count=4)]
    )
    assert capture.find_missing_comments(things) == (
        capture.MissingComments("t3_p", ("c", "d"), 4),
    )


def test_merge_listings__withheld_ids_are_separate() -> None:
    page = [comment("a", "t3_p"), stub("t3_p", "b", "c", count=2)]
    things = comment_tree.merge_listings(page, [], withheld_ids={"c"})
    assert capture.find_missing_comments(things) == (
        capture.MissingComments("t3_p", ("b",), 1),
        capture.MissingComments("t3_p", ("c",), 1, is_withheld=True),
    )


def test_merge_listings__nothing_is_dropped() -> None:
    odd: list[Thing] = [
        {"kind": "unknown", "data": [1]},
        {"kind": "t5", "data": {"id": "x"}},
        comment("lost", "t1_nowhere"),
        comment("loop", "t1_loop"),
        {"kind": "t1", "data": {"body": "without a name"}},
    ]
    things = comment_tree.merge_listings([], odd)
    assert sorted(map(str, things)) == sorted(map(str, odd))


def test_merge_listings__each_missing_comment_is_in_the_stub_of_its_parent() -> None:
    """A full response names comments that did not fit in a stub of the post."""
    page = [comment("a", "t3_p"), stub("t1_a", "b", "c", count=9), stub("t3_p", "d", count=1)]
    things = comment_tree.merge_listings(page, [stub("t3_p", "b", "c", count=2)])
    assert capture.find_missing_comments(things) == (
        capture.MissingComments("t1_a", ("b", "c"), 9),
        capture.MissingComments("t3_p", ("d",), 1),
    )
