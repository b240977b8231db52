"""A save that resumes from a checkpoint gives what a save gives that reads the whole past."""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from reddit_archive import config, history
from reddit_archive.archive import import_log, snapshot_format, store
from reddit_archive.archive import redact as redact_room
from reddit_archive.archive.index import checkpoint_table, maintenance, resume
from reddit_archive.archive.index.checkpoint_table import Checkpoint
from reddit_archive.archive.index.resume import ResumedThread
from reddit_archive.archive.index.titles import FILE_NAME
from reddit_archive.archive.redact import RedactionCriteria
from reddit_archive.cli import save_report
from reddit_archive.history import checkpoint, incremental
from reddit_archive.history.merger import ThreadMerger
from reddit_archive.media.thread_media import _find_stored
from reddit_archive.model.capture import Capture, StoredMedia
from reddit_archive.model.completeness import CompletenessTracker
from reddit_archive.model.thread import Thread
from reddit_archive.quote import Selection
from reddit_archive.quote.blocks.options import QuoteOptions
from reddit_archive.workflows import quote as quote_workflow
from reddit_archive.workflows import save as save_workflow
from reddit_archive.workflows.load import LoadedThread, load_thread
from reddit_archive.workflows.log_reporter import LogReporter
from reddit_archive.workflows.snapshot_choice import load_pair
from reddit_archive.workflows.thread_log import load_log
from tests.support.broken_files import BREAKAGES
from tests.support.histories import DAY, START
from tests.support.random_threads import RandomThread

EVERYTHING = QuoteOptions(selection=Selection(everything=True), style="dated")
NOTHING_MISSING = CompletenessTracker("x").to_json()
SEEDS, MANY_SEEDS, PARTS = (0, 3, 4), range(20), 4
"""The threads of 3, 7, … have web pages; those of 4, 9, … are redacted."""
STEPS = 12


def build_settings(root: Path) -> config.Settings:
    settings = config.Settings(archive=root)
    return replace(settings, media=replace(settings.media, save=False))


def save(root: Path, captured: Capture) -> LoadedThread:
    return save_workflow.store_capture(captured, build_settings(root), LogReporter())


def describe_thread(thread: Thread) -> Any:
    contents = [*([thread.post] if thread.post else []), *thread.comments.values()]
    return (
        [(json.dumps(each.raw), each.deletion_status, each.is_imported) for each in contents],
        [*thread.comments],
        thread.missing_comments,
    )


