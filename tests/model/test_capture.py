"""Responses are flattened without loss, and missing comments are found."""

from typing import Any

import pytest

from reddit_archive import errors
from reddit_archive.model import capture


def comment(name: str, parent: str = "t3_p1", **more: Any) -> dict[str, Any]:
    return {"kind": "t1", "data": {"id": name, "parent_id": parent, "body": name, **more}}


def listing(*children: Any) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"children": list(children)}}


def stub(parent: str, count: int, *ids: str) -> dict[str, Any]:
    return {"kind": "more", "data": {"parent_id": parent, "count": count, "children": list(ids)}}


def test_flatten__keeps_reading_order_and_removes_replies() -> None:
    tree = listing(comment("a", replies=listing(comment("b"), comment("c"))), comment("d"))
    things = capture.flatten([listing({"kind": "t3", "data": {"id": "p1"}}), tree])
    assert [thing["data"]["id"] for thing in things] == ["p1", "a", "b", "c", "d"]
    assert all("replies" not in thing["data"] for thing in things)


def test_flatten__nests_deeper_than_the_recursion_limit() -> None:
    tree: Any = ""
    for level in range(5000):
        tree = listing(comment(f"c{level}", replies=tree))
    assert len(capture.flatten(tree)) == 5000


def test_flatten__morechildren() -> None:
    response = {"json": {"errors": [], "data": {"things": [comment("a"), stub("t1_a", 1, "b")]}}}
    assert [thing["kind"] for thing in capture.flatten(response)] == ["t1", "more"]


@pytest.mark.parametrize("odd", [None, 7, "x", {"kind": 3}, {"kind": "t1", "data": []}])
def test_flatten__keeps_objects_of_unknown_shape(odd: Any) -> None:
    assert capture.flatten([odd]) == ({"kind": "unknown", "data": odd},)


def test_find_missing_comments__counts_comments_of_a_stub() -> None:
    things = capture.flatten([listing(comment("a"), stub("t3_p1", 9, "b", "c"))])
    assert capture.find_missing_comments(things) == (
        capture.MissingComments("t3_p1", ("b", "c"), 9),
    )


def test_find_missing_comments__ignores_comments_of_another_listing() -> None:
    things = capture.flatten([listing(comment("a"), stub("t3_p1", 2, "b")), listing(comment("b"))])
    assert capture.find_missing_comments(things) == ()


def test_find_missing_comments__continue_stub_until_its_parent_has_replies() -> None:
    things = capture.flatten([listing(comment("a"), stub("t1_a", 0))])
    assert capture.find_missing_comments(things) == (capture.MissingComments("t1_a", (), 0),)
    assert capture.find_missing_comments((*things, comment("b", "t1_a"))) == ()


def test_find_thread_id__without_a_post() -> None:
    assert capture.find_thread_id([comment("a", link_id="t3_p1")]) == "p1"


def test_find_thread_id__of_several_threads() -> None:
    posts = [{"kind": "t3", "data": {"id": name}} for name in ("p1", "p2")]
    with pytest.raises(errors.NotAThreadError, match="2 threads"):
        capture.find_thread_id(posts)
