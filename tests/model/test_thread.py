"""Threads are built from raw data of any quality."""

import pytest

from reddit_archive.model.content import Comment, Post
from reddit_archive.model.deletion import get_deletion_reason
from reddit_archive.model.thread import Thread


def build_thread(*links: tuple[str, str]) -> Thread:
    """Build a thread from pairs of an id and the parent's id or ""."""
    comments = (
        Comment({"id": name, "parent_id": f"t1_{parent}" if parent else "t3_p1"})
        for name, parent in links
    )
    return Thread("p1", Post({"id": "p1"}), comments, ())


def test_comments__in_reading_order() -> None:
    thread = build_thread(("a", ""), ("b", ""), ("c", "a"), ("d", "c"))
    assert list(thread.comments) == ["a", "c", "d", "b"]


def test_ancestors__topmost_first() -> None:
    assert build_thread(("a", ""), ("c", "a"), ("d", "c")).ancestors("d") == ["a", "c"]


def test_descendants__stop_at_max_depth() -> None:
    thread = build_thread(("a", ""), ("b", "a"), ("c", "b"), ("d", "a"))
    assert list(thread.descendants("a", 1)) == ["b", "d"]
    assert list(thread.descendants("a")) == ["b", "c", "d"]


def test_is_orphan__parent_missing() -> None:
    thread = build_thread(("a", "gone"), ("b", ""))
    assert thread.is_orphan("a")
    assert not thread.is_orphan("b")


def test_comments__cycle_of_parents_keeps_all() -> None:
    assert set(build_thread(("a", "b"), ("b", "a"), ("c", "c")).comments) == {"a", "b", "c"}


def test_comments__ten_thousand_deep() -> None:
    thread = build_thread(("c0", ""), *((f"c{i}", f"c{i - 1}") for i in range(1, 10_000)))
    assert len(thread.ancestors("c9999")) == 9_999
    assert list(thread.descendants("c0"))[-1] == "c9999"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"body": "[deleted]", "author": "[deleted]"}, "deleted"),
        ({"body": "[removed]", "author": "[deleted]"}, "removed"),
        ({"body": "[removed]", "author": "[removed]"}, "removed"),
        ({"body": "[removed]", "author": None}, "removed"),
        ({"body": "[ Removed by Reddit ]", "author": "somebody"}, "removed by Reddit"),
        (
            {"body": "[ Removed by Reddit in response to a copyright notice. ]"},
            "removed by Reddit",
        ),
        (
            {"body": "[ Removed by Reddit for violating the [content policy](/help/x). ]"},
            "removed by Reddit",
        ),
        ({"body": "[ Removed by Reddit ] [he said](x)", "author": "joker"}, None),
        ({"body": "[removed]", "author": "joker"}, None),
        ({"body": "a text", "author": "[deleted]"}, None),
        ({"author": "somebody"}, "missing"),
    ],
)
def test_get_deletion_reason__comment(data: dict[str, object], reason: str | None) -> None:
    assert get_deletion_reason("t1", data) == reason


DELETED_POST = {"title": "[deleted by user]", "selftext": "[removed]", "author": "[deleted]"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"selftext": "", "author": "a", "removed_by_category": None}, None),
        ({"selftext": "", "author": "[deleted]", "removed_by_category": "deleted"}, "deleted"),
        ({"selftext": "", "removed_by_category": "moderator"}, "removed"),
        ({"selftext": "", "removed_by_category": "copyright_takedown"}, "removed by Reddit"),
        ({"selftext": "[removed]", "author": "[deleted]"}, "removed"),
        (DELETED_POST | {"removed_by_category": "deleted"}, "deleted"),
        (DELETED_POST | {"removed_by_category": "moderator"}, "removed"),
        (DELETED_POST | {"removed_by_category": "reddit"}, "removed by Reddit"),
        ({"selftext": "still here", "removed_by_category": "moderator"}, None),
    ],
)
def test_get_deletion_reason__post(data: dict[str, object], reason: str | None) -> None:
    assert get_deletion_reason("t3", data) == reason


@pytest.mark.parametrize("odd", [None, [], {}, True, 2**70, float("nan")])
def test_post__reads_odd_values_as_empty(odd: object) -> None:
    keys = ["title", "url", "author", "created_utc", "edited", "score", "permalink", "poll_data"]
    keys += ["gallery_data", "media_metadata", "crosspost_parent_list", "selftext", "subreddit"]
    post = Post(dict.fromkeys(keys, odd))
    assert (post.title, post.link, post.author, post.html) == ("", "", None, "")
    assert (post.gallery_images, post.poll, post.crosspost_parent) == ((), (), None)
    assert post.created_at is None


def test_edited_at__old_edits_have_no_time() -> None:
    assert Comment({"edited": True}).edited_at is None
    edited = Comment({"edited": 1700000000.0}).edited_at
    assert edited is not None
    assert edited.year == 2023


def test_link__empty_for_the_thread_itself() -> None:
    own = {"id": "p1", "url": "https://www.reddit.com/r/x/comments/p1/t/"}
    assert Post(own).link == ""
    assert Post({"id": "p1", "url": "https://example.com/"}).link == "https://example.com/"
