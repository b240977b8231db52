"""Find the files to import: saved pages among pictures, tools' own files, and other folders."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from reddit_archive.files import regular_files
from reddit_archive.workflows import import_inputs
from tests.support import web_archives
from tests.support.web_archives import PAGE, Record


def make_files(folder: Path, names: Iterable[str], data: bytes = PAGE.encode()) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def find(folder: Path) -> set[str]:
    found = import_inputs.find_inputs(folder)
    return {path.relative_to(folder).as_posix() for path in found if isinstance(path, Path)}


def test_folder__pages_by_suffix_or_content(tmp_path: Path) -> None:
    pages = {"a.html", "b.HTM", "c.xhtml", "d.mhtml", "e.mht", "f.warc", "g.wacz", "asset.bin"}
    make_files(tmp_path, pages)
    make_files(tmp_path, ["h.html.gz", "i.warc.gz"], web_archives.make_gzip(PAGE.encode()))
    make_files(tmp_path, ["message"], web_archives.make_mhtml())
    make_files(tmp_path, ["notes.txt", "x.css", ".hidden.html"], b"words")
    assert find(tmp_path) == pages | {"h.html.gz", "i.warc.gz", "message"}


@pytest.mark.parametrize("suffix", ["_files", "-Dateien", "_fichiers", ".files"])
def test_folder__resources_of_a_page_are_skipped(suffix: str, tmp_path: Path) -> None:
    make_files(tmp_path, ["A thread.html", f"A thread{suffix}/frame.html", "other_files/b.html"])
    assert find(tmp_path) == {"A thread.html", "other_files/b.html"}


def test_folder__resources_taken_for_pages_are_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_inputs, "COMPANION_SUFFIXES", ())
    with pytest.raises(AssertionError):
        test_folder__resources_of_a_page_are_skipped("_files", tmp_path)


@pytest.mark.parametrize("name", ["1686777761.123456", "0193a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6b"])
def test_archivebox__own_files_are_skipped(name: str, tmp_path: Path) -> None:
    forms = {"singlefile.html", "output.html", "www.reddit.com/r/a/comments/b1/x/index.html"}
    own_files = {"index.html", "headers.json", "readability/content.html", "mercury/content.html"}
    make_files(tmp_path / name, forms | own_files)
    make_files(tmp_path / name, ["index.json", "readability/article.json"], b"{}")
    assert find(tmp_path) == {f"{name}/{form}" for form in forms}


def test_other_folders__index_is_not_skipped(tmp_path: Path) -> None:
    make_files(tmp_path, ["pages/index.html", "pages/index.json", "pages/media/b.html"])
    assert find(tmp_path) == {"pages/index.html", "pages/index.json", "pages/media/b.html"}


def test_karakeep__metadata_is_skipped(tmp_path: Path) -> None:
    make_files(tmp_path, ["u/a/asset.bin", "u/a/metadata.json"])
    assert find(tmp_path) == {"u/a/asset.bin"}


def test_wacz__is_not_taken_for_a_bag(tmp_path: Path) -> None:
    path = tmp_path / "crawl.zip"
    web_archives.make_wacz(path, {"archive/a.warc": web_archives.make_warc([Record()])})
    assert list(import_inputs.find_inputs(path)) == [path]


def test_folder__of_many_pages_is_walked_without_opening_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_files(tmp_path, (f"{number % 10}/page-{number}.html" for number in range(2_000)))
    monkeypatch.setattr(regular_files, "open_binary", None)
    assert len(find(tmp_path)) == 2_000
