"""The index is disposable: whatever becomes of its file, the answer is right, or says why not."""

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
from reddit_archive.archive.index import maintenance, search, thread_table
from reddit_archive.archive.index.summary import ThreadSummary
from reddit_archive.archive.redact import RedactionCriteria
from reddit_archive.archive.snapshot_format import Snapshot
from tests.conftest import EXAMPLES, Run, run_program
from tests.support import faults
from tests.support.faults import take

slow = pytest.mark.slow


def filled(root: Path) -> Path:
    """Three threads, one of them with two snapshots, and an index of them."""
    for thread, text in (("aaa", "one"), ("bbb", "one"), ("bbb", "two"), ("ccc", "one")):
        store.add(root, take(text, thread=thread, seconds=len(text) * ord(text[0])))
    maintenance.rebuild(root)
    return root


def remove(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 100])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def noise(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(path.stat().st_size))


def half_noise(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:4096] + random.Random(1).randbytes(len(data) - 4096))


def other_title(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"A title", b"B title"))


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def other_version(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.executescript("PRAGMA user_version = 7; DROP TABLE threads")
    database.close()


FAULTS = [remove, cut, empty, zero, noise, half_noise, other_title, folder, other_version]


def entries(root: Path) -> list[ThreadSummary]:
    return list(thread_table.iter_summaries(root))


def test_threads__what_list_shows(tmp_path: Path) -> None:
    found = entries(filled(tmp_path))
    assert [entry.thread_id for entry in found] == ["aaa", "bbb", "ccc"]
    shown = found[1]
    assert (shown.subreddit, shown.title, shown.comments) == ("r/unknown", "A title", 1)
    assert (shown.last_snapshot, shown.snapshots) == ("2026-01-01T00:05:48Z", 2)


def test_threads__takes_no_snapshot_in_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, right = filled(tmp_path), entries(tmp_path)
    monkeypatch.delattr(store, "load_snapshots")
    assert entries(root) == right


@pytest.mark.parametrize("fault", FAULTS)
def test_threads__is_right_whatever_became_of_the_index(
    tmp_path: Path, fault: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    root, right = filled(tmp_path), entries(tmp_path)
    fault(root / thread_table.FILE_NAME)
    before = faults.listing(root)
    assert entries(root) == right
    assert faults.listing(root) == before
    assert all("\n" not in record.message for record in caplog.records)


@pytest.mark.parametrize("seed", range(20))
def test_threads__is_right_with_any_bytes_flipped(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    root, right = filled(tmp_path), entries(tmp_path)
    data = bytearray((root / thread_table.FILE_NAME).read_bytes())
    for place in rng.sample(range(len(data)), 60):
        data[place] ^= 0xFF
    (root / thread_table.FILE_NAME).write_bytes(data)
    assert entries(root) == right


def test_threads__control_without_proofs_a_flipped_title_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread_table, "compute_checksum", lambda row: "none")
    root = filled(tmp_path)
    other_title(root / thread_table.FILE_NAME)
    assert entries(root)[0].title == "B title"


def test_threads__of_files_that_the_index_does_not_know(tmp_path: Path) -> None:
    root = filled(tmp_path)
    store.add(root, take("new", thread="ddd"))
    store.add(root, take("new", thread="aaa", seconds=99_999))
    store.load_snapshots(root, "ccc")[0].path.unlink()
    assert [(e.thread_id, e.snapshots) for e in entries(root)] == [
        ("aaa", 2),
        ("bbb", 2),
        ("ddd", 1),
    ]


def locked(root: Path) -> sqlite3.Connection:
    database = sqlite3.connect(root / thread_table.FILE_NAME, isolation_level=None)
    database.execute("BEGIN EXCLUSIVE")
    return database


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread_table, "WAIT_SECONDS", 0.01)


@pytest.mark.usefixtures("impatient")
def test_locked__reading_is_right_and_warns(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root, right = filled(tmp_path), entries(tmp_path)
    other = locked(root)
    assert entries(root) == right
    other.close()
    assert [record.message for record in caplog.records] == [
        "the index can't be read (database is locked), so the snapshots are; "
        "`archive reindex` makes it anew"
    ]


@pytest.mark.usefixtures("impatient")
def test_locked__noting_warns_and_forgetting_removes_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = filled(tmp_path)
    other = locked(root)
    maintenance.add(root, "ddd", [store.add(root, take("new", thread="ddd")).snapshot])
    assert "was not updated" in caplog.records[0].message
    redact.redact(root, "aaa", RedactionCriteria(created_before=faults.NEW_YEAR.replace(year=2030)))
    assert not (root / thread_table.FILE_NAME).exists()
    other.close()
    assert len(entries(root)) == 4


def test_note__a_snapshot_that_was_added(tmp_path: Path) -> None:
    root = filled(tmp_path)
    maintenance.add(root, "ddd", [store.add(root, take("new", thread="ddd")).snapshot])
    assert rows(root) == 4
    (root / thread_table.FILE_NAME).unlink()
    maintenance.add(root, "eee", [store.add(root, take("new", thread="eee")).snapshot])
    assert rows(root) == 1


def rows(root: Path) -> int:
    with sqlite3.connect(root / thread_table.FILE_NAME) as database:
        count: int = database.execute("SELECT count(*) FROM threads").fetchone()[0]
    database.close()
    return count


@pytest.mark.parametrize("fault", [*FAULTS, "no folder"])
def test_note__never_raises(tmp_path: Path, fault: Any, caplog: pytest.LogCaptureFixture) -> None:
    root = filled(tmp_path / "archive")
    shot = store.add(root, take("new", thread="ddd")).snapshot
    if fault == "no folder":
        maintenance.add(tmp_path / "none", "ddd", [shot])
    else:
        fault(root / thread_table.FILE_NAME)
        maintenance.add(root, "ddd", [shot])
    assert len(caplog.records) <= 1
    assert [entry.thread_id for entry in entries(root)] == ["aaa", "bbb", "ccc", "ddd"]


@pytest.mark.parametrize("fault", [f for f in FAULTS if f is not folder])
def test_rebuild__whatever_became_of_the_index(
    tmp_path: Path, fault: Callable[[Path], None]
) -> None:
    root, right = filled(tmp_path), entries(tmp_path)
    fault(root / thread_table.FILE_NAME)
    (root / f"{thread_table.FILE_NAME}-journal").write_bytes(b"of another")
    assert (maintenance.rebuild(root), rows(root)) == (4, 3)
    assert entries(root) == right
    assert sorted(path.name for path in root.iterdir()) == [
        "ARCHIVE",
        "index.sqlite3",
        "redactions",
        "search.sqlite3",
        "threads",
        "tmp",
    ]
    assert list((root / "tmp").iterdir()) == []


def test_rebuild__what_can_not_be_written_is_one_sentence(tmp_path: Path) -> None:
    root = filled(tmp_path)
    folder(root / thread_table.FILE_NAME)
    (root / thread_table.FILE_NAME / "x").touch()
    with pytest.raises(errors.StoreError, match="can't write the index"):
        maintenance.rebuild(root)
    assert list((root / "tmp").iterdir()) == []


def test_rebuild__leaves_out_damaged_files(tmp_path: Path) -> None:
    root = filled(tmp_path)
    path = store.load_snapshots(root, "aaa")[0].path
    path.chmod(0o644)
    path.write_bytes(b"rot")
    found: list[store.DamagedFile] = []
    assert maintenance.rebuild(root, on_damage=found.append) == 3
    assert [damage.path for damage in found] == [path]
    assert [entry.thread_id for entry in entries(root)] == ["bbb", "ccc"]


@pytest.mark.parametrize("is_forgotten", [True, False])
def test_rebuild__what_another_takes_out_meanwhile_is_in_neither(
    tmp_path: Path, is_forgotten: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, real = filled(tmp_path), maintenance.build_entry
    other = ["forget", "aaa"] if is_forgotten else ["redact", "aaa", "--older-than", "1h"]

    def learn(thread_id: str, shots: Sequence[Snapshot]) -> maintenance.IndexEntry:
        entry = real(thread_id, shots)
        if thread_id == "bbb":
            assert run_program(tmp_path, *other, "--yes", "--archive", root).code == 0
        return entry

    monkeypatch.setattr(maintenance, "build_entry", learn)
    maintenance.rebuild(root)
    assert (
        search.find(root, search.SearchFilter(search.parse("one")), limit=9)[0].document.thread_id
        != "aaa"
    )
    for name in (thread_table.FILE_NAME, search.FILE_NAME):
        assert (b"aaa" in (root / name).read_bytes()) is (not is_forgotten)
    assert thread_table.count_stale(root) == 0


def test_rebuild__what_another_adds_meanwhile_is_left_to_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, real = filled(tmp_path), maintenance.build_entry

    def learn(thread_id: str, shots: Sequence[Snapshot]) -> maintenance.IndexEntry:
        store.add(root, take(f"new in {thread_id}", thread=thread_id, seconds=9))
        return real(thread_id, shots)

    monkeypatch.setattr(maintenance, "build_entry", learn)
    monkeypatch.setattr(maintenance, "refresh", None)  # which writes all of both files anew
    maintenance.rebuild(root)
    assert [entry.snapshots for entry in entries(root)] == [2, 3, 2]


def test_rebuild__with_workers_is_the_same_and_names_the_same_damage(tmp_path: Path) -> None:
    for number in range(60):
        store.add(tmp_path, take(f"text {number}", thread=f"t{number:02}"))
    path = store.load_snapshots(tmp_path, "t07")[0].path
    path.chmod(0o644)
    path.write_bytes(b"rot")
    said = []
    for executor in (None, ThreadPoolExecutor(2)):
        found: list[store.DamagedFile] = []
        count = maintenance.rebuild(tmp_path, on_damage=found.append, executor=executor)
        files = [
            (tmp_path / name).read_bytes() for name in (thread_table.FILE_NAME, search.FILE_NAME)
        ]
        said.append((count, found, files))
    assert said[0] == said[1]
    assert (said[0][0], [damage.path for damage in said[0][1]]) == (59, [path])


def test_rebuild__a_worker_that_sees_another_archive_is_refused(tmp_path: Path) -> None:
    root, elsewhere = filled(tmp_path / "here"), tmp_path / "elsewhere"
    before = (root / thread_table.FILE_NAME).read_bytes()

    class Elsewhere(ThreadPoolExecutor):
        """As a worker would be on another machine, which has a folder of its own there."""

        def submit(self, work: Any, done: Any, part: list[str]) -> Any:
            return super().submit(work, partial(done.func, elsewhere), part)

    for number in range(60):
        store.add(root, take("x", thread=f"t{number:02}"))
    with pytest.raises(errors.StoreError, match="does not see the archive"):
        maintenance.rebuild(root, executor=Elsewhere(2))
    assert (root / thread_table.FILE_NAME).read_bytes() == before
    assert list((root / "tmp").iterdir()) == []


@pytest.mark.parametrize("title", ["\ud800", "Ω 😀", "'; DROP TABLE snapshots; --", "\x00\x1b", ""])
def test_odd_titles(tmp_path: Path, title: str) -> None:
    post = {"kind": "t3", "data": {"name": "t3_abc123", "title": title}}
    store.add(tmp_path, replace(take("x"), things=(post,)))
    maintenance.rebuild(tmp_path)
    assert entries(tmp_path)[0].title == title


def test_nothing_there(tmp_path: Path) -> None:
    assert entries(tmp_path / "none") == []
    maintenance.refresh(tmp_path / "none", "abc")
    assert list(tmp_path.iterdir()) == []


def test_renew__leaves_no_byte_of_a_title(tmp_path: Path) -> None:
    for number in range(100):
        thread = f"t{number}"
        post = {"name": f"t3_{thread}", "title": f"Secret {number} " * (number % 40)}
        store.add(
            tmp_path, replace(take("x", thread=thread), things=({"kind": "t3", "data": post},))
        )
    maintenance.rebuild(tmp_path)
    for number in range(0, 100, 2):
        redact.forget_thread(tmp_path, f"t{number}")
    data = b"".join(path.read_bytes() for path in tmp_path.glob("index*"))
    assert [n for n in range(100) if f"Secret {n} ".encode() in data] == [
        n for n in range(1, 100, 2) if n % 40
    ]


def lock(path: Path) -> sqlite3.Connection:
    return locked(path.parent)


SLOW_FAULTS = [pytest.param(fault, marks=slow) for fault in FAULTS if fault is not noise]


@pytest.mark.parametrize("fault", [noise, lock, *SLOW_FAULTS])
def test_r7__every_command_beside_a_broken_index(
    run: Run, tmp_path: Path, fault: Callable[[Path], Any]
) -> None:
    """Each gives its right answer; where the index is not used, a line says why."""
    for name in ("short", "poll", "crosspost"):
        run(EXAMPLES / f"{name}.json")
    run("reindex")
    right = {name: run(*name).out for name in (("list",), ("list", "--json"), ("list", "--lost"))}
    run("export", "bag", "bags")
    data = (tmp_path / "archive" / thread_table.FILE_NAME).read_bytes()
    for command in (
        *right,
        (EXAMPLES / "everything.json",),
        ("redact", "9bread1", "--author", "sunday_crumb", "--yes"),
        ("forget", "9bread3", "--yes"),
        ("import", "bags/t3_9bread3"),
    ):
        broken = renewed(tmp_path / "archive" / thread_table.FILE_NAME, data)
        other = fault(broken)
        ran = run(*command)
        told = [line for line in ran.err.splitlines() if "index" in line]
        assert (ran.code, len(told) <= 1, ran.err.count("Traceback")) == (0, True, 0), command
        assert ran.out == right.get(command, ran.out)
        if other:
            other.close()
    listed = {each["thread"]: each for each in json.loads(run("list", "--json").out)}
    assert [listed[f"t3_9bread{n}"]["author"] is None for n in (1, 2, 3, 4)] == [True, *[False] * 3]


def renewed(path: Path, data: bytes) -> Path:
    """Put the index back as it was, whatever lies there."""
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
