"""A thread that a newer version wrote: it is left out with a word, and costs no other thread."""

import errno
from pathlib import Path

import pytest

from reddit_archive import errors
from reddit_archive.archive import store
from reddit_archive.files import durable_files
from tests.conftest import EXAMPLES, Run, run_program
from tests.support import faults, sites

NEWER = "has the format 'reddit-archive 2', which is newer than this version"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an archive of two threads, and the one snapshot of the first is newer."""
    run_program(tmp_path, "import", EXAMPLES / "short.json", EXAMPLES / "poll.json", "-q")
    (path,) = tmp_path.glob("archive/threads/t3_9bread1/*.json")
    data = path.read_bytes().replace(b"archive 1", b"archive 2", 1)
    name = f"{path.name.split('-')[0]}-{faults.file_name(data).split('-')[1]}"
    path.with_name(name).write_bytes(data)
    path.unlink()
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_export_html__leaves_the_thread_out(run: Run, tmp_path: Path) -> None:
    ran = run("export", "html", "site")
    assert (ran.code, ran.err.count(NEWER), "every damage" in ran.err) == (0, 1, False)
    assert [path.name for path in tmp_path.glob("site/threads/*")] == ["t3_9bread3.html"]


@pytest.mark.usefixtures("folder")
def test_import__goes_on_with_the_other_threads(run: Run, tmp_path: Path) -> None:
    ran = run("import", EXAMPLES / "short.json", EXAMPLES / "everything.json")
    assert (ran.code, ran.err.count(NEWER), "t3_9bread2\tnew" in ran.out) == (3, 1, True)
    assert len(list(tmp_path.glob("archive/threads/t3_9bread1/*.json"))) == 1
    assert run("import", EXAMPLES / "short.json").code == 3


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("export ndjson -o out", 1),
        ("redact --deleted --yes", 1),
        ("redact --finish --yes", 1),
        ("search starter", 0),
    ],
)
@pytest.mark.usefixtures("folder")
def test_commands__go_on_with_the_other_threads(command: str, code: int, run: Run) -> None:
    ran = run(*command.split())
    assert ran.code == code
    assert "newer" in ran.err
    assert "every damage" not in ran.err


@pytest.mark.usefixtures("reddit")
def test_batch__goes_on_with_the_other_threads(folder: Path, run: Run) -> None:
    (folder / "list.txt").write_text("9bread1\n9bread3\n9bread2\n")
    ran = run("batch", "list.txt")
    assert (ran.code, ran.err.count(NEWER), "1 new, 1 changed, 1 failed" in ran.err) == (3, 1, True)


def test_export_html__catches_a_reader_that_refuses(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sites.build(folder / "archive", folder / "site")
    monkeypatch.setattr(store, "load_readable", store.load_snapshots)
    with pytest.raises(errors.NewerFormatError):
        sites.build(folder / "archive", folder / "site")


def fill_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    write = Path.write_bytes

    def write_half(path: Path, data: bytes) -> int:
        write(path, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_half)


@pytest.mark.parametrize("is_seeded", [False, True])
def test_export_html__a_full_disk_leaves_no_draft(
    is_seeded: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add(tmp_path / "archive", faults.capture_text("text"))
    sites.build(tmp_path / "archive", tmp_path / "site")
    store.add(tmp_path / "archive", faults.capture_text("another text", seconds=1))
    fill_disk(monkeypatch)
    if is_seeded:
        monkeypatch.setattr(durable_files, "create_temp_file", faults.leave_draft)
    with pytest.raises(errors.StoreError, match="no space left"):
        sites.build(tmp_path / "archive", tmp_path / "site")
    assert bool(faults.drafts(tmp_path / "site")) == is_seeded
