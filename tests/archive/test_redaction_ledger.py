"""The ledger of redactions: only what this archive redacted is hidden, and it never comes back."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reddit_archive import errors, history, quote
from reddit_archive.archive import add as archive_add
from reddit_archive.archive import bags, redact, redaction_ledger, store, thread_headers, verify
from reddit_archive.archive.index import thread_table
from reddit_archive.archive.redact import RedactionCriteria, scan
from reddit_archive.model import redaction
from reddit_archive.model.capture import Capture
from reddit_archive.quote import Selection
from tests.conftest import ROOT, Run
from tests.support import faults
from tests.support.faults import capture_text

SECRET = "xylophone"
THREAD_ID = "abc123"
ALICE = RedactionCriteria(authors=frozenset({"alice"}))
OLD_VERSIONS = sorted((ROOT / "tests/data/archives").glob("*/stored"))


def make_comment(name: str, author: str, body: str) -> dict[str, Any]:
    data = {"id": name, "name": f"t1_{name}", "author": author, "body": body}
    return {"kind": "t1", "data": {**data, "parent_id": "t3_abc123", "link_id": "t3_abc123"}}


def make_post(thread_id: str = THREAD_ID, **fields: Any) -> dict[str, Any]:
    data = {"id": thread_id, "name": f"t3_{thread_id}", "author": "bob", "title": "A title"}
    return {"kind": "t3", "data": {**data, "selftext": "", **fields}}


def make_capture(second: int, *extra: dict[str, Any], thread_id: str = THREAD_ID) -> Capture:
    things = (make_post(thread_id), make_comment("c1", "alice", SECRET), *extra)
    return replace(capture_text("", thread=thread_id, seconds=second), things=things)


BOB = make_comment("c2", "bob", "bread")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An archive with two snapshots of a thread, by alice and bob."""
    archive_add.add(tmp_path / "archive", make_capture(0))
    archive_add.add(tmp_path / "archive", make_capture(1, BOB))
    return tmp_path / "archive"


def render(root: Path, thread_id: str = THREAD_ID) -> str:
    snapshots = store.load_snapshots(root, thread_id)
    thread = history.merge(thread_id, (snapshot.capture for snapshot in snapshots))
    return quote.render(thread, Selection(everything=True))


def find_files_with(text: str, root: Path) -> list[Path]:
    files = (path for path in root.rglob("*") if path.is_file())
    return [path for path in files if text.encode() in path.read_bytes()]


def list_ledger(root: Path) -> list[Path]:
    return sorted((root / redaction_ledger.FOLDER).iterdir())


def write_ledger_file(root: Path, data: bytes) -> Path:
    path = root / redaction_ledger.FOLDER / f"{hashlib.sha256(data).hexdigest()}.json"
    path.write_bytes(data)
    return path


def find_kinds(root: Path) -> set[type]:
    return {type(item) for item in verify.verify(root) if not isinstance(item, Path)}


# What is recorded


def test_redact__records_ids_and_levels_once(root: Path) -> None:
    redact.redact(root, THREAD_ID, ALICE)
    (path,) = list_ledger(root)
    entry = json.loads(path.read_bytes())
    assert (entry["thread"], entry["levels"]) == ("t3_abc123", {"t1_c1": "all"})
    assert entry.keys() == {"format", "redacted_at", "thread", "levels"}
    assert path.stat().st_mode & 0o777 == 0o444
    assert path.stem == hashlib.sha256(path.read_bytes()).hexdigest()
    redact.redact(root, THREAD_ID, ALICE)
    redact.redact(root, THREAD_ID, RedactionCriteria())
    assert list_ledger(root) == [path]


@pytest.mark.parametrize("policy", ["keep", "purge"])
def test_policy__records_what_it_takes_out(root: Path, policy: str) -> None:
    deleted = make_comment("c1", "[deleted]", "[deleted]")
    archive_add.add(root, replace(make_capture(2), things=(make_post(), deleted, BOB)))
    redact.apply_policy(root, THREAD_ID, policy)
    assert len(list_ledger(root)) == (policy == "purge")


