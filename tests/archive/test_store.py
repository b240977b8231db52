"""Adding and reading: what makes a new snapshot and what does not, and what is refused."""

import hashlib
import json
import os
import stat
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from reddit_archive import errors
from reddit_archive.archive import (
    check_log,
    layout,
    snapshot_encoder,
    snapshot_format,
    store,
    verify,
)
from reddit_archive.archive.store import DamagedFile
from reddit_archive.files import durable_files
from tests.conftest import Run
from tests.support import faults
from tests.support.captures import is_identical
from tests.support.faults import capture_text

SNAPSHOT_OF_NOBODY = "20260101T000000Z-" + "0" * 64 + ".json"


def files(root: Path) -> list[Path]:
    return sorted(root.rglob("*.json"))


def test_add__names_the_file_by_the_digest_of_its_bytes(tmp_path: Path) -> None:
    added = store.add(tmp_path / "archive", capture_text("one"))
    path = added.snapshot.path
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert added.is_new
    assert path == tmp_path / f"archive/threads/t3_abc123/20260101T000000Z-{digest}.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    assert (tmp_path / "archive" / "ARCHIVE").read_text() == "reddit-archive 1\n"


def test_add__returns_what_is_read_later(tmp_path: Path) -> None:
    added = store.add(tmp_path, capture_text("one"))
    assert store.load_snapshots(tmp_path, "abc123") == (added.snapshot,)
    assert added.snapshot.size_bytes == added.snapshot.path.stat().st_size
    assert is_identical(added.snapshot.capture, capture_text("one"))


@pytest.mark.parametrize("score", [1, 99], ids=["unchanged", "counters only"])
def test_add__again_writes_a_line_and_no_file(tmp_path: Path, score: int) -> None:
    first = store.add(tmp_path, capture_text("one"))
    again = store.add(tmp_path, capture_text("one", seconds=60, score=score))
    assert (again.is_new, again.snapshot) == (False, first.snapshot)
    assert files(tmp_path) == [first.snapshot.path]
    log = (first.snapshot.path.parent / "checks.log").read_bytes()
    assert (log.count(b"\n"), len(log) < 200) == (1, True)
    assert check_log.read(layout.thread_folder(tmp_path, "abc123")) == [
        {"checked_at": "2026-01-01T00:01:00Z", "source": "reddit", "result": "unchanged"}
    ]


def test_add__another_order_of_comments_is_no_change(tmp_path: Path) -> None:
    store.add(tmp_path, capture_text("one"))
    turned = replace(capture_text("one", seconds=1), things=capture_text("one").things[::-1])
    assert not store.add(tmp_path, turned).is_new


def test_add__a_change_of_text_follows_its_parent(tmp_path: Path) -> None:
    first = store.add(tmp_path, capture_text("one")).snapshot
    second = store.add(tmp_path, capture_text("two", seconds=1)).snapshot
    assert (first.parent, second.parent) == (None, first.digest)
    assert store.load_snapshots(tmp_path, "abc123") == (first, second)


def test_add__back_to_an_earlier_text_is_a_snapshot_too(tmp_path: Path) -> None:
    added = [store.add(tmp_path, capture_text(text)) for text in ("one", "two", "one")]
    assert [item.is_new for item in added] == [True, True, True]
    assert len(store.load_snapshots(tmp_path, "abc123")) == 3


def test_add__another_source_is_a_snapshot_too(tmp_path: Path) -> None:
    store.add(tmp_path, capture_text("one"))
    assert store.add(tmp_path, capture_text("one", source="arctic-shift")).is_new


def test_add__of_a_file_twice_is_one_snapshot(tmp_path: Path) -> None:
    store.add(tmp_path, capture_text("today", seconds=100))
    added = [
        store.add(tmp_path, capture_text("old", seconds=1, live=False)).is_new for _ in range(2)
    ]
    assert added == [True, False]


def test_add__after_a_damaged_snapshot_stores_again(tmp_path: Path) -> None:
    spoil(store.add(tmp_path, capture_text("one")).snapshot.path)
    added = [store.add(tmp_path, capture_text("one", seconds=second)).is_new for second in (1, 2)]
    assert added == [True, False]


def test_add__keeps_young_drafts_and_removes_old_ones(tmp_path: Path) -> None:
    young, old = (faults.leave_dead_draft(tmp_path / "tmp") for _ in range(2))
    os.utime(young, (time.time() - 23 * 3600,) * 2)
    os.utime(old, (time.time() - 25 * 3600,) * 2)
    store.add(tmp_path, capture_text("one"))
    assert faults.drafts(tmp_path) == [young]


def test_add__a_capture_that_nests_too_deep_is_one_sentence(tmp_path: Path) -> None:
    value: list[object] = []
    for _ in range(110_000):
        value = [value]
    deep = replace(capture_text("one"), things=({"kind": "unknown", "data": value},))
    with pytest.raises(errors.StoreError, match="nests too deep") as refused:
        store.add(tmp_path, deep)
    assert "Remove it from the saved file" in refused.value.hint
    assert files(tmp_path) == []


