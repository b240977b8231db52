"""One look at a thread's folder tells whether it changed, so `list` and `search` stay right."""

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from reddit_archive.archive import check_log, layout, redaction_ledger, store
from reddit_archive.archive.index import folder_times, maintenance, search, thread_row, thread_table
from reddit_archive.archive.index.search import SearchFilter
from reddit_archive.archive.index.thread_table import IndexedThread
from tests.conftest import EXAMPLES, Run
from tests.support.faults import NEW_YEAR, capture_text

SECOND_NS = 10**9


def build_archive(root: Path) -> Path:
    """Store three threads, one of them with two snapshots and two checks, and index them."""
    for thread, text in (("aaa", "one"), ("bbb", "one"), ("bbb", "two"), ("ccc", "one")):
        store.add(root, capture_text(text, thread=thread, seconds=len(text) * ord(text[0])))
    for result in ("unchanged", "not-found"):
        check_log.add(store.thread_folder(root, "bbb"), NEW_YEAR, "reddit", result)
    maintenance.rebuild(root)
    return root


def look(root: Path) -> tuple[list[IndexedThread], list[tuple[str, str]]]:
    """Return what `list` shows, and what `search` finds."""
    hits = search.find(root, SearchFilter(search.parse("title")), limit=9)
    found = sorted((hit.document.thread_id, hit.document.body) for hit in hits)
    return [*thread_table.iter_threads(root)], found


def get_folder(root: Path, thread_id: str = "bbb") -> Path:
    return store.thread_folder(root, thread_id)


def get_snapshot(root: Path, thread_id: str = "bbb") -> Path:
    return layout.list_snapshot_paths(get_folder(root, thread_id))[0]


# Pinned times


def test_pin__every_later_change_shows(tmp_path: Path) -> None:
    """A change sets both times to one moment, so it can't result in pinned times."""
    for number in range(50):
        mtime_ns, ctime_ns = folder_times.pin(tmp_path)
        assert abs(ctime_ns - mtime_ns) > SECOND_NS
        (tmp_path / str(number)).touch()
        status = os.stat(tmp_path)
        assert abs(status.st_ctime_ns - status.st_mtime_ns) < SECOND_NS


def test_pin__control_times_as_they_are_may_be_those_of_a_later_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_times, "SET_BACK_NS", 0)
    with pytest.raises(AssertionError):
        test_pin__every_later_change_shows(tmp_path)


def test_pin__does_not_move_pinned_times(tmp_path: Path) -> None:
    pinned = folder_times.pin(tmp_path)
    assert folder_times.pin(tmp_path) == pinned


def test_pin__unknown_where_times_can_not_be_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **more: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "utime", fail)
    assert folder_times.pin(tmp_path) == folder_times.UNKNOWN
    monkeypatch.setattr(os, "utime", lambda *args, **more: None)  # ignored by the file system
    assert folder_times.pin(tmp_path) == folder_times.UNKNOWN
    assert folder_times.pin(tmp_path / "none") == folder_times.UNKNOWN


def test_pin__leaves_planted_links_alone(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "t3_abc").symlink_to(tmp_path / "target")
    before = os.stat(tmp_path / "target")
    assert folder_times.pin(tmp_path / "t3_abc") == folder_times.UNKNOWN
    assert os.stat(tmp_path / "target") == before


# Changes behind the index


def add_file(root: Path) -> None:
    """Copy a snapshot of the same thread from another archive."""
    other = store.add(root.parent / "other", capture_text("two more", thread="bbb", seconds=9_999))
    shutil.copy2(other.snapshot.path, get_folder(root))


def remove_file(root: Path) -> None:
    get_snapshot(root).unlink()


def rename_file(root: Path) -> None:
    path = get_snapshot(root)
    path.rename(path.with_suffix(".old"))


def replace_file(root: Path) -> None:
    """Put another snapshot in the place of one."""
    other = store.add(root.parent / "other", capture_text("two more", thread="bbb", seconds=9_999))
    path = get_snapshot(root)
    path.unlink()
    shutil.copy2(other.snapshot.path, path.parent)


