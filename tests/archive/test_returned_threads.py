"""A forgotten thread that comes back by copying: whoever looks is told, and a save is no copy."""

import json
import shutil
from pathlib import Path

import pytest

from reddit_archive.archive import forgotten_log
from tests.conftest import EXAMPLES, Run, run_program


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an archive of two threads, of which one was forgotten, and an older copy."""
    run_program(tmp_path, "import", EXAMPLES / "short.json", EXAMPLES / "poll.json", "-q")
    shutil.copytree(tmp_path / "archive", tmp_path / "old")
    run_program(tmp_path, "forget", "9bread1", "--yes")
    return tmp_path


def copy_back(folder: Path) -> None:
    shutil.copytree(folder / "old/threads", folder / "archive/threads", dirs_exist_ok=True)


COMMANDS = (("verify", 1), ("list", 0), ("list --json", 0), ("doctor --offline", 0))


@pytest.mark.parametrize(("command", "code"), COMMANDS)
def test_returned__is_said(command: str, code: int, folder: Path, run: Run) -> None:
    before = run(*command.split())
    assert (before.code, "9bread1" in before.out + before.err) == (0, False)
    copy_back(folder)
    ran = run(*command.split())
    output = " ".join((ran.out + ran.err).split())
    assert (ran.code, "t3_9bread1 was forgotten on 20" in output) == (code, True)
    assert "forgotten.log" in output


def test_returned__list_names_it_in_json(folder: Path, run: Run) -> None:
    copy_back(folder)
    forgotten_at = {
        each["thread"]: each["forgotten_at"] for each in json.loads(run("list", "--json").out)
    }
    assert len(forgotten_at) == 2
    assert [thread for thread, at in forgotten_at.items() if at] == ["t3_9bread1"]


@pytest.mark.parametrize("command", ["import", "save"])
def test_returned__what_is_saved_again_did_not_come_by_copying(
    command: str, folder: Path, run: Run
) -> None:
    ran = run(command, EXAMPLES / "short.json")
    assert "was forgotten on" in ran.err
    assert (run("verify").code, "forgotten" in run("list").err) == (0, False)
    assert run("forget", "9bread1", "--yes").code == 0
    copy_back(folder)
    assert run("verify").code == 1


def test_returned__forgetting_it_again_ends_that(folder: Path, run: Run) -> None:
    copy_back(folder)
    assert run("forget", "9bread1", "--yes").code == 0
    assert run("verify").code == 0


def test_returned__without_its_line_it_is_kept(folder: Path, run: Run) -> None:
    copy_back(folder)
    (folder / "archive" / forgotten_log.FILE_NAME).write_text("")
    assert run("verify").code == 0


def test_returned__from_a_bag_is_an_import(folder: Path, run: Run) -> None:
    run("export", "bag", "bags", "9bread1", "--archive", "old")
    assert "was forgotten on" in run("import", "bags/t3_9bread1").err
    assert run("verify").code == 0


def test_returned__is_missed_without_the_log(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy_back(folder)
    assert forgotten_log.find_returned_threads(folder / "archive").keys() == {"9bread1"}
    monkeypatch.setattr(forgotten_log, "FORGOTTEN_AT", "another key")
    assert forgotten_log.find_returned_threads(folder / "archive") == {}


def test_returned__odd_lines_are_no_threads(folder: Path) -> None:
    lines = ({"thread": "t3_../x", "forgotten_at": "2026"}, {"thread": 1, "forgotten_at": 2}, {})
    log = folder / "archive" / forgotten_log.FILE_NAME
    log.write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"thread": "t3')
    assert forgotten_log.find_returned_threads(folder / "archive") == {}
