"""One comment seen by pages, by the API and by Arctic Shift is one comment with its text once."""

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations

import pytest

from reddit_archive import history
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.model.content import Comment
from tests.support import page_looks as looks
from tests.support.page_looks import THREAD_ID

MakeComment = Callable[..., Thing]
MAKERS: dict[str, MakeComment] = {
    "api": looks.api_comment,
    "arctic": looks.arctic_comment,
    "shreddit": looks.page_comment,
    "old": looks.old_page_comment,
    "new": looks.poor_comment,
}


def capture_with(maker: str, day: int, **fields: object) -> Capture:
    thing = MAKERS[maker](**fields)
    build = {"api": looks.api_capture, "arctic": looks.arctic_capture}.get(
        maker, looks.page_capture
    )
    post = looks.page_post() if build is looks.page_capture else looks.api_post()
    return build(post, thing, day=day)


def trace(*captures: Capture) -> history.ThreadHistory:
    return history.trace(THREAD_ID, captures)


def merge_comment(*captures: Capture, name: str = "a") -> Comment:
    return history.merge(THREAD_ID, captures).comments[name]


@pytest.mark.parametrize("order", [*permutations(MAKERS, 3)], ids="-".join)
def test_same_text__in_any_order_is_one_version(order: tuple[str, ...]) -> None:
    captures = [capture_with(maker, day) for day, maker in enumerate(order)]
    traced = trace(*captures)
    assert traced.events == ()
    assert len(traced.timelines["t1_a"].versions) == 1
    assert len(traced.timelines["t3_p1"].versions) == 1
    assert list(history.merge(THREAD_ID, captures).comments) == ["a"]


@pytest.mark.parametrize("order", [*permutations(MAKERS, 2)], ids="-".join)
def test_changed_word__is_an_edit_in_any_order(order: tuple[str, ...]) -> None:
    first, second = sorted(order, key=lambda maker: maker != "arctic")  # it has first texts only
    captures = [
        capture_with(first, 0, text="Some words.") if first not in ("api", "arctic") else
        capture_with(first, 0, body="Some words."),
        capture_with(second, 1, text="Other words.") if second not in ("api", "arctic") else
        capture_with(second, 1, body="Other words."),
    ]  # fmt: skip
    (event,) = trace(*captures).events
    assert event.kind == "edited"
    assert (event.previous_text, event.new_text) == ("Some words.", "Other words.")


@pytest.mark.parametrize("order", [*permutations(("api", "shreddit", "new"))], ids="-".join)
def test_merge__shows_the_richest_look(order: tuple[str, ...]) -> None:
    comment = merge_comment(*(capture_with(maker, day) for day, maker in enumerate(order)))
    assert comment.body == "Some *words*."
    assert comment.html == looks.api_comment()["data"]["body_html"]
    assert comment.raw["author_fullname"] == "t2_abc"
    assert comment.raw["author_flair_text"] == ":star: Blue"
    assert comment.created_at is not None
    assert comment.raw["permalink"].endswith("/a/")
    assert "_page" not in comment.raw


def test_merge__takes_the_score_of_the_newest_look_with_one() -> None:
    shreddit, poor = capture_with("shreddit", 1), capture_with("new", 2)
    assert merge_comment(capture_with("api", 0), shreddit, poor).score == 7
    assert merge_comment(capture_with("api", 0), poor).score == 5
    assert merge_comment(poor, capture_with("shreddit", 3, score_hidden=True)).score is None


def test_merge__hidden_score_does_not_erase_a_known_one() -> None:
    hidden = looks.page_comment(score_hidden=True)
    del hidden["data"]["score"]
    assert merge_comment(capture_with("api", 0), looks.page_capture(hidden, day=1)).score == 5


def test_scores__of_other_looks_are_not_recorded_for_a_page() -> None:
    captures = (capture_with("arctic", 2), capture_with("new", 0), capture_with("api", 1))
    assert trace(*captures).timelines["t1_a"].scores == ((looks.at_day(1), 5),)


def test_merge__old_html_and_arctic_markdown_are_joined() -> None:
    comment = merge_comment(capture_with("arctic", 0), capture_with("old", 1))
    assert comment.body == "Some *words*."
    assert comment.raw["body_html"] == looks.old_page_comment()["data"]["body_html"]


def test_pages_alone__keep_the_html_of_the_old_page() -> None:
    comment = merge_comment(capture_with("old", 0), capture_with("shreddit", 1))
    assert comment.body == ""
    assert comment.html == looks.old_page_comment()["data"]["body_html"]
    assert comment.raw["_page"] == "shreddit"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_edit_time__stays_when_a_page_lacks_it(order: tuple[int, int]) -> None:
    edited = capture_with("api", order[0], edited=looks.CREATED + 99)
    captures = sorted([edited, capture_with("new", order[1])], key=lambda c: c.captured_at)
    comment = merge_comment(*captures)
    assert comment.edited_at is not None
    assert comment.edited_at.timestamp() == looks.CREATED + 99


