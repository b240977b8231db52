"""A text once seen is never replaced; each change is named with its window."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reddit_archive import errors, history
from reddit_archive.history import text_diff
from reddit_archive.model import capture
from reddit_archive.model.capture import Capture
from reddit_archive.model.thread import Thread

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
    assert (comment.body, comment.author, comment.deletion_status) == (
        "second",
        "somebody",
        "deleted",
    )
    assert comment.is_preserved


def test_merge__removed_then_restored() -> None:
    comment = merge([said()], [said(**REMOVED)], [said(body="back")]).comments["a"]
    assert (comment.body, comment.deletion_status) == ("back", None)


def test_merge__never_seen_says_what_reddit_says() -> None:
    comment = merge([said(**REMOVED)]).comments["a"]
    assert (comment.body, comment.author, comment.deletion_status) == ("[removed]", None, "removed")
    assert not comment.is_preserved


def test_merge__vanished_is_not_deleted() -> None:
    seen = merge([said("a"), said("b")], [said("b")])
    assert seen.comments["a"].body == "text of a"
    assert seen.comments["a"].deletion_status is None


def test_merge__account_deleted_keeps_the_name_and_takes_the_newest_text() -> None:
    comment = merge([said()], [said(author="[deleted]", body="edited")]).comments["a"]
    assert (comment.author, comment.body) == ("somebody", "edited")


def test_merge__body_missing_from_an_answer_is_no_text() -> None:
    assert merge([said()], [said(body=None)]).comments["a"].body == "text of a"


def test_merge__post_removed_keeps_its_text() -> None:
    whole = {"id": "p1", "author": "op", "selftext": "the text", "title": "T"}
    gone = {**whole, "selftext": "[removed]", "author": "[deleted]"}
    captures = (
        Capture("p1", capture.utc_now(), "reddit", {}, ({"kind": "t3", "data": data},))
        for data in (whole, gone)
    )
    post = history.merge("p1", captures).post
    assert post is not None
    assert (post.body, post.author, post.deletion_status, post.is_preserved) == (
        "the text",
        "op",
        "removed",
        True,
    )


def test_merge__order_of_the_fullest_then_the_rest() -> None:
    seen = merge([said("a"), said("b"), said("c")], [said("d"), said("c")])
    assert list(seen.comments) == ["a", "b", "c", "d"]


def test_merge__gap_closed_by_an_earlier_capture() -> None:
    stub = {"kind": "more", "data": {"parent_id": "t3_p1", "count": 2, "children": ["b", "c"]}}
    gaps = merge([said("b")], [said("a"), stub]).missing_comments
    assert [gap.ids for gap in gaps if gap.ids] == [("c",)]


def test_merge__same_captures_same_thread() -> None:
    captures = [said("a"), said("b")], [said("b", **DELETED)]
    assert merge(*captures).comments == merge(*captures).comments


# Overwritten by a wipe tool

REDACT = "*This post was mass deleted and anonymized with [Redact](https://redact.dev/home)*"
LONG = "I kept the third loaf, and it was the best of all."


@pytest.mark.parametrize(
    "text",
    [
        f"market school yoke pet attempt bells nine file birds plant\n\n{REDACT}",
        f"{REDACT}\n\nchubby insurance salt literate imagine squash consider employ elastic busy",
        "ripe sable shy market fade `this message was mass deleted/edited with redact.dev`",
        "long capable subtract cautious existence forgetful divide grandiose run fear",
        "Edited with [Power Delete Suite](https://github.com/j0be/PowerDeleteSuite)",
        "I have been Shreddited for privacy!",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit.",
        "This comment has been overwritten by an open source script to protect this user.",
        "deleted ^^^^^^^^^^^^^^^^0.8683 [What is this?](https://pastebin.com/FcrFs94k/21467)",
        "[Comment removed by user]",
        ".",
    ],
)
def test_wiped__is_a_deletion(text: str) -> None:
    comment = merge([said(body=LONG)], [said(body=text)]).comments["a"]
    assert (comment.body, comment.deletion_status, comment.is_preserved) == (
        LONG,
        "overwritten",
        True,
    )


@pytest.mark.parametrize(
    "text",
    [
        f"{LONG} EDIT: spelling.",
        "EDIT: it was the fourth loaf, not the third.",
        "new york pizza is the best pizza",
        "never use redact, it is a scam",
        "Thanks!",
        "flour, water, salt, yeast, time, heat, patience",
        "I used Power BI to delete this suite of dashboards.",
        "preheat oven, fold dough twice",
        f"{LONG}\n\nEdit: the comment below was deleted with Power Delete Suite.",
        f"I kept the third loaf, it was the best of all, that is. Its answer: {REDACT}",
        f"> {REDACT}\n\nWhat is that, which I see everywhere?",
        "thanks everyone great advice really appreciate all",
    ],
)
def test_wiped__an_edit_is_none(text: str) -> None:
    comment = merge([said(body=LONG)], [said(body=text)]).comments["a"]
    assert (comment.body, comment.deletion_status) == (text, None)


@pytest.mark.parametrize(
    ("previous", "text"),
    [
        (
            "Je pense que c'est la meilleure recette.",
            "tout monde devrait essayer cela une fois avant mourir",
        ),
        (
            "Ich habe es nie so richtig verstanden.",
            "vielleicht sollten wir das einfach mal zusammen ausprobieren",
        ),
        (
            "La migliore che abbia mai mangiato.",
            "forse tutti dicono quello perche sembra meglio adesso",
        ),
        (
            "No me gusta, no entiendo por qué lo dicen.",
            "creo que todos deberian probarlo alguna vez antes",
        ),
        ("Ik begrijp er echt niets van.", "snap niet waarom iedereen dat toch zoveel beter vindt"),
        ("Não é tão bom assim.", "nunca entendi direito essa coisa mas obrigado mesmo"),
        ("Det smakar ingenting alls.", "fattar inte varfor alla gillar det har just nufortiden"),
        ("Enaknya biasa saja menurutku.", "saya tidak tahu kenapa harus begitu tapi sudah selesai"),
        ("Masarap naman po ito.", "hindi alam kung bakit ganito ang nangyari dito kanina"),
        ("Bahut accha laga yaar.", "mujhe nahi pata yeh kaise hota hai bhai abhi"),
        ("Tuzu biraz çok olmuş.", "bilmiyorum neden herkes bunu kadar seviyor yine"),
        ("Nem rossz, de nem is jó.", "szerintem mindenki szereti ezt mert nagyon finom kenyer"),
        ("Sijui kwa nini mnasema hivyo.", "nadhani watu wengi wanapenda chakula hiki sana leo"),
    ],
)
def test_overwritten__an_edit_in_another_language_is_an_edit(previous: str, text: str) -> None:
    comment = merge([said(body=previous)], [said(body=text)]).comments["a"]
    assert (comment.body, comment.deletion_status) == (text, None)


def test_wiped__who_talked_of_a_tool_before_is_talking_of_it() -> None:
    former = "Does Power Delete Suite still work?"
    text = "Does it? Edit: see, this was edited with Power Delete Suite, so yes."
    assert merge([said(body=former)], [said(body=text)]).comments["a"].body == text


def test_wiped__without_a_former_text_is_a_text() -> None:
    comment = merge([said(body="Lorem ipsum dolor sit amet")]).comments["a"]
    assert (comment.body, comment.deletion_status) == ("Lorem ipsum dolor sit amet", None)


def test_wiped__then_deleted_is_deleted() -> None:
    comment = merge([said(body=LONG)], [said(body=f"x {REDACT}")], [said(**DELETED)]).comments["a"]
    assert (comment.body, comment.deletion_status) == (LONG, "deleted")


def test_merge__first_text_of_an_archive_is_older_than_what_reddit_said() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    reddit = Capture("p1", start, "reddit", {}, (said(body="edited"), said("b", **DELETED)))
    arctic = replace(reddit, source="arctic-shift", things=(said(body="first"), said("b")))
    thread = history.merge("p1", [reddit, replace(arctic, captured_at=start + DAY)])
    assert thread.comments["a"].body == "edited"
    assert (thread.comments["b"].body, thread.comments["b"].deletion_status) == (
        "text of b",
        "deleted",
    )


# What happened, and when


START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
Told = list[tuple[str, str, int | None, int]]


def page(*things: Any, **post: Any) -> list[Any]:
    """A thread's own page: comments with the depth that trees have."""
    data = {"id": "p1", "author": "op", "selftext": "", "title": "T", "created_utc": 1, **post}
    in_tree = [thing | {"data": {"depth": 0, **thing["data"]}} for thing in things]
    return [{"kind": "t3", "data": data}, *in_tree]


