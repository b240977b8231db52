"""The inbox: whole thread files are imported, once; everything else stays unread and untouched."""

import errno
import json
import os
import signal
import socket
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reddit_archive import errors
from reddit_archive.archive import redact, store
from reddit_archive.config import Settings
from reddit_archive.files import deep_json, move_file, regular_files
from reddit_archive.sources import decompress
from reddit_archive.workflows import import_inputs, inbox_files
from reddit_archive.workflows import inbox as inbox_module
from reddit_archive.workflows.inbox import Inbox, InboxResult
from reddit_archive.workflows.log_reporter import LogReporter
from tests.support import reddit_server as rs
from tests.support.file_fingerprints import compute_fingerprints

NOW = 1_760_000_000.0
WHOLE = json.dumps(rs.page(rs.generate(6, seed=3))).encode()
OTHER = json.dumps(rs.page(rs.generate(4, seed=4))).encode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "downloads").mkdir()
    return tmp_path / "downloads"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "archive"


def write(path: Path, data: bytes = WHOLE, *, age: float = 100) -> Path:
    """Write a file that was last changed `age` seconds before NOW."""
    path.write_bytes(data)
    os.utime(path, (NOW - age, NOW - age))
    return path


def open_inbox(folder: Path, root: Path, **more: Any) -> Inbox:
    settings = Settings(archive=root)
    return Inbox(folder, settings, LogReporter(), **{"clock": lambda: NOW, "sleep": refuse} | more)


def refuse(seconds: float) -> None:
    raise AssertionError("there is nothing to wait for")


def run_once(folder: Path, root: Path, **more: Any) -> list[InboxResult]:
    return [*open_inbox(folder, root, **more).run_once()]


def watch(folder: Path, root: Path, *steps: Callable[[], object], **more: Any) -> list[InboxResult]:
    """Watch a folder; do a step at each pause, and interrupt after the last."""
    remaining = iter(steps)

    def pause(seconds: float) -> None:
        try:
            next(remaining)()
        except StopIteration:
            raise KeyboardInterrupt from None

    results: list[InboxResult] = []
    with pytest.raises(KeyboardInterrupt):
        results.extend(iter_into(results, open_inbox(folder, root, sleep=pause, **more)))
    return results


def iter_into(results: list[InboxResult], inbox: Inbox) -> Iterator[InboxResult]:
    """Add each result at once: the interrupt ends the iteration."""
    for result in inbox.watch(3):
        results.append(result)
    yield from ()


def count_snapshots(root: Path) -> int:
    return sum(len(store.list_digests(root, each)) for each in store.iter_thread_ids(root))


def pairs(results: list[InboxResult]) -> list[tuple[str, str]]:
    return [(result.path.name, result.status) for result in results]


# What is imported


def test_inbox__takes_in_threads_and_passes_over_the_rest(folder: Path, root: Path) -> None:
    write(folder / "reddit-1-20260101T000000Z.json")
    write(folder / "other.json", OTHER)
    write(folder / "package.json", b'{"name": "x"}')
    write(folder / "film.mp4", b"\0\0\0\x20ftyp")
    write(folder / "empty.json", b"")
    before = compute_fingerprints(folder)
    inbox = open_inbox(folder, root)
    assert [result.status for result in inbox.run_once()] == ["new", "new"]
    assert inbox.others == {"package.json", "film.mp4", "empty.json"}
    assert compute_fingerprints(folder) == before


def test_inbox__the_same_file_again_is_known(folder: Path, root: Path) -> None:
    write(folder / "a.json")
    assert pairs(run_once(folder, root)) == [("a.json", "new")]
    write(folder / "copy.json", age=50)
    assert pairs(run_once(folder, root)) == [("a.json", "known"), ("copy.json", "known")]
    assert count_snapshots(root) == 1


def test_inbox__one_file_with_two_threads(folder: Path, root: Path) -> None:
    write(folder / "both.json", WHOLE + b"\n" + OTHER)
    [result] = run_once(folder, root)
    assert len({capture.thread_id for capture in result.captures}) == 2


def test_inbox__folders_links_pipes_and_sockets_are_passed_over(
    folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)  # the address of a socket is short
    target = write(folder.parent / "outside.json")
    (folder / "link.json").symlink_to(target)
    (folder / "dangling.json").symlink_to(folder / "nothing")
    os.mkfifo(folder / "pipe.json")
    (folder / "sub.json").mkdir()
    write(folder / "sub.json" / "inner.json")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.json")
        assert run_once(folder, root) == []
    assert not root.joinpath("threads").exists()


