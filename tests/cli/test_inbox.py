"""The command `inbox`: what it prints, its exit codes, and the end of a watch."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.conftest import EXAMPLES, OFFLINE, PROGRAM, Run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a thread and another file, both a day old."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "reddit-9bread1.json").write_bytes((EXAMPLES / "short.json").read_bytes())
    (folder / "notes.txt").write_text("nothing")
    for path in folder.iterdir():
        os.utime(path, (1_760_000_000, 1_760_000_000))
    return folder


def write_old(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    os.utime(path, (1_760_000_000, 1_760_000_000))


def test_inbox__prints_the_command_that_quotes(run: Run, folder: Path) -> None:
    ran = run("inbox", folder)
    assert (ran.code, ran.out) == (0, "archive quote 9bread1\n")
    assert "reddit-9bread1.json: t3_9bread1, 6 comments, new." in ran.err
    assert "1 new, 1 without a thread." in ran.err
    command = ran.out.split()[1:]
    assert run(*command).out.startswith("### r/breadlog")


def test_inbox__again_is_known(run: Run, folder: Path) -> None:
    run("inbox", folder)
    ran = run("inbox", folder, "-q")
    assert (ran.code, ran.out, ran.err) == (0, "archive quote 9bread1\n", "")
    assert len([*folder.parent.glob("archive/threads/*/*.json")]) == 1


def test_inbox__command_names_another_archive(run: Run, folder: Path) -> None:
    ran = run("inbox", folder, "--archive", "my archive")
    assert ran.out == "archive quote 9bread1 --archive 'my archive'\n"


def test_inbox__json(run: Run, folder: Path, tmp_path: Path) -> None:
    record = json.loads(run("inbox", folder, "--json", "--move", tmp_path / "done").out)
    assert record == {
        "file": str(folder / "reddit-9bread1.json"),
        "status": "new",
        "threads": [{"thread": "t3_9bread1", "comments": 6, "is_new": True}],
        "commands": ["archive quote 9bread1"],
        "moved_to": str(tmp_path / "done" / "reddit-9bread1.json"),
        "error": None,
    }
    assert sorted(os.listdir(folder)) == ["notes.txt"]


def test_inbox__a_file_that_is_cut_off(run: Run, folder: Path) -> None:
    data = (EXAMPLES / "short.json").read_bytes()
    (folder / "cut.json").write_bytes(data[: len(data) // 2])
    os.utime(folder / "cut.json", (1_760_000_000, 1_760_000_000))
    ran = run("inbox", folder)
    assert (ran.code, ran.out) == (3, "archive quote 9bread1\n")
    assert "cut.json is cut off. It is imported when it is whole." in ran.err
    assert "1 of 2 files could not be imported completely" in ran.err


def test_inbox__says_what_a_new_thread_lacks(run: Run, folder: Path) -> None:
    page = (EXAMPLES / "saved-page.html").read_bytes()
    write_old(folder / "page.html", page.replace(b'comment-count="6"', b'comment-count="9"'))
    (folder / "reddit-9bread1.json").unlink()
    hint = "are not fetched. `archive fill 9bread1` fetches what is missing.\n"
    assert hint in run("inbox", folder).err
    assert hint not in run("inbox", folder).err


def test_inbox__nothing_to_import(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = run("inbox", "empty")
    assert (ran.code, ran.out, ran.err) == (0, "", "0 without a thread.\n")


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        ((), 2, "Missing argument 'DIR'"),
        (("nothing",), 2, "there is no folder nothing"),
        (("downloads/notes.txt",), 2, "downloads/notes.txt is a file, not a folder"),
        (("archive",), 2, "archive is an archive itself"),
        (("downloads", "--every", "5"), 2, "--every needs --watch"),
        (("downloads", "--watch", "--every", "0"), 2, "1 or higher"),
        (("downloads", "--move", "downloads/"), 2, "is the folder that is read"),
        (("downloads", "--move", "archive/threads"), 1, "belongs to the archive"),
    ],
)
def test_inbox__wrong_arguments(
    args: tuple[str, ...], code: int, words: str, run: Run, folder: Path
) -> None:
    run("inbox", folder)
    before = sorted(os.listdir(folder))
    ran = run("inbox", *args)
    assert ran.code == code
    assert words in ran.err
    assert sorted(os.listdir(folder)) == before


def test_watch__ctrl_c_is_its_normal_end(folder: Path, tmp_path: Path) -> None:
    data = (EXAMPLES / "poll.json").read_bytes()
    write_old(folder / "z.json", data[: len(data) // 2])
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(OFFLINE))
    with subprocess.Popen(
        [PROGRAM, "inbox", folder, "--watch", "--every", "1"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)},
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "archive quote 9bread1\n"
        assert child.stderr is not None
        assert "Watching" in child.stderr.readline()
        assert any("is cut off" in line for line in child.stderr)
        write_old(folder / "z.json", data)  # a file that is whole later has not failed
        assert child.stdout.readline() == "archive quote 9bread3\n"
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=30)
    assert child.returncode == 0
    assert err.endswith("2 new, 1 without a thread.\n")
