"""Two commands that save a thread at the same time: both files stay and read as one snapshot."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from reddit_archive.archive import concurrent_saves, store, thread_headers
from reddit_archive.archive.index import maintenance, thread_table
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.model.capture import Capture, StoredMedia
from tests.conftest import Run
from tests.support.faults import capture_text


def race(root: Path, *captures: Capture) -> list[Path]:
    """Save each as a command does that read the thread before the others had stored anything."""
    before = thread_headers.read_headers(root, "abc123")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(thread_headers, "read_headers", lambda root, thread_id: before)
        return [store.add(root, each).snapshot.path for each in captures]


def count(root: Path) -> int:
    return len(store.load_snapshots(root, "abc123"))


@pytest.mark.parametrize("has_parent", [False, True])
def test_race__reads_as_one_snapshot_and_keeps_both_files(tmp_path: Path, has_parent: bool) -> None:
    if has_parent:
        store.add(tmp_path, capture_text("before"))
    paths = race(
        tmp_path, *(capture_text("one", seconds=second, score=second) for second in (9, 10, 12))
    )
    assert count(tmp_path) == 1 + has_parent
    assert len(set(paths)) == 3
    assert all(path.exists() for path in paths)


def test_race__is_not_hidden_by_a_reader_without_the_rule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    race(tmp_path, capture_text("one"), capture_text("one", seconds=1))
    monkeypatch.setattr(concurrent_saves, "_is_duplicate", lambda later, earlier: False)
    assert count(tmp_path) == 2


@pytest.mark.parametrize(
    "other",
    [
        capture_text("two", seconds=1),
        capture_text("one", seconds=1, source="arctic-shift"),
        capture_text("one", seconds=90 * 86400),
        replace(capture_text("one", seconds=1), things=capture_text("one").things[:1]),
    ],
    ids=["another text", "another source", "months later", "fewer comments"],
)
def test_race__what_tells_something_else_stays(tmp_path: Path, other: Capture) -> None:
    race(tmp_path, capture_text("one"), other)
    assert count(tmp_path) == 2


def test_race__a_later_save_follows_one_of_them(tmp_path: Path) -> None:
    race(tmp_path, capture_text("one"), capture_text("one", seconds=1))
    assert not store.add(tmp_path, capture_text("one", seconds=5)).is_new
    assert store.add(tmp_path, capture_text("two", seconds=6)).is_new
    assert store.add(tmp_path, capture_text("one", seconds=7)).is_new
    assert count(tmp_path) == 3


def test_united__pictures_that_only_the_later_one_has_stay() -> None:
    media = (StoredMedia("https://i.redd.it/a.png", f"{'0' * 64}.png", 1, "t3_abc123"),)
    first = Snapshot(Path("a"), "a", None, capture_text("one"), 1)
    second = Snapshot(Path("b"), "b", None, replace(capture_text("one", seconds=1), media=media), 1)
    assert len(concurrent_saves.merge_duplicates([first, second])) == 2
    assert len(concurrent_saves.merge_duplicates([second, first])) == 1


def test_race__the_index_and_every_command_see_one(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "archive"
    paths = race(root, capture_text("one"), capture_text("one", seconds=1))
    snapshots = store.load_snapshots(root, "abc123")
    maintenance.add(root, "abc123", snapshots)
    assert thread_table.count_stale(root) == 0
    assert json.loads(run("list", "--json").out)[0]["snapshots"] == 1
    assert len(json.loads(run("log", "abc123", "--json").out)["snapshots"]) == 1
    assert run("diff", "abc123", paths[1].stem[-64:][:12]).code == 0
    assert run("verify").code == 0
    assert run("export", "bag", "out", "abc123").code == 0
    assert len(list(tmp_path.glob("out/t3_abc123/data/threads/t3_abc123/*.json"))) == 2
