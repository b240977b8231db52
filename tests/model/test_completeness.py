"""All commands agree whether a thread is complete, given all of its snapshots."""

import json
import sqlite3
from contextlib import closing
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from reddit_archive.model import capture, completeness
from reddit_archive.model.capture import Capture, MissingComments
from reddit_archive.sources.reddit_api.api_calls import ApiRequest, RequestFailure
from reddit_archive.sources.reddit_api.thread_plan import ThreadPlan
from tests.conftest import OFFLINE, Run
from tests.support import arctic_server
from tests.support import reddit_server as rs

slow = pytest.mark.slow
POST = {
    "author": "miller",
    "created_utc": 1_704_067_200,
    "id": "abc123",
    "num_comments": 2,
    "permalink": "/r/breadlog/comments/abc123/rye/",
    "retrieved_on": 1_704_067_300,
    "selftext": "Which one rises?",
    "subreddit": "breadlog",
    "title": "Rye",
}


def comment(number: int, **more: Any) -> dict[str, Any]:
    return {
        "author": f"baker{number}",
        "body": f"loaf number {number}",
        "created_utc": 1_704_067_200 + number,
        "id": f"kaa{number}",
        "link_id": "t3_abc123",
        "parent_id": "t3_abc123",
        "retrieved_on": 1_704_067_260 + number,
        "subreddit": "breadlog",
        **more,
    }


def write_lines(path: Path, *values: Any) -> Path:
    path.write_text("".join(f"{json.dumps(value)}\n" for value in values))
    return path


def write_json(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value))
    return path


def orders(*names: str) -> list[Any]:
    """Return all orders of the names; all but the last, the reverse, are slow."""
    *others, last = permutations(names)
    return [*(pytest.param(order, marks=slow) for order in others), last]


def get_reported_completeness(run: Run, folder: Path, thread_id: str) -> tuple[bool, bool, bool]:
    """Return whether the quote, the log and the exported database call a thread complete."""
    quote = json.loads(run("quote", thread_id, "--json").out)["complete"]
    log = json.loads(run("log", thread_id, "--json").out)["snapshots"][-1]["complete"]
    assert run("export", "sqlite", "exported.db", thread_id).code == 0
    query = "SELECT is_complete FROM {} ORDER BY rowid DESC"
    with closing(sqlite3.connect(folder / "exported.db")) as database:
        rows = [database.execute(query.format(t)).fetchone()[0] for t in ("posts", "snapshots")]
    assert rows[0] == rows[1] == log
    return quote, log, bool(rows[0])


# Pages that are saved one after another


@pytest.mark.parametrize("order", orders("01", "02", "03"), ids="-".join)
def test_pages__recorded_session_is_incomplete_in_any_order(
    order: tuple[str, ...], run: Run, recordings: Path
) -> None:
    folder = recordings / "sessions" / "t3_3hahrw"
    files = [next(folder.glob(f"{number}-*.json")) for number in order]
    for file in files:
        result = run("save", file, "--json", "--no-media")
        assert json.loads(result.out)["complete"] is False
    assert json.loads(result.out)["missing"] == 38
    assert run(files[1], "--no-media", "--require-complete").code == 3


@slow
def test_pages__recorded_session_is_complete_after_the_last(run: Run, recordings: Path) -> None:
    folder = recordings / "sessions" / "t3_7gylz9"
    reported = []
    for file in sorted(folder.glob("??-*.json")):
        reported.append(json.loads(run(file, "--json", "--no-media").out)["complete"])
    assert reported == [False] * (len(reported) - 1) + [True]


def test_first_page__with_comments_does_not_complete(run: Run, reddit: rs.Server) -> None:
    thread = reddit.add(rs.generate(520, depth=4, seed=4))
    first = json.loads(run(thread.id, "--first-page", "--json").out)
    ids = [i for i in thread.comments if f'"{i}"' not in json.dumps(first)]
    result = json.loads(run(thread.id, "--first-page", "-c", ids[-1], "--json").out)
    assert (result["complete"], result["missing"] > 0) == (False, True)
    assert json.loads(run(thread.id, "--json").out)["complete"] is True


def test_comment_page__hint_names_the_thread_page(run: Run, tmp_path: Path) -> None:
    thread = rs.generate(40, depth=3)
    one = thread.replies[thread.name][1]
    file = write_json(tmp_path / "one.json", rs.page(thread, comment=one, limit=500))
    result = run(file, "--require-complete")
    assert result.code == 3
    assert f"https://www.reddit.com/comments/{thread.id}.json?limit=500" in result.err


def test_thread_page__is_stored_after_a_part_with_the_same_content(
    run: Run, reddit: rs.Server
) -> None:
    thread = rs.generate(4, depth=1)
    thread.deleted |= set([*thread.comments][1:])
    reddit.add(thread)
    only = next(iter(thread.comments))
    assert run(thread.id, "--first-page", "-c", only, "--require-complete").code == 3
    assert run(thread.id, "--require-complete").code == 0