class Forgetful(json.JSONEncoder):
    def encode(self, o: object) -> str:
        return super().encode(o).replace("one", "two")


def written_otherwise(value: object) -> bytes:
    return Forgetful(separators=(",", ":")).encode(value).encode()


def test_add__checks_that_the_capture_survives_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_encoder, "_encode_value", written_otherwise)
    monkeypatch.setattr(snapshot_encoder, "ENCODER", Forgetful(separators=(",", ":")))
    with pytest.raises(errors.StoreError, match="as it was written"):
        store.add(tmp_path, capture_text("one"))
    assert files(tmp_path) == []


@pytest.mark.parametrize("wrong", [written_otherwise, lambda _: b'{"cut off', lambda _: b"null"])
def test_add__writes_anew_what_the_quick_writer_got_wrong(
    wrong: Callable[[object], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_capture = capture_text("one")
    right = snapshot_format.encode(new_capture, parent=None)
    monkeypatch.setattr(snapshot_encoder, "_encode_value", wrong)
    assert store.add(tmp_path, new_capture).snapshot.path.read_bytes() == right


@pytest.mark.parametrize("text", ["reddit-archive 2", "", "noise \x00", "reddit-archive 10"])
def test_marker__of_another_format_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "ARCHIVE").write_text(text)
    for refused in (
        lambda: store.add(tmp_path, capture_text("one")),
        lambda: store.load_snapshots(tmp_path, "abc123"),
        lambda: list(layout.iter_thread_ids(tmp_path)),
        lambda: list(verify.verify(tmp_path)),
    ):
        with pytest.raises(errors.StoreError, match="which this version does not know"):
            refused()
    assert [path.name for path in tmp_path.iterdir()] == ["ARCHIVE"]


def test_snapshots__of_a_newer_format_are_refused(tmp_path: Path) -> None:
    data = store.add(tmp_path, capture_text("one")).snapshot.path.read_bytes()
    newer = data.replace(b"archive 1", b"archive 2", 1)
    durable_files.write_once(
        newer,
        tmp_path / "threads" / "t3_new" / faults.file_name(newer),
        tmp=tmp_path / "tmp",
    )
    with pytest.raises(errors.StoreError, match="newer than this"):
        store.load_snapshots(tmp_path, "new")


@pytest.mark.parametrize(
    "thread_id",
    [
        *("", ".", "..", "../abc", "/etc", "C:", "a/b", "a\\b", "abc\n", "ABC", "a" * 14, "-rf"),
        *("con.md", "a b", "a\0b", "é", "e\u0301", "\N{FULLWIDTH DIGIT ONE}", "t3_abc", "*"),
    ],
)
def test_hostile_thread_id__becomes_no_path(tmp_path: Path, thread_id: str) -> None:
    root = tmp_path / "archive"
    for refused in (
        lambda: store.add(root, capture_text("one", thread=thread_id)),
        lambda: store.load_snapshots(root, thread_id),
        lambda: check_log.read(layout.thread_folder(root, thread_id)),
        lambda: check_log.add(
            layout.thread_folder(root, thread_id), faults.NEW_YEAR, "reddit", "gone"
        ),
    ):
        with pytest.raises(errors.InvalidReferenceError, match="is not a thread ID"):
            refused()
    assert {path.name for path in tmp_path.rglob("*")} <= {
        *("archive", "ARCHIVE", "redactions", "tmp")
    }


def test_threads__are_sorted_and_ours_alone(tmp_path: Path) -> None:
    for thread in ("zz", "aa", "1b"):
        store.add(tmp_path, capture_text("one", thread=thread))
    for name in ("notes", "t3_", "t3_UPPER", "t3_" + "a" * 14):
        (tmp_path / "threads" / name).mkdir()
    assert list(layout.iter_thread_ids(tmp_path)) == ["1b", "aa", "zz"]


def test_reading__where_there_is_nothing(tmp_path: Path) -> None:
    assert store.load_snapshots(tmp_path / "none", "abc123") == ()
    assert list(layout.iter_thread_ids(tmp_path / "none")) == []
    assert list(verify.verify(tmp_path / "none")) == []
    assert check_log.read(layout.thread_folder(tmp_path / "none", "abc123")) == []
    assert list(tmp_path.iterdir()) == []


def spoil(path: Path) -> None:
    data = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(faults.changed_byte(data, len(data) // 2, 0x01))


def test_snapshots__leave_out_a_damaged_file(tmp_path: Path) -> None:
    captures = [capture_text(text, seconds=len(text)) for text in ("1", "22", "333")]
    paths = [store.add(tmp_path, new_capture).snapshot.path for new_capture in captures]
    spoil(paths[1])
    found: list[DamagedFile] = []
    snapshots = store.load_snapshots(tmp_path, "abc123", on_damage=found.append)
    assert [snapshot.path for snapshot in snapshots] == [paths[0], paths[2]]
    assert [damage.path for damage in found] == [paths[1]]
    assert "its bytes do not match the SHA-256 in its name" in found[0].description


def test_snapshots__raise_for_a_damaged_file(tmp_path: Path) -> None:
    path = store.add(tmp_path, capture_text("one")).snapshot.path
    spoil(path)
    with pytest.raises(errors.DamageFoundError) as caught:
        store.load_snapshots(tmp_path, "abc123")
    assert path.name in caught.value.message
    assert caught.value.exit_code == 4
    assert caught.value.hint


def test_verify__names_what_is_whole_and_what_is_not(tmp_path: Path) -> None:
    good = store.add(tmp_path, capture_text("one", thread="good")).snapshot.path
    bad = store.add(tmp_path, capture_text("one", thread="bad")).snapshot.path
    spoil(bad)
    what = "its bytes do not match the SHA-256 in its name"
    assert list(verify.verify(tmp_path)) == [DamagedFile(bad, what), good]


def newer(root: Path) -> Path:
    """Store a snapshot of a format that is yet to come, which follows one of ours."""
    path = store.add(root, capture_text("one")).snapshot.path
    data = snapshot_format.encode(capture_text("two", seconds=5), parent=path.stem[-64:])
    data = data.replace(b"archive 1", b"archive 2", 1)
    durable_files.write_once(data, path.with_name(faults.file_name(data)), tmp=root / "tmp")
    return path.with_name(faults.file_name(data))


def test_verify__a_newer_format_is_no_damage(tmp_path: Path) -> None:
    path = newer(tmp_path)
    found = list(verify.verify(tmp_path))
    assert [each for each in found if not isinstance(each, Path)] == [
        verify.UnsupportedFormat(path)
    ]
    spoil(path)
    assert [type(each) for each in verify.verify(tmp_path)].count(DamagedFile) == 1


def test_newer_format__on_the_command_line(tmp_path: Path, run: Run) -> None:
    path = newer(tmp_path / "archive")
    ran = run("verify")
    assert (ran.code, ran.out.count(path.name)) == (1, 1)
    assert "have a newer format" in ran.err
    assert "Install a newer reddit-archive." in ran.err
    assert run("quote", "abc123").code == 1
    store.add(tmp_path / "archive", capture_text("one", thread="def456"))
    ran = run("list")
    assert (ran.code, "t3_def456" in ran.out, ran.err.count("newer")) == (0, True, 1)


@pytest.mark.parametrize("name", ["copy.json", SNAPSHOT_OF_NOBODY])
def test_verify__finds_files_that_are_not_ours(tmp_path: Path, name: str) -> None:
    path = store.add(tmp_path, capture_text("one")).snapshot.path
    (path.parent / name).write_bytes(path.read_bytes())
    damaged = [item.path for item in verify.verify(tmp_path) if isinstance(item, DamagedFile)]
    assert damaged == [path.parent / name]


@pytest.mark.parametrize(
    ("was", "became"),
    [
        (b'"source":', b'"sauce":'),
        (b'"media":[]', b'"media":[{"name":"../x"}]'),
        (b'"things":[', b'"things":{'),
        (b"]}\n", b"]"),
    ],
)
def test_verify__finds_what_was_named_rightly_and_is_no_snapshot(
    tmp_path: Path, was: bytes, became: bytes
) -> None:
    data = store.add(tmp_path, capture_text("one")).snapshot.path.read_bytes()
    assert was in data
    data = data.replace(was, became)
    path = layout.thread_folder(tmp_path, "abc123") / faults.file_name(data)
    path.write_bytes(data)
    damaged = [item.path for item in verify.verify(tmp_path) if isinstance(item, DamagedFile)]
    assert damaged == [path]


def test_verify__a_folder_in_the_place_of_a_file(tmp_path: Path) -> None:
    path = store.add(tmp_path, capture_text("one")).snapshot.path
    (path.parent / SNAPSHOT_OF_NOBODY).mkdir()
    found = [item.description for item in verify.verify(tmp_path) if isinstance(item, DamagedFile)]
    assert found == ["can't be read: Is a directory"]


def test_checks__leave_out_lines_cut_short(tmp_path: Path) -> None:
    folder = store.add(tmp_path, capture_text("one")).snapshot.path.parent
    (folder / "checks.log").write_bytes(b'{"result": "unch')
    check_log.add(layout.thread_folder(tmp_path, "abc123"), faults.NEW_YEAR, "reddit", "not-found")
    assert [
        entry["result"] for entry in check_log.read(layout.thread_folder(tmp_path, "abc123"))
    ] == ["not-found"]
    lines = (folder / "checks.log").read_text().splitlines()
    assert json.loads(lines[1])["checked_at"] == "2026-01-01T00:00:00Z"
