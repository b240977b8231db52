"""R13: an archive that any released version has written is read, and says what it said then."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT, Run
from tests.support import faults

COMMANDS = {
    "list": ("list",),
    "log": ("log", "9bread1"),
    "edited": ("quote", "9bread1", "--all"),
    "as-of": ("quote", "9bread1", "--all", "--as-of", "2026-01-04"),
    "poll": ("quote", "9bread3", "--all"),
    "redacted": ("quote", "9bread4", "--all"),
}
"""What `scripts/keep_archive.py` writes down for each version that is released."""
KEPT = sorted((ROOT / "tests" / "data" / "archives").glob("*"))


@pytest.fixture(params=KEPT, ids=lambda folder: folder.name)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """What a version left, with its archive where the program looks for one."""
    shutil.copytree(request.param / "stored", tmp_path / "archive")
    folder: Path = request.param
    return folder


@pytest.mark.parametrize("name", COMMANDS)
def test_old_archive__says_what_it_said(kept: Path, run: Run, name: str) -> None:
    ran = run(*COMMANDS[name])
    assert (ran.code, ran.out, ran.err) == (0, (kept / f"{name}.txt").read_text(), "")


def test_old_archive__is_whole_and_stays_as_it_is(kept: Path, run: Run, tmp_path: Path) -> None:
    before = faults.listing(tmp_path / "archive")
    ran = run("verify")
    assert (ran.code, ran.out) == (0, "")
    assert faults.listing(tmp_path / "archive") == before


def test_old_archive__grows(kept: Path, run: Run, tmp_path: Path) -> None:
    assert run(ROOT / "examples" / "short.json", "--no-media").code == 0
    assert run("reindex").code == run("verify").code == 0
    assert run("log", "9bread1").out.count(".json\n") == 4


def test_old_archive__catches_a_reader_that_has_forgotten(
    kept: Path, run: Run, tmp_path: Path
) -> None:
    for path in (tmp_path / "archive").rglob("*.json"):
        path.chmod(0o644)
        path.write_bytes(path.read_bytes().replace(b'"things":', b'"entries":'))
    assert run("verify").code == 4
    assert all(run(*COMMANDS[name]).code != 0 for name in ("edited", "poll", "redacted"))