@pytest.mark.parametrize("suffix", [*inbox_files.PARTIAL_SUFFIXES, ".CRDOWNLOAD"])
def test_inbox__unfinished_downloads_are_passed_over(suffix: str, folder: Path, root: Path) -> None:
    write(folder / f"a.json{suffix}")
    write(folder / ".hidden.json")
    assert run_once(folder, root) == []


def test_inbox__a_file_beside_its_unfinished_download_waits(folder: Path, root: Path) -> None:
    write(folder / "a.json")
    part = write(folder / "a.json.part", b"{")
    assert run_once(folder, root) == []
    part.unlink()
    assert pairs(run_once(folder, root)) == [("a.json", "new")]


# Files that are still being written


def test_inbox__a_file_just_written_is_checked_twice(folder: Path, root: Path) -> None:
    write(folder / "a.json", age=0.5)
    pauses: list[float] = []
    assert pairs(run_once(folder, root, sleep=pauses.append)) == [("a.json", "new")]
    assert pauses == [inbox_module.SETTLE_SECONDS]


def test_inbox__a_growing_file_is_reported_and_not_stored(folder: Path, root: Path) -> None:
    path = write(folder / "a.json", age=0.5)
    [result] = run_once(folder, root, sleep=lambda _: write(path, WHOLE + b" ", age=0.1))
    assert (result.status, result.captures) == ("unfinished", ())
    assert isinstance(result.error, errors.IncompleteThreadError)
    assert count_snapshots(root) == 0


