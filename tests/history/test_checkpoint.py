"""A history that continues from a checkpoint equals the history of all captures."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from reddit_archive import history
from reddit_archive.history import checkpoint, incremental
from reddit_archive.history.incremental import IncrementalHistory
from reddit_archive.model.capture import Capture
from tests.support import page_looks
from tests.support.histories import DAY, DELETED, REMOVED, START, comment, page, stub

PAGES = {
    "edit": [page(comment()), page(comment(body="Edited.")), page(comment(body="Edited again."))],
    "deletion": [page(comment()), page(comment(**DELETED)), page(comment(**DELETED))],
    "restoration": [page(comment()), page(comment(**REMOVED)), page(comment())],
    "absence": [page(comment("a"), comment("b")), page(comment("a")), page(comment("a"))],
    "return": [page(comment("a"), comment("b")), page(comment("a")), page(comment("b"))],
    "stubs": [page(stub("t3_p1", "a", "b")), page(comment("a")), page(stub("t1_a"))],
    "same in Python": [page(comment(edited=1)), page(comment(edited=True)), page(comment(x=[]))],
}


def build_captures(pages: Sequence[list[Any]]) -> list[Capture]:
    request = {"path": "comments/p1/"}
    return [
        Capture("p1", START + day * DAY, "reddit", request, tuple(things))
        for day, things in enumerate(pages)
    ]


def resume(captures: Sequence[Capture]) -> IncrementalHistory:
    """Return the history of captures, written as a checkpoint and read again after each."""
    history_so_far = incremental.start("p1", captures[:1])
    for count, captured in enumerate(captures[1:], 1):
        values = json.loads(json.dumps(checkpoint.to_json(history_so_far)))
        times = [each.captured_at for each in captures[:count]]
        history_so_far = checkpoint.from_json("p1", values, times, captures.__getitem__)
        history_so_far.add(captured)
    return history_so_far


@pytest.mark.parametrize("name", PAGES)
def test_checkpoint__after_each_capture_changes_nothing(name: str) -> None:
    captures = build_captures(PAGES[name])
    resumed, expected = resume(captures), history.merge("p1", captures)
    merged = resumed.merge()
    assert json.dumps([each.raw for each in merged.comments.values()]) == json.dumps(
        [each.raw for each in expected.comments.values()]
    )
    assert merged.missing_comments == expected.missing_comments
    traced, expected_history = resumed.trace(), history.trace("p1", captures)
    assert traced.events == expected_history.events
    for fullname, timeline in expected_history.timelines.items():
        assert traced.timelines[fullname]._replace(scores=timeline.scores) == timeline


def test_summaries__tell_what_each_capture_completed() -> None:
    captures = build_captures([page(stub("t3_p1", "a")), page(comment("a"), comment("b"))])
    assert resume(captures).summarize() == [(0, False), (2, True)]


def test_may_continue__not_with_a_first_seen_archive_or_a_web_page() -> None:
    (captured,) = build_captures([page(comment())])
    web_page = page_looks.page_capture(page_looks.page_post(), day=1)
    archived = page_looks.arctic_capture(page_looks.arctic_comment(), day=1)
    assert [*map(incremental.may_continue_with, (captured, web_page, archived))] == [
        True,
        False,
        False,
    ]
    assert [incremental.may_be_continued([each]) for each in (captured, web_page, archived)] == [
        True,
        False,
        True,
    ]