def test_redact__that_finds_nothing_records_nothing(root: Path) -> None:
    redact.redact(root, THREAD_ID, RedactionCriteria(authors=frozenset({"carol"})))
    redact.redact(root, THREAD_ID, ALICE, dry_run=True)
    assert list_ledger(root) == []


def test_forget__keeps_the_ledger(root: Path) -> None:
    redact.redact(root, THREAD_ID, ALICE)
    redact.forget_thread(root, THREAD_ID)
    archive_add.add(root, make_capture(5))
    assert find_files_with(SECRET, root) == []
    assert find_files_with("alice", root) == []


def test_bag__does_not_contain_the_ledger(root: Path, tmp_path: Path) -> None:
    redact.redact(root, THREAD_ID, ALICE)
    bag = bags.write_bag(root, THREAD_ID, tmp_path / "bags")
    assert [path for path in bag.rglob("*") if redaction_ledger.FOLDER in path.parts] == []


# What a ledger that came by copying hides


def copy_ledger(tmp_path: Path) -> None:
    """Redact alice and the post `abc123` in another archive, and copy its ledger here."""
    other = tmp_path / "other"
    archive_add.add(other, make_capture(0))
    redact.redact(other, THREAD_ID, RedactionCriteria(authors=frozenset({"alice", "bob"})))
    shutil.copytree(
        other / redaction_ledger.FOLDER,
        tmp_path / "archive" / redaction_ledger.FOLDER,
        dirs_exist_ok=True,
    )


def test_copied_ledger__hides_texts_that_the_index_and_the_pages_have(
    root: Path, tmp_path: Path, run: Run
) -> None:
    crosspost = make_post("xyz", crosspost_parent_list=[make_post(selftext=SECRET)["data"]])
    archive_add.add(root, replace(make_capture(0, thread_id="xyz"), things=(crosspost,)))
    run("reindex")
    run("export", "html", "site")
    assert SECRET in run("search", SECRET).out
    assert find_files_with(SECRET, tmp_path / "site")
    copy_ledger(tmp_path)
    assert thread_table.count_stale(root) == 2
    assert run("search", SECRET).code == 1
    assert "A title" not in run("list", THREAD_ID).out
    run("export", "html", "site")
    assert find_files_with(SECRET, tmp_path / "site") == []
    run("reindex")
    assert thread_table.count_stale(root) == 0
    assert SECRET.encode() not in (root / "index.sqlite3").read_bytes()


def test_bag__is_refused_while_a_copy_contains_what_was_redacted(root: Path, run: Run) -> None:
    copy_ledger(root.parent)
    ran = run("export", "bag", "bags", THREAD_ID)
    assert (ran.code, "contains what was redacted" in ran.err) == (1, True)
    assert not (root.parent / "bags").exists()
    run("redact", "--finish", "--yes")
    assert run("export", "bag", "bags", THREAD_ID).code == 0
    assert find_files_with(SECRET, root.parent / "bags") == []


# What the ledger keeps out


def test_add__leaves_out_what_was_redacted_whatever_its_mark_says(root: Path) -> None:
    redact.redact(root, THREAD_ID, ALICE)
    marked = make_comment("c1", "alice", f"{SECRET} again")
    marked["data"][redaction.MARK_KEY] = redaction.ALL
    archive_add.add(root, make_capture(5))
    archive_add.add(root, replace(make_capture(6), things=(make_post(title="New"), marked)))
    assert find_files_with(SECRET, root) == []