@pytest.mark.parametrize("end", [*range(500, len(WHOLE), len(WHOLE) // 12), len(WHOLE) - 1])
def test_inbox__truncated_json_is_not_imported(end: int, folder: Path, root: Path) -> None:
    write(folder / "a.json", WHOLE[:end])
    assert [r.status for r in run_once(folder, root) if r.status != "unfinished"] == []
    assert count_snapshots(root) == 0


def test_inbox__control_without_the_check_half_a_thread_is_stored(
    folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_files, "_detect_in_json", lambda data: "whole")
    listing = b'[{"kind": "t3", "data": {"id": "abc12", "title": "T", "subreddit": "s"}},\n'
    write(folder / "a.json", listing[1:] + WHOLE[: len(WHOLE) // 2])
    run_once(folder, root)
    assert count_snapshots(root) > 0


def test_inbox__a_download_is_imported_when_it_is_whole(folder: Path, root: Path) -> None:
    path = write(folder / "a.json", WHOLE[:3000], age=1)
    results = watch(
        folder,
        root,
        lambda: write(path, WHOLE[:9000], age=0.5),
        lambda: write(path, WHOLE, age=0.1),
        lambda: None,
    )
    assert pairs(results) == [("a.json", "new")]
    assert count_snapshots(root) == 1


def test_inbox__a_stalled_download_is_reported_once(folder: Path, root: Path) -> None:
    path = write(folder / "a.json", WHOLE[:9000])
    results = watch(folder, root, *[lambda: None] * 3, lambda: write(path), lambda: None)
    assert pairs(results) == [("a.json", "unfinished"), ("a.json", "new")]


def test_inbox__a_page_without_its_end_waits_a_minute(folder: Path, root: Path) -> None:
    page = b"<html><!-- Page saved with SingleFile --><pre>" + WHOLE + b"</pre>"
    write(folder / "a.json", page, age=59)
    pauses: list[float] = []
    assert pairs(run_once(folder, root, sleep=pauses.append)) == [("a.json", "unfinished")]
    write(folder / "b.json", page + b"</html>", age=59)
    write(folder / "a.json", page, age=61)
    assert pairs(run_once(folder, root)) == [("a.json", "new"), ("b.json", "known")]


@pytest.mark.parametrize(
    ("start", "end", "content"),
    [
        (b"<!DOCTYPE html><html>", b"</body></html>\n<!-- FILE ARCHIVED ON -->", "whole"),
        (b"<!DOCTYPE html><html>", b"</body>", "cut off"),
        (b"<!-- saved from url=(0014)about:internet -->\n<html>", b"", "cut off"),
        (b"<html><!-- Page saved with SingleFile -->", b"", "without end"),
        (b"<div>", b"</div>", "without end"),
        (b"From: <Saved>\nContent-Type: multipart/related;\n\n--x", b"\n--x--\n", "whole"),
        (b"From: <Saved>\nContent-Type: multipart/related;\n\n--x", b"\n--x", "cut off"),
    ],
)
def test_content__of_pages(start: bytes, end: bytes, content: str, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(start + b'<a id="t3_abc123">' + end)
    assert inbox_files.detect_content(path) == content


def test_inbox__bags_are_left_to_import_and_half_a_web_archive_waits(
    folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(folder / "whole.wacz", "w") as file:
        file.writestr("archive/data.warc", b"WARC/1.1")
    data = (folder / "whole.wacz").read_bytes()
    write(folder / "half.wacz", data[:-30])
    write(folder / "bag.zip", data)
    monkeypatch.setattr(import_inputs, "is_likely", lambda path: True)
    found = {path.name: inbox_files.detect_content(path) for path in folder.iterdir()}
    assert found == {"whole.wacz": "whole", "half.wacz": "cut off", "bag.zip": "other"}


# What goes wrong


def test_inbox__an_unreadable_file_is_named(
    folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(path: Path) -> Any:
        if path.name.startswith("secret"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return open_binary(path)

    open_binary = regular_files.open_binary
    monkeypatch.setattr(regular_files, "open_binary", deny)
    for name in ("secret.json", "secret.mp4", "a.json"):
        write(folder / name)
    results = run_once(folder, root)
    assert pairs(results) == [("a.json", "new"), ("secret.json", "failed")]
    assert "permission denied" in str(results[1].error)


@pytest.mark.parametrize("function", ["may_have_thread", "detect_content"])
def test_inbox__a_file_that_vanishes_while_it_is_read_is_no_error(
    function: str, folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = getattr(inbox_files, function)

    def vanish(path: Path) -> object:
        if function == "may_have_thread":
            path.unlink()
            return original(path)
        found = original(path)
        path.unlink()
        return found

    monkeypatch.setattr(inbox_files, function, vanish)
    write(folder / "a.json")
    assert run_once(folder, root) == []
    assert count_snapshots(root) == 0


def test_inbox__a_file_that_is_partly_unreadable_is_stored_and_named(
    folder: Path, root: Path
) -> None:
    page = json.loads(WHOLE)
    page[1]["data"]["children"].append({"kind": "t1", "body": 5})
    write(folder / "a.json", json.dumps(page).encode())
    [result] = run_once(folder, root, move_to=folder.parent / "done")
    assert (result.status, result.moved_to) == ("new", None)
    assert "1 value can't be read" in str(result.error)


def test_inbox__a_folder_that_is_missing(tmp_path: Path, root: Path) -> None:
    with pytest.raises(errors.NotAThreadError, match="can't read"):
        run_once(tmp_path / "nothing", root)


# The watch


def test_watch__reads_each_file_once_per_change(
    folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    detect = inbox_files.detect_content
    monkeypatch.setattr(
        inbox_files, "detect_content", lambda path: (read.append(path.name), detect(path))[1]
    )
    path = write(folder / "a.json")
    write(folder / "package.json", b'{"t3_": 1}')
    watch(folder, root, *[lambda: None] * 3, lambda: write(path, OTHER), lambda: None)
    assert read == ["a.json", "package.json", "a.json"]


def test_watch__an_interrupt_lets_a_file_be_stored_whole(
    folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*args: Any, **keywords: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return import_files(*args, **keywords)

    import_files = inbox_module.import_files
    monkeypatch.setattr(inbox_module, "import_files", interrupt)
    write(folder / "a.json")
    write(folder / "b.json", OTHER, age=50)
    watch(folder, root)
    assert count_snapshots(root) == 1
    assert not [*root.joinpath("tmp").glob(".*")]


def test_watch__waits_for_a_folder_that_vanishes(
    folder: Path, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    away = folder.with_name("away")
    results = watch(
        folder,
        root,
        lambda: folder.rename(away),
        lambda: None,
        lambda: (write(away / "a.json"), away.rename(folder)),
        lambda: None,
    )
    assert pairs(results) == [("a.json", "new")]
    assert caplog.text.count("Waiting for it") == 1


# Large folders


@pytest.mark.parametrize("number", [200, pytest.param(10_000, marks=pytest.mark.slow)])
def test_inbox__other_files_are_not_read(
    number: int, folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for index in range(number):
        write(folder / f"picture {index}.jpg", b"\xff\xd8\xff")
    for name in ("film.mkv", "huge.json"):
        with (folder / name).open("wb") as file:
            file.truncate(5 * 2**30)
    write(folder / "data.json", json.dumps([{"a": 1}] * 1000).encode())
    opened: list[Path] = []
    open_stream = decompress.open_stream
    monkeypatch.setattr(
        decompress, "open_stream", lambda path: (opened.append(path), open_stream(path))[1]
    )
    monkeypatch.setattr(deep_json, "load_documents", refuse)
    inbox = open_inbox(folder, root)
    assert [*inbox.run_once()] == []
    assert [path.name for path in opened] == ["data.json"]
    assert len(inbox.others) == number + 3


# Forgotten threads


def test_inbox__a_forgotten_thread_comes_back_only_from_a_newer_file(
    folder: Path, root: Path
) -> None:
    path = write(folder / "a.json")
    [result] = run_once(folder, root)
    redact.forget_thread(root, result.captures[0].thread_id)
    assert pairs(run_once(folder, root)) == [("a.json", "forgotten")]
    assert count_snapshots(root) == 0
    os.utime(path, None)
    later = path.stat().st_mtime + 100
    os.utime(path, (later, later))
    assert pairs(run_once(folder, root, clock=lambda: later + 100)) == [("a.json", "new")]


# Moving


def test_move__stored_files_and_no_others(folder: Path, root: Path, tmp_path: Path) -> None:
    write(folder / "a.json")
    write(folder / "cut.json", WHOLE[:9000])
    write(folder / "package.json", b"{}")
    results = run_once(folder, root, move_to=tmp_path / "done" / "deep")
    assert [result.moved_to for result in results] == [tmp_path / "done" / "deep" / "a.json", None]
    assert sorted(os.listdir(folder)) == ["cut.json", "package.json"]


@pytest.mark.parametrize("has_links", [True, False])
def test_move__never_overwrites_a_file(
    has_links: bool, folder: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_links:
        monkeypatch.setattr(move_file, "_link", lambda path, folder: None)
    done = tmp_path / "done"
    done.mkdir()
    (done / "a.json").write_bytes(b"mine")
    (done / "a (2).json").symlink_to("nowhere")
    write(folder / "a.json")
    [result] = run_once(folder, root, move_to=done)
    assert result.moved_to == done / "a (3).json"
    assert (done / "a.json").read_bytes() == b"mine"
    assert (done / "a (3).json").read_bytes() == WHOLE
    assert (done / "a (3).json").stat().st_mtime == NOW - 100
    assert os.listdir(folder) == []


def test_move__to_another_file_system(
    folder: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def refuse_downloads(source: Path, target: Path, **more: Any) -> None:
        if source.parent == folder:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        link(source, target, **more)

    monkeypatch.setattr(move_file.os, "link", refuse_downloads)
    write(folder / "a.json").chmod(0o640)
    [result] = run_once(folder, root, move_to=tmp_path / "done")
    assert result.moved_to == tmp_path / "done" / "a.json"
    assert result.moved_to.read_bytes() == WHOLE
    assert result.moved_to.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path / "done") == ["a.json"]
    assert os.listdir(folder) == []


def test_move__a_file_that_changed_meanwhile_stays(
    folder: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(folder / "a.json")
    link = move_file._link

    def change(source: Path, target: Path) -> Path | None:
        linked = link(source, target)
        path.unlink()
        write(path, OTHER, age=5)
        return linked

    monkeypatch.setattr(move_file, "_link", change)
    [result] = run_once(folder, root, move_to=tmp_path / "done")
    assert (result.status, result.moved_to) == ("new", None)
    assert path.read_bytes() == OTHER
    assert os.listdir(tmp_path / "done") == []


def test_move__a_folder_that_can_not_be_written_is_an_error(
    folder: Path, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "done").write_text("a file")
    write(folder / "a.json")
    [result] = run_once(folder, root, move_to=tmp_path / "done")
    assert result.status == "new"
    assert isinstance(result.error, errors.StoreError)
    assert os.listdir(folder) == ["a.json"]


def test_move__a_file_that_can_not_be_removed_stays_in_one_place(
    folder: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, unlink = write(folder / "a.json"), os.unlink

    def deny(target: Path) -> None:
        if Path(target) == path:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        unlink(target)

    monkeypatch.setattr(move_file.os, "unlink", deny)
    [result] = run_once(folder, root, move_to=tmp_path / "done")
    assert isinstance(result.error, errors.StoreError)
    assert os.listdir(tmp_path / "done") == []
    assert path.exists()
