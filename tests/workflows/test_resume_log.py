"""The log with which an interrupted batch resumes: no other command removes it."""

import os
import time
from pathlib import Path

import pytest

from reddit_archive.archive import redact, store
from tests.conftest import Run, run_program, write_config
from tests.support import reddit_server as rs


@pytest.fixture
def interrupted(run: Run, reddit: rs.Server, tmp_path: Path) -> list[rs.Thread]:
    """Four threads of a batch that stopped after the first, because Reddit was down."""
    threads = [reddit.add(rs.generate(3, depth=2, seed=seed)) for seed in range(20, 24)]
    run("save", "9bread1")
    (tmp_path / "list.txt").write_text("".join(f"t3_{each.id}\n" for each in threads))
    for thread in threads[1:]:
        reddit.fail(f"comments/{thread.id}", rs.SERVER_ERROR(500), times=None)
    assert run("batch", "list.txt").code == 1
    assert set(store.iter_thread_ids(tmp_path / "archive")) == {"9bread1", threads[0].id}
    reddit.heal()
    reddit.reset_log()
    return threads


def is_resumed(folder: Path, reddit: rs.Server) -> bool:
    """Run the batch again; return whether it skips what was done."""
    assert run_program(folder, "batch", "list.txt").code == 0
    return reddit.count("page") == 3 == reddit.count()


def test_batch__resumes(interrupted: list[rs.Thread], reddit: rs.Server, tmp_path: Path) -> None:
    assert is_resumed(tmp_path, reddit)
    assert [*(tmp_path / "archive" / "tmp").iterdir()] == []


@pytest.mark.parametrize(
    "command",
    [
        ("forget", "9bread1", "--yes"),
        pytest.param(("redact", "9bread1", "--author", "x", "--yes"), marks=pytest.mark.slow),
    ],
)
def test_batch__resumes_after_another_thread_was_forgotten_or_redacted(
    command: tuple[str, ...], interrupted: list[rs.Thread], reddit: rs.Server, tmp_path: Path
) -> None:
    assert run_program(tmp_path, *command).code == 0
    assert is_resumed(tmp_path, reddit)


def test_batch__resumes_after_a_purge(
    interrupted: list[rs.Thread], reddit: rs.Server, tmp_path: Path
) -> None:
    write_config(tmp_path, reddit, deleted="purge")
    thread = reddit.add(rs.generate(4, seed=30))
    thread.delete(next(iter(thread.comments)))
    assert run_program(tmp_path, "save", thread.id).code == 0
    reddit.reset_log()
    assert is_resumed(tmp_path, reddit)


def test_batch__catches_a_log_that_is_removed(
    interrupted: list[rs.Thread], reddit: rs.Server, tmp_path: Path
) -> None:
    redact.remove_orphaned_temps(tmp_path / "archive")
    for path in (tmp_path / "archive" / "tmp").iterdir():
        path.unlink()
    assert not is_resumed(tmp_path, reddit)


@pytest.mark.parametrize("days", [400, pytest.param(-2, marks=pytest.mark.slow)])
def test_batch__does_not_resume_a_log_of_another_day(
    days: int, interrupted: list[rs.Thread], reddit: rs.Server, tmp_path: Path
) -> None:
    (path,) = (tmp_path / "archive" / "tmp").iterdir()
    at = time.time() + days * 86400
    os.utime(path, (at, at))
    assert not is_resumed(tmp_path, reddit)
    assert [*(tmp_path / "archive" / "tmp").iterdir()] == []