def synchronize(root: Path) -> None:
    """Add a file, and set the old time of the folder, as `rsync -a` may do."""
    status = os.stat(get_folder(root))
    add_file(root)
    os.utime(get_folder(root), ns=(status.st_atime_ns, status.st_mtime_ns))


def exchange_folders(root: Path) -> None:
    """Put a folder with the same time in the place of another."""
    folder = get_folder(root)
    status = os.stat(folder)
    shutil.rmtree(folder)
    shutil.copytree(get_folder(root, "aaa"), folder)
    os.utime(folder, ns=(status.st_atime_ns, status.st_mtime_ns))


def move_folder(root: Path) -> None:
    """Move a folder to another disk, change it there, and leave a link."""
    folder = get_folder(root)
    elsewhere = root.parent / "elsewhere" / folder.name
    shutil.copytree(folder, elsewhere)
    shutil.rmtree(folder)
    folder.symlink_to(elsewhere)
    remove_file(root)


def remove_folder(root: Path) -> None:
    shutil.rmtree(get_folder(root))


def add_folder(root: Path) -> None:
    store.add(root, capture_text("two more", thread="ddd"))


def append_check(root: Path) -> None:
    check_log.add(get_folder(root), NEW_YEAR, "reddit", "private")


def create_log(root: Path) -> None:
    check_log.add(get_folder(root, "aaa"), NEW_YEAR, "reddit", "private")


def edit_log(root: Path) -> None:
    """Edit the log in place, so that its size stays."""
    path = get_folder(root) / check_log.FILE_NAME
    with path.open("r+b") as file:
        file.write(path.read_bytes().replace(b"not-found", b"forbidden"))
    os.utime(path)


def empty_log(root: Path) -> None:
    (get_folder(root) / check_log.FILE_NAME).write_bytes(b"")


def remove_log(root: Path) -> None:
    (get_folder(root) / check_log.FILE_NAME).unlink()


def redact_in_ledger(root: Path) -> None:
    """Copy a record of a redaction into the ledger: the files of the thread stay."""
    redaction_ledger.add(root, "bbb", {"t3_bbb": "all", "t1_c0": "all"})


def copy_archive(root: Path) -> None:
    """Replace the archive by a copy without the times of folders."""
    shutil.copytree(root, root.parent / "copy")
    shutil.rmtree(root)
    shutil.move(root.parent / "copy", root)


CHANGES = (
    *(add_file, remove_file, rename_file, replace_file, synchronize, exchange_folders),
    *(move_folder, remove_folder, add_folder, append_check, create_log, edit_log, empty_log),
    *(remove_log, redact_in_ledger, copy_archive),
)


@pytest.mark.parametrize("change", CHANGES)
def test_r7__changes_behind_the_index(tmp_path: Path, change: Callable[[Path], None]) -> None:
    root = build_archive(tmp_path / "archive")
    look(root)
    change(root)
    with_index = look(root)
    (root / thread_table.FILE_NAME).unlink()
    assert with_index == look(root)


@pytest.mark.parametrize("change", [each for each in CHANGES if each is not copy_archive])
def test_r7__control_rows_that_are_trusted_are_outdated(
    tmp_path: Path, change: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        thread_row, "select_current", lambda root, rows, ledger: ((row, True) for row in rows)
    )
    monkeypatch.setattr(store, "iter_thread_ids", lambda root: iter(("aaa", "bbb", "ccc")))
    monkeypatch.setattr(thread_row, "read_log_state", lambda root, thread_id: "same")
    root = build_archive(tmp_path / "archive")
    before = look(root)
    change(root)
    assert look(root) == before


def test_r7__a_redaction_that_is_removed_from_the_ledger(tmp_path: Path) -> None:
    root = build_archive(tmp_path)
    before = look(root)
    redact_in_ledger(root)
    maintenance.rebuild(root)
    assert look(root) != before
    for path in (root / redaction_ledger.FOLDER).iterdir():
        path.unlink()
    assert look(root) == before


