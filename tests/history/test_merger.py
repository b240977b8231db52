"""Captures are merged without losing a text."""

from dataclasses import replace

from reddit_archive import history
from reddit_archive.model import capture
from reddit_archive.model.capture import Capture
from tests.support.histories import DAY, DELETED, REMOVED, START, comment, merge


def test_merge__deleted_keeps_the_last_text() -> None:
    merged = merge(
        [comment(body="first")], [comment(body="second")], [comment(**DELETED)]
    ).comments["a"]
    assert (merged.body, merged.author, merged.deletion_status) == (
        "second",
        "somebody",
        "deleted",
    )
    assert merged.is_preserved


def test_merge__removed_then_restored() -> None:
    merged = merge([comment()], [comment(**REMOVED)], [comment(body="back")]).comments["a"]
    assert (merged.body, merged.deletion_status) == ("back", None)


def test_merge__text_never_observed_shows_placeholder() -> None:
    merged = merge([comment(**REMOVED)]).comments["a"]
    assert (merged.body, merged.author, merged.deletion_status) == ("[removed]", None, "removed")
    assert not merged.is_preserved


def test_merge__vanished_is_not_deleted() -> None:
    result = merge([comment("a"), comment("b")], [comment("b")])
    assert result.comments["a"].body == "text of a"
    assert result.comments["a"].deletion_status is None


def test_merge__account_deleted_keeps_the_name_and_takes_the_newest_text() -> None:
    merged = merge([comment()], [comment(author="[deleted]", body="edited")]).comments["a"]
    assert (merged.author, merged.body) == ("somebody", "edited")


def test_merge__missing_body_is_not_a_text() -> None:
    assert merge([comment()], [comment(body=None)]).comments["a"].body == "text of a"


def test_merge__post_removed_keeps_its_text() -> None:
    whole = {"id": "p1", "author": "op", "selftext": "the text", "title": "T"}
    removed = {**whole, "selftext": "[removed]", "author": "[deleted]"}
    captures = (
        Capture("p1", capture.utc_now(), "reddit", {}, ({"kind": "t3", "data": data},))
        for data in (whole, removed)
    )
    post = history.merge("p1", captures).post
    assert post is not None
    assert (post.body, post.author, post.deletion_status, post.is_preserved) == (
        "the text",
        "op",
        "removed",
        True,
    )


def test_merge__order_of_the_fullest_capture() -> None:
    result = merge([comment("a"), comment("b"), comment("c")], [comment("d"), comment("c")])
    assert list(result.comments) == ["a", "b", "c", "d"]


def test_merge__stub_without_comments_of_an_earlier_capture() -> None:
    stub = {"kind": "more", "data": {"parent_id": "t3_p1", "count": 2, "children": ["b", "c"]}}
    missing = merge([comment("b")], [comment("a"), stub]).missing_comments
    assert [group.ids for group in missing if group.ids] == [("c",)]


def test_merge__same_captures_same_thread() -> None:
    captures = [comment("a"), comment("b")], [comment("b", **DELETED)]
    assert merge(*captures).comments == merge(*captures).comments


def test_merge__first_seen_archive_is_older_than_reddit() -> None:
    reddit = Capture("p1", START, "reddit", {}, (comment(body="edited"), comment("b", **DELETED)))
    arctic = replace(reddit, source="arctic-shift", things=(comment(body="first"), comment("b")))
    thread = history.merge("p1", [reddit, replace(arctic, captured_at=START + DAY)])
    assert thread.comments["a"].body == "edited"
    assert (thread.comments["b"].body, thread.comments["b"].deletion_status) == (
        "text of b",
        "deleted",
    )
