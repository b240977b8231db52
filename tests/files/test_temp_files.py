"""Temp files of killed processes are removed; those of running ones and user files stay."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reddit_archive.files import durable_files, temp_files
from tests.support import faults

slow = pytest.mark.slow
HOLD = (
    "import sys, pathlib; from reddit_archive.files import durable_files, temp_files\n"
    "with durable_files.create_temp_file(pathlib.Path(sys.argv[1])), "
    "temp_files.create_temp_folder(pathlib.Path(sys.argv[1])) as inner:\n"
    "    (inner / 'file').write_text('text'); print('ready', flush=True); sys.stdin.read()"
)


@contextmanager
def temps_of_a_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run another process that has a locked temp file and a locked temp folder."""
    command = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        yield child
        child.kill()


@pytest.mark.parametrize(
    "remove_temps", [temp_files.remove_orphaned_temps, temp_files.remove_orphaned_archive_temps]
)
def test_remove_temps__locked_files_stay_until_the_process_is_killed(
    tmp_path: Path, remove_temps
) -> None:  # type: ignore[no-untyped-def]
    with temps_of_a_process(tmp_path) as child:
        remove_temps(tmp_path)
        assert len(list(tmp_path.iterdir())) == 2
        child.send_signal(signal.SIGKILL)
        child.wait()
        remove_temps(tmp_path)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "process_id",
    [1, os.getpid(), os.getppid(), 999_999_999],
    ids=["first", "own", "parent", "none"],
)
def test_remove_temps__reused_process_ids(tmp_path: Path, process_id: int) -> None:
    faults.leave_dead_draft(tmp_path, process_id=process_id)
    temp_files.remove_orphaned_temps(tmp_path)
    assert faults.drafts(tmp_path) == []


def test_remove_temps__keeps_user_files(tmp_path: Path) -> None:
    temp_name = temp_files.make_temp_name()
    (tmp_path / "theirs").write_text("mine")
    for name in (".notes.part", ".12-notes.part", "notes.part", temp_name[1:], f"{temp_name}.txt"):
        (tmp_path / name).write_text("mine")
    (tmp_path / temp_files.make_temp_name()).symlink_to(tmp_path / "theirs")
    os.mkfifo(tmp_path / temp_files.make_temp_name())
    before = sorted(tmp_path.iterdir())
    temp_files.remove_orphaned_temps(tmp_path)
    assert sorted(tmp_path.iterdir()) == before


def test_remove_temps__folders_of_earlier_releases(tmp_path: Path) -> None:
    (tmp_path / ".t3_9bread1-0123abcd.part" / "data").mkdir(parents=True)
    temp_files.remove_orphaned_temps(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_remove_temps__before_a_time(tmp_path: Path) -> None:
    young, old = (faults.leave_dead_draft(tmp_path) for _ in range(2))
    os.utime(old, (1, 1))
    temp_files.remove_orphaned_temps(tmp_path, written_before=time.time() - 3600)
    assert faults.drafts(tmp_path) == [young]


def test_remove_temps__missing_folder(tmp_path: Path) -> None:
    temp_files.remove_orphaned_temps(tmp_path / "none")
    temp_files.remove_orphaned_archive_temps(tmp_path / "none", written_before=0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL])
def test_remove_temps__without_locks_uses_process_id_and_age(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(handle: int, how: int) -> None:
        raise OSError(code, "no locks here")

    monkeypatch.setattr(temp_files.fcntl, "flock", refuse)
    orphaned, aged = (
        faults.leave_dead_draft(tmp_path),
        faults.leave_dead_draft(tmp_path, process_id=1),
    )
    os.utime(aged, (1, 1))
    running = faults.leave_dead_draft(tmp_path, process_id=os.getppid())
    with durable_files.create_temp_file(tmp_path) as temp_file:  # works without locks
        temp_file.path.write_text("text")
        temp_file.move(tmp_path / "file")
    temp_files.remove_orphaned_temps(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "file", running])
    assert not orphaned.exists()


def test_remove_temps__without_fcntl_uses_age(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(temp_files, "fcntl", None)
    young, old = (faults.leave_dead_draft(tmp_path) for _ in range(2))
    os.utime(old, (time.time() - 3600,) * 2)
    temp_files.remove_orphaned_temps(tmp_path)
    assert faults.drafts(tmp_path) == [young]


# Concurrent processes


def race(folder: Path, count: int, *, is_seeded: bool = False) -> list[int | None]:
    """Let two processes write while two others remove temp files; return the exit codes."""
    start = faults.FORKED.Process
    removers = [start(target=faults.sweep_forever, args=(folder,)) for _ in range(2)]
    writers = [start(target=faults.replace_files, args=(folder, count, is_seeded)) for _ in "ab"]
    for process in (*removers, *writers):
        process.start()
    for process in writers:
        process.join(120)
    for process in removers:
        process.kill()
        process.join()
    return [process.exitcode for process in writers]


@pytest.mark.parametrize("count", [50, pytest.param(400, marks=slow)])
def test_race__no_file_is_removed_while_it_is_written(on_disk: Path, count: int) -> None:
    assert race(on_disk, count) == [0, 0]
    assert len(list(on_disk.iterdir())) == 2 * count


def test_race__catches_a_writer_without_a_check_after_locking(
    on_disk: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert race(on_disk, 50, is_seeded=True) != [0, 0]
