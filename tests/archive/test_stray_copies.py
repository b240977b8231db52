"""Copies that programs which synchronise folders, and editors, leave beside snapshots."""

import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from reddit_archive import cli
from reddit_archive.archive import redact, store, stray_copies
from reddit_archive.archive.redact import RedactionCriteria
from tests.conftest import EXAMPLES, Run
from tests.support import faults

SECRET = b"The third one is where I went wrong"
NAMES = (
    "{x} (1).json",
    "{x} 2.json",
    "{x} - Copy.json",
    "Copy of {x}.json",
    "{x} (mine's conflicted copy 2026-01-03).json",
    "{x}-DESKTOP-AB12.json",
    "{x}.sync-conflict-20260103-101010-ABCDEFG.json",
    "{x}~20260103-101010.json",
    ".syncthing.{x}.json.tmp",
    "{x}.json~",
    "{x}.json.bak",
    ".{x}.json.Ab12Cd",
    ".~lock.{x}.json#",
    ".stversions/{x}~20260103-101010.json",
    "media/{x} (1).json",
    "../t3_9bread1 (1)/{x}.json",
    "../t3_9bread1.sync-conflict-20260103-101010-ABCDEFG/{x}.json",
    "../../.stversions/threads/t3_9bread1/{x}~20260103-101010.json",
)
FEW = (NAMES[0], NAMES[6], NAMES[9], NAMES[11], NAMES[15])
REDACT = ("redact", "9bread1", "--author", "sunday_crumb", "--yes")
FINISH = ("redact", "--finish", "--yes")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The one snapshot of an archive."""
    return saved(tmp_path)


def saved(folder: Path) -> Path:
    arguments = ["--archive", str(folder / "archive"), "import", str(EXAMPLES / "short.json"), "-q"]
    done = CliRunner().invoke(cli.program, arguments, prog_name="archive")
    assert done.exit_code == 0, done.output
    (found,) = (folder / "archive").glob("threads/*/*.json")
    return found


def copy(path: Path, name: str, data: bytes | None = None) -> Path:
    made = path.parent / name.format(x=path.stem)
    made.parent.mkdir(parents=True, exist_ok=True)
    made.write_bytes(path.read_bytes() if data is None else data)
    return Path(os.path.normpath(made))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in FEW else pytest.mark.slow) for name in NAMES]
)
def test_copy__of_a_redacted_snapshot(name: str, run: Run, path: Path) -> None:
    made = copy(path, name)
    verified = run("verify")
    assert (verified.code, verified.out) == (0, "")
    assert f"is a copy of the snapshot {path.name}" in verified.err
    for command in (REDACT, FINISH):
        ran = run(*command)
        assert (ran.code, made.name in ran.err, "is left" in ran.err) == (1, True, False)
    assert SECRET in made.read_bytes()
    verified = run("verify")
    assert (verified.code, verified.out.count("\n"), "backup" in verified.err) == (1, 1, False)
    assert f"a copy of the snapshot {path.name} of t3_9bread1 and contains what" in verified.out
    made.unlink()
    assert run("verify").code == 0
    assert "No redacted content is left" in run(*FINISH).err


@pytest.mark.parametrize("name", FEW)
def test_copy__of_a_forgotten_thread(name: str, run: Run, path: Path) -> None:
    made = copy(path, name)
    forgot = run("forget", "9bread1", "--yes")
    assert (forgot.code, made.name in forgot.err) == (1, True)
    assert (made.exists(), path.exists()) == (True, False)
    verified = run("verify")
    assert (verified.code, "was forgotten on" in verified.out) == (1, True)


def test_copy__of_a_picture(run: Run, path: Path) -> None:
    name = f"{'a' * 64} (1).png"
    copy(path, f"media/{name}", b"picture")
    assert (run("verify").code, run("verify").out) == (0, "")
    assert run(*REDACT).code == 1
    assert "may show what was redacted" in run("verify").out
    copy(path, "media/notes.png", b"picture")
    assert run("verify").code == 4


@pytest.mark.parametrize(
    ("data", "is_held"),
    [(b"", False), (b"\0\0", False), (b'{"format":"red', True), (b"[]", True), (b"{}", True)],
)
def test_copy__that_can_not_be_read(data: bytes, is_held: bool, path: Path) -> None:
    root = path.parent.parent.parent
    copy(path, "{x} (1).json", data)
    assert [
        each.has_removed_content for each in stray_copies.find_file_copies(root, "9bread1")
    ] == [False]
    (shown,) = store.load_snapshots(root, "9bread1")
    redact.redact(root, "9bread1", RedactionCriteria(authors=frozenset({"sunday_crumb"})))
    copy(shown.path, "{x} (1).json", data)
    assert [
        each.has_removed_content for each in stray_copies.find_file_copies(root, "9bread1")
    ] == [is_held]


def test_copy__that_is_whole_beside_a_damaged_original(run: Run, path: Path) -> None:
    whole = copy(path, "{x} (1).json")
    os.chmod(path, 0o600)
    path.write_bytes(path.read_bytes()[:-5])
    verified = run("verify")
    assert verified.code == 4
    assert f"rename it to {path.name}" in verified.err
    os.replace(whole, path)
    assert run("verify").code == 0


def test_copy__of_a_snapshot_after_the_redaction_is_harmless(run: Run, path: Path) -> None:
    run(*REDACT)
    (now,) = path.parent.glob("*.json")
    copy(now, "{x} (1).json")
    assert run("verify").code == 0
    assert run(*FINISH).code == 0


def test_copy__changes_nothing_that_is_read(run: Run, path: Path) -> None:
    before = run("quote", "9bread1", "--all").out
    for name in NAMES:
        copy(path, name)
    stamps = faults.listing(path.parent.parent.parent)
    assert run("quote", "9bread1", "--all").out == before
    assert len(store.load_snapshots(path.parent.parent.parent, "9bread1")) == 1
    assert run("verify").code == 0
    assert faults.listing(path.parent.parent.parent) == stamps


def test_copy__is_missed_by_a_search_that_looks_at_json_files_alone(
    run: Run, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy(path, ".{x}.json.Ab12Cd")
    assert run(*REDACT).code == 1
    root = path.parent.parent.parent
    monkeypatch.setattr(stray_copies, "_iter_files", lambda folder: folder.glob("*.json"))
    assert stray_copies.find_file_copies(root, "9bread1") == []


def test_copy__of_a_folder_that_is_a_link_is_not_followed(run: Run, path: Path) -> None:
    shutil.copytree(path.parent, path.parent.parent.parent.parent / "elsewhere")
    (path.parent.parent / "t3_9bread1 (1)").symlink_to(
        path.parent.parent.parent.parent / "elsewhere"
    )
    assert run("verify").err.count("copy of") == 0
