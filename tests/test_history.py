"""A text once seen is never replaced."""

from datetime import UTC, datetime, timedelta
from typing import Any

from reddit_archive import capture, history
from reddit_archive.capture import Capture
from reddit_archive.thread import Thread

DELETED = {"body": "[deleted]", "author": "[deleted]"}
REMOVED = {"body": "[removed]", "author": "[deleted]"}
Comment = dict[str, Any]


def merge(*captures: list[Any]) -> Thread:
    """Merge captures of comments, given as dicts of what is special in them."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    post = {"kind": "t3", "data": {"id": "p1", "author": "op", "selftext": "", "title": "T"}}
    taken = (
        Capture("p1", start + timedelta(days=day), "reddit", {}, (post, *things))
        for day, things in enumerate(captures)
    )
    return history.merge("p1", taken)


def said(name: str = "a", **more: Any) -> Comment:
    data = {"id": name, "author": "somebody", "body": f"text of {name}", "parent_id": "t3_p1"}
    return {"kind": "t1", "data": {**data, **more}}


def test_merge__deleted_keeps_the_last_text() -> None:
    comment = merge([said(body="first")], [said(body="second")], [said(**DELETED)]).comments["a"]
    assert (comment.body, comment.author, comment.lost) == ("second", "somebody", "deleted")
    assert comment.is_kept


def test_merge__removed_then_restored() -> None:
    comment = merge([said()], [said(**REMOVED)], [said(body="back")]).comments["a"]
    assert (comment.body, comment.lost) == ("back", None)


def test_merge__never_seen_says_what_reddit_says() -> None:
    comment = merge([said(**REMOVED)]).comments["a"]
    assert (comment.body, comment.author, comment.lost) == ("[removed]", None, "removed")
    assert not comment.is_kept


def test_merge__vanished_is_not_deleted() -> None:
    seen = merge([said("a"), said("b")], [said("b")])
    assert seen.comments["a"].body == "text of a"
    assert seen.comments["a"].lost is None


def test_merge__account_deleted_keeps_the_name_and_takes_the_newest_text() -> None:
    comment = merge([said()], [said(author="[deleted]", body="edited")]).comments["a"]
    assert (comment.author, comment.body) == ("somebody", "edited")


def test_merge__body_missing_from_an_answer_is_no_text() -> None:
    assert merge([said()], [said(body=None)]).comments["a"].body == "text of a"


def test_merge__post_removed_keeps_its_text() -> None:
    whole = {"id": "p1", "author": "op", "selftext": "the text", "title": "T"}
    gone = {**whole, "selftext": "[removed]", "author": "[deleted]"}
    captures = (
        Capture("p1", capture.now(), "reddit", {}, ({"kind": "t3", "data": data},))
        for data in (whole, gone)
    )
    post = history.merge("p1", captures).post
    assert post is not None
    assert (post.body, post.author, post.lost, post.is_kept) == ("the text", "op", "removed", True)


def test_merge__order_of_the_fullest_then_the_rest() -> None:
    seen = merge([said("a"), said("b"), said("c")], [said("d"), said("c")])
    assert list(seen.comments) == ["a", "b", "c", "d"]


def test_merge__gap_closed_by_an_earlier_capture() -> None:
    stub = {"kind": "more", "data": {"parent_id": "t3_p1", "count": 2, "children": ["b", "c"]}}
    gaps = merge([said("b")], [said("a"), stub]).gaps
    assert [gap.ids for gap in gaps] == [("c",)]


def test_merge__same_captures_same_thread() -> None:
    captures = [said("a"), said("b")], [said("b", **DELETED)]
    assert merge(*captures).comments == merge(*captures).comments
