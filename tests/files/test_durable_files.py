"""Files are written completely or not at all, and survive crashes and power cuts."""

import hashlib
import os
import random
import stat
from pathlib import Path

import pytest

from reddit_archive import errors
from reddit_archive.files import durable_files
from tests.support import faults


def test_write_once__creates_a_read_only_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "file"
    assert durable_files.write_once(b"bytes", path, tmp=tmp_path / "tmp")
    assert path.read_bytes() == b"bytes"
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    assert faults.drafts(tmp_path) == []


def test_write_once__same_bytes_twice(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert durable_files.write_once(b"bytes", path, tmp=tmp_path / "tmp")
    before = faults.stamp(path)
    assert not durable_files.write_once(b"bytes", path, tmp=tmp_path / "tmp")
    assert faults.stamp(path) == before
    assert faults.drafts(tmp_path) == []


@pytest.mark.parametrize("trap", [None, faults.no_links], ids=["link", "rename"])
def test_write_once__never_replaces_other_bytes(tmp_path: Path, trap: faults.Trap | None) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"what is there")
    with (
        faults.recording(tmp_path, trap),
        pytest.raises(errors.DamageFoundError, match="is damaged"),
    ):
        durable_files.write_once(b"bytes", path, tmp=tmp_path / "tmp")
    assert path.read_bytes() == b"what is there"
    assert faults.drafts(tmp_path) == []


def test_write_once__folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(errors.StoreError, match="not a directory") as caught:
        durable_files.write_once(b"bytes", tmp_path / "file" / "final", tmp=tmp_path / "tmp")
    assert caught.value.hint


def test_make_folder__unreadable_parent(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()

    def refuse(number: int, call: str) -> None:
        if call == "open":
            raise PermissionError(13, "Permission denied")

    with faults.recording(tmp_path, refuse):
        durable_files.make_folder(tmp_path / "there")


def test_write_temp_file__short_writes(tmp_path: Path) -> None:
    with faults.recording(tmp_path) as recorder:
        chunks = [b"x" * 600, b"x" * 400]
        with durable_files.write_temp_file(chunks, tmp_path, mode=0o600) as (temp_file, digest):
            assert temp_file.path.read_bytes() == b"x" * 1000
    assert digest == hashlib.sha256(b"x" * 1000).hexdigest()
    assert sum(isinstance(event, faults.Written) for event in recorder.log) > 2


def test_replace__keeps_the_mode(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("old")
    page.chmod(0o640)
    durable_files.replace(b"new", page)
    assert page.read_bytes() == b"new"
    assert stat.S_IMODE(page.stat().st_mode) == 0o640


def test_replace__new_file_has_the_default_mode(tmp_path: Path) -> None:
    (tmp_path / "usual").write_text("")
    durable_files.replace(b"new", tmp_path / "page.md")
    assert (tmp_path / "page.md").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_replace__only_the_expected_content(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_bytes(b"old")
    assert not durable_files.replace(b"new", page, expected=b"older")
    assert page.read_bytes() == b"old"
    assert durable_files.replace(b"new", page, expected=b"old")
    assert page.read_bytes() == b"new"
    assert faults.drafts(tmp_path) == []


def test_replace__refuses_what_is_not_a_regular_file(tmp_path: Path) -> None:
    """A pipe stands for /dev/null, because only root can create devices."""
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    for path in (pipe, link):
        with pytest.raises(errors.StoreError, match="it is not a regular file"):
            durable_files.replace(b"new", path)
        with (
            pytest.raises(errors.StoreError, match="it is not a regular file"),
            durable_files.atomic_path(path),
        ):
            pass
    assert pipe.is_fifo()
    assert faults.drafts(tmp_path) == []


def test_replace__refuses_a_read_only_file(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_bytes(b"old")
    page.chmod(0o444)
    with pytest.raises(errors.StoreError, match="it is read-only"):
        durable_files.replace(b"new", page)
    assert page.read_bytes() == b"old"
    assert faults.drafts(tmp_path) == []


@pytest.mark.parametrize("is_there", [True, False], ids=["file", "dangling"])
def test_replace__follows_a_symlink(tmp_path: Path, is_there: bool) -> None:
    (tmp_path / "pages").mkdir()
    page, link = tmp_path / "pages" / "page.md", tmp_path / "link.md"
    if is_there:
        page.write_text("old")
    link.symlink_to(Path("pages") / "page.md")
    durable_files.replace(b"new", link)
    assert link.is_symlink()
    assert page.read_bytes() == b"new"
    assert [path.name for path in page.parent.iterdir()] == ["page.md"]


def states_of_a_page(base: Path) -> set[bytes | None]:
    """Return all contents that a page may have after a power cut during its replacement."""
    page = base / "page.md"
    with faults.recording(base) as recorder:
        durable_files.replace(b"old " * 100, page)
        start = len(recorder.log)
        durable_files.replace(b"new " * 100, page)
    rng, found = random.Random(1), set[bytes | None]()
    for end in range(start, len(recorder.log) + 1):
        trees = faults.after_power_cut(recorder.log[:end], rng=rng, limit=100)
        found.update(tree.get("page.md") for tree in trees)
    return found


def test_replace__power_cut_leaves_the_old_or_the_new_page(tmp_path: Path) -> None:
    assert states_of_a_page(tmp_path) == {b"old " * 100, b"new " * 100}


def test_replace__power_cut_detects_a_missing_flush(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable_files, "_flush", lambda handle: None)
    assert bytes(400) in states_of_a_page(tmp_path)


@pytest.mark.parametrize("failing_call", range(1, 9))
def test_replace__failed_call_leaves_a_complete_page(tmp_path: Path, failing_call: int) -> None:
    page = tmp_path / "page.md"
    page.write_bytes(b"old")

    def fail(number: int, call: str) -> None:
        if number == failing_call:
            raise OSError(28, "No space left on device")

    with faults.recording(tmp_path, fail) as recorder:
        if recorder.calls >= failing_call:
            with pytest.raises(errors.StoreError, match="no space left on device"):
                durable_files.replace(b"new", page)
    assert page.read_bytes() in (b"old", b"new")
    assert faults.drafts(tmp_path) == []


def test_append__ends_a_truncated_line_first(tmp_path: Path) -> None:
    log = tmp_path / "log"
    durable_files.append(b"one\n", log)
    log.write_bytes(b"one\ntw")
    durable_files.append(b"three\n", log)
    durable_files.append(b"four\n", log)
    assert log.read_bytes() == b"one\ntw\nthree\nfour\n"


def test_append__full_disk_is_an_error(tmp_path: Path) -> None:
    with (
        faults.recording(tmp_path),
        pytest.raises(errors.StoreError, match="no space left") as caught,
    ):
        durable_files.append(b"x" * 500 + b"\n", tmp_path / "log")
    assert caught.value.hint == "Free some space and run it again; nothing was lost."


def test_remove_tree__keeps_the_target_of_a_link(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "page.md").touch()
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    durable_files.remove_tree(tmp_path / "link")
    assert [path.name for path in tmp_path.rglob("*")] == ["theirs", "page.md"]
