"""The index is disposable: with a missing or broken file all answers stay right."""

import json
import random
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from reddit_archive import errors
from reddit_archive.archive import redact, store
from reddit_archive.archive.index import (
    cache_database,
    maintenance,
    search,
    thread_row,
    thread_table,
)
from reddit_archive.archive.index.summary import ThreadSummary
from reddit_archive.archive.redact import RedactionCriteria
from reddit_archive.archive.snapshot_format import Snapshot
from tests.conftest import EXAMPLES, Run, run_program
from tests.support import faults
from tests.support.broken_files import BREAKAGES, lock, make_folder, scramble
from tests.support.faults import capture_text

slow = pytest.mark.slow


def build_archive(root: Path) -> Path:
    """Store three threads, one of them with two snapshots, and build the index."""
    for thread, text in (("aaa", "one"), ("bbb", "one"), ("bbb", "two"), ("ccc", "one")):
        store.add(root, capture_text(text, thread=thread, seconds=len(text) * ord(text[0])))
    maintenance.rebuild(root)
    return root


def other_title(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"A title", b"B title"))


def other_version(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.executescript("PRAGMA user_version = 7; DROP TABLE threads")
    database.close()


FAULTS = [*BREAKAGES, other_title, other_version]


def list_threads(root: Path) -> list[ThreadSummary]:
    return list(thread_table.iter_summaries(root))


def test_list__shows_each_thread(tmp_path: Path) -> None:
    threads = list_threads(build_archive(tmp_path))
    assert [entry.thread_id for entry in threads] == ["aaa", "bbb", "ccc"]
    shown = threads[1]
    assert (shown.subreddit, shown.title, shown.comments) == ("r/unknown", "A title", 1)
    assert (shown.last_snapshot, shown.snapshots) == ("2026-01-01T00:05:48Z", 2)


def test_list__reads_no_snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, expected = build_archive(tmp_path), list_threads(tmp_path)
    monkeypatch.delattr(store, "load_snapshots")
    assert list_threads(root) == expected


@pytest.mark.parametrize("fault", FAULTS)
def test_list__broken_index(
    tmp_path: Path, fault: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    root, expected = build_archive(tmp_path), list_threads(tmp_path)
    fault(root / thread_table.FILE_NAME)
    before = faults.listing(root)
    assert list_threads(root) == expected
    assert faults.listing(root) == before
    assert all("\n" not in record.message for record in caplog.records)


@pytest.mark.parametrize("seed", range(20))
def test_list__flipped_bytes(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    root, expected = build_archive(tmp_path), list_threads(tmp_path)
    data = bytearray((root / thread_table.FILE_NAME).read_bytes())
    for position in rng.sample(range(len(data)), 60):
        data[position] ^= 0xFF
    (root / thread_table.FILE_NAME).write_bytes(data)
    assert list_threads(root) == expected


def test_list__control_without_checksums_a_flipped_title_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread_row, "compute_checksum", lambda line, record: 0)
    root = build_archive(tmp_path)
    other_title(root / thread_table.FILE_NAME)
    assert list_threads(root)[0].title == "B title"


def test_list__snapshots_that_are_not_in_the_index(tmp_path: Path) -> None:
    root = build_archive(tmp_path)
    store.add(root, capture_text("new", thread="ddd"))
    store.add(root, capture_text("new", thread="aaa", seconds=99_999))
    store.load_snapshots(root, "ccc")[0].path.unlink()
    assert [(e.thread_id, e.snapshots) for e in list_threads(root)] == [
        ("aaa", 2),
        ("bbb", 2),
        ("ddd", 1),
    ]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_database, "WAIT_SECONDS", 0.01)


@pytest.mark.usefixtures("impatient")
def test_locked__list_warns(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    root, expected = build_archive(tmp_path), list_threads(tmp_path)
    other = lock(root / thread_table.FILE_NAME)
    assert list_threads(root) == expected
    other.close()
    assert [record.message for record in caplog.records] == [
        "can't read the index (database is locked), so the snapshots are read; "
        "run `archive reindex` to rebuild it"
    ]


@pytest.mark.usefixtures("impatient")
def test_locked__add_warns_and_redact_removes_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = build_archive(tmp_path)
    other = lock(root / thread_table.FILE_NAME)
    maintenance.add(root, "ddd", [store.add(root, capture_text("new", thread="ddd")).snapshot])
    assert "was not updated" in caplog.records[0].message
    redact.redact(root, "aaa", RedactionCriteria(created_before=faults.NEW_YEAR.replace(year=2030)))
    assert not (root / thread_table.FILE_NAME).exists()
    other.close()
    assert len(list_threads(root)) == 4


def test_add__a_new_thread(tmp_path: Path) -> None:
    root = build_archive(tmp_path)
    maintenance.add(root, "ddd", [store.add(root, capture_text("new", thread="ddd")).snapshot])
    assert count_rows(root) == 4
    (root / thread_table.FILE_NAME).unlink()
    maintenance.add(root, "eee", [store.add(root, capture_text("new", thread="eee")).snapshot])
    assert count_rows(root) == 1


def count_rows(root: Path) -> int:
    with sqlite3.connect(root / thread_table.FILE_NAME) as database:
        count: int = database.execute("SELECT count(*) FROM threads").fetchone()[0]
    database.close()
    return count


@pytest.mark.parametrize("fault", [*FAULTS, "no folder"])
def test_add__never_raises(tmp_path: Path, fault: Any, caplog: pytest.LogCaptureFixture) -> None:
    root = build_archive(tmp_path / "archive")
    snapshot = store.add(root, capture_text("new", thread="ddd")).snapshot
    if fault == "no folder":
        maintenance.add(tmp_path / "none", "ddd", [snapshot])
    else:
        fault(root / thread_table.FILE_NAME)
        maintenance.add(root, "ddd", [snapshot])
    assert len(caplog.records) <= 1
    assert [entry.thread_id for entry in list_threads(root)] == ["aaa", "bbb", "ccc", "ddd"]


@pytest.mark.parametrize("fault", [f for f in FAULTS if f is not make_folder])
def test_rebuild__broken_index(tmp_path: Path, fault: Callable[[Path], None]) -> None:
    root, expected = build_archive(tmp_path), list_threads(tmp_path)
    fault(root / thread_table.FILE_NAME)
    (root / f"{thread_table.FILE_NAME}-journal").write_bytes(b"of another")
    assert (maintenance.rebuild(root), count_rows(root)) == (4, 3)
    assert list_threads(root) == expected
    assert sorted(path.name for path in root.iterdir()) == [
        "ARCHIVE",
        "index.sqlite3",
        "redactions",
        "threads",
        "tmp",
    ]
    assert list((root / "tmp").iterdir()) == []


def test_rebuild__that_can_not_be_written(tmp_path: Path) -> None:
    root = build_archive(tmp_path)
    make_folder(root / thread_table.FILE_NAME)
    (root / thread_table.FILE_NAME / "x").touch()
    with pytest.raises(errors.StoreError, match="can't write the index"):
        maintenance.rebuild(root)
    assert list((root / "tmp").iterdir()) == []


def test_rebuild__leaves_out_damaged_files(tmp_path: Path) -> None:
    root = build_archive(tmp_path)
    path = store.load_snapshots(root, "aaa")[0].path
    path.chmod(0o644)
    path.write_bytes(b"rot")
    damaged: list[store.DamagedFile] = []
    assert maintenance.rebuild(root, on_damage=damaged.append) == 3
    assert [damage.path for damage in damaged] == [path]
    assert [entry.thread_id for entry in list_threads(root)] == ["bbb", "ccc"]


@pytest.mark.parametrize("is_forgotten", [True, False])
def test_rebuild__forgotten_or_redacted_meanwhile(
    tmp_path: Path, is_forgotten: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, real = build_archive(tmp_path), maintenance.build_entry
    other = ["forget", "aaa"] if is_forgotten else ["redact", "aaa", "--older-than", "1h"]

    def build_entry(
        root: Path, thread_id: str, snapshots: Sequence[Snapshot]
    ) -> maintenance.IndexEntry:
        entry = real(root, thread_id, snapshots)
        if thread_id == "bbb":
            assert run_program(tmp_path, *other, "--yes", "--archive", root).code == 0
        return entry

    monkeypatch.setattr(maintenance, "build_entry", build_entry)
    maintenance.rebuild(root)
    assert (
        search.find(root, search.SearchFilter(search.parse("one")), limit=9)[0].document.thread_id
        != "aaa"
    )
    data = (root / thread_table.FILE_NAME).read_bytes()
    assert (b"aaa" in data) is (not is_forgotten)
    assert thread_table.count_stale(root) == 0


def test_rebuild__added_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, real = build_archive(tmp_path), maintenance.build_entry

    def build_entry(
        root: Path, thread_id: str, snapshots: Sequence[Snapshot]
    ) -> maintenance.IndexEntry:
        store.add(root, capture_text(f"new in {thread_id}", thread=thread_id, seconds=9))
        return real(root, thread_id, snapshots)

    monkeypatch.setattr(maintenance, "build_entry", build_entry)
    monkeypatch.setattr(maintenance, "refresh", None)  # it would rewrite the whole file
    maintenance.rebuild(root)
    assert [entry.snapshots for entry in list_threads(root)] == [2, 3, 2]


def test_rebuild__with_workers_is_the_same(tmp_path: Path) -> None:
    for number in range(60):
        store.add(tmp_path, capture_text(f"text {number}", thread=f"t{number:02}"))
    path = store.load_snapshots(tmp_path, "t07")[0].path
    path.chmod(0o644)
    path.write_bytes(b"rot")
    runs = []
    for executor in (None, ThreadPoolExecutor(2)):
        damaged: list[store.DamagedFile] = []
        count = maintenance.rebuild(tmp_path, on_damage=damaged.append, executor=executor)
        runs.append((count, damaged, (tmp_path / thread_table.FILE_NAME).read_bytes()))
    assert runs[0] == runs[1]
    assert (runs[0][0], [damage.path for damage in runs[0][1]]) == (59, [path])


def test_rebuild__a_worker_without_the_archive_is_an_error(tmp_path: Path) -> None:
    root, elsewhere = build_archive(tmp_path / "here"), tmp_path / "elsewhere"
    before = (root / thread_table.FILE_NAME).read_bytes()

    class OtherMachine(ThreadPoolExecutor):
        """Has another folder where this machine has the archive."""

        def submit(self, work: Any, function: Any, chunk: list[str]) -> Any:
            return super().submit(work, partial(function.func, elsewhere), chunk)

    for number in range(60):
        store.add(root, capture_text("x", thread=f"t{number:02}"))
    with pytest.raises(errors.StoreError, match="does not see the archive"):
        maintenance.rebuild(root, executor=OtherMachine(2))
    assert (root / thread_table.FILE_NAME).read_bytes() == before
    assert list((root / "tmp").iterdir()) == []


@pytest.mark.parametrize("title", ["\ud800", "Ω 😀", "'; DROP TABLE snapshots; --", "\x00\x1b", ""])
def test_list__odd_titles(tmp_path: Path, title: str) -> None:
    post = {"kind": "t3", "data": {"name": "t3_abc123", "title": title}}
    store.add(tmp_path, replace(capture_text("x"), things=(post,)))
    maintenance.rebuild(tmp_path)
    assert list_threads(tmp_path)[0].title == title


def test_list__no_archive(tmp_path: Path) -> None:
    assert list_threads(tmp_path / "none") == []
    maintenance.refresh(tmp_path / "none", "abc")
    assert list(tmp_path.iterdir()) == []


def test_forget__leaves_no_byte_of_a_title(tmp_path: Path) -> None:
    for number in range(100):
        thread = f"t{number}"
        post = {"name": f"t3_{thread}", "title": f"Secret {number} " * (number % 40)}
        store.add(
            tmp_path,
            replace(capture_text("x", thread=thread), things=({"kind": "t3", "data": post},)),
        )
    maintenance.rebuild(tmp_path)
    for number in range(0, 100, 2):
        redact.forget_thread(tmp_path, f"t{number}")
    data = b"".join(path.read_bytes() for path in tmp_path.glob("index*"))
    assert [n for n in range(100) if f"Secret {n} ".encode() in data] == [
        n for n in range(1, 100, 2) if n % 40
    ]


SLOW_FAULTS = [pytest.param(fault, marks=slow) for fault in FAULTS if fault is not scramble]
SLOW_FAULTS.append(pytest.param(lock, marks=slow))  # commands wait for the lock


@pytest.mark.parametrize("fault", [scramble, *SLOW_FAULTS])
def test_r7__every_command_with_a_broken_index(
    run: Run, tmp_path: Path, fault: Callable[[Path], Any]
) -> None:
    """Each command succeeds, and says in at most one line that the index is not used."""
    for name in ("short", "poll", "crosspost"):
        run(EXAMPLES / f"{name}.json")
    run("reindex")
    reading = (("list",), ("list", "--json"), ("list", "--lost"), ("search", "starter"))
    expected = {name: run(*name).out for name in reading}
    run("export", "bag", "bags")
    data = (tmp_path / "archive" / thread_table.FILE_NAME).read_bytes()
    for command in (
        *expected,
        (EXAMPLES / "everything.json",),
        ("redact", "9bread1", "--author", "sunday_crumb", "--yes"),
        ("forget", "9bread3", "--yes"),
        ("import", "bags/t3_9bread3"),
    ):
        broken = restore(tmp_path / "archive" / thread_table.FILE_NAME, data)
        connection = fault(broken)
        ran = run(*command)
        hints = [line for line in ran.err.splitlines() if "index" in line]
        assert (ran.code, len(hints) <= 1, ran.err.count("Traceback")) == (0, True, 0), command
        assert ran.out == expected.get(command, ran.out)
        if connection:
            connection.close()
    listed = {each["thread"]: each for each in json.loads(run("list", "--json").out)}
    assert [listed[f"t3_9bread{n}"]["author"] is None for n in (1, 2, 3, 4)] == [True, *[False] * 3]


def restore(path: Path, data: bytes) -> Path:
    """Write the index back, in place of a file or folder."""
    if path.is_dir():
        path.rmdir()
    path.write_bytes(data)
    return path


def test_r12__reindex_and_export_change_no_stored_file(run: Run, tmp_path: Path) -> None:
    run(EXAMPLES / "short.json")
    before = faults.listing(tmp_path / "archive" / "threads")
    assert run("reindex").code == 0
    assert run("export", "bag", "bags").code == 0
    assert faults.listing(tmp_path / "archive" / "threads") == before
