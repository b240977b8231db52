"""No output replaces a file of an archive, and no command removes the user's files."""

import os
from pathlib import Path

import pytest

from reddit_archive import errors
from reddit_archive.archive import redact as redact_room
from reddit_archive.archive import store
from reddit_archive.archive.redact import RedactionCriteria, rewrite
from reddit_archive.workflows import archive_folder
from tests.conftest import EXAMPLES, Run
from tests.support.faults import capture_text, listing

OWNED = (
    *("ARCHIVE", "index.sqlite3", "search.sqlite3-journal", "forgotten.log", "new.log"),
    *(
        "pseudonyms.key",
        "tmp/x.md",
        "redactions/x.json",
        "threads/x.md",
        "threads/t3_abc123/checks.log",
    ),
)
FREE = ("notes.md", "quotes/notes.log", "quotes/index.sqlite3", "threads.md", "index.sqlite3.md")


@pytest.mark.parametrize("name", OWNED)
def test_check_owner__refuses_files_of_an_archive(tmp_path: Path, name: str) -> None:
    root = tmp_path / "archive"
    store.add(root, capture_text("text"))
    for archive in (root, tmp_path / "other"):  # the archive in use, and any other
        with pytest.raises(errors.StoreError, match="belongs to the archive"):
            archive_folder.check_owner(archive, root / name)


def test_check_owner__refuses_links_to_files_of_an_archive(tmp_path: Path) -> None:
    root, disk = tmp_path / "archive", tmp_path / "other disk"
    store.add(root, capture_text("text"))
    (root / "index.sqlite3").touch()
    (root / "threads").rename(disk)
    (root / "threads").symlink_to(disk)
    (tmp_path / "link").symlink_to(root / "index.sqlite3")
    (tmp_path / "folder").symlink_to(root)
    for path in (tmp_path / "link", tmp_path / "folder" / "x.log", disk / "t3_abc123" / "x.md"):
        with pytest.raises(errors.StoreError, match="belongs to the archive"):
            archive_folder.check_owner(root, path)


@pytest.mark.parametrize("name", OWNED)
def test_check_owner__refuses_them_before_the_first_save(tmp_path: Path, name: str) -> None:
    with pytest.raises(errors.StoreError, match="belongs to the archive"):
        archive_folder.check_owner(tmp_path / "archive", tmp_path / "archive" / name)


@pytest.mark.parametrize("name", FREE)
def test_check_owner__allows_user_files(tmp_path: Path, name: str) -> None:
    store.add(tmp_path / "archive", capture_text("text"))
    archive_folder.check_owner(tmp_path / "archive", tmp_path / "archive" / name)
    archive_folder.check_owner(tmp_path / "archive", tmp_path / "notes.log")


OUTPUTS = (
    ("quote", "9bread1", "-o", "archive/index.sqlite3"),
    ("save", EXAMPLES / "short.json", "-o", "archive/index.sqlite3"),
    *(("export", form, "-o", "archive/index.sqlite3") for form in ("json", "ndjson", "csl")),
    ("export", "bibtex", "-o", "archive/index.sqlite3"),
    *(("export", form, "archive/index.sqlite3") for form in ("sqlite", "parquet")),
    *(("export", form, "archive/threads/x") for form in ("bag", "html")),
    ("batch", EXAMPLES / "notes.md", "-o", "archive/tmp"),
)


def test_outputs__no_command_overwrites_the_archive(run: Run, tmp_path: Path) -> None:
    run(EXAMPLES / "short.json")
    before = listing(tmp_path)
    for command in OUTPUTS:
        done = run(*command)
        assert done.code == 1
        assert "belongs to the archive" in done.err
    assert listing(tmp_path) == before


def test_outputs__catches_a_check_of_names_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_folder, "_is_same", lambda one, other: one == other)
    monkeypatch.setattr(os.path, "realpath", os.path.abspath)
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        test_check_owner__refuses_links_to_files_of_an_archive(tmp_path)


# Files that `redact` removes


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """A media folder with two old pictures that no snapshot names, and other files."""
    folder = store.add(tmp_path, capture_text("text")).snapshot.path.parent / store.MEDIA_FOLDER
    (folder / "album").mkdir(parents=True)
    for name in (f"{'0' * 64}.jpg", f"{'1' * 64}.mp4", "holiday.jpg", f"{'2' * 63}.jpg", ".x.part"):
        (folder / name).write_bytes(b"a face")
        os.utime(folder / name, (1, 1))
    (folder / f"{'3' * 64}.jpg").symlink_to(folder / "holiday.jpg")
    return folder


def redact(root: Path) -> None:
    store.add(root, capture_text("other text"))
    wish = RedactionCriteria(matches_all=True)
    assert redact_room.redact(root, "abc123", wish).snapshot_count


def test_redact__removes_only_pictures_of_this_program(media: Path, tmp_path: Path) -> None:
    redact(tmp_path)
    left = {path.name for path in media.iterdir()}
    assert left == {"album", "holiday.jpg", f"{'2' * 63}.jpg", ".x.part", f"{'3' * 64}.jpg"}


def test_redact__follows_no_link(media: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    media.rename(elsewhere)
    media.symlink_to(elsewhere)
    before = listing(elsewhere)
    redact(tmp_path)
    assert listing(elsewhere) == before


def test_redact__catches_a_selection_by_age_only(
    media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [path for path in media.iterdir() if path.is_file() and not path.is_symlink()]
    monkeypatch.setattr(rewrite, "list_own_media_paths", lambda folder: found)
    redact(tmp_path)
    assert not (media / "holiday.jpg").exists()


# Pages of `open`


def test_open__removes_pages_after_the_archive_was_moved(run: Run, tmp_path: Path) -> None:
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    run(EXAMPLES / "short.json")
    run(EXAMPLES / "poll.json")
    for thread in ("9bread1", "9bread3"):
        assert run("open", thread, "--print", env=cache).code == 0
    (tmp_path / "archive").rename(tmp_path / "moved")
    assert run("forget", "9bread1", "--yes", "--archive", "moved", env=cache).code == 0
    pages = [path.name for path in (tmp_path / "cache").glob("*/*/t3_*")]
    assert [name.partition("-")[0] for name in pages] == ["t3_9bread3"]