def test_plan__failed_page_leaves_its_comments_missing() -> None:
    plan = ThreadPlan("t3_p")
    stub = {"kind": "more", "data": {"parent_id": "t3_p", "count": 5, "children": ["b"]}}
    plan.add_response(ApiRequest("page"), [{"kind": "t3", "data": {"name": "t3_p"}}, stub])
    plan.add_response(ApiRequest("children", ("t1_b",)), ())
    plan.add_response(
        ApiRequest("info", ("t1_b",)),
        [{"kind": "t1", "data": {"name": "t1_b", "parent_id": "t3_p"}}],
    )
    assert plan.thread.unfetched_replies == {"t1_b": 4}
    plan.add_response(ApiRequest("focus", ("t1_b",)), RequestFailure())
    assert plan.thread.unfetched_replies == {"t1_b": 4}


# Dumps


@pytest.mark.parametrize("order", orders("rs", "c1", "c2"), ids="-".join)
def test_dumps__are_complete_after_the_last_file(
    run: Run, tmp_path: Path, order: tuple[str, ...]
) -> None:
    write_lines(tmp_path / "rs", POST)
    write_lines(tmp_path / "c1", comment(1))
    write_lines(tmp_path / "c2", comment(2, parent_id="t1_kaa1"))
    reported = []
    for name in order:
        assert run("import", name).code == 0
        reported.append(get_reported_completeness(run, tmp_path, "abc123"))
    assert reported == [(False,) * 3, (False,) * 3, (True,) * 3]


def test_dumps__post_alone_counts_missing_comments(run: Run, tmp_path: Path) -> None:
    run("import", write_lines(tmp_path / "rs", {**POST, "num_comments": 300}))
    result = json.loads(run("quote", "abc123", "--json").out)
    assert (result["complete"], result["missing"]) == (False, 300)


def test_dumps__post_without_comments_is_complete(run: Run, tmp_path: Path) -> None:
    run("import", write_lines(tmp_path / "rs", {**POST, "num_comments": 0}))
    assert get_reported_completeness(run, tmp_path, "abc123") == (True, True, True)


def test_dumps__filtered_by_date_are_incomplete(run: Run, tmp_path: Path) -> None:
    post = {**POST, "num_comments": 0}  # as it was when the post was new
    file = write_lines(tmp_path / "d", post, comment(1), comment(2), comment(900))
    run("import", file, "--until", "2024-01-01T00:05")
    assert get_reported_completeness(run, tmp_path, "abc123") == (False, False, False)
    run("import", file)
    assert get_reported_completeness(run, tmp_path, "abc123") == (True, True, True)


def test_json__export_of_an_incomplete_thread_stays_incomplete(run: Run, tmp_path: Path) -> None:
    run("import", write_lines(tmp_path / "d", {**POST, "num_comments": 9}, comment(1), comment(2)))
    out = run("export", "json", "abc123")
    (tmp_path / "again.json").write_text(out.out)
    result = run("again.json", "--archive", "other", "--json")
    assert (json.loads(result.out)["complete"], json.loads(result.out)["missing"]) == (False, 7)


def test_arctic_shift__tree_that_lacks_comments_is_incomplete(run: Run, tmp_path: Path) -> None:
    thread = rs.generate(30, depth=3)
    thread.post["num_comments"] = 33
    with arctic_server.Server(thread) as server:
        settings = {**OFFLINE, "arctic_shift": server.settings(), "source": "arctic-shift"}
        (tmp_path / "config.yaml").write_text(json.dumps(settings))
        result = json.loads(run(thread.id, "--json").out)
    assert (result["complete"], result["missing"]) == (False, 3)


# Missing comments


def test_iter_missing__stub_of_an_earlier_page_stays() -> None:
    stub = {"parent_id": "t3_p", "depth": 0, "count": 2, "children": ["x", "y"]}
    hidden = {"parent_id": "t3_p", "count": 4, "children": ["b"]}
    post = {"kind": "t3", "data": {"name": "t3_p", "id": "p", "num_comments": 5}}
    comments = [{"kind": "t1", "data": {"name": "t1_b", "parent_id": "t3_p", "depth": 0}}]
    comments += [{"kind": "t1", "data": {"name": "t1_c", "parent_id": "t1_b", "depth": 1}}]
    top = {"kind": "t1", "data": {"name": "t1_a", "parent_id": "t3_p", "depth": 0}}
    responses = [
        [*comments, {"kind": "more", "data": stub}],
        [post, top, {"kind": "more", "data": hidden}],
    ]
    *_, missing = completeness.iter_missing("p", [saved(*things) for things in responses])
    assert missing == (MissingComments("t3_p", ("x", "y"), 2),)


def test_iter_missing__higher_count_of_the_post_means_new_comments() -> None:
    request = {"path": "comments/p/", "whole": True}
    post = {"kind": "t3", "data": {"name": "t3_p", "id": "p", "num_comments": 0}}
    more = {"kind": "t3", "data": {"name": "t3_p", "id": "p", "num_comments": 6}}
    whole = Capture("p", capture.utc_now(), "reddit", request, (post,))
    part = Capture("p", capture.utc_now(), "reddit", {"path": "api/info/", "whole": False}, (more,))
    *_, missing = completeness.iter_missing("p", [whole, part])
    assert missing == (MissingComments("t3_p", (), 6),)


def saved(*things: Any) -> Capture:
    return Capture("p", capture.utc_now(), "saved", {"file": "x.json"}, things, is_live=False)
