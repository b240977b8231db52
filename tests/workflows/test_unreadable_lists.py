"""An unreadable file in a folder is reported, and all others are read."""

import errno
from pathlib import Path

import pytest
from click.testing import CliRunner

from reddit_archive import cli
from reddit_archive.files import regular_files
from tests.conftest import EXAMPLES


@pytest.fixture
def unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of two files, of which the first can't be read (root could read any)."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.json").write_bytes((EXAMPLES / "short.json").read_bytes())
    (folder / "b.json").write_bytes((EXAMPLES / "poll.json").read_bytes())
    plain = regular_files.open_binary

    def open_binary(path: Path) -> object:
        if Path(path).name == "a.json":
            raise PermissionError(errno.EACCES, "Permission denied")
        return plain(path)

    monkeypatch.setattr(regular_files, "open_binary", open_binary)
    return folder


@pytest.mark.parametrize(
    ("command", "stored"), [(["import"], "t3_9bread3"), (["batch", "--dry-run"], "t3_9bread3")]
)
def test_commands__of_a_folder_with_an_unreadable_file(
    command: list[str], stored: str, unreadable: Path, tmp_path: Path
) -> None:
    words = ["--archive", str(tmp_path / "archive"), *command, str(unreadable)]
    ran = CliRunner().invoke(cli.program, words)
    assert stored in ran.stdout
    assert "a.json" in ran.stderr
    assert "permission denied" in ran.stderr
