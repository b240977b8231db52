"""No command changes a file through a link that another user created."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from reddit_archive import errors
from reddit_archive.archive import redact as redact_room
from reddit_archive.archive import store
from reddit_archive.archive.redact import RedactionCriteria
from reddit_archive.export.site.output_folder import OutputFolder
from reddit_archive.files import planted_links
from tests.conftest import EXAMPLES, Run
from tests.support import sites
from tests.support.faults import capture_text, listing

NAME = "t3_abc123"
SITE = ("assets", "search", "threads", "quotes", "media", "site.pending", "site.json")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An archive, beside another user's folders with files that have names of this program."""
    theirs = tmp_path / "theirs"
    for name in ("style.css", "script.js", f"{NAME}.html", "a.part", ".1-0123456789abcdef.part"):
        (theirs / name).parent.mkdir(exist_ok=True)
        (theirs / name).write_text("theirs")
    (tmp_path / "letter").write_text("theirs")
    store.add(tmp_path / "archive", capture_text("text"))
    return tmp_path / "archive"


def plant(link: Path, target: Path) -> None:
    """Replace a file or folder by a link."""
    if link.is_dir():
        shutil.rmtree(link)
    else:
        link.unlink(missing_ok=True)
    link.symlink_to(target)


@pytest.mark.parametrize("name", SITE)
def test_site__refuses_links(name: str, root: Path, tmp_path: Path) -> None:
    sites.build(root, tmp_path / "site")
    theirs = tmp_path / ("letter" if "." in name else "theirs")
    plant(tmp_path / "site" / name, theirs)
    before = listing(tmp_path)
    store.add(root, capture_text("another text", seconds=1))
    with pytest.raises(errors.StoreError, match="is a link"):
        sites.build(root, tmp_path / "site")
    after = {key: value for key, value in listing(tmp_path).items() if "archive" not in key}
    assert after.items() <= before.items()


@pytest.mark.parametrize("name", ["assets", "threads"])
def test_site__refuses_a_link_that_appears_during_the_export(
    name: str, root: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    sites.build(root, folder)
    (folder / "assets" / "style.css").write_text("old")
    store.add(root, capture_text("another text", seconds=1))
    before = listing(tmp_path / "theirs")
    opened = OutputFolder.open

    def open_and_plant(self: OutputFolder) -> None:
        opened(self)
        plant(folder / name, tmp_path / "theirs")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OutputFolder, "open", open_and_plant)
        with pytest.raises(errors.StoreError, match="is a link"):
            sites.build(root, folder)
    assert listing(tmp_path / "theirs") == before


def test_site__catches_a_writer_that_follows_links(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sites.build(root, tmp_path / "site")
    plant(tmp_path / "site" / "assets", tmp_path / "theirs")
    monkeypatch.setattr(planted_links, "check", lambda path: None)
    sites.build(root, tmp_path / "site")
    assert (tmp_path / "theirs" / "style.css").read_text() != "theirs"


def forget(root: Path) -> object:
    return redact_room.forget_thread(root, "abc123")


def redact(root: Path) -> object:
    return redact_room.redact(root, "abc123", RedactionCriteria(matches_all=True))


def add(root: Path) -> object:
    return store.add(root, capture_text("another text", seconds=1))


WRITERS = (forget, redact, add)


@pytest.mark.parametrize("write", WRITERS)
def test_archive__refuses_a_linked_tmp(
    write: Callable[[Path], object], root: Path, tmp_path: Path
) -> None:
    plant(root / "tmp", tmp_path / "theirs")
    before = listing(tmp_path)
    with pytest.raises(errors.StoreError, match="is a link"):
        write(root)
    assert listing(tmp_path) == before


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("where", ["other/threads/t3_abc123", "archive/threads/t3_other", "theirs"])
def test_archive__refuses_a_linked_thread(
    where: str, write: Callable[[Path], object], root: Path, tmp_path: Path
) -> None:
    store.add(tmp_path / "other", capture_text("text"))
    store.add(root, capture_text("text", thread="other"))
    if where == "theirs":
        shutil.copytree(root / "threads" / NAME, tmp_path / "theirs", dirs_exist_ok=True)
    plant(root / "threads" / NAME, tmp_path / where)
    before = listing(tmp_path)
    with pytest.raises(errors.StoreError, match="is a link to"):
        write(root)
    assert listing(tmp_path) == before


@pytest.mark.parametrize("write", WRITERS)
def test_archive__follows_a_link_to_a_thread_on_another_disk(
    write: Callable[[Path], object], root: Path, tmp_path: Path
) -> None:
    (tmp_path / "disk").mkdir()
    shutil.move(root / "threads" / NAME, tmp_path / "disk" / NAME)
    (root / "threads" / NAME).symlink_to(tmp_path / "disk" / NAME)
    write(root)


def test_commands__refuse_links_as_log_or_index(run: Run, tmp_path: Path) -> None:
    run("import", EXAMPLES / "short.json")
    (tmp_path / "letter").write_text("theirs\n")
    for name in ("threads/t3_9bread1/checks.log", "index.sqlite3", "forgotten.log"):
        plant(tmp_path / "archive" / name, tmp_path / "letter")
    assert "the index was not updated" in run("import", EXAMPLES / "poll.json").err
    run("import", EXAMPLES / "short.json")
    run("save", EXAMPLES / "short.json")
    ran = run("forget", "9bread1", "--yes")
    assert (ran.code, "It is a link" in ran.err) == (1, True)
    assert (tmp_path / "letter").read_text() == "theirs\n"
