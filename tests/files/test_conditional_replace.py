"""A page that an editor saves at the very moment at which it is replaced keeps the edit."""

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


def replace_while_edited(page: Path, edit: Edit, look: int, patch: pytest.MonkeyPatch) -> bool:
    """Replace a page that is edited after it was looked at for so many times."""
    read = regular_files.read_bytes
    looks: list[Path] = []

    def read_and_edit(path: Path) -> bytes:
        data = read(path)
        looks.append(path)
        if len(looks) == look:
            edit(page)
        return data

    patch.setattr(regular_files, "read_bytes", read_and_edit)
    is_replaced = durable_files.replace(b"new", page, expected=b"old")
    assert len(looks) >= look
    return is_replaced


@pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="no exchange here")
@pytest.mark.parametrize("edit", [edit_in_place, edit_by_renaming])
def test_replace__keeps_an_edit_that_comes_right_before(
    edit: Edit, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not replace_while_edited(page, edit, 1, monkeypatch)
    assert page.read_bytes() == b"edited"
    assert [path.name for path in page.parent.iterdir()] == ["page.md"]


@pytest.mark.parametrize(
    ("edit", "look"), [(edit_in_place, 1), (edit_by_renaming, 1), (edit_in_place, 2)]
)
def test_replace__keeps_an_edit_without_exchange(
    edit: Edit, look: int, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "_load_rename_function", lambda: None)
    assert not replace_while_edited(page, edit, look, monkeypatch)
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
    draft: Path, target: Path, was: bytes, move: conditional_replace.MoveCallback
) -> bool:
    if regular_files.read_bytes(target) != was:
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


def test_exchange__of_what_is_not_there(page: Path) -> None:
    if exchange._load_rename_function() is None:
        assert not exchange.exchange(page, page.with_name("nothing"))
        return
    with pytest.raises(FileNotFoundError):
        exchange.exchange(page, page.with_name("nothing"))
