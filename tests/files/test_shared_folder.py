"""In a folder shared by several users, file modes follow the umask, and everybody can write."""

import os
import stat
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import praw
import pytest

from reddit_archive import cli
from reddit_archive.archive.index import cache_database
from reddit_archive.files import durable_files
from tests.conftest import EXAMPLES, Run, run_program, write_config
from tests.support import reddit_server

GROUP, ANNA, BEN = 54_321, 54_322, 54_323
CODE = (Path(cli.__file__), Path(praw.__file__))  # PRAW reads a file of its own at run time
IS_OPEN = all(folder.stat().st_mode & 0o001 for file in CODE for folder in file.parents)
needs_root = pytest.mark.skipif(
    os.getuid() != 0 or not IS_OPEN, reason="needs root, and code that every user may read"
)


@pytest.fixture
def shared(reddit: reddit_server.Server) -> Iterator[Path]:
    """A folder with the set-group-ID bit and write permission for the group."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:  # which everybody may pass through
        folder = Path(name)
        if os.getuid() == 0:
            os.chown(folder, -1, GROUP)
        folder.chmod(0o2775)
        write_config(folder, reddit)
        for each in ("short", "poll"):
            (folder / f"{each}.json").write_bytes((EXAMPLES / f"{each}.json").read_bytes())
        yield folder


def person(folder: Path, user: int | None, umask: int = 0o002) -> Run:
    return partial(run_program, folder, person=(user, GROUP, umask))


def use_all(run: Run) -> None:
    """Write all types of files of an archive, and a site."""
    commands = (
        *(("save", "9bread1"), ("save", "9bread1"), ("import", "poll.json"), ("reindex",)),
        *(("export", "html", "site"), ("export", "json", "-o", "all.json")),
        *(("export", "json", "--pseudonyms"), ("quote", "9bread1", "-o", "quote.md")),
        *(("batch", "quote.md"), ("forget", "9bread3", "--yes"), ("save", "poll.json")),
    )
    for command in commands:
        done = run(*command)
        assert (done.code, "can't" in done.err) == (0, False), done


def modes(folder: Path) -> dict[str, int]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode)
        for path in files
        if path.parent != folder or path.name == "all.json"
    }


@pytest.mark.parametrize(
    "umask", [0o002, *(pytest.param(each, marks=pytest.mark.slow) for each in (0o022, 0o077))]
)
def test_modes__follow_the_umask(shared: Path, umask: int) -> None:
    use_all(person(shared, None, umask))
    for name, mode in modes(shared).items():
        is_fixed = name.endswith((".json", "/ARCHIVE")) and name.startswith("archive/")
        expected = (0o444 if is_fixed else 0o666) & ~umask
        assert mode == (0o400 if name.endswith(".key") else expected), name


@pytest.mark.slow
@needs_root
def test_second_user__can_run_all_commands(shared: Path) -> None:
    use_all(person(shared, ANNA))
    (shared / "archive/pseudonyms.key").unlink()  # which is for its owner's eyes alone
    use_all(person(shared, BEN))


@needs_root
def test_second_user__different_umask(shared: Path) -> None:
    anna, ben = person(shared, ANNA), person(shared, BEN)
    for _ in range(2):
        done = anna("save", "9bread1")
    assert done.code == 0, done
    for name in ("threads/t3_9bread1/checks.log", "index.sqlite3"):
        (shared / "archive" / name).chmod(0o644)
    done = ben("save", "9bread1")
    assert done.code == 0
    assert done.out.startswith("### ") or "r/breadlog" in done.out
    assert "The check of t3_9bread1 could not be recorded" in done.err


def write_files(folder: Path, umask: int) -> dict[str, int]:
    """Write a file of each type with this umask; return their modes."""
    before = os.umask(umask)
    try:
        durable_files.append(b"line\n", folder / "log")
        durable_files.replace(b"text", folder / "page")
        durable_files.write_once(b"text", folder / "snapshot", tmp=folder / "tmp")
        durable_files.write_once(b"text", folder / "key", tmp=folder / "tmp", mode=0o400)
        with durable_files.atomic_path(folder / "export") as draft:
            draft.write_bytes(b"text")
        with cache_database.open_for_writing(folder / "index", lambda _: None, version=0):
            pass
    finally:
        os.umask(before)
    files = (path for path in folder.iterdir() if path.is_file())
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in files}


@pytest.mark.parametrize("umask", [0o002, 0o022, 0o077])
def test_modes__of_each_type_of_file(tmp_path: Path, umask: int) -> None:
    writable, fixed = 0o666 & ~umask, 0o444 & ~umask
    expected = dict.fromkeys(("log", "page", "export", "index"), writable)
    assert write_files(tmp_path, umask) == {**expected, "snapshot": fixed, "key": 0o400}


def test_modes__catches_a_fixed_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def fixed(path: Path, flags: int, mode: int = 0o644) -> int:
        return real(path, flags, min(mode, 0o644))

    monkeypatch.setattr(os, "open", fixed)
    found = write_files(tmp_path, 0o002)
    assert {name for name, mode in found.items() if mode == 0o644} >= {"log", "index", "page"}