def stub(parent: str, *children: str) -> Any:
    return {"kind": "more", "data": {"parent_id": parent, "count": 9, "children": [*children]}}


def trace(*pages: list[Any], **more: Any) -> history.ThreadHistory:
    request = {"path": "comments/p1/"}
    settings = {"source": "reddit", "request": request, **more}
    return history.trace(
        "p1",
        [
            Capture("p1", START + number * DAY, things=tuple(things), **settings)
            for number, things in enumerate(pages)
        ],
    )


def told(past: history.ThreadHistory) -> Told:
    """Each change as kind, fullname and the days of its window."""
    return [
        (
            e.kind,
            e.fullname,
            (e.window_start - START).days if e.window_start else None,
            (e.window_end - START).days,
        )
        for e in past.events
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
def test_trace__kind_and_window(after: Comment, kind: str) -> None:
    past = trace(page(said()), page(said()), page(said(**after)))
    assert told(past) == [(kind, "t1_a", 1, 2)]
    life = past.timelines["t1_a"]
    assert (life.author, life.versions[0].body) == ("somebody", "text of a")


def test_trace__nothing_happened() -> None:
    past = trace(page(said(score=1)), page(said(score=5)), page(said(score=5)))
    assert past.events == ()
    assert [score for _, score in past.timelines["t1_a"].scores] == [1, 5]


def test_trace__post_that_moderators_removed_with_its_author_named() -> None:
    removed = {"selftext": "[removed]", "removed_by_category": "moderator"}
    past = trace(page(selftext="the text"), page(**removed))
    assert told(past) == [("removed", "t3_p1", 0, 1)]
    assert past.post is not None
    assert (past.post.deletion_status, past.post.is_preserved) == ("removed", True)


def test_trace__leaf_vanished_then_restored() -> None:
    past = trace(page(said("a"), said("b")), page(said("b")), page(said("b")), page(said("a")))
    assert told(past)[0] == ("vanished", "t1_a", 0, 1)
    assert ("restored", "t1_a", 2, 3) in told(past)


def test_trace__below_what_vanished() -> None:
    below = said("b", parent_id="t1_a")
    past = trace(page(said("a"), below, said("c")), page(said("c")))
    assert [(e.kind, e.fullname) for e in past.events] == [
        ("vanished", "t1_a"),
        ("vanished", "t1_b"),
    ]


@pytest.mark.parametrize(
    "later",
    [
        page(said("b"), stub("t3_p1", "a")),  # named by a stub
        page(said("b"), stub("t3_p1")),  # below "continue this thread"
        [*page(), {"kind": "t1", "data": said("b")["data"]}],  # /api/info: no tree
        page(said("b", parent_id="t1_x")),
    ],
)
def test_trace__not_fetched_is_not_deleted(later: list[Any]) -> None:
    past = trace(page(said("a"), said("b")), later, source="saved", request={})
    assert past.events == ()


def test_trace__saved_page_of_one_comment_tells_nothing_of_others() -> None:
    everything = page(said("a"), said("b"), num_comments=2)
    past = trace(everything, page(said("b"), num_comments=2), source="saved", request={})
    assert past.events == ()


def test_trace__comments_beside_one_that_was_asked_for() -> None:
    chain = [said("a"), said("b", parent_id="t1_a"), said("c", parent_id="t1_a")]
    request = {"path": "comments/p1/", "comments": ["b"]}
    assert trace(page(*chain), page(*chain[:2]), request=request).events == ()


def test_trace__new_is_what_was_written_since() -> None:
    since = (START + DAY / 2).timestamp()
    past = trace(page(said("a"), stub("t3_p1", "c")), page(said("a"), said("b", created_utc=since)))
    assert told(past) == [("appeared", "t1_b", 0, 1)]
    fetched = trace(page(said("a"), stub("t3_p1", "c")), page(said("a"), said("c", created_utc=9)))
    assert fetched.events == ()


def test_trace__overwritten_then_deleted_then_vanished() -> None:
    fill = said(body="Overwritten with Power Delete Suite")
    past = trace(page(said(), said("b")), page(fill), page(said(**DELETED)), page(said("b")))
    assert [e.kind for e in past.timelines["t1_a"].events] == ["overwritten", "deleted"]
    assert past.timelines["t1_a"].last_author_version.body == "text of a"  # type: ignore[union-attr]


def test_trace__archive_of_first_texts_dates_an_edit_and_tells_nothing_of_now() -> None:
    seen_on = said(body="first", retrieved_on=(START - 5 * DAY).timestamp())
    reddit = Capture("p1", START, "reddit", {}, (*page(said(body="second")),))
    arctic = Capture("p1", START + DAY, "arctic-shift", {}, (seen_on,))
    past = history.trace("p1", [reddit, arctic])
    assert told(past) == [("edited", "t1_a", -5, 0)]
    assert [(v.body, v.source) for v in past.timelines["t1_a"].versions] == [
        ("first", "arctic-shift"),
        ("second", "reddit"),
    ]


def test_trace__clock_set_back_opens_the_window() -> None:
    request = {"path": "comments/p1/"}
    first = Capture("p1", START + DAY, "reddit", request, tuple(page(said())))
    second = Capture("p1", START, "reddit", request, tuple(page(said(**DELETED))))
    (event,) = history.trace("p1", [first, second]).events
    assert (event.window_start, event.window_end) == (None, START)


def test_trace__redacted_here_is_no_change_on_reddit() -> None:
    redacted = said(body="[redacted]", author="[deleted]", _redacted="all")
    assert trace(page(redacted), page(said())).events == ()
    assert trace(page(redacted)).timelines["t1_a"].last_author_version is None


def test_trace__circle_of_parents_ends() -> None:
    circle = [said("a", parent_id="t1_b"), said("b", parent_id="t1_a"), said("c")]
    assert trace(page(*circle), page(said("c"))).events == ()


def test_trace__versions_know_when_they_were_seen() -> None:
    past = trace(page(said()), page(said()), page(said(body="x y")), page(said(body="x y")))
    spans = [(v.body, v.first_seen, v.last_seen) for v in past.timelines["t1_a"].versions]
    assert spans == [
        ("text of a", START, START + DAY),
        ("x y", START + 2 * DAY, START + 3 * DAY),
    ]


# Until when


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


def looked_at(things: list[Any], source: str = "reddit", day: int = 0, **asked: Any) -> Capture:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
    return Capture("p1", at, source, asked, tuple(things))


@given(st.lists(ODD_THING, max_size=6), st.sampled_from(("reddit", "arctic-shift", "saved")))
def test_trace__of_one_look_is_as_beside_one_that_shows_nothing(
    given_things: list[tuple[str, dict[str, Any]]], source: str
) -> None:
    things = [
        {"kind": kind, "data": {"id": f"a{number}", **data}}
        for number, (kind, data) in enumerate(given_things)
    ]
    only = looked_at(things, source)
    nothing = looked_at([], day=1, path="comments/p1/_/x/", whole=False)
    alone = history.trace("p1", [only])
    assert alone.timelines == history.trace("p1", [only, nothing]).timelines
    assert alone.timelines.keys() == {f"{thing['kind']}_{thing['data']['id']}" for thing in things}


def test_look__once_tells_what_looking_each_time_does() -> None:
    redacted = said("c", body="", _redacted="all")
    captures = [
        looked_at([said("a"), said("b"), said("c")], path="comments/p1/", whole=True),
        looked_at([said("a", body="first")], "arctic-shift", day=3),
        looked_at([said("a", **DELETED), redacted], day=2, path="comments/p1/", whole=True),
    ]
    seen = history.observe(captures)
    assert history.trace("p1", seen) == history.trace("p1", captures)
    both = history.merge("p1", seen), history.merge("p1", captures)
    shown = [(list(each.comments.values()), each.post, each.missing_comments) for each in both]
    assert shown[0] == shown[1]
    assert [taken.captured_at for taken in seen.captures] == [c.captured_at for c in captures]


def test_as_of__captures_until_then_or_a_hint() -> None:
    captures = [Capture("p1", START + n * DAY, "reddit", {}, ()) for n in range(3)]
    assert history.select_until(captures, START + DAY) == tuple(captures[:2])
    with pytest.raises(errors.NotArchivedError) as caught:
        history.select_until(captures, START - DAY)
    assert caught.value.hint == "Its first snapshot was captured on 2026-01-01 00:00 UTC."


def test_words__make_up_both_texts() -> None:
    parts = text_diff.compare_words("feed it twice a day", "feed it once a day, please")
    assert "".join(text for sign, text in parts if sign != "+") == "feed it twice a day"
    assert "".join(text for sign, text in parts if sign != "-") == "feed it once a day, please"
    assert ("-", "twice") in parts
    assert text_diff.compare_lines("a\nb", "a\nc") == [("=", "a"), ("-", "b"), ("+", "c")]


def shuffled(vocabulary: int, count: int, seed: int) -> str:
    rng = random.Random(seed)
    return " ".join(f"w{rng.randrange(vocabulary)}" for _ in range(count))


@pytest.mark.parametrize(
    ("former", "later"),
    [
        (shuffled(150, 20_000, 1), shuffled(150, 20_000, 2)),
        (" ".join(map(str, range(20_000))), " ".join(f"{n}{'x' * (n % 2)}" for n in range(20_000))),
        ("?!" * 50_000, "!?" * 50_000),
    ],
)
def test_words__of_100_kilobytes_take_no_minute(former: str, later: str) -> None:
    start = process_time()
    parts = text_diff.compare_words(former, later)
    assert process_time() - start < 3
    assert "".join(text for sign, text in parts if sign != "+") == former
    assert "".join(text for sign, text in parts if sign != "-") == later


def test_words__of_a_long_text_are_as_those_of_a_short_one() -> None:
    begin, end = shuffled(5000, 3000, 3), shuffled(5000, 3000, 4)
    parts = text_diff.compare_words(
        f"{begin} feed it twice {end}", f"{begin} feed it once {end} yes"
    )
    changed = [("-", "twice"), ("+", "once"), ("=", f" {end}"), ("+", " yes")]
    assert parts == [("=", f"{begin} feed it "), *changed]
