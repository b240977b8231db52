"""If an editor saves a page while it is being replaced, the edit is kept."""

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from reddit_archive.files import conditional_replace, durable_files, exchange, regular_files

Edit = Callable[[Path], object]


def edit_in_place(page: Path) -> None:
    page.write_bytes(b"edited")


def edit_by_renaming(page: Path) -> None:
    page.with_name("editor").write_bytes(b"edited")
    os.replace(page.with_name("editor"), page)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.md"
    path.write_bytes(b"old")
    return path


def replace_while_edited(
    page: Path, edit: Edit, edit_after: int, patch: pytest.MonkeyPatch
) -> bool:
    """Replace a page that is edited after this number of reads."""
    read = regular_files.read_bytes
    reads: list[Path] = []

    def read_and_edit(path: Path) -> bytes:
        data = read(path)
        reads.append(path)
        if len(reads) == edit_after:
            edit(page)
        return data

    patch.setattr(regular_files, "read_bytes", read_and_edit)
    is_replaced = durable_files.replace(b"new", page, expected=b"old")
    assert len(reads) >= edit_after
    return is_replaced


@pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="no exchange here")
@pytest.mark.parametrize("edit", [edit_in_place, edit_by_renaming])
def test_replace__keeps_an_edit_just_before_it(
    edit: Edit, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not replace_while_edited(page, edit, 1, monkeypatch)
    assert page.read_bytes() == b"edited"
    assert [path.name for path in page.parent.iterdir()] == ["page.md"]


@pytest.mark.parametrize(
    ("edit", "edit_after"), [(edit_in_place, 1), (edit_by_renaming, 1), (edit_in_place, 2)]
)
def test_replace__keeps_an_edit_without_exchange(
    edit: Edit, edit_after: int, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "_load_rename_function", lambda: None)
    assert not replace_while_edited(page, edit, edit_after, monkeypatch)
    assert page.read_bytes() == b"edited"
    assert [path.name for path in page.parent.iterdir()] == ["page.md"]


def test_replace__without_exchange_and_links(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(old: Path, new: Path) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(exchange, "_load_rename_function", lambda: None)
    monkeypatch.setattr(conditional_replace.os, "link", refuse)
    assert durable_files.replace(b"new", page, expected=b"old")
    assert page.read_bytes() == b"new"


def compare_then_rename(
    temp_path: Path, target: Path, expected: bytes, move: conditional_replace.MoveCallback
) -> bool:
    if regular_files.read_bytes(target) != expected:
        return False
    move(target)
    return True


@pytest.mark.parametrize("edit", [edit_in_place, edit_by_renaming])
def test_replace__catches_a_comparison_before_a_rename(
    edit: Edit, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conditional_replace, "replace_if_unchanged", compare_then_rename)
    replace_while_edited(page, edit, 1, monkeypatch)
    assert page.read_bytes() == b"new"


def test_exchange__missing_file(page: Path) -> None:
    if exchange._load_rename_function() is None:
        assert not exchange.exchange(page, page.with_name("nothing"))
        return
    with pytest.raises(FileNotFoundError):
        exchange.exchange(page, page.with_name("nothing"))
