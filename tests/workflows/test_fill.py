"""Filling threads: all that sources have arrives, in few requests, and nothing else changes."""

import json
from collections.abc import Iterator
from datetime import timedelta
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from reddit_archive import errors, history
from reddit_archive.archive import fill_log, redact, store
from reddit_archive.archive.redact import RedactionCriteria, scan
from reddit_archive.config import Settings
from reddit_archive.model.capture import Capture, Thing, utc_now
from reddit_archive.model.reference import Reference
from reddit_archive.sources.arctic_shift import ArcticShiftSource, client
from reddit_archive.workflows import fill_thread
from reddit_archive.workflows.fill import estimate_all
from reddit_archive.workflows.fill_thread import ThreadFill
from reddit_archive.workflows.import_files import import_files
from reddit_archive.workflows.load import load_thread
from reddit_archive.workflows.log_reporter import LogReporter
from reddit_archive.workflows.save import SaveRequest, save
from tests.support import arctic_server
from tests.support import reddit_server as rs
from tests.support.file_fingerprints import compute_fingerprints
from tests.support.filling import (
    build_settings,
    build_stub,
    fill,
    list_sources,
    load,
    store_part,
)


def slow(value: object) -> Any:
    return pytest.param(value, marks=pytest.mark.slow)


@pytest.fixture(autouse=True)
def no_rate_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "WINDOW_SECONDS", 0.0)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def thread() -> rs.Thread:
    return rs.generate(60, depth=5, seed=3)


@pytest.fixture
def arctic(thread: rs.Thread) -> Iterator[arctic_server.Server]:
    with arctic_server.Server(thread) as server:
        yield server


@pytest.fixture
def reddit(thread: rs.Thread) -> Iterator[rs.Server]:
    with rs.Server(thread) as server:
        yield server


@pytest.fixture
def settings(root: Path, arctic: arctic_server.Server) -> Settings:
    """Settings without a key, so that Arctic Shift is asked."""
    return build_settings(root, arctic)