def describe(loaded: LoadedThread, root: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return all that a save shows."""
    text = quote_workflow.write_quote(loaded, EVERYTHING, build_settings(root))
    capsys.readouterr()
    save_report.report_save(loaded, EVERYTHING.selection)
    last = [(snapshot.path.name, snapshot.capture) for snapshot in loaded.snapshots[-2:]]
    return (
        text,
        capsys.readouterr(),
        describe_thread(loaded.thread),
        len(loaded.snapshots),
        last,
        loaded.is_new,
    )


def read_files(root: Path) -> dict[str, bytes]:
    paths = (path for path in (root / "threads").rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in paths}


def read_tables(root: Path) -> list[Any]:
    """Return what the index says of threads and texts, without the times of folders and logs."""
    with closing(sqlite3.connect(root / FILE_NAME)) as database:
        rows = database.execute("SELECT thread_id, levels, record FROM threads").fetchall()
        records = [(*row, *(json.loads(record)[i] for i in (0, 1, 4))) for *row, record in rows]
        tables = ("contexts", "documents", "document_ranges")
        return [records, *(database.execute(f"SELECT * FROM {t}").fetchall() for t in tables)]


def drop_index(root: Path) -> None:
    (root / FILE_NAME).unlink(missing_ok=True)


def compare_threads(
    seeds: Iterable[int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    save_kept: Callable[[Path, Capture], LoadedThread] = save,
    *,
    steps: int = STEPS,
) -> None:
    for seed in seeds:
        thread = RandomThread(seed, has_pages=seed % 4 == 3)
        compare(thread, tmp_path / str(seed), capsys, save_kept, steps)
        shutil.rmtree(tmp_path / str(seed))


def compare(
    thread: RandomThread,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    save_kept: Callable[[Path, Capture], LoadedThread],
    steps: int,
) -> None:
    """Save a thread again and again, with the index as it is kept and without any."""
    kept, fresh = tmp_path / "kept", tmp_path / "fresh"
    for step in range(steps):
        captured = thread.capture()
        results = []
        drop_index(fresh)
        for root, save_it in ((kept, save_kept), (fresh, save)):
            results.append(describe(save_it(root, captured), root, capsys))
        assert results[0] == results[1]
        assert read_files(kept) == read_files(fresh)
        assert read_tables(kept) == read_tables(fresh)
        if thread.seed % 5 == 4 and step == steps // 2:
            author = next(iter(thread.server.comments.values()))["author"].lower()
            for root in (kept, fresh):
                redact(root, thread, author)
        if thread.random.random() < 0.9:
            thread.change()
    drop_index(fresh)
    assert describe_log(kept, thread) == describe_log(fresh, thread)


def describe_log(root: Path, thread: RandomThread) -> Any:
    log = load_log(root, thread.id, on_damage=print)
    snapshots = [(each.path.name, each.capture.captured_at) for each in log.snapshots]
    authors = {name: timeline.author for name, timeline in log.history.timelines.items()}
    return log.history.events, snapshots, log.summaries, authors


@pytest.fixture
def resumed(monkeypatch: pytest.MonkeyPatch) -> list[ResumedThread]:
    """The threads that were loaded from their checkpoints."""
    results: list[ResumedThread] = []
    real = resume.resume

    def call(*args: Any, **options: Any) -> ResumedThread | None:
        result = real(*args, **options)
        results.extend([result] if result else [])
        return result

    monkeypatch.setattr(resume, "resume", call)
    monkeypatch.setattr(save_workflow, "resume", call)
    return results


def test_saves__of_random_threads_equal_those_without_an_index(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], resumed: list[ResumedThread]
) -> None:
    compare_threads(SEEDS, tmp_path, capsys)
    assert len(resumed) > len(SEEDS)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_saves__of_many_random_threads(
    part: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compare_threads(MANY_SEEDS[part::PARTS], tmp_path, capsys, steps=20)


def lose_events(event: history.Event, _writer: object) -> list[Any]:
    return ["appeared", None, 0, event.capture_index, "", ""]


@pytest.mark.parametrize(
    ("where", "name", "fault"),
    [
        (incremental, "may_continue_with", lambda capture: True),
        (checkpoint, "_event_to_json", lose_events),
        (checkpoint, "_compare_fields", lambda data, other: ({}, [])),
        (ThreadMerger, "reduce_orders", lambda self: self.orders[-1:]),
        (CompletenessTracker, "to_json", lambda self: NOTHING_MISSING),
    ],
)
def test_saves__faults_are_caught(
    where: Any,
    name: str,
    fault: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def save_with_fault(root: Path, captured: Capture) -> LoadedThread:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(where, name, fault)
            return save(root, captured)

    with pytest.raises(AssertionError):
        compare_threads(MANY_SEEDS, tmp_path, capsys, save_with_fault)


# What happens to the files behind the index


@pytest.fixture
def thread(tmp_path: Path) -> RandomThread:
    """A thread that was saved ten times, into the archive `kept`."""
    thread = RandomThread(3)
    for number in range(10):
        thread.server.edit(next(iter(thread.server.comments)), f"Text number {number}.")
        thread.now += DAY
        save(tmp_path / "kept", thread.fetch())
    thread.now += DAY
    thread.server.edit(next(iter(thread.server.comments)), "The newest text.")
    return thread


def list_paths(root: Path) -> list[Path]:
    return sorted(root.rglob("t3_*/*.json"))


def flip_byte(path: Path) -> None:
    """Damage a file without a change of its size or of the time of its last change."""
    data, before = bytearray(path.read_bytes()), path.stat()
    data[-20] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace_file(path: Path) -> None:
    """Put another file with the same name, size and time in its place."""
    before = path.stat()
    data = path.read_bytes().replace(b"Text number", b"Text_number")
    path.unlink()
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def add_copy(path: Path) -> None:
    """Add a snapshot of another archive, captured between two others."""
    captured = snapshot_format.load(path).capture
    early = replace(captured, captured_at=captured.captured_at + DAY / 2)
    data = snapshot_format.encode(early, parent=None)
    digest = hashlib.sha256(data).hexdigest()
    path.with_name(snapshot_format.build_file_name(early.captured_at, digest)).write_bytes(data)


def import_it(path: Path) -> None:
    import_log.add(path.parent, path.stem[-64:])


DAMAGES = (flip_byte, replace_file)
CHANGES = (*DAMAGES, add_copy, Path.unlink)


def change_and_save(
    change: Callable[[Path], None],
    thread: RandomThread,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Check that a save after a change to the third file equals one without an index."""
    kept, fresh = tmp_path / "kept", tmp_path / "fresh"
    change(list_paths(kept)[2])
    shutil.copytree(kept, fresh)
    drop_index(fresh)
    captured, results = thread.fetch(), []
    for root in (kept, fresh):
        caplog.clear()
        described = describe(save(root, captured), root, capsys)
        warnings = [str(record.message).replace(str(root), "") for record in caplog.records]
        results.append((described, warnings))
    assert results[0] == results[1]
    assert read_files(kept) == read_files(fresh)
    if change not in DAMAGES:  # a damaged thread is not indexed
        assert read_tables(kept) == read_tables(fresh)


@pytest.mark.parametrize("change", [*CHANGES, import_it])
def test_changed_files__are_noticed(
    change: Callable[[Path], None],
    thread: RandomThread,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    resumed: list[ResumedThread],
) -> None:
    change_and_save(change, thread, tmp_path, capsys, caplog)
    assert not resumed


@pytest.mark.parametrize("change", CHANGES)
def test_changed_files__a_checkpoint_that_is_always_right_is_caught(
    change: Callable[[Path], None],
    thread: RandomThread,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Checkpoint, "matches", lambda self, headers: True)
    with pytest.raises(AssertionError):
        change_and_save(change, thread, tmp_path, capsys, caplog)


def change_state(root: Path) -> None:
    """Change a text in the checkpoint, but not its checksum."""
    with closing(sqlite3.connect(root / FILE_NAME)) as database, database:
        database.execute("UPDATE checkpoints SET state = replace(state, 'Text number', 'Wrong')")
        database.execute("UPDATE threads SET mtime_ns = 0, levels = 'x'")


def save_with_changed_state(
    thread: RandomThread, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, fresh = tmp_path / "kept", tmp_path / "fresh"
    shutil.copytree(kept, fresh)
    change_state(kept)
    drop_index(fresh)
    captured = thread.fetch()
    for root in (kept, fresh):
        save(root, captured)
    assert read_tables(kept) == read_tables(fresh)


def test_changed_state__is_not_used(
    thread: RandomThread, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_with_changed_state(thread, tmp_path, capsys)


def test_changed_state__without_a_checksum_is_caught(
    thread: RandomThread,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checkpoint_table, "_compute_checksum", lambda *values: "none")
    save(tmp_path / "kept", thread.fetch())
    thread.now += DAY
    thread.server.edit(next(iter(thread.server.comments)), "A still newer text.")
    with pytest.raises(AssertionError):
        save_with_changed_state(thread, tmp_path, capsys)


@pytest.mark.parametrize("fault", BREAKAGES)
def test_broken_index__changes_no_save(
    fault: Callable[[Path], None],
    thread: RandomThread,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kept, fresh = tmp_path / "kept", tmp_path / "fresh"
    shutil.copytree(kept, fresh)
    fault(kept / FILE_NAME)
    drop_index(fresh)
    captured = thread.fetch()
    results = [describe(save(root, captured), root, capsys) for root in (kept, fresh)]
    assert results[0] == results[1]


# What a save reads


def count_reads(do: Callable[[], object]) -> int:
    """Return how many snapshots are read from their files."""
    paths = set()
    with pytest.MonkeyPatch.context() as patch:
        real = snapshot_format.load

        def load(path: Path, **options: Any) -> Any:
            paths.add(path)
            return real(path, **options)

        patch.setattr(snapshot_format, "load", load)
        do()
    return len(paths)


def test_save__reads_the_last_snapshot_only(thread: RandomThread, tmp_path: Path) -> None:
    assert count_reads(lambda: save(tmp_path / "kept", thread.fetch())) == 1
    assert count_reads(lambda: save(tmp_path / "kept", thread.fetch())) == 1


def test_save__without_a_checkpoint_reads_all(thread: RandomThread, tmp_path: Path) -> None:
    drop_index(tmp_path / "kept")
    assert count_reads(lambda: save(tmp_path / "kept", thread.fetch())) == 10


def test_reindex__makes_checkpoints(thread: RandomThread, tmp_path: Path) -> None:
    drop_index(tmp_path / "kept")
    maintenance.rebuild(tmp_path / "kept")
    assert count_reads(lambda: save(tmp_path / "kept", thread.fetch())) == 1


def test_very_large_thread__has_no_checkpoint(
    thread: RandomThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint_table, "MAX_COMMENTS", 2)
    maintenance.rebuild(tmp_path / "kept")
    assert read_checkpoint(tmp_path / "kept") == ""
    assert count_reads(lambda: save(tmp_path / "kept", thread.fetch())) == 10


def test_load__reads_the_last_snapshot(thread: RandomThread, tmp_path: Path) -> None:
    def load() -> LoadedThread:
        return load_thread(tmp_path / "kept", thread.id, reporter=LogReporter())

    assert count_reads(load) == 1
    expected = describe_thread(load().thread)
    drop_index(tmp_path / "kept")
    assert describe_thread(load().thread) == expected
    assert count_reads(load) == 10


def test_load_until__reads_no_later_snapshot(thread: RandomThread, tmp_path: Path) -> None:
    root = tmp_path / "kept"
    for number in range(10):
        moment = START + DAY * (number + 1.5)

        def load(moment: datetime = moment) -> LoadedThread:
            return load_thread(root, thread.id, until=moment, reporter=LogReporter())

        loaded = load()
        assert count_reads(load) == number + 1
        drop_index(root)
        assert describe_thread(loaded.thread) == describe_thread(load().thread)
        maintenance.rebuild(root)


def test_media__of_earlier_snapshots_are_found_without_reading_them(
    thread: RandomThread, tmp_path: Path
) -> None:
    root, thread_id = tmp_path / "kept", thread.id
    folder = store.thread_folder(root, thread_id) / "media"
    folder.mkdir()
    media = tuple(
        StoredMedia(f"https://i.redd.it/{n}.png", f"{n:064}.png", 4, "t3_x") for n in range(2)
    )
    for each in media:
        (folder / each.name).write_bytes(b"data")
    save(root, replace(thread.fetch(), media=media))
    thread.now += DAY
    thread.server.edit_post("A post without pictures.")
    save(root, thread.fetch())

    def find() -> dict[str, StoredMedia]:
        return _find_stored(root, thread_id, {media[0].url, "https://i.redd.it/refused.png"})

    assert count_reads(find) == 1
    found = {url: each.name for url, each in find().items()}
    drop_index(root)
    assert count_reads(find) == 12
    assert (
        found == {url: each.name for url, each in find().items()} == {media[0].url: media[0].name}
    )


def test_log__reads_the_last_snapshot(thread: RandomThread, tmp_path: Path) -> None:
    root = tmp_path / "kept"
    assert count_reads(lambda: load_log(root, thread.id, on_damage=print)) == 1
    drop_index(root)
    assert count_reads(lambda: load_log(root, thread.id, on_damage=print)) == 10


def test_other_snapshots__are_read_on_demand(thread: RandomThread, tmp_path: Path) -> None:
    loaded = save(tmp_path / "kept", thread.fetch())
    assert count_reads(lambda: list(loaded.snapshots)) == 11
    assert tuple(loaded.snapshots) == store.load_snapshots(tmp_path / "kept", thread.id)


def test_diff__reads_two_snapshots(thread: RandomThread, tmp_path: Path) -> None:
    def load(start: str, end: str) -> tuple[Path, Path]:
        pair = load_pair(tmp_path / "kept", thread.id, start, end, on_damage=print)
        return pair.older.path, pair.newer.path

    paths = list_paths(tmp_path / "kept")
    assert count_reads(lambda: load("-7", "-3")) == 2
    for start, end in (("-7", "-3"), ("2026-01-04", "2026-01-08"), (paths[3].stem[-64:], "-1")):
        proven = load(start, end)
        flip_byte(paths[0])
        assert load(start, end) == proven
        flip_byte(paths[0])
        drop_index(tmp_path / "kept")
        assert load(start, end) == proven
        maintenance.rebuild(tmp_path / "kept")


def test_diff__of_a_file_that_rotted_unnoticed_reads_all(
    thread: RandomThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stamp of a file stays if the disk itself loses a bit."""
    monkeypatch.setattr(Checkpoint, "matches", lambda self, headers: True)
    flip_byte(list_paths(tmp_path / "kept")[-1])
    damaged: list[object] = []
    pair = load_pair(tmp_path / "kept", thread.id, None, None, on_damage=damaged.append)
    assert (len(damaged), pair.snapshot_count) == (1, 9)


# R19: forgotten is forgotten


def delete_with_secret(thread: RandomThread, root: Path) -> str:
    """Save a text and then its deletion, so that only older snapshots contain it."""
    comment_id = sorted(thread.server.visible())[-1]
    thread.server.edit(comment_id, "Xylophone")
    save(root, thread.fetch())
    author = thread.server.comments[comment_id]["author"].lower()
    thread.server.delete(comment_id)
    for number in range(3):
        thread.now += DAY
        thread.server.edit_post(f"Post number {number}.")
        save(root, thread.fetch())
    assert "Xylophone" in read_checkpoint(root)
    return str(author)


def read_checkpoint(root: Path) -> str:
    with closing(sqlite3.connect(root / FILE_NAME)) as database:
        return "".join(str(row) for row in database.execute("SELECT * FROM checkpoints"))


def redact(root: Path, thread: RandomThread, author: str) -> None:
    redact_room.redact(root, thread.id, RedactionCriteria(authors=frozenset({author})))


def forget(root: Path, thread: RandomThread, _author: str) -> None:
    redact_room.forget_thread(root, thread.id)


ERASURES = pytest.mark.parametrize("erase", [redact, forget])


@ERASURES
def test_r19__no_byte_of_a_checkpoint_is_left(
    erase: Callable[[Path, RandomThread, str], None], thread: RandomThread, tmp_path: Path
) -> None:
    root = tmp_path / "kept"
    erase(root, thread, delete_with_secret(thread, root))
    assert (root / FILE_NAME).exists()
    files = (path for path in root.rglob("*") if path.is_file())
    assert [path for path in files if b"Xylophone" in path.read_bytes()] == []


@ERASURES
def test_r19__a_checkpoint_that_stays_is_caught(
    erase: Callable[[Path, RandomThread, str], None],
    thread: RandomThread,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checkpoint_table, "delete_thread", lambda *_: None)
    with pytest.raises((AssertionError, sqlite3.Error)):
        test_r19__no_byte_of_a_checkpoint_is_left(erase, thread, tmp_path)


def test_redacted_thread__resumes_and_stays_redacted(
    thread: RandomThread, tmp_path: Path, resumed: list[ResumedThread]
) -> None:
    root = tmp_path / "kept"
    redact(root, thread, delete_with_secret(thread, root))
    resumed.clear()
    thread.now += DAY
    thread.server.edit_post("After the redaction.")
    loaded = save(root, thread.fetch())
    assert len(resumed) == 1
    assert "Xylophone" not in json.dumps([each.raw for each in loaded.thread.comments.values()])
    drop_index(root)
    assert describe_thread(loaded.thread) == describe_thread(
        load_thread(root, thread.id, reporter=LogReporter()).thread
    )