def test_edit__forgets_the_edit_time_of_the_previous_text() -> None:
    edited = capture_with("api", 0, edited=looks.CREATED + 99)
    comment = merge_comment(edited, capture_with("new", 1, text="Other words."))
    assert "edited" not in comment.raw
    assert comment.created_at is not None


def test_absent_flair__is_no_new_version() -> None:
    timeline = trace(capture_with("api", 0), capture_with("new", 1)).timelines["t1_a"]
    assert [version.flair for version in timeline.versions] == [":star: Blue"]


def test_changed_flair__is_a_new_version() -> None:
    page = capture_with("shreddit", 1, author_flair_text="Red")
    timeline = trace(capture_with("api", 0), page).timelines["t1_a"]
    assert [version.flair for version in timeline.versions] == [":star: Blue", "Red"]
    assert timeline.events == ()


def test_title__differs_only_in_white_space() -> None:
    post = history.merge(THREAD_ID, [capture_with("api", 0), capture_with("shreddit", 1)]).post
    assert post is not None
    assert post.title == "A  title"


def test_absence_from_a_page__proves_nothing() -> None:
    page = looks.page_capture(looks.page_post(num_comments=0), day=1)
    traced = trace(capture_with("api", 0), page, capture_with("api", 2))
    assert traced.events == ()
    assert merge_comment(capture_with("api", 0), page).deletion_status is None


def test_page_after_an_absence__is_no_false_appearance() -> None:
    empty_page = looks.page_capture(looks.page_post(num_comments=0), day=0)
    assert trace(empty_page, capture_with("shreddit", 1)).events == ()


def test_deleted_on_a_page__is_a_deletion() -> None:
    page = looks.page_capture(looks.page_post(), looks.deleted_comment(), day=1)
    (event,) = trace(capture_with("api", 0), page).events
    assert (event.kind, event.window_end) == ("deleted", looks.at_day(1))
    comment = merge_comment(capture_with("api", 0), page)
    assert (comment.body, comment.deletion_status) == ("Some *words*.", "deleted")


def test_deleted_on_a_page__keeps_the_time_of_another_look() -> None:
    deleted = looks.api_comment(body="[deleted]", author="[deleted]")
    page = looks.page_capture(looks.deleted_comment(), day=1)
    comment = merge_comment(looks.api_capture(deleted, day=0), page)
    assert comment.deletion_status == "deleted"
    assert comment.created_at is not None


@pytest.mark.parametrize("html", ["", '<div class="md"></div>', "<div>\n <p></p></div>"])
def test_page_without_a_text__changes_nothing(html: str) -> None:
    page = looks.page_comment(body_html=html)
    captures = (capture_with("api", 0), looks.page_capture(page, day=1), capture_with("api", 2))
    assert trace(*captures).events == ()
    assert merge_comment(*captures[:2]).body == "Some *words*."
    assert trace(captures[1], replace(captures[2])).events == ()


def test_page_without_the_text_of_a_removed_post__is_no_restoration() -> None:
    removed = looks.api_post(selftext="", selftext_html=None, removed_by_category="moderator")
    page = looks.page_capture(looks.page_post(selftext_html=None), day=2)
    captures = (looks.api_capture(looks.api_post()), looks.api_capture(removed, day=1), page)
    assert [event.kind for event in trace(*captures).events] == ["removed"]
    post = history.merge(THREAD_ID, captures).post
    assert post is not None
    assert (post.body, post.deletion_status) == ("The *post*.", "removed")


def test_link_post__has_the_same_empty_text_everywhere() -> None:
    link = {"url": "https://example.org/", "is_self": False}
    api = looks.api_capture(looks.api_post(selftext="", selftext_html=None, **link))
    page = looks.page_capture(looks.page_post(selftext_html=None, **link), day=1)
    assert trace(api, page).events == ()
    assert trace(page, replace(api, captured_at=looks.at_day(2))).events == ()


def test_account_deleted__is_seen_on_a_page() -> None:
    page = capture_with("shreddit", 1, author="[deleted]")
    (event,) = trace(capture_with("api", 0), page).events
    assert event.kind == "account deleted"
    assert merge_comment(capture_with("api", 0), page).author == "somebody"


def test_text_that_comes_back__is_two_edits() -> None:
    page = capture_with("shreddit", 1, text="Other words.")
    traced = trace(capture_with("api", 0), page, capture_with("api", 2))
    assert [event.new_text for event in traced.events] == ["Other words.", "Some words."]


