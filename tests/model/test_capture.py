"""Answers taken apart without loss, gaps found, escaping undone."""

import json
from typing import Any

import pytest

from reddit_archive import errors
from reddit_archive.model import capture, html_entities
from tests.conftest import EXAMPLES


def comment(name: str, parent: str = "t3_p1", **more: Any) -> dict[str, Any]:
    return {"kind": "t1", "data": {"id": name, "parent_id": parent, "body": name, **more}}


def listing(*children: Any) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"children": list(children)}}


def stub(parent: str, count: int, *ids: str) -> dict[str, Any]:
    return {"kind": "more", "data": {"parent_id": parent, "count": count, "children": list(ids)}}


def test_flatten__keeps_reading_order_and_takes_replies_out() -> None:
    tree = listing(comment("a", replies=listing(comment("b"), comment("c"))), comment("d"))
    things = capture.flatten([listing({"kind": "t3", "data": {"id": "p1"}}), tree])
    assert [thing["data"]["id"] for thing in things] == ["p1", "a", "b", "c", "d"]
    assert all("replies" not in thing["data"] for thing in things)


def test_flatten__deeper_than_python_recurses() -> None:
    tree: Any = ""
    for level in range(5000):
        tree = listing(comment(f"c{level}", replies=tree))
    assert len(capture.flatten(tree)) == 5000


def test_flatten__morechildren() -> None:
    answer = {"json": {"errors": [], "data": {"things": [comment("a"), stub("t1_a", 1, "b")]}}}
    assert [thing["kind"] for thing in capture.flatten(answer)] == ["t1", "more"]


@pytest.mark.parametrize("odd", [None, 7, "x", {"kind": 3}, {"kind": "t1", "data": []}])
def test_flatten__keeps_what_has_no_known_shape(odd: Any) -> None:
    assert capture.flatten([odd]) == ({"kind": "unknown", "data": odd},)


def test_find_gaps__counts_what_is_named_and_not_here() -> None:
    things = capture.flatten([listing(comment("a"), stub("t3_p1", 9, "b", "c"))])
    assert capture.find_missing_comments(things) == (
        capture.MissingComments("t3_p1", ("b", "c"), 9),
    )


def test_find_gaps__none_where_another_answer_has_them() -> None:
    things = capture.flatten([listing(comment("a"), stub("t3_p1", 2, "b")), listing(comment("b"))])
    assert capture.find_missing_comments(things) == ()


def test_find_gaps__continue_stub_until_its_parent_has_replies() -> None:
    things = capture.flatten([listing(comment("a"), stub("t1_a", 0))])
    assert capture.find_missing_comments(things) == (capture.MissingComments("t1_a", (), 0),)
    assert capture.find_missing_comments((*things, comment("b", "t1_a"))) == ()


@pytest.mark.parametrize("name", ["short", "everything", "poll", "crosspost"])
def test_plain__undoes_escaping_once(name: str) -> None:
    things = capture.flatten(json.loads((EXAMPLES / f"{name}.json").read_text()))
    once = html_entities.unescape_things(things)
    assert once != list(things)
    assert html_entities.unescape_things(once) == once


def test_plain__typed_entities_survive() -> None:
    escaped = comment("a", body="&amp;lt;", body_html="&lt;p&gt;&amp;amp;lt;&lt;/p&gt;")
    assert html_entities.unescape_things([escaped])[0]["data"]["body"] == "&lt;"


def test_plain__raw_things_stay() -> None:
    raw = comment("a", body="&lt;", body_html="<p>&amp;lt;</p>")
    assert html_entities.unescape_things([raw])[0]["data"]["body"] == "&lt;"


def test_thread_id__from_comments_alone() -> None:
    assert capture.find_thread_id([comment("a", link_id="t3_p1")]) == "p1"


def test_thread_id__of_a_list_of_threads() -> None:
    posts = [{"kind": "t3", "data": {"id": name}} for name in ("p1", "p2")]
    with pytest.raises(errors.NotAThreadError, match="2 threads"):
        capture.find_thread_id(posts)