# What a look costs


REAL: dict[str, Callable[..., object]] = {
    name: getattr(os, name) for name in ("stat", "scandir", "listdir", "open", "lstat")
}


@contextmanager
def count_looks() -> Iterator[Counter[str]]:
    """Count the calls that look at files and folders in threads/, by their name."""
    calls: Counter[str] = Counter()
    with pytest.MonkeyPatch.context() as patch:
        for name in REAL:
            patch.setattr(os, name, partial(_call, calls, name))
        yield calls


def _call(calls: Counter[str], name: str, *args: object, **more: object) -> object:
    calls[name] += "t3_" in str(args[:1])
    return REAL[name](*args, **more)


def test_look_up__one_stat_a_thread(tmp_path: Path) -> None:
    root = build_archive(tmp_path)
    search_filter = SearchFilter(search.parse("one"))
    with count_looks() as calls:
        assert search.find(root, search_filter, limit=9)
    assert calls == Counter(stat=3)
    with count_looks() as calls:
        assert len([*thread_table.iter_threads(root)]) == 3
    assert calls == Counter(stat=4)  # one thread has a log of checks, which grows in place


def test_look_up__control_unknown_times_are_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_times, "pin", lambda folder: folder_times.UNKNOWN)
    with pytest.raises(AssertionError):
        test_look_up__one_stat_a_thread(tmp_path)


def test_confirm__after_a_check_and_after_a_copy(tmp_path: Path) -> None:
    root = build_archive(tmp_path / "archive")
    append_check(root)
    before = look(root)
    copy_archive(root)
    maintenance.confirm(root, ["aaa", "bbb", "ccc", "none"])
    with count_looks() as calls:
        assert look(root) == before
    assert calls == Counter(stat=7)


def test_confirm__leaves_a_changed_thread_outdated(tmp_path: Path) -> None:
    root = build_archive(tmp_path / "archive")
    remove_file(root)
    maintenance.confirm(root, ["bbb"])
    assert thread_table.count_stale(root) == 1
    assert json.dumps([each.summary.snapshots for each in look(root)[0]]) == "[1, 1, 1]"


# The lines of `list`


def list_lines(root: Path) -> list[str]:
    return thread_table.list_lines(root, lambda thread: f"made of {thread.summary.thread_id}")


def test_list_lines__of_the_index_are_those_that_list_makes(run: Run, tmp_path: Path) -> None:
    for name in ("short", "poll", "crosspost", "everything"):
        run(EXAMPLES / f"{name}.json")
    for number, title in enumerate(
        ("two  spaces", " space", "tab\t", "\x1b[1m", "Ω", "\u202e", "")
    ):
        post = {"kind": "t3", "data": {"name": f"t3_x{number}", "title": title}}
        new_capture = replace(capture_text("x", thread=f"x{number}"), things=(post,))
        store.add(tmp_path / "archive", new_capture)
    run("reindex")
    with_index = run("list").out
    assert with_index.count("\n") > 9
    (tmp_path / "archive" / thread_table.FILE_NAME).unlink()
    assert with_index == run("list").out


def test_list_lines__come_from_the_index_unless_something_happened(tmp_path: Path) -> None:
    root = build_archive(tmp_path / "archive")
    assert [line.split("\t")[0] for line in list_lines(root)] == ["t3_aaa", "made of bbb", "t3_ccc"]
    create_log(root)
    assert list_lines(root)[0] == "made of aaa"


def test_list_lines__a_damaged_line_is_not_shown(tmp_path: Path) -> None:
    root = build_archive(tmp_path / "archive")
    path = root / thread_table.FILE_NAME
    path.write_bytes(path.read_bytes().replace(b"\tA title", b"\tB title"))
    assert not any("B title" in line for line in list_lines(root))


def test_list_lines__control_without_checksums_a_damaged_line_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread_row, "compute_checksum", lambda line, record: 0)
    with pytest.raises(AssertionError):
        test_list_lines__a_damaged_line_is_not_shown(tmp_path)
