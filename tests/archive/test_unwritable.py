"""Archives that can't be created or written: one message, before any request."""

import errno
import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from reddit_archive import cli, errors
from reddit_archive.archive import store
from reddit_archive.files import temp_files
from reddit_archive.workflows import archive_folder
from tests.conftest import EXAMPLES, Run
from tests.support import reddit_server
from tests.support.faults import capture_text

SENTENCE = re.compile(r"archive: can't write [^\n]+: [^\n]+\.\n  [^\n]+\n")
SLOW = [pytest.param(each, marks=pytest.mark.slow) for each in ("file", "link/archive")]
PLACES = ["file/archive", "link", *SLOW]
SAVING = (
    *(("save", "9bread1"), ("batch", "list.txt"), ("refresh", "page.md")),
    *(("save", str(EXAMPLES / "short.json")), ("import", str(EXAMPLES / "dump.ndjson"))),
)
READING = (
    *(("list",), ("verify",), ("quote", "9bread1"), ("search", "bread"), ("log", "9bread1")),
    *(("diff", "9bread1"), ("reindex",), ("forget", "9bread1", "--yes"), ("open", "9bread1")),
    *(("redact", "--deleted", "--yes"), ("export", "json"), ("export", "html", "site")),
    *(("export", "bag", "bags"), ("export", "sqlite", "x.db"), ("export", "csl")),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nothing")
    (tmp_path / "list.txt").write_text("9bread1\n")
    (tmp_path / "page.md").write_text("<!-- reddit: 9bread1 -->\n<!-- /reddit -->\n")
    return tmp_path


@pytest.mark.parametrize("where", PLACES)
def test_saving__asks_for_nothing_where_no_archive_can_be(
    folder: Path, where: str, reddit: reddit_server.Server, run: Run
) -> None:
    for command in SAVING:
        done = run(*command, "--archive", where)
        assert done.code == 1
        assert SENTENCE.fullmatch(done.err), done.err
    assert reddit.requests() == []


@pytest.mark.parametrize("where", PLACES[1:])
def test_reading__says_that_there_is_no_archive(folder: Path, where: str, run: Run) -> None:
    for command in READING:
        done = run(*command, "--archive", where)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith("archive: there is no archive at ")
    assert run("doctor", "--offline", "--archive", where).code == 1
    assert (folder / "file").read_bytes() == b""
    assert not (folder / "nothing").exists()


@pytest.mark.parametrize("where", ["loop", "link/archive", "n" * 300])
def test_reading__names_that_lead_nowhere(folder: Path, where: str, run: Run) -> None:
    (folder / "loop").symlink_to("loop")
    for command in (("open", "9bread1"), ("doctor", "--offline")):
        done = run(*command, "--archive", where)
        assert "should not have happened" not in done.err
        assert "archive" in done.out + done.err


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EIO])
def test_check_writable__every_error_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(path: Path) -> None:
        raise OSError(code, os.strerror(code))

    store.add(tmp_path / "archive", capture_text("text"))
    monkeypatch.setattr(temp_files.os, "mkdir", refuse)
    for root in (tmp_path / "archive", tmp_path / "new" / "archive"):
        with pytest.raises(errors.StoreError, match=r"can't write .*archive: ") as caught:
            archive_folder.check_writable(root)
        assert caught.value.hint


@pytest.mark.parametrize("name", ["tmp", "threads"])
def test_check_writable__looks_into_the_archive(tmp_path: Path, name: str) -> None:
    archive_folder.check_writable(tmp_path)
    (tmp_path / name).symlink_to("nothing")
    with pytest.raises(errors.StoreError, match="can't write"):
        archive_folder.check_writable(tmp_path)


def test_check_writable__leaves_nothing_behind(tmp_path: Path) -> None:
    archive_folder.check_writable(tmp_path / "deep" / "archive")
    assert list(tmp_path.iterdir()) == []


def test_check_writable__catches_a_check_of_permissions_only(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(temp_files, "check_writable", lambda path: os.access(path, os.W_OK))
    archive_folder.check_writable(folder / "file" / "archive")


# A disk that fails to flush

FLUSHING = (
    ("save", str(EXAMPLES / "short.json")),
    ("refresh", "page.md", "--offline"),
    ("forget", "9bread1", "--yes"),
)
FLUSHING_TOO = (
    ("import", str(EXAMPLES / "short.json")),
    ("quote", "9bread1", "-o", "quote.md"),
    ("export", "bag", "bags"),
    ("export", "html", "site"),
    ("redact", "9bread1", "--author", "sunday_crumb", "--yes"),
    ("reindex",),
)


@pytest.mark.parametrize(
    "command",
    [*FLUSHING, *(pytest.param(each, marks=pytest.mark.slow) for each in FLUSHING_TOO)],
    ids=" ".join,
)
def test_flush__that_fails_is_one_sentence(
    command: tuple[str, ...], folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(EXAMPLES / "short.json")
    monkeypatch.chdir(folder)
    for fatal in range(1, 40):
        flushes: list[int] = []

        def fail(handle: int, fatal: int = fatal, flushes: list[int] = flushes) -> None:
            flushes.append(handle)
            if len(flushes) == fatal:
                raise OSError(errno.EIO, os.strerror(errno.EIO))

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", fail)
            done = CliRunner().invoke(cli.program, command, prog_name="archive")
        crash = done.exception
        assert crash is None or isinstance(crash, errors.ArchiveError | SystemExit), repr(crash)
        if len(flushes) < fatal:
            break
    assert fatal < 39
