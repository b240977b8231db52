"""Read the file that the userscript downloads."""

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reddit_archive import errors
from reddit_archive.archive import store
from reddit_archive.model import capture, comment_tree, completeness
from reddit_archive.model.capture import Capture
from reddit_archive.sources import saved_json
from tests.conftest import Run
from tests.support import reddit_server as rs
from tests.support.browser_downloads import build_download, write

SAVED_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FILE_TIME = datetime.fromtimestamp(1_700_000_000, UTC)


def read(folder: Path, value: Any) -> Capture:
    return saved_json.read_capture(write(folder / "reddit-x-1.json", value))


def test_read__is_the_whole_thread_at_the_time_in_the_file(tmp_path: Path) -> None:
    thread = rs.generate(900)
    saved = read(tmp_path, build_download(thread))
    assert (saved.captured_at, saved.source, saved.is_live) == (SAVED_AT, "saved", False)
    assert {t["data"]["id"] for t in saved.things if t["kind"] == "t1"} == set(thread.comments)
    assert completeness.is_capture_complete(saved)


def test_read__merges_the_responses_as_the_api_source_does(tmp_path: Path) -> None:
    value = build_download(rs.generate(900))
    first, *others = map(capture.flatten, value[1:])
    merged = comment_tree.merge_listings(first, (thing for page in others for thing in page))
    assert read(tmp_path, value).things == merged


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2026-03-01T14:00:00+02:00", SAVED_AT),
        ("2026-03-01T12:00:00", FILE_TIME),
        ("1999-01-01T00:00:00Z", FILE_TIME),
        ("yesterday", FILE_TIME),
        (1_772_366_400, FILE_TIME),
        (None, FILE_TIME),
    ],
)
def test_read__time_that_the_file_tells(time: Any, expected: datetime, tmp_path: Path) -> None:
    value = build_download(rs.generate(3), captured_at=time)
    assert read(tmp_path, value).captured_at == expected


def test_read__time_in_the_future_becomes_now(tmp_path: Path) -> None:
    saved = read(tmp_path, build_download(rs.generate(3), captured_at="9999-01-01T00:00:00Z"))
    assert abs((saved.captured_at - capture.utc_now()).total_seconds()) < 60


def test_read__stopped_fetch_keeps_its_gaps(tmp_path: Path) -> None:
    thread = rs.generate(900)
    saved = read(tmp_path, build_download(thread, max_requests=2))
    assert not completeness.is_capture_complete(saved)
    assert "whole" not in saved.request
    assert saved_json.list_missing_page_urls(saved)


def test_read__ids_that_reddit_withholds_are_marked(tmp_path: Path) -> None:
    value = build_download(rs.generate(900), max_requests=1)
    gap = next(gap for gap in read(tmp_path, value).missing_comments if len(gap.ids) > 1)
    value[0]["withheld_ids"] = [gap.ids[0], "zzz", "../x", 7, None]
    marked = [g.ids for g in read(tmp_path, value).missing_comments if g.is_withheld]
    assert marked == [(gap.ids[0],)]


def test_read__counts_of_replies_only_below_comments_that_are_here(tmp_path: Path) -> None:
    thread = rs.generate(5, depth=2)
    first = next(iter(thread.comments))
    counts = {f"t1_{first}": 4, "t1_zzz": 3, "t3_zzz": 2, "x": 1, f"t1_{first} ": 1}
    saved = read(tmp_path, build_download(thread, unfetched_replies=counts))
    assert [(gap.parent, gap.count) for gap in saved.missing_comments] == [(f"t1_{first}", 4)]


@pytest.mark.parametrize("count", [-1, 0, True, 1.5, "3", None, 10**30])
def test_read__count_that_is_none_is_left_out(count: Any, tmp_path: Path) -> None:
    thread = rs.generate(5, depth=2)
    counts = {f"t1_{next(iter(thread.comments))}": count}
    assert read(tmp_path, build_download(thread, unfetched_replies=counts)).missing_comments == ()