def test_format_edit__happens_before_a_page_that_shows_it() -> None:
    new = "Some **words**."
    page = capture_with("old", 1, text=new)
    (event,) = trace(capture_with("api", 0), page, capture_with("api", 2, body=new)).events
    assert (event.window_start, event.window_end) == (looks.at_day(0), looks.at_day(1))


def test_markdown__decides_where_both_looks_have_it() -> None:
    edited = capture_with("api", 1, body="Some words.")
    assert [event.kind for event in trace(capture_with("api", 0), edited).events] == ["edited"]


def test_imported_look__never_completes_a_page_of_this_archive() -> None:
    forged = replace(capture_with("api", 0, author_fullname="t2_forged"), is_imported=True)
    comment = merge_comment(forged, capture_with("shreddit", 1))
    assert comment.html == looks.page_comment()["data"]["body_html"]
    assert "author_fullname" not in comment.raw
    assert not comment.is_imported
    assert trace(forged, capture_with("shreddit", 1)).events == ()


def test_redacted_look__completes_nothing() -> None:
    redacted = looks.page_comment(_redacted="author", author="[deleted]")
    captures = (capture_with("api", 0), looks.page_capture(redacted, day=1))
    assert "author_fullname" not in history.observe(captures)[1].things["t1_a"]["data"]


def test_overwritten_text__is_recognized_on_a_page() -> None:
    wiped = "This post was mass deleted and anonymized with Redact"
    page = capture_with("shreddit", 1, text=wiped)
    assert [event.kind for event in trace(capture_with("api", 0), page).events] == ["overwritten"]
    assert merge_comment(capture_with("api", 0), page).body == "Some *words*."


def test_events__show_plain_texts_that_differ_only_in_the_change() -> None:
    api = capture_with("api", 0, body="* a *b*\n* c_d")
    page = capture_with("shreddit", 1, text="* a *b*\n* c_e")
    (event,) = trace(api, page).events
    assert (event.previous_text, event.new_text) == ("- a b\n- c_d", "- a b\n- c_e")


def test_version_of_a_page__has_markdown_made_from_its_html() -> None:
    timeline = trace(capture_with("shreddit", 0, text="* a *b*\n* c")).timelines["t1_a"]
    assert timeline.versions[0].body == "- a *b*\n- c"


def test_page_without_a_text__after_a_deletion_restores_nothing() -> None:
    deleted = looks.page_capture(looks.page_post(), looks.deleted_comment(), day=1)
    empty = looks.page_capture(looks.page_post(), looks.page_comment(body_html=""), day=2)
    captures = (capture_with("api", 0), deleted, empty)
    assert [event.kind for event in trace(*captures).events] == ["deleted"]
    assert merge_comment(*captures).deletion_status == "deleted"


def test_picture_on_a_page__is_a_text() -> None:
    picture = '<p><img src="https://i.redd.it/abcd1234efgh1.png"></p>'
    page = capture_with("shreddit", 1, body_html=picture)
    assert [event.kind for event in trace(capture_with("api", 0), page).events] == ["edited"]


def test_texts_of_a_page__are_never_unescaped() -> None:
    post = looks.page_post(title="R &amp; D", selftext_html=None)
    observed = history.observe([looks.page_capture(post)])[0]
    assert observed.things["t3_p1"]["data"]["title"] == "R &amp; D"


def test_placeholder_of_a_post__is_a_deletion_although_its_author_is_named() -> None:
    removed = looks.page_post(selftext="[removed]", selftext_html="<p>[removed]</p>")
    captures = (looks.api_capture(looks.api_post()), looks.page_capture(removed, day=1))
    assert [event.kind for event in trace(*captures).events] == ["removed"]
    post = history.merge(THREAD_ID, captures).post
    assert post is not None
    assert (post.body, post.deletion_status) == ("The *post*.", "removed")


def test_placeholder_in_html__of_a_deleted_author_is_a_deletion() -> None:
    page = capture_with("shreddit", 1, body_html="<p>[removed]</p>", author="[deleted]")
    assert [event.kind for event in trace(capture_with("api", 0), page).events] == ["removed"]
    assert merge_comment(page).deletion_status == "removed"


def test_placeholder__that_a_user_typed_is_a_text() -> None:
    page = capture_with("shreddit", 1, text="[removed]")
    assert trace(capture_with("api", 0, body="[removed]"), page).events == ()


def test_deletion_that_an_archive_saw_later__is_no_restoration() -> None:
    late = looks.at_day(9).timestamp()
    dump = capture_with("arctic", 9, body="[deleted]", author="[deleted]", retrieved_on=late)
    assert trace(capture_with("shreddit", 1), dump).events == ()
    assert merge_comment(capture_with("shreddit", 1), dump).html
