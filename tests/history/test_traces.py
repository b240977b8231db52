"""Each change between captures is found, with the window in which it happened."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reddit_archive import errors, history
from reddit_archive.model.capture import Capture
from tests.support.histories import DAY, DELETED, REMOVED, START, Fields, comment, page, stub, trace

Changes = list[tuple[str, str, int | None, int]]


def get_changes(traced: history.ThreadHistory) -> Changes:
    """Return each change as its kind, fullname and the days of its window."""
    return [
        (
            e.kind,
            e.fullname,
            (e.window_start - START).days if e.window_start else None,
            (e.window_end - START).days,
        )
        for e in traced.events
    ]


@pytest.mark.parametrize(
    ("after", "kind"),
    [
        ({"body": "other"}, "edited"),
        (DELETED, "deleted"),
        (REMOVED, "removed"),
        ({"body": "[ Removed by Reddit ]"}, "removed by Reddit"),
        (
            {"body": "[ Removed by Reddit in response to a copyright notice. ]"},
            "removed for legal reasons",
        ),
        ({"body": "[ Removed by Reddit ]", "removal_reason": "legal"}, "removed for legal reasons"),
        ({"author": "[deleted]"}, "account deleted"),
        ({"body": "Overwritten with Power Delete Suite"}, "overwritten"),
    ],
)
def test_trace__kind_and_window(after: Fields, kind: str) -> None:
    traced = trace(page(comment()), page(comment()), page(comment(**after)))
    assert get_changes(traced) == [(kind, "t1_a", 1, 2)]
    item = traced.timelines["t1_a"]
    assert (item.author, item.versions[0].body) == ("somebody", "text of a")


def test_trace__nothing_happened() -> None:
    traced = trace(page(comment(score=1)), page(comment(score=5)), page(comment(score=5)))
    assert traced.events == ()
    assert [score for _, score in traced.timelines["t1_a"].scores] == [1, 5]


def test_trace__removed_post_with_named_author() -> None:
    removed = {"selftext": "[removed]", "removed_by_category": "moderator"}
    traced = trace(page(selftext="the text"), page(**removed))
    assert get_changes(traced) == [("removed", "t3_p1", 0, 1)]
    assert traced.post is not None
    assert (traced.post.deletion_status, traced.post.is_preserved) == ("removed", True)


def test_trace__leaf_vanished_then_restored() -> None:
    traced = trace(
        page(comment("a"), comment("b")), page(comment("b")), page(comment("b")), page(comment("a"))
    )
    assert get_changes(traced)[0] == ("vanished", "t1_a", 0, 1)
    assert ("restored", "t1_a", 2, 3) in get_changes(traced)


def test_trace__replies_vanish_with_their_parent() -> None:
    below = comment("b", parent_id="t1_a")
    traced = trace(page(comment("a"), below, comment("c")), page(comment("c")))
    assert [(e.kind, e.fullname) for e in traced.events] == [
        ("vanished", "t1_a"),
        ("vanished", "t1_b"),
    ]


@pytest.mark.parametrize(
    "new_things",
    [
        page(comment("b"), stub("t3_p1", "a")),  # named by a stub
        page(comment("b"), stub("t3_p1")),  # below "continue this thread"
        [*page(), {"kind": "t1", "data": comment("b")["data"]}],  # /api/info: no tree
        page(comment("b", parent_id="t1_x")),
    ],
)
def test_trace__not_fetched_is_not_deleted(new_things: list[Any]) -> None:
    traced = trace(page(comment("a"), comment("b")), new_things, source="saved", request={})
    assert traced.events == ()


def test_trace__saved_comment_page_proves_nothing_about_others() -> None:
    everything = page(comment("a"), comment("b"), num_comments=2)
    traced = trace(everything, page(comment("b"), num_comments=2), source="saved", request={})
    assert traced.events == ()


def test_trace__siblings_of_a_requested_comment() -> None:
    chain = [comment("a"), comment("b", parent_id="t1_a"), comment("c", parent_id="t1_a")]
    request = {"path": "comments/p1/", "comments": ["b"]}
    assert trace(page(*chain), page(*chain[:2]), request=request).events == ()


def test_trace__appeared_if_written_since() -> None:
    since = (START + DAY / 2).timestamp()
    traced = trace(
        page(comment("a"), stub("t3_p1", "c")), page(comment("a"), comment("b", created_utc=since))
    )
    assert get_changes(traced) == [("appeared", "t1_b", 0, 1)]
    fetched = trace(
        page(comment("a"), stub("t3_p1", "c")), page(comment("a"), comment("c", created_utc=9))
    )
    assert fetched.events == ()


def test_trace__overwritten_then_deleted_then_vanished() -> None:
    fill = comment(body="Overwritten with Power Delete Suite")
    traced = trace(
        page(comment(), comment("b")), page(fill), page(comment(**DELETED)), page(comment("b"))
    )
    assert [e.kind for e in traced.timelines["t1_a"].events] == ["overwritten", "deleted"]
    assert traced.timelines["t1_a"].last_author_version.body == "text of a"  # type: ignore[union-attr]


def test_trace__first_seen_archive_dates_an_edit() -> None:
    first_text = comment(body="first", retrieved_on=(START - 5 * DAY).timestamp())
    reddit = Capture("p1", START, "reddit", {}, (*page(comment(body="second")),))
    arctic = Capture("p1", START + DAY, "arctic-shift", {}, (first_text,))
    traced = history.trace("p1", [reddit, arctic])
    assert get_changes(traced) == [("edited", "t1_a", -5, 0)]
    assert [(v.body, v.source) for v in traced.timelines["t1_a"].versions] == [
        ("first", "arctic-shift"),
        ("second", "reddit"),
    ]


def test_trace__clock_set_back_leaves_window_open() -> None:
    request = {"path": "comments/p1/"}
    first = Capture("p1", START + DAY, "reddit", request, tuple(page(comment())))
    second = Capture("p1", START, "reddit", request, tuple(page(comment(**DELETED))))
    (event,) = history.trace("p1", [first, second]).events
    assert (event.window_start, event.window_end) == (None, START)


def test_trace__redaction_is_not_a_change() -> None:
    redacted = comment(body="[redacted]", author="[deleted]", _redacted="all")
    assert trace(page(redacted), page(comment())).events == ()
    assert trace(page(redacted)).timelines["t1_a"].last_author_version is None


def test_trace__cycle_of_parents_ends() -> None:
    cycle = [comment("a", parent_id="t1_b"), comment("b", parent_id="t1_a"), comment("c")]
    assert trace(page(*cycle), page(comment("c"))).events == ()


def test_trace__versions_have_first_and_last_seen() -> None:
    traced = trace(
        page(comment()), page(comment()), page(comment(body="x y")), page(comment(body="x y"))
    )
    spans = [(v.body, v.first_seen, v.last_seen) for v in traced.timelines["t1_a"].versions]
    assert spans == [
        ("text of a", START, START + DAY),
        ("x y", START + 2 * DAY, START + 3 * DAY),
    ]


WORDS = ("text", "", None, "[deleted]", "[removed]", "[ Removed by Reddit ]", 7)
FIELDS = {
    "body": st.sampled_from(WORDS),
    "selftext": st.sampled_from(WORDS),
    "body_html": st.sampled_from((None, "<p>text</p>", "&lt;p&gt;text&lt;/p&gt;")),
    "author": st.sampled_from(("somebody", "[deleted]", None, "")),
    "removed_by_category": st.sampled_from((None, "deleted", "moderator", "copyright_takedown")),
    "removal_reason": st.sampled_from((None, "legal")),
    "score": st.sampled_from((None, 3, "3")),
    "score_hidden": st.booleans(),
    "created_utc": st.sampled_from((None, 1_700_000_000, 1.5e9)),
    "retrieved_on": st.sampled_from((None, 1_710_000_000)),
    "_lost": st.sampled_from((*history.timeline.EVENT_KINDS, "nonsense")),
    "_seen_utc": st.sampled_from((1_705_000_000, None)),
    "_redacted": st.sampled_from(("author", "all")),
}
ODD_THING = st.tuples(st.sampled_from(("t1", "t3")), st.fixed_dictionaries({}, optional=FIELDS))


def build_capture(
    things: list[Any], source: str = "reddit", day: int = 0, **request: Any
) -> Capture:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
    return Capture("p1", at, source, request, tuple(things))


@given(st.lists(ODD_THING, max_size=6), st.sampled_from(("reddit", "arctic-shift", "saved")))
def test_trace__single_capture_equals_one_with_an_empty_capture(
    given_things: list[tuple[str, dict[str, Any]]], source: str
) -> None:
    things = [
        {"kind": kind, "data": {"id": f"a{number}", **data}}
        for number, (kind, data) in enumerate(given_things)
    ]
    only = build_capture(things, source)
    nothing = build_capture([], day=1, path="comments/p1/_/x/", whole=False)
    alone = history.trace("p1", [only])
    assert alone.timelines == history.trace("p1", [only, nothing]).timelines
    assert alone.timelines.keys() == {f"{thing['kind']}_{thing['data']['id']}" for thing in things}


def test_observe__shared_observations_give_equal_results() -> None:
    redacted = comment("c", body="", _redacted="all")
    captures = [
        build_capture([comment("a"), comment("b"), comment("c")], path="comments/p1/", whole=True),
        build_capture([comment("a", body="first")], "arctic-shift", day=3),
        build_capture([comment("a", **DELETED), redacted], day=2, path="comments/p1/", whole=True),
    ]
    result = history.observe(captures)
    assert history.trace("p1", result) == history.trace("p1", captures)
    both = history.merge("p1", result), history.merge("p1", captures)
    shown = [(list(each.comments.values()), each.post, each.missing_comments) for each in both]
    assert shown[0] == shown[1]
    assert [item.captured_at for item in result.captures] == [c.captured_at for c in captures]


def test_select_until__captures_or_a_hint() -> None:
    captures = [Capture("p1", START + n * DAY, "reddit", {}, ()) for n in range(3)]
    assert history.select_until(captures, START + DAY) == tuple(captures[:2])
    with pytest.raises(errors.NotArchivedError) as caught:
        history.select_until(captures, START - DAY)
    assert caught.value.hint == "Its first snapshot was captured on 2026-01-01 00:00 UTC."