def test_read__cut_off_file_is_not_complete(tmp_path: Path) -> None:
    text = json.dumps(build_download(rs.generate(900)))
    (tmp_path / "x.json").write_text(text[: len(text) * 3 // 4])
    with pytest.raises(errors.NotAThreadError, match="cut off"):
        saved_json.read_capture(str(tmp_path / "x.json"))


def test_read__unreadable_response_is_kept_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "x.json", [*build_download(rs.generate(5)), {"body": 3}])
    saved = saved_json.load(path)
    assert saved.skipped_counts == {path: 1}
    assert not completeness.is_capture_complete(saved.capture)
    assert saved.capture.things[-1] == {"kind": "unknown", "data": {"body": 3}}


@pytest.mark.parametrize("value", [[], [{}], [[]], ["x"], [{"kind": "Listing", "data": {}}]])
def test_read__file_without_a_thread_is_refused(value: list[Any], tmp_path: Path) -> None:
    with pytest.raises(errors.NotAThreadError):
        read(tmp_path, [{"kind": "reddit-archive-page"}, *value])


def test_read__damaged_head_never_crashes(tmp_path: Path) -> None:
    dice = random.Random(1)
    thread = rs.generate(3)
    values = [None, 7, "x", [], {}, [[]], {"x": {}}, "t3_zzz", True, -1.5]
    for _ in range(200):
        head = dict.fromkeys(build_download(thread)[0], None)
        head = {key: dice.choice(values) for key in head} | {"kind": "reddit-archive-page"}
        saved = read(tmp_path, build_download(thread, **head))
        assert saved.thread_id == thread.id
        assert "path" not in saved.request


def test_read__file_and_later_page_become_one_capture(tmp_path: Path) -> None:
    thread = rs.generate(60, depth=4)
    download = write(tmp_path / "a.json", build_download(thread))
    new = thread.reply(thread.name, "later")
    page = write(tmp_path / "b.json", rs.page(thread, limit=500), at=1_772_500_000)
    saved = saved_json.read_capture(page, download)
    assert saved.captured_at.timestamp() == 1_772_500_000
    assert {t["data"]["id"] for t in saved.things if t["kind"] == "t1"} == set(thread.comments)
    assert new in thread.comments
    assert completeness.is_capture_complete(saved)


def test_import__stores_the_same_snapshot_as_a_save(run: Run, tmp_path: Path) -> None:
    thread = rs.generate(900)
    thread.delete(next(i for i in thread.comments if not thread.replies.get(f"t1_{i}")))
    path = write(tmp_path / "a.json", build_download(thread))
    assert (run("import", path).code, run("--archive", "b", path, "--no-media").code) == (0, 0)
    imported = store.load_last(tmp_path / "archive", thread.id).capture
    saved = store.load_last(tmp_path / "b", thread.id).capture
    assert imported.things == saved.things
    assert (imported.captured_at, imported.request) == (saved.captured_at, saved.request)


def test_save__from_stdin_has_the_time_in_the_file(run: Run, tmp_path: Path) -> None:
    value = build_download(rs.generate(5))
    assert run("-", "--no-media", stdin=json.dumps(value).encode()).code == 0
    saved = store.load_last(tmp_path / "archive", value[0]["thread"][3:])
    assert saved.capture.captured_at == SAVED_AT


def test_save__after_the_api_is_no_edit(run: Run, reddit: rs.Server, tmp_path: Path) -> None:
    thread = reddit.add(rs.generate(30))
    assert run(thread.id, "--no-media").code == 0
    write(tmp_path / "a.json", build_download(thread, captured_at="9999-01-01T00:00:00Z"))
    assert run("a.json", "--no-media").code == 0
    rows = [line.split("\t") for line in run("log", thread.id).out.splitlines()]
    assert [row[1:5] for row in rows] == [
        ["reddit", "30 comments", "", "complete"],
        ["saved", "30 comments", "", "complete"],
    ]


def test_import__two_files_of_one_thread_are_two_snapshots(run: Run, tmp_path: Path) -> None:
    thread = rs.generate(20)
    write(tmp_path / "a.json", build_download(thread, captured_at="2026-03-01T12:00:00Z"))
    thread.edit(next(iter(thread.comments)), "another text")
    write(tmp_path / "b.json", build_download(thread, captured_at="2026-03-05T12:00:00Z"))
    assert run("import", "a.json", "b.json").code == 0
    assert "edited" in run("log", thread.id).out
