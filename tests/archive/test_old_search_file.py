"""Versions before 2.0 kept texts in `search.sqlite3`: it is removed, and answers stay right."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from reddit_archive import errors
from reddit_archive.archive import redact, store
from reddit_archive.archive.index import cache_database, maintenance, search, thread_table
from reddit_archive.archive.redact import RedactionCriteria
from tests.conftest import EXAMPLES, Run
from tests.support import faults
from tests.support.faults import capture_text

OLD_NAME = "search.sqlite3"


def build_old_archive(root: Path) -> Path:
    """Store two threads, with an index and a search file as version 1.1 wrote them."""
    for thread in ("aaa", "bbb"):
        store.add(root, capture_text(f"Secret {thread}", thread=thread))
    write_old_files(root)
    return root


def write_old_files(root: Path) -> None:
    with closing(sqlite3.connect(root / thread_table.FILE_NAME)) as database:
        database.executescript(
            "CREATE TABLE threads (thread_id TEXT PRIMARY KEY, digests TEXT NOT NULL,"
            " summary TEXT NOT NULL, proof TEXT NOT NULL) WITHOUT ROWID;"
            "INSERT INTO threads VALUES ('aaa', 'x', '{}', 'x'); PRAGMA user_version = 2"
        )
    with closing(sqlite3.connect(root / OLD_NAME)) as database:
        database.executescript(
            "CREATE TABLE threads (thread_id TEXT PRIMARY KEY, digests TEXT, proof TEXT);"
            "CREATE TABLE texts (id INTEGER PRIMARY KEY, said TEXT NOT NULL);"
            "INSERT INTO texts VALUES (1, 'Secret aaa'); PRAGMA user_version = 1"
        )
    (root / f"{OLD_NAME}-journal").write_bytes(b"Secret aaa")


def list_old_files(root: Path) -> list[str]:
    return sorted(path.name for path in root.glob(f"{OLD_NAME}*"))


def find(root: Path, text: str) -> list[str]:
    hits = search.find(root, search.SearchFilter(search.parse(text)), limit=9)
    return [hit.document.thread_id for hit in hits]


def redact_all(root: Path) -> None:
    everything = RedactionCriteria(created_before=faults.NEW_YEAR.replace(year=2030))
    redact.redact(root, "aaa", everything)


def add_thread(root: Path) -> None:
    maintenance.add(root, "ccc", [store.add(root, capture_text("New", thread="ccc")).snapshot])


def forget(root: Path) -> None:
    redact.forget_thread(root, "aaa")


WRITERS = (maintenance.rebuild, add_thread, redact_all, forget)


@pytest.mark.parametrize("write", WRITERS)
def test_old_search_file__is_removed_by_the_first_writer(
    write: Callable[[Path], object], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = build_old_archive(tmp_path)
    write(root)
    assert list_old_files(root) == []
    assert len(caplog.records) <= 1
    caplog.clear()
    maintenance.rebuild(root)
    assert "bbb" in find(root, "secret")
    assert caplog.records == []


@pytest.mark.parametrize("write", [redact_all, forget])
def test_old_search_file__is_erased_without_an_index(
    write: Callable[[Path], object], tmp_path: Path
) -> None:
    root = build_old_archive(tmp_path)
    (root / thread_table.FILE_NAME).unlink()
    write(root)
    assert list_old_files(root) == []
    assert find(root, "secret") == ["bbb"]


@pytest.mark.parametrize("write", WRITERS)
def test_old_search_file__that_can_not_be_removed(
    write: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a command that promises to erase something fails."""
    real = cache_database.remove

    def fail(path: Path) -> None:
        if path.name == OLD_NAME:
            raise errors.StoreError("can't remove it")
        real(path)

    root = build_old_archive(tmp_path)
    monkeypatch.setattr(cache_database, "remove", fail)
    if write in (redact_all, forget):
        with pytest.raises(errors.StoreError, match="can't remove it"):
            write(root)
        assert store.load_snapshots(root, "aaa")
    else:
        write(root)


def test_old_search_file__control_one_that_is_left_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "_erase_old_search", lambda root: None)
    root = build_old_archive(tmp_path)
    forget(root)
    assert list_old_files(root) == [OLD_NAME, f"{OLD_NAME}-journal"]


def test_old_index__reading_is_right_and_changes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = build_old_archive(tmp_path)
    before = faults.listing(root)
    assert [entry.thread_id for entry in thread_table.iter_summaries(root)] == ["aaa", "bbb"]
    assert sorted(find(root, "secret")) == ["aaa", "bbb"]
    assert faults.listing(root) == before
    assert [record.message for record in caplog.records] == 2 * [
        "can't read the index (another version wrote it), so the snapshots are read; "
        "run `archive reindex` to rebuild it"
    ]


def test_old_index__the_first_writer_says_that_it_starts_empty(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = build_old_archive(tmp_path)
    add_thread(root)
    add_thread(root)
    assert [record.message for record in caplog.records] == [
        "another version wrote the index, so it starts empty; run `archive reindex` to rebuild it"
    ]
    assert thread_table.count_stale(root) == 2


def test_search_command__removes_the_old_file(run: Run, tmp_path: Path) -> None:
    run(EXAMPLES / "short.json")
    root = tmp_path / "archive"
    (root / thread_table.FILE_NAME).unlink()
    write_old_files(root)
    ran = run("search", "starter", "--json")
    assert (ran.code, ran.err.count("\n")) == (0, 1)
    assert json.loads(ran.out)[0]["id"] == "t1_zkeep03"
    assert list_old_files(root) == []


def test_remove_old_search__that_is_not_allowed_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a search in a read-only archive answers."""

    def fail(path: Path) -> None:
        raise errors.StoreError("can't remove it")

    root = build_old_archive(tmp_path)
    monkeypatch.setattr(cache_database, "remove", fail)
    maintenance.remove_old_search(root)
    assert OLD_NAME in list_old_files(root)
