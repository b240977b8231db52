"""What a saved page proves about missing comments: only what its counts and stubs say."""

from typing import Any

import pytest

from reddit_archive.history import merge
from reddit_archive.model import completeness
from reddit_archive.model.capture import Capture, Thing
from tests.support import page_looks as looks
from tests.support.page_looks import THREAD_ID, api_capture, arctic_capture, page_capture


def page(*things: Thing, total: int | None, day: float = 0, **request: Any) -> Capture:
    return page_capture(looks.page_post(num_comments=total), *things, day=day, **request)


def comments(names: str) -> list[Thing]:
    return [looks.page_comment(name) for name in names]


def count_missing(*captures: Capture) -> tuple[int, bool]:
    """Return the number of missing comments, and whether the thread is complete."""
    thread = merge(THREAD_ID, captures)
    assert completeness.find_missing(
        THREAD_ID, [completeness.get_coverage(capture) for capture in captures]
    ) == (thread.missing_comments)
    return thread.missing_count, thread.is_complete


def test_page__with_every_counted_comment_is_complete() -> None:
    assert count_missing(page(*comments("ab"), total=2)) == (0, True)


def test_page__counts_comments_that_it_dropped() -> None:
    assert count_missing(page(*comments("ab"), total=5)) == (3, False)


def test_page__without_a_count_proves_nothing() -> None:
    assert count_missing(page(*comments("ab"), total=None)) == (0, False)


def test_page__without_its_post_proves_nothing() -> None:
    assert count_missing(page_capture(*comments("ab"))) == (0, False)


def test_stub__names_missing_comments() -> None:
    more = looks.stub("t1_a", "x", "y", count=3)
    assert count_missing(page(*comments("ab"), more, total=7)) == (5, False)
    named = merge(THREAD_ID, [page(*comments("ab"), more, total=7)]).missing_comments[0]
    assert (named.parent, named.ids, named.count) == ("t1_a", ("x", "y"), 3)


def test_stub__without_ids_is_part_of_the_count() -> None:
    more = looks.stub("t3_p1", count=3)
    assert count_missing(page(*comments("ab"), more, total=9)) == (7, False)


def test_deleted_comments_without_an_id__are_not_missing() -> None:
    assert count_missing(page(*comments("ab"), total=4, comments_without_id=2)) == (0, True)
    assert count_missing(page(*comments("ab"), total=5, comments_without_id=2)) == (1, False)


@pytest.mark.parametrize("value", [-3, True, "2", None, 1.5])
def test_comments_without_id__ignores_other_values(value: object) -> None:
    captured = page(*comments("ab"), total=4, comments_without_id=value)
    assert count_missing(captured) == (2, False)


def test_deleted_comments_without_an_id__are_not_counted_twice() -> None:
    first = page(*comments("ab"), total=5, comments_without_id=2)
    arctic = arctic_capture(*[looks.arctic_comment(name) for name in "abcd"], day=1)
    assert count_missing(first, arctic) == (1, False)
    deleted = [looks.deleted_comment(name) for name in "cd"]
    assert count_missing(first, page(*deleted, total=5, day=1)) == (0, True)


def test_deleted_comments_without_an_id__may_be_known_from_before() -> None:
    first, second = (
        page(*comments("abc"), total=3),
        page(*comments("ab"), total=4, day=1, comments_without_id=1),
    )
    assert count_missing(first, second) == (1, False)


def test_deleted_comments_without_an_id__may_be_counted_by_the_api() -> None:
    tree = [looks.api_comment(name) for name in "ab"]
    api = api_capture(looks.api_post(num_comments=4), *tree)
    second = page(*comments("ab"), total=6, day=1, comments_without_id=2)
    assert count_missing(api, second) == (2, False)


def test_two_pages__are_added() -> None:
    assert count_missing(page(*comments("ab"), total=4), page(*comments("cd"), total=4, day=1)) == (
        0,
        True,
    )


def test_api_capture__completes_pages_before_it() -> None:
    more = looks.stub("t3_p1", "x", count=4)
    api = api_capture(looks.api_post(num_comments=9), looks.api_comment("a"), day=1)
    assert count_missing(page(*comments("a"), more, total=9), api) == (0, True)


def test_page__after_an_api_capture_counts_new_comments() -> None:
    api = api_capture(looks.api_post(num_comments=1), looks.api_comment("a"))
    assert count_missing(api, page(*comments("a"), total=1, day=1)) == (0, True)
    assert count_missing(api, page(*comments("ab"), total=4, day=1)) == (2, False)
    assert count_missing(api, page(total=1, day=1)) == (0, True)


def test_continued_thread__is_closed_by_counts_alone() -> None:
    deep = looks.stub("t1_b")
    assert count_missing(page(*comments("ab"), deep, total=3)) == (1, False)
    arctic = arctic_capture(looks.arctic_comment("c", parent_id="t1_b"), day=1)
    assert count_missing(page(*comments("ab"), deep, total=3), arctic) == (0, True)


def test_reply_of_an_absent_comment__names_it_as_missing() -> None:
    reply = looks.page_comment("b", parent_id="t1_z")
    thread = merge(THREAD_ID, [page(reply, total=2)])
    assert [group.ids for group in thread.missing_comments] == [("z",)]


def test_page_in_a_saved_file__is_no_thread_page() -> None:
    things = (looks.page_post(num_comments=1), *comments("ab"), looks.stub("t3_p1", "x"))
    captured = Capture(THREAD_ID, looks.at_day(0), "saved", {"file": "t.json"}, things)
    assert not completeness.get_coverage(captured).is_thread_page


def test_coverage__is_better_with_more_deleted_comments() -> None:
    old, new = page(total=1), page(total=1, comments_without_id=1)
    assert completeness.has_better_coverage(new, old)
    assert not completeness.has_better_coverage(old, new)
    assert not completeness.has_better_coverage(new, new)


def without_text(name: str) -> Thing:
    thing = looks.page_comment(name)
    data = {key: value for key, value in thing["data"].items() if key != "body_html"}
    return {**thing, "data": data}


def test_comment_without_text__is_missing_until_another_capture_has_its_text() -> None:
    """A page has no text of a comment that was collapsed or translated, or where it is cut off."""
    incomplete = page(looks.page_comment("a"), without_text("b"), total=2)
    assert count_missing(incomplete) == (1, False)
    (missing,) = merge(THREAD_ID, [incomplete]).missing_comments
    assert (missing.parent, missing.ids) == (f"t3_{THREAD_ID}", ("b",))
    assert count_missing(incomplete, page(looks.page_comment("b"), total=2, day=1)) == (0, True)


def test_comment_without_text__is_still_a_comment_of_the_thread() -> None:
    thread = merge(THREAD_ID, [page(without_text("b"), total=1)])
    assert [*thread.comments] == ["b"]