def test_add__reads_no_old_snapshot_for_marks(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    redact.redact(root, THREAD_ID, ALICE)

    def fail(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(scan, "collect_marks", fail)
    monkeypatch.setattr(scan, "load_snapshots", fail)
    archive_add.add(root, make_capture(5))


def test_add__leaves_out_a_crossposted_post_that_was_redacted_in_its_own_thread(
    root: Path,
) -> None:
    redact.redact(root, THREAD_ID, RedactionCriteria(matches_all=True))
    redact.forget_thread(root, THREAD_ID)
    post = make_post("other1", crosspost_parent_list=[make_post(selftext=SECRET)["data"]])
    archive_add.add(root, replace(make_capture(0, thread_id="other1"), things=(post,)))
    assert find_files_with(SECRET, root) == []


def copy_old_snapshot(root: Path, folder: Path) -> Path:
    """Copy a snapshot of another archive, which holds what was redacted in this one."""
    store.add(folder, make_capture(9, make_comment("c3", "carol", "cake")))
    (path,) = folder.glob("threads/*/*.json")
    return Path(shutil.copy(path, root / "threads/t3_abc123"))


def check_copied_snapshot(root: Path, folder: Path) -> None:
    redact.redact(root, THREAD_ID, ALICE)
    path = copy_old_snapshot(root, folder)
    assert ("cake" in render(root), SECRET in render(root)) == (True, False)
    assert store.load_last(root, THREAD_ID).capture.things[1]["data"]["body"] == "[redacted]"
    found = [item for item in verify.verify(root) if isinstance(item, verify.UnredactedCopy)]
    assert [item.path for item in found] == [path]
    redact.redact(root, THREAD_ID, RedactionCriteria())
    assert (find_files_with(SECRET, root), find_kinds(root)) == ([], set())


def test_copied_snapshot__is_shown_without_what_was_redacted(root: Path, tmp_path: Path) -> None:
    check_copied_snapshot(root, tmp_path / "theirs")


def test_copied_snapshot__catches_a_reader_without_the_ledger(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_hide_redacted", lambda root, thread_id, snapshots: snapshots)
    with pytest.raises(AssertionError):
        check_copied_snapshot(root, tmp_path / "theirs")


def test_copied_snapshot__with_a_mark_beside_the_text_is_shown_without_it(
    root: Path, tmp_path: Path
) -> None:
    redact.redact(root, THREAD_ID, ALICE)
    marked = make_comment("c1", "alice", SECRET)
    marked["data"][redaction.MARK_KEY] = redaction.ALL
    store.add(tmp_path / "theirs", replace(make_capture(9), things=(make_post(), marked)))
    shutil.copytree(tmp_path / "theirs/threads", root / "threads", dirs_exist_ok=True)
    assert SECRET not in render(root)


def test_read_only_archive__is_filtered(root: Path, tmp_path: Path) -> None:
    redact.redact(root, THREAD_ID, ALICE)
    copy_old_snapshot(root, tmp_path / "theirs")
    folders = [path for path in (root, *root.rglob("*")) if path.is_dir()]
    for folder in folders:
        folder.chmod(0o555)
    assert SECRET not in render(root)
    assert verify.UnredactedCopy in find_kinds(root)
    for folder in folders:
        folder.chmod(0o755)


# Archives that are merged by copying


@pytest.mark.parametrize("is_redacted_one_copied", [True, False])
def test_merged_archives__redacted_in_one_and_saved_again_in_the_other(
    root: Path, tmp_path: Path, is_redacted_one_copied: bool
) -> None:
    other = tmp_path / "other"
    shutil.copytree(root, other)
    redact.redact(root, THREAD_ID, ALICE)
    archive_add.add(other, make_capture(9, BOB, make_comment("c3", "carol", "cake")))
    source, target = (root, other) if is_redacted_one_copied else (other, root)
    shutil.copytree(source, target, dirs_exist_ok=True)
    assert ("cake" in render(target), SECRET in render(target)) == (True, False)
    redact.redact(target, THREAD_ID, RedactionCriteria())
    archive_add.add(target, make_capture(20))
    assert (find_files_with(SECRET, target), find_kinds(target)) == ([], set())


def test_merged_archives__of_which_each_redacted_something(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(root, other)
    redact.redact(root, THREAD_ID, ALICE)
    redact.redact(other, THREAD_ID, RedactionCriteria(authors=frozenset({"bob"})))
    shutil.copytree(other, root, dirs_exist_ok=True)
    archive_add.add(root, make_capture(20, BOB))
    redact.redact(root, THREAD_ID, RedactionCriteria())
    assert find_files_with(SECRET, root) + find_files_with("bread", root) == []
    assert (len(list_ledger(root)), find_kinds(root)) == (2, set())


def test_merged_archives__without_the_ledger_are_finished_if_the_user_accepts(
    root: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(root, other)
    redact.redact(root, THREAD_ID, ALICE)
    redact.redact(other, THREAD_ID, RedactionCriteria(authors=frozenset({"bob"})))
    shutil.copytree(other / "threads", root / "threads", dirs_exist_ok=True)
    assert verify.UnredactedCopy in find_kinds(root)
    redact.redact(root, THREAD_ID, RedactionCriteria(), accept_pending=True)
    assert find_files_with(SECRET, root) + find_files_with("bread", root) == []
    assert find_kinds(root) == set()


# Foreign marks and forged files


def copy_marked_snapshot(root: Path) -> Path:
    """Copy a snapshot that claims to redact all texts, and to replace one that is not here."""
    header = thread_headers.read_headers(root, THREAD_ID)[-1]
    raw = json.loads(header.path.read_bytes())
    for thing in raw["things"]:
        thing["data"] |= {redaction.MARK_KEY: redaction.ALL, "author": "[deleted]"}
        thing["data"] |= {"body": "[redacted]"} if thing["kind"] == "t1" else {"title": "-"}
    keys = ("format", "captured_at", "tool", "source", "request", "parent")
    metadata = {key: raw.pop(key) for key in keys} | {"replaces": ["1" * 64]}
    data = json.dumps({**metadata, **raw}, separators=(",", ":")).encode() + b"\n"
    name = f"{header.path.name[:17]}{hashlib.sha256(data).hexdigest()}.json"
    (header.path.parent / name).write_bytes(data)
    return header.path.parent / name


def check_marked_snapshot(root: Path) -> None:
    before = {path: path.read_bytes() for path in root.glob("threads/*/*.json")}
    path = copy_marked_snapshot(root)
    assert SECRET in render(root)
    assert "bread" in render(root)
    archive_add.add(root, make_capture(20, BOB))
    redact.redact(root, THREAD_ID, RedactionCriteria())
    redact.apply_policy(root, THREAD_ID, "purge")
    assert SECRET in render(root)
    assert list_ledger(root) == []
    assert (
        before.items()
        <= {path: path.read_bytes() for path in root.glob("threads/*/*.json")}.items()
    )
    found = [item for item in verify.verify(root) if not isinstance(item, Path)]
    assert [(type(item), item.path) for item in found] == [(verify.ImportedSnapshot, path)]


def test_copied_marks__hide_nothing_and_are_named(root: Path) -> None:
    check_marked_snapshot(root)


def test_copied_marks__catch_an_archive_that_believes_them(root: Path) -> None:
    (root / redaction_ledger.FOLDER).rmdir()  # as an archive of an older version has none
    with pytest.raises(AssertionError):
        check_marked_snapshot(root)


def test_copied_marks__are_accepted_by_finish_alone(root: Path, run: Run) -> None:
    copy_marked_snapshot(root)
    assert run("redact", "--author", "nobody", "--yes").code == 0
    ran = run("redact", "--finish", "--dry-run")
    assert "a copied file redacts texts" in ran.err
    assert list_ledger(root) == []
    assert run("redact", "--finish", "--yes").code == 0
    assert find_files_with(SECRET, root) == []
    assert len(list_ledger(root)) == 1


def test_marks_of_an_older_version__are_accepted_by_finish(root: Path, run: Run) -> None:
    """An older version that redacts in an archive with a ledger writes marks only."""
    redact.redact(root, THREAD_ID, ALICE)
    (path,) = list_ledger(root)
    path.unlink()
    assert find_kinds(root) == {verify.ImportedSnapshot}
    assert run("redact", "--finish", "--yes").out == "t3_abc123\t1 text\tin 2 snapshots\n"
    assert (len(list_ledger(root)), find_kinds(root)) == (1, set())
    archive_add.add(root, make_capture(9))
    assert find_files_with(SECRET, root) == []
    assert "No redacted content is left" in run("redact", "--finish", "--yes").err


ENTRY = {
    "format": redaction_ledger.FORMAT,
    "redacted_at": "2026-01-01T00:00:00Z",
    "thread": "t3_abc123",
    "levels": {"t1_c1": "all"},
}
FORGERIES: dict[str, bytes] = {
    "empty": b"",
    "not JSON": b"\xff{",
    "list": b"[]",
    "deep": b"[" * 100_000,
    "newer format": json.dumps({**ENTRY, "format": "reddit-archive redaction 2"}).encode(),
    "more keys": json.dumps({**ENTRY, "text": "a"}).encode(),
    "thread is a path": json.dumps({**ENTRY, "thread": "t3_../x"}).encode(),
    "levels are a list": json.dumps({**ENTRY, "levels": ["t1_c1"]}).encode(),
    "level is a list": json.dumps({**ENTRY, "levels": {"t1_c1": ["all"]}}).encode(),
    "level is unknown": json.dumps({**ENTRY, "levels": {"t1_c1": "some"}}).encode(),
    "bomb": b"[" + b"[]," * 2_000_000 + b"0]",
    "name is a text": json.dumps({**ENTRY, "levels": {"a title": "all"}}).encode(),
}


@pytest.mark.parametrize("data", FORGERIES.values(), ids=FORGERIES)
def test_ledger_file__that_is_not_of_the_format_is_damage(
    root: Path, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_ledger_file(root, data)
    assert SECRET in render(root)
    assert f"{path} is ignored" in caplog.text
    found = [item for item in verify.verify(root) if isinstance(item, store.DamagedFile)]
    assert [item.path for item in found] == [path]


def flip_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[5] ^= 1
    path.unlink()
    path.write_bytes(data)


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def replace_by_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("damage", [flip_bit, replace_by_folder, replace_by_pipe])
def test_damaged_ledger_file__lets_nothing_redacted_return(
    root: Path, damage: Callable[[Path], None], run: Run
) -> None:
    crosspost = make_post("xyz", crosspost_parent_list=[make_post(selftext=SECRET)["data"]])
    redact.redact(root, THREAD_ID, RedactionCriteria(authors=frozenset({"alice", "bob"})))
    (path,) = list_ledger(root)
    entry = {**json.loads(path.read_bytes()), "redacted_at": ENTRY["redacted_at"]}
    path.unlink()
    path = write_ledger_file(root, json.dumps(entry).encode())
    damage(path)
    archive_add.add(root, make_capture(5))
    archive_add.add(root, replace(make_capture(0, thread_id="xyz"), things=(crosspost,)))
    assert find_files_with(SECRET, root) == []
    ran = run("verify")
    assert (ran.code, path.name in ran.out) == (4, True)
    ran = run("redact", "--finish", "--yes")
    assert ran.out == "t3_abc123\t3 texts\tin 2 snapshots\n", ran.err
    damage_found = [item for item in verify.verify(root) if not isinstance(item, Path)]
    assert [item.path for item in damage_found] == [path]
    assert len(list_ledger(root)) == 2
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    archive_add.add(root, make_capture(9))
    assert find_files_with(SECRET, root) == []
    assert run("verify").code == 0


def test_file_in_place_of_the_ledger__is_damage(root: Path, run: Run) -> None:
    (root / redaction_ledger.FOLDER).rmdir()
    (root / redaction_ledger.FOLDER).touch()
    ran = run("verify")
    assert ran.code == 4
    assert ran.out == "archive/redactions: it is not a folder\n"


def test_ledger_file__of_the_format_counts(root: Path) -> None:
    """The control: copying a whole file into the folder is the user's own act."""
    path = write_ledger_file(root, json.dumps(ENTRY).encode())
    assert SECRET not in render(root)
    assert path in [*verify.verify(root)]


@pytest.mark.parametrize("change", ["bytes", "name", "link"])
def test_ledger_file__whose_bytes_do_not_match_its_name_is_damage(
    root: Path, change: str, tmp_path: Path
) -> None:
    path = write_ledger_file(root, json.dumps(ENTRY).encode())
    if change == "bytes":
        path.write_bytes(path.read_bytes().replace(b"t1_c1", b"t1_c2"))
    elif change == "name":
        path = path.rename(path.with_name("mine.json"))
    else:
        target = path.rename(tmp_path / "target")
        path.symlink_to(target)
    assert SECRET in render(root)
    found = [item for item in verify.verify(root) if isinstance(item, store.DamagedFile)]
    assert [item.path for item in found] == [path]


ACTIONS: tuple[Callable[[Path], object], ...] = (
    render,
    lambda root: redact.redact(root, THREAD_ID, ALICE),
    lambda root: archive_add.add(root, make_capture(7, BOB)),
    lambda root: [*verify.verify(root)],
)


@pytest.mark.parametrize("action", ACTIONS)
def test_ledger__a_link_in_its_place_is_refused(
    root: Path, tmp_path: Path, action: Callable[[Path], object]
) -> None:
    theirs = (root / redaction_ledger.FOLDER).rename(tmp_path / "theirs")
    (root / redaction_ledger.FOLDER).symlink_to(theirs)
    before = faults.listing(root)
    with pytest.raises(errors.StoreError, match="is a link"):
        action(root)
    assert (faults.listing(root), [*theirs.iterdir()]) == (before, [])


# Interrupted, or beside another command


@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.slow)])
def test_redact__killed_is_finished_by_finish(root: Path, tmp_path: Path, step: int) -> None:
    recorded = 0
    for fatal in range(1, 1_000, step):
        copy = tmp_path / str(fatal)
        shutil.copytree(root, copy)

        def die(number: int, call: str, fatal: int = fatal) -> None:
            if number >= fatal:
                raise faults.Killed

        with faults.recording(copy, die):
            try:
                redact.redact(copy, THREAD_ID, ALICE)
            except faults.Killed:
                pass
            else:
                break
        if is_recorded := bool(list_ledger(copy)):
            assert SECRET not in render(copy)
            redact.redact(copy, THREAD_ID, RedactionCriteria())
            assert find_files_with(SECRET, copy) == []
        else:
            assert len(find_files_with(SECRET, copy)) == 2  # no file was changed before
        assert not [item for item in verify.verify(copy) if not isinstance(item, Path)]
        recorded += is_recorded
    assert recorded > 2


def test_redact__killed__catches_a_ledger_that_is_written_last(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redact, "_record", lambda *_: None)
    with pytest.raises(AssertionError):
        test_redact__killed_is_finished_by_finish(root, tmp_path, 4)


def check_save_beside_redact(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = store.add

    def add(root: Path, new_capture: Capture, **options: Any) -> store.AddResult:
        monkeypatch.undo()
        redact.redact(root, THREAD_ID, ALICE)
        return real(root, new_capture, **options)

    monkeypatch.setattr(store, "add", add)
    archive_add.add(root, make_capture(7, BOB, make_comment("c4", "dave", "late")))
    assert find_files_with(SECRET, root) == []
    assert "late" in render(root)


def test_save__beside_a_redaction(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_save_beside_redact(root, monkeypatch)


def test_save__catches_one_that_looks_into_the_ledger_only_before(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive_add.redact, "redact", lambda *_: None)
        real = store.add

        def add(root: Path, new_capture: Capture, **options: Any) -> store.AddResult:
            redaction_ledger.add(root, THREAD_ID, {"t1_c1": "all"})
            return real(root, new_capture, **options)

        patch.setattr(store, "add", add)
        archive_add.add(root, make_capture(7, BOB, make_comment("c4", "dave", "late")))
    assert len(find_files_with(SECRET, root)) == 3


# Archives of older versions


def copy_old_archive(stored: Path, tmp_path: Path) -> Path:
    root = tmp_path / "archive"
    shutil.copytree(stored, root)
    return root


@pytest.mark.parametrize("stored", OLD_VERSIONS, ids=lambda path: path.parent.name)
def test_old_archive__marks_are_read_into_the_ledger_once(
    stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = copy_old_archive(stored, tmp_path)
    marks = scan.collect_marks(root, "9bread4", is_strict=True)
    quoted = render(root, "9bread4")
    assert marks
    assert scan.read_levels(root, "9bread4") == marks
    assert not (root / redaction_ledger.FOLDER).exists()  # a reader writes nothing
    archive_add.add(root, make_capture(0))
    (path,) = list_ledger(root)
    assert json.loads(path.read_bytes())["levels"] == marks
    assert (scan.read_levels(root, "9bread4"), render(root, "9bread4")) == (marks, quoted)
    monkeypatch.setattr(scan, "collect_marks", None)
    archive_add.add(root, make_capture(1, BOB))
    redact.redact(root, "9bread4", RedactionCriteria())
    assert (list_ledger(root), find_kinds(root)) == ([path], set())


@pytest.mark.parametrize("stored", OLD_VERSIONS, ids=lambda path: path.parent.name)
def test_old_archive__what_was_redacted_stays_out_of_the_first_save(
    stored: Path, tmp_path: Path
) -> None:
    root = copy_old_archive(stored, tmp_path)
    names = [*scan.collect_marks(root, "9bread4", is_strict=True)]
    post = make_post("9bread4", selftext=SECRET)
    parents = [make_post(name[3:], selftext=SECRET)["data"] for name in names if name[1] == "3"]
    comments = [make_comment(name[3:], "alice", SECRET) for name in names if name[1] == "1"]
    post["data"] |= {"crosspost_parent_list": parents, "selftext": ""}
    things = (post, *comments)
    archive_add.add(root, replace(make_capture(9, thread_id="9bread4"), things=things))
    assert find_files_with(SECRET, root) == []


def test_old_archive__what_was_redacted_stays_out_after_forget(tmp_path: Path) -> None:
    root = copy_old_archive(OLD_VERSIONS[-1], tmp_path)
    marks = scan.collect_marks(root, "9bread4", is_strict=True)
    redact.forget_thread(root, "9bread4")
    assert scan.read_levels(root, "9bread4") == marks


def test_old_archive__with_a_damaged_redaction_stays_as_it_is(tmp_path: Path) -> None:
    root = copy_old_archive(OLD_VERSIONS[-1], tmp_path)
    (path,) = root.glob("threads/t3_9bread4/*.json")
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-9])
    archive_add.add(root, make_capture(0))
    assert not (root / redaction_ledger.FOLDER).exists()
    with pytest.raises(errors.DamageFoundError):
        archive_add.add(root, make_capture(9, thread_id="9bread4"))


def damage_snapshot(root: Path, thread_id: str) -> tuple[Path, bytes]:
    (path,) = root.glob(f"threads/t3_{thread_id}/*.json")
    data = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(data[:-9])
    return path, data


def make_old_archive(root: Path) -> None:
    """Make an archive without a ledger, in which two threads are redacted."""
    archive_add.add(root, make_capture(0))
    archive_add.add(root, make_capture(0, thread_id="xyz"))
    redact.redact(root, THREAD_ID, ALICE)
    redact.redact(root, "xyz", ALICE)
    shutil.rmtree(root / redaction_ledger.FOLDER)


def test_old_archive__forget_keeps_redactions_although_another_thread_is_damaged(
    tmp_path: Path,
) -> None:
    root = tmp_path / "archive"
    make_old_archive(root)
    path, data = damage_snapshot(root, "xyz")
    redact.forget_thread(root, THREAD_ID)
    archive_add.add(root, make_capture(5))
    assert find_files_with(SECRET, root) == []
    with pytest.raises(errors.DamageFoundError):
        archive_add.add(root, make_capture(5, thread_id="xyz"))
    path.write_bytes(data)
    assert find_kinds(root) == set()
    archive_add.add(root, make_capture(6, thread_id="xyz"))
    assert find_files_with(SECRET, root) == []
    assert redaction_ledger.has_all_marks(root)
    path.unlink()
    archive_add.add(root, make_capture(7, thread_id="xyz"))
    assert find_files_with(SECRET, root) == []


def test_old_archive__forget_says_what_it_can_not_keep(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_old_archive(tmp_path / "archive")
    damage_snapshot(tmp_path / "archive", THREAD_ID)
    redact.forget_thread(tmp_path / "archive", "xyz")
    assert "comes back" not in caplog.text
    redact.forget_thread(tmp_path / "archive", THREAD_ID)
    assert "comes back if you save t3_abc123 again" in caplog.text


@pytest.mark.parametrize("step", [6, pytest.param(1, marks=pytest.mark.slow)])
def test_old_archive__killed_while_the_ledger_is_created(tmp_path: Path, step: int) -> None:
    template = copy_old_archive(OLD_VERSIONS[-1], tmp_path)
    marks = scan.collect_marks(template, "9bread4", is_strict=True)
    for fatal in range(1, 1_000, step):
        root = tmp_path / str(fatal)
        shutil.copytree(template, root)

        def die(number: int, call: str, fatal: int = fatal) -> None:
            if number >= fatal:
                raise faults.Killed

        with faults.recording(root, die):
            try:
                scan.ensure_ledger(root)
            except faults.Killed:
                pass
            else:
                break
        assert scan.read_levels(root, "9bread4") == marks
        scan.ensure_ledger(root)
        assert redaction_ledger.exists(root)
        assert scan.read_levels(root, "9bread4") == marks
    assert fatal > 6


def test_old_archive__catches_a_ledger_without_the_marks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "ensure_ledger", lambda root: redaction_ledger.create(root, {}))
    with pytest.raises(ValueError, match="unpack"):
        test_old_archive__marks_are_read_into_the_ledger_once(
            OLD_VERSIONS[-1], tmp_path, monkeypatch
        )


def test_bag__imported_redactions_enter_the_ledger_when_accepted(
    root: Path, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs"
    shutil.copytree(root, theirs)
    redact.redact(theirs, THREAD_ID, ALICE)
    (bag,) = bags.find_bags(bags.write_bag(theirs, THREAD_ID, tmp_path / "bags"))
    bags.restore_bag(root, bag)
    redact.redact(root, THREAD_ID, RedactionCriteria())
    assert list_ledger(root) == []
    assert SECRET in render(root)
    redact.redact(root, THREAD_ID, RedactionCriteria(), accept_pending=True)
    assert (len(list_ledger(root)), find_files_with(SECRET, root)) == (1, [])


def test_read__reads_only_new_files_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that redacts in each thread would otherwise take quadratic time."""
    for number in range(50):
        levels = {f"t1_{number}": redaction.ALL}
        write_ledger_file(root, json.dumps({**ENTRY, "levels": levels}).encode())
    redaction_ledger.read(root)
    read, paths = redaction_ledger._read_entry, []
    monkeypatch.setattr(
        redaction_ledger, "_read_entry", lambda path: paths.append(path) or read(path)
    )
    redaction_ledger.add(root, THREAD_ID, {"t1_c1": redaction.ALL})
    ledger = redaction_ledger.read(root)
    assert ledger is not None
    assert len(ledger.get_levels(THREAD_ID)) == 51
    assert len(paths) == 1