def halves(thread: rs.Thread) -> tuple[list[str], list[str]]:
    ids = [*thread.comments]
    return ids[: len(ids) // 2], ids[len(ids) // 2 :]


# What arrives


@pytest.mark.parametrize("shape", ["mixed", slow("chains"), slow("tree"), slow("deleted")])
def test_fill__half_saved_page_of_1200_comments_becomes_whole(
    shape: str, root: Path, tmp_path: Path
) -> None:
    thread = rs.shaped(shape, 1200, seed=4)
    (tmp_path / "page.json").write_text(json.dumps(rs.page(thread, limit=500)))
    with arctic_server.Server(thread) as server:
        settings = build_settings(root, server)
        import_files([tmp_path / "page.json"], settings, LogReporter())
        [result] = fill(settings)
        assert server.count() == 2
    assert result.status == "filled"
    assert load(root, thread).comments.keys() == thread.comments.keys()
    assert load(root, thread).is_complete


def test_fill__reddit_fills_a_half_saved_page(root: Path, tmp_path: Path) -> None:
    thread = rs.generate(250, seed=4)
    (tmp_path / "page.json").write_text(json.dumps(rs.page(thread, limit=100)))
    with rs.Server(thread) as server:
        settings = build_settings(root, None, server)
        import_files([tmp_path / "page.json"], settings, LogReporter())
        [result] = fill(settings)
    assert (result.status, list_sources(root, thread)) == ("filled", ["saved", "reddit"])
    assert load(root, thread).comments.keys() == thread.comments.keys()


def test_fill__named_comments_are_requested_by_id_alone(
    root: Path, thread: rs.Thread, arctic: arctic_server.Server, settings: Settings
) -> None:
    shown, named = halves(thread)
    store_part(root, thread, shown, named=named)
    [result] = fill(settings)
    assert (result.status, result.comment_count) == ("filled", len(named))
    assert [request.path for request in arctic.requests()] == ["/api/comments/ids"]


def test_fill__stored_snapshots_stay_as_they_are(
    root: Path, thread: rs.Thread, settings: Settings
) -> None:
    shown, named = halves(thread)
    store_part(root, thread, shown, named=named)
    before = compute_fingerprints(root / "threads")
    fill(settings)
    assert before.items() <= compute_fingerprints(root / "threads").items()
    assert sorted(list_sources(root, thread)) == ["arctic-shift", "saved"]


@pytest.mark.parametrize("shape", ["mixed", slow("chains"), slow("tree"), slow("deleted")])
@pytest.mark.parametrize("source", ["arctic-shift", "reddit"])
def test_fill__makes_no_event_in_the_history(
    source: str, shape: str, root: Path, tmp_path: Path
) -> None:
    thread = rs.shaped(shape, 200, seed=3)
    (tmp_path / "page.json").write_text(json.dumps(rs.page(thread, limit=60)))
    with arctic_server.Server(thread) as arctic, rs.Server(thread) as reddit:
        settings = build_settings(root, arctic, reddit, source=source)
        import_files([tmp_path / "page.json"], settings, LogReporter())
        [result] = fill(settings)
    snapshots = load_thread(root, thread.id, reporter=LogReporter()).snapshots
    assert result.comment_count > 0
    assert history.trace(thread.id, (each.capture for each in snapshots)).events == ()


def test_fill__missing_post(root: Path, thread: rs.Thread, settings: Settings) -> None:
    store_part(root, thread, thread.comments, has_post=False)
    [result] = fill(settings)
    post = load(root, thread).post
    assert result.has_new_post
    assert post is not None
    assert post.title == thread.post["title"]


def test_fill__parents_of_orphans_up_to_the_top(
    root: Path, thread: rs.Thread, settings: Settings
) -> None:
    deepest = max(thread.comments, key=thread.depth)
    store_part(root, thread, [deepest])
    [result] = fill(settings)
    assert result.status == "filled"
    filled = load(root, thread)
    assert filled.ancestors(deepest) == thread.path(deepest)[:-1]


def test_fill__a_long_chain_of_parents_takes_few_requests(root: Path) -> None:
    thread = rs.shaped("chains", 100)
    with arctic_server.Server(thread) as server:
        store_part(root, thread, [[*thread.comments][-1]])
        [result] = fill(build_settings(root, server))
        assert server.count() <= fill_thread.MAX_ROUNDS + 2
    assert result.status == "filled"


def test_fill__comments_that_are_only_counted(
    root: Path, thread: rs.Thread, settings: Settings
) -> None:
    first = next(iter(thread.comments))
    things: tuple[Thing, ...] = (
        {"kind": "t3", "data": thread.post},
        {"kind": "t1", "data": thread.comments[first]},
        build_stub(thread.name, [], len(thread.comments) - 1),
    )
    page = Capture(thread.id, utc_now(), "saved-page", {"file": "x.html"}, things)
    store.add(root, page)
    [result] = fill(settings)
    assert result.status == "filled"
    assert load(root, thread).comments.keys() == thread.comments.keys()


def test_fill__times_that_a_page_does_not_show(
    root: Path, thread: rs.Thread, arctic: arctic_server.Server, settings: Settings
) -> None:
    lacking = ("created_utc", "created", "score", "body")
    store_part(root, thread, thread.comments, without=lacking)
    [result] = fill(settings)
    assert (result.status, result.dated_count) == ("filled", len(thread.comments))
    assert fill(settings)[0].status == "complete"
    assert arctic.count() == 1


def test_fill__deleted_text_without_a_time_is_left_alone(
    root: Path, thread: rs.Thread, arctic: arctic_server.Server, settings: Settings
) -> None:
    first = next(iter(thread.comments))
    thread.delete(first)
    store_part(root, thread, thread.comments, without=("created_utc",))
    fill(settings)
    assert first not in ",".join(request.query["ids"] for request in arctic.requests())
    assert load(root, thread).comments[first].deletion_status == "deleted"


def test_fill__a_complete_thread_takes_no_request(
    root: Path, thread: rs.Thread, arctic: arctic_server.Server, settings: Settings
) -> None:
    store_part(root, thread, thread.comments)
    assert [result.status for result in fill(settings)] == ["complete"]
    assert arctic.count() == 0


# How many requests


@pytest.mark.parametrize("count", [501, slow(499), slow(500), slow(3000)])
def test_fill__arctic_shift_is_asked_for_500_ids_a_request(count: int, root: Path) -> None:
    thread = rs.generate(count, seed=8)
    store_part(root, thread, [], named=thread.comments)
    with arctic_server.Server(thread) as server:
        [result] = fill(build_settings(root, server))
        assert server.count() == ceil(count / 500)
    assert (result.status, result.comment_count) == ("filled", count)


@pytest.mark.parametrize("count", [101, slow(99), slow(3000)])
def test_fill__reddit_is_asked_for_100_ids_a_request(count: int, root: Path) -> None:
    thread = rs.generate(count, seed=8)
    store_part(root, thread, [], named=thread.comments)
    with rs.Server(thread) as server:
        [result] = fill(build_settings(root, None, server))
        assert server.count() == server.count("info") == ceil(count / 100)
    assert (result.status, result.comment_count) == ("filled", count)


def test_fill__hostile_ids_are_never_sent(
    root: Path, thread: rs.Thread, arctic: arctic_server.Server, settings: Settings
) -> None:
    first, *others = thread.comments
    data = {**thread.comments[first], "parent_id": "t1_&x=1"}
    stub = build_stub(thread.name, [*others[:3], "a,b", "../x", "é", "z" * 99])
    post = {"kind": "t3", "data": {**thread.post, "num_comments": 0}}
    things: tuple[Thing, ...] = (post, {"kind": "t1", "data": data}, stub)
    store.add(root, Capture(thread.id, utc_now(), "saved-page", {"file": "x"}, things))
    fill(settings)
    sent = [request.query["ids"].split(",") for request in arctic.requests()]
    assert sent == [[f"t1_{i}" for i in others[:3]]]


# What no source has


def test_fill__ids_that_no_source_has_stay_missing(
    root: Path, thread: rs.Thread, arctic: arctic_server.Server, settings: Settings
) -> None:
    shown, named = halves(thread)
    store_part(root, thread, shown, named=named)
    for comment_id in named[:3]:
        del arctic.kept[thread.id].comments[comment_id]
    [result] = fill(settings)
    assert result.gaps is not None
    assert (result.status, result.comment_count) == ("partly filled", len(named) - 3)
    assert {name[3:] for name in result.gaps.parents} == {*named[:3]}
    assert result.answers[0].unavailable == {f"t1_{i}" for i in named[:3]}
    assert not load(root, thread).is_complete


def test_fill__what_arctic_shift_lacks_is_not_requested_again(
    root: Path, thread: rs.Thread, arctic: arctic_server.Server, settings: Settings
) -> None:
    shown, named = halves(thread)
    store_part(root, thread, shown, named=named)
    del arctic.kept[thread.id].comments[named[0]]
    fill(settings)
    count = arctic.count()
    assert fill(settings)[0].status == "unchanged"
    assert arctic.count() == count
    fill(settings, asks_again=True)
    assert arctic.count() == count + 1


def test_fill__a_log_that_is_a_week_old_is_forgotten(tmp_path: Path) -> None:
    fill_log.record(tmp_path, "abc", "arctic-shift", ["t1_x"])
    assert fill_log.read(tmp_path) == {("abc", "arctic-shift"): frozenset({"t1_x"})}
    assert fill_log.read(tmp_path, now=utc_now() + timedelta(days=8)) == {}


def test_fill__what_reddit_does_not_return_is_withheld(
    root: Path, thread: rs.Thread, reddit: rs.Server
) -> None:
    shown, named = halves(thread)
    store_part(root, thread, shown, named=[*named])
    del thread.comments[named[-1]]
    [result] = fill(build_settings(root, None, reddit))
    assert result.gaps is not None
    assert (result.status, result.gaps.withheld_count) == ("filled", 1)
    assert load(root, thread).is_complete
    assert fill(build_settings(root, None, reddit))[0].status == "complete"


def test_fill__all_withheld_is_remembered_with_the_post(
    root: Path, thread: rs.Thread, reddit: rs.Server
) -> None:
    *shown, last = thread.comments
    store_part(root, thread, shown, named=[last])
    del thread.comments[last]
    thread.post["num_comments"] = len(shown)
    [result] = fill(build_settings(root, None, reddit))
    assert (result.status, reddit.count("info")) == ("filled", 2)


def test_fill__a_private_community_withholds_nothing(
    root: Path, thread: rs.Thread, reddit: rs.Server
) -> None:
    shown, named = halves(thread)
    store_part(root, thread, shown, named=named)
    reddit.remove(thread)  # /api/info returns nothing about it
    [result] = fill(build_settings(root, None, reddit, source="reddit"))
    assert result.status == "unchanged"
    assert load(root, thread).missing_count == len(named)


def test_fill__arctic_shift_is_asked_when_reddit_has_nothing(
    root: Path, thread: rs.Thread, reddit: rs.Server, arctic: arctic_server.Server
) -> None:
    shown, named = halves(thread)
    store_part(root, thread, shown, named=named)
    reddit.remove(thread)
    [result] = fill(build_settings(root, arctic, reddit))
    assert result.status == "filled"
    assert [answer.source for answer in result.answers] == ["reddit", "arctic-shift"]


def test_fill__things_of_another_thread_do_not_count(
    root: Path, thread: rs.Thread, arctic: arctic_server.Server, settings: Settings
) -> None:
    shown, named = halves(thread)
    store_part(root, thread, shown, named=named)
    arctic.kept[thread.id].comments[named[0]]["link_id"] = "t3_other"
    fill(settings)
    assert named[0] not in load(root, thread).comments


# What goes wrong


def test_fill__source_down_in_the_middle_keeps_what_arrived(root: Path) -> None:
    thread = rs.generate(1100, seed=8)
    store_part(root, thread, [], named=thread.comments)
    with arctic_server.Server(thread) as server:
        settings = build_settings(root, server)
        server.fail("comments/ids", [rs.Fault(), rs.Fault()])
        server.fail("comments/ids", rs.SERVER_ERROR(503), times=None)
        [result] = fill(settings)
    assert (result.status, result.comment_count) == ("partly filled", 1000)
    assert isinstance(result.error, errors.ServerUnreachableError)
    assert len(load(root, thread).comments) == 1000


def test_fill__a_failed_answer_is_not_remembered_as_lacking(
    root: Path, thread: rs.Thread, arctic: arctic_server.Server, settings: Settings
) -> None:
    shown, named = halves(thread)
    store_part(root, thread, shown, named=named)
    arctic.fail("comments/ids", [rs.SERVER_ERROR(503)] * 2)
    assert fill(settings)[0].status == "failed"
    assert fill(settings)[0].status == "filled"


def test_fill__a_tree_that_fails_is_an_error(
    root: Path, thread: rs.Thread, arctic: arctic_server.Server, settings: Settings
) -> None:
    shown, named = halves(thread)
    store_part(root, thread, shown, named=named, has_post=False)
    arctic.fail("comments/tree", rs.SERVER_ERROR(503), times=None)
    arctic.fail("posts/ids", [rs.Fault()])
    [result] = fill(settings)
    assert isinstance(result.error, errors.ServerUnreachableError)
    assert load(root, thread).post is not None  # it arrived before


def test_fill__one_failed_thread_does_not_stop_the_others(root: Path) -> None:
    threads = [rs.generate(20, seed=seed) for seed in (11, 12, 13)]
    for each in threads:
        store_part(root, each, [], named=each.comments)
    with arctic_server.Server(*threads) as server:
        server.fail("comments/ids", [rs.Fault(), *[rs.SERVER_ERROR(503)] * 2])
        results = fill(build_settings(root, server))
    assert [result.status for result in results] == ["filled", "failed", "filled"]


def test_fill__a_source_that_is_down_is_left_alone(root: Path) -> None:
    threads = [rs.generate(5, seed=seed) for seed in range(20, 26)]
    for each in threads:
        store_part(root, each, [], named=each.comments)
    with arctic_server.Server(*threads) as server:
        server.fail("comments/ids", rs.SERVER_ERROR(503), times=None)
        results = fill(build_settings(root, server))
        assert server.count() == 3 * 2  # threads and tries
    assert [result.status for result in results] == ["failed"] * 6


def test_fill__a_damaged_thread_does_not_stop_the_others(
    root: Path, thread: rs.Thread, settings: Settings
) -> None:
    shown, named = halves(thread)
    damaged = rs.generate(5, seed=77)
    store_part(root, thread, shown, named=named)
    store_part(root, damaged, damaged.comments)
    [path] = store.list_snapshot_paths(store.thread_folder(root, damaged.id))
    path.chmod(0o644)
    path.write_bytes(b"{}")
    statuses = {result.thread_id: result.status for result in fill(settings)}
    assert statuses == {thread.id: "filled", damaged.id: "failed"}


def test_fill__an_interrupt_keeps_what_arrived(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    thread = rs.generate(1100, seed=8)
    store_part(root, thread, [], named=thread.comments)
    look_up, batches = ArcticShiftSource.look_up, iter(range(9))

    def interrupt(source: ArcticShiftSource, names: list[str]) -> dict[str, Thing]:
        if next(batches) == 1:
            raise KeyboardInterrupt
        return look_up(source, names)

    with arctic_server.Server(thread) as server:
        settings = build_settings(root, server)
        monkeypatch.setattr(ArcticShiftSource, "look_up", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fill(settings)
        assert len(load(root, thread).comments) == 500
        assert (fill(settings)[0].status, server.count()) == ("filled", 3)


def test_fill__an_interrupt_in_a_large_tree_keeps_what_arrived(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> Iterator[list[Thing]]:
        raise KeyboardInterrupt

    thread = rs.shaped("tree", 60)
    with arctic_server.Server(thread, most_in_tree=20) as server:
        store_part(root, thread, [*thread.comments][:1], has_post=False)
        monkeypatch.setattr(ArcticShiftSource, "_iter_search_pages", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fill(build_settings(root, server))
    assert len(load(root, thread).comments) >= 20


# What was removed on purpose


def redact_and_fill(root: Path, thread: rs.Thread, settings: Settings) -> bool:
    """Redact an author, store a page without the texts, fill it; return whether a name is back."""
    shown, named = halves(thread)
    author = thread.comments[named[0]]["author"]
    store_part(root, thread, thread.comments)
    redact.redact(root, thread.id, RedactionCriteria(authors=frozenset({author.lower()})))
    for path in store.list_snapshot_paths(store.thread_folder(root, thread.id)):
        path.unlink()
    store_part(root, thread, shown, named=named)
    fill(settings)
    assert named[0] in load(root, thread).comments
    paths = store.list_snapshot_paths(store.thread_folder(root, thread.id))
    return any(f'"{author}"'.encode() in path.read_bytes() for path in paths)


def test_fill__redacted_texts_do_not_come_back(
    root: Path, thread: rs.Thread, settings: Settings
) -> None:
    assert not redact_and_fill(root, thread, settings)


def test_fill__control_without_the_ledger_they_would(
    root: Path, thread: rs.Thread, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "find_levels", lambda *_: {})
    assert redact_and_fill(root, thread, settings)


def test_fill__a_thread_that_is_forgotten_meanwhile_stays_forgotten(
    root: Path, thread: rs.Thread, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, named = halves(thread)
    store_part(root, thread, shown, named=named)
    look_up = ArcticShiftSource.look_up

    def forget_first(source: ArcticShiftSource, names: list[str]) -> dict[str, Thing]:
        redact.forget_thread(root, thread.id)
        return look_up(source, names)

    monkeypatch.setattr(ArcticShiftSource, "look_up", forget_first)
    assert [result.status for result in fill(settings)] == ["failed"]
    assert not store.read_headers(root, thread.id)


# What it is for others


def test_fill__a_later_save_still_finds_out_what_was_deleted(
    root: Path, thread: rs.Thread, reddit: rs.Server
) -> None:
    settings = build_settings(root, None, reddit)
    request = SaveRequest((Reference(post_id=thread.id),))
    save(request, settings, LogReporter())
    first, *_, leaf = thread.visible() & {i for i in thread.comments if not thread.size(i)}
    filled = {"path": "api/info/", "whole": False, "filled": True}
    things: tuple[Thing, ...] = ({"kind": "t1", "data": thread.comments[first]},)
    store.add(root, Capture(thread.id, utc_now(), "reddit", filled, things))
    thread.delete(leaf)
    loaded = save(request, settings, LogReporter()).loaded
    assert loaded.thread.comments[leaf].deletion_status == "deleted"


def test_estimate__counts_requests_and_sends_none(
    root: Path, thread: rs.Thread, arctic: arctic_server.Server
) -> None:
    shown, named = halves(thread)
    store_part(root, thread, shown, named=named)
    [found] = estimate_all([thread.id], "arctic-shift", root, LogReporter(), asks_again=False)
    assert (found.min_requests, found.max_requests) == (1, 1)
    assert found.gaps.comment_count == len(named)
    assert arctic.count() == 0


# Seeded faults


def test_fill__control_a_workflow_that_asks_for_each_comment_is_seen(
    root: Path, thread: rs.Thread, arctic: arctic_server.Server, settings: Settings
) -> None:
    shown, named = halves(thread)
    store_part(root, thread, shown, named=named)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ThreadFill, "_split", lambda _, names: ([name] for name in names))
        fill(settings)
    assert arctic.count() > 1
