"""Snapshots of saved pages: the same page is stored once, and a joined thread is complete."""

from dataclasses import replace
from pathlib import Path

from reddit_archive.archive import check_log, store
from reddit_archive.model.capture import Capture
from tests.support import page_looks as looks
from tests.support.page_looks import THREAD_ID


def capture_page(day: float = 0, **request: object) -> Capture:
    return looks.page_capture(looks.page_post(), looks.page_comment(), day=day, **request)


def test_add__stores_the_same_page_once(tmp_path: Path) -> None:
    first = store.add(tmp_path, capture_page(sha256="a" * 64))
    again = store.add(tmp_path, capture_page(sha256="b" * 64, file="copy.html"))
    assert (first.is_new, again.is_new) == (True, False)
    assert again.snapshot.digest == first.snapshot.digest
    assert list(check_log.read(store.thread_folder(tmp_path, THREAD_ID))) == []


def test_add__page_saved_again_without_changes_is_a_check(tmp_path: Path) -> None:
    store.add(tmp_path, capture_page())
    assert not store.add(tmp_path, capture_page(day=1)).is_new
    (check,) = check_log.read(store.thread_folder(tmp_path, THREAD_ID))
    assert (check["source"], check["result"]) == ("saved-page", "unchanged")


def test_add__page_of_another_kind_is_new(tmp_path: Path) -> None:
    old = looks.page_capture(looks.page_post(_page="old"), looks.old_page_comment())
    assert store.add(tmp_path, capture_page()).is_new
    assert store.add(tmp_path, old).is_new


def test_add__page_with_more_deleted_comments_is_new(tmp_path: Path) -> None:
    store.add(tmp_path, capture_page())
    assert store.add(tmp_path, capture_page(comments_without_id=1)).is_new
    assert not store.add(tmp_path, capture_page(comments_without_id=1)).is_new


def test_add__page_beside_the_api_is_new(tmp_path: Path) -> None:
    api = looks.api_capture(looks.api_post(), looks.api_comment())
    assert store.add(tmp_path, replace(api, is_live=False)).is_new
    assert store.add(tmp_path, capture_page(day=1)).is_new


def test_snapshot__states_whether_the_page_is_complete(tmp_path: Path) -> None:
    short = looks.page_capture(looks.page_post(num_comments=3), looks.page_comment())
    assert b'"complete":false' in store.add(tmp_path / "a", short).snapshot.path.read_bytes()
    path = store.add(tmp_path / "b", capture_page()).snapshot.path
    assert b'"complete":true' in path.read_bytes()
