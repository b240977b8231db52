"""Bags: valid for every BagIt program, and taken in only where each byte and name is right."""

import hashlib
import random
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import bagit
import pytest
from click.testing import CliRunner, Result

from reddit_archive import cli, errors
from reddit_archive.archive import bags, check_log, layout, redact, snapshot_format, store
from reddit_archive.archive.redact import RedactionCriteria
from reddit_archive.files import durable_files
from reddit_archive.model.capture import Capture, StoredMedia
from tests.conftest import Run
from tests.support import faults
from tests.support.faults import NEW_YEAR, capture_text

slow = pytest.mark.slow
PICTURE = b"a picture " * 50


def filled(root: Path, thread: str = "abc123") -> Path:
    """A thread of three snapshots with a picture, a check, and text that differs by thread."""
    name = f"{hashlib.sha256(PICTURE).hexdigest()}.png"
    durable_files.write_once(PICTURE, root / f"threads/t3_{thread}/media" / name, tmp=root / "tmp")
    media = StoredMedia("https://i.redd.it/x.png", name, len(PICTURE), f"t3_{thread}")
    for second in range(3):
        new_capture = capture_text(f"{thread} text {second}", thread=thread, seconds=second)
        store.add(root, replace(new_capture, media=(media,)))
    check_log.add(layout.thread_folder(root, thread), NEW_YEAR, "reddit", "unchanged")
    return root


def exported(folder: Path, thread: str = "abc123") -> Path:
    return bags.write_bag(filled(folder / "here", thread), thread, folder / "bags")


def take_in(root: Path, path: Path) -> list[bags.RestoreResult]:
    return [bags.restore_bag(root, found) for found in bags.find_bags(path)]


def files(root: Path) -> dict[str, bytes]:
    """Return all files by name, except the log of imports."""
    paths = (path for path in root.rglob("*") if path.is_file() and path.name != "imports.log")
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def whole(path: Path) -> bool:
    try:
        return bool(bagit.Bag(str(path)).is_valid())
    except (bagit.BagError, UnicodeDecodeError):
        return False


# Out, and in again


@pytest.mark.parametrize("number", [5, pytest.param(100, marks=slow)])
def test_export__is_valid_and_comes_back_byte_for_byte(tmp_path: Path, number: int) -> None:
    for count in range(number):
        path = exported(tmp_path, f"t{count}")
        bagit.Bag(str(path)).validate()
    came = take_in(tmp_path / "there", tmp_path / "bags")
    assert [each.new_count for each in came] == [3] * number
    assert files(tmp_path / "there") == files(tmp_path / "here")
    assert faults.problems(tmp_path / "there", ()) == []


def test_export__payload_is_an_archive(tmp_path: Path) -> None:
    path = exported(tmp_path)
    assert files(path / "data") == files(tmp_path / "here")
    assert len(store.load_snapshots(path / "data", "abc123")) == 3


def test_export__leaves_out_what_is_not_the_threads(tmp_path: Path) -> None:
    root = filled(tmp_path / "here")
    (root / "threads/t3_abc123/notes.txt").write_text("mine")
    (root / "threads/t3_abc123/media" / f"{'0' * 64}.png").write_text("nobody names it")
    filled(root, "other")
    path = bags.write_bag(root, "abc123", tmp_path / "bags")
    kinds = sorted(Path(name).suffix for name in files(path / "data"))
    assert kinds == ["", ".json", ".json", ".json", ".log", ".png"]


def test_export__tells_what_it_is(tmp_path: Path) -> None:
    info = bagit.Bag(str(exported(tmp_path))).info
    assert info["External-Identifier"] == "t3_abc123"
    assert info["Bag-Software-Agent"].startswith("reddit-archive ")


def test_export__never_over_another(tmp_path: Path) -> None:
    path = exported(tmp_path)
    before = files(path)
    with pytest.raises(errors.StoreError, match="exists already"):
        bags.write_bag(tmp_path / "here", "abc123", tmp_path / "bags")
    assert files(path) == before


@pytest.mark.parametrize("suffix", ["*.json", "media/*"])
def test_export__of_a_damaged_thread_leaves_nothing(tmp_path: Path, suffix: str) -> None:
    root = filled(tmp_path / "here")
    path = next((root / "threads/t3_abc123").glob(suffix))
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(errors.DamageFoundError, match=path.name):
        bags.write_bag(root, "abc123", tmp_path / "bags")
    assert not list((tmp_path / "bags").glob("*"))


def test_restore__again_finds_all_known(tmp_path: Path) -> None:
    path = exported(tmp_path)
    take_in(tmp_path / "there", path)
    before = faults.listing(tmp_path / "there" / "threads")
    assert take_in(tmp_path / "there", path) == [bags.RestoreResult(("abc123",), 0, 3)]
    assert faults.listing(tmp_path / "there" / "threads") == before


def test_restore__beside_other_snapshots_of_the_thread(tmp_path: Path) -> None:
    path = exported(tmp_path)
    store.add(tmp_path / "there", capture_text("of another day", seconds=99))
    take_in(tmp_path / "there", path)
    assert len(store.load_snapshots(tmp_path / "there", "abc123")) == 4
    assert faults.problems(tmp_path / "there", ()) == []


def test_restore__a_zip_file(tmp_path: Path) -> None:
    exported(tmp_path)
    name = shutil.make_archive(str(tmp_path / "bag"), "zip", tmp_path / "bags", "t3_abc123")
    assert take_in(tmp_path / "there", Path(name))[0].new_count == 3
    assert files(tmp_path / "there") == files(tmp_path / "here")


def test_restore__a_bag_made_by_another_program(tmp_path: Path) -> None:
    shutil.copytree(filled(tmp_path / "here"), tmp_path / "other")
    (tmp_path / "other" / "tmp").rmdir()
    bagit.make_bag(str(tmp_path / "other"), checksums=["sha512", "sha256"])
    assert take_in(tmp_path / "there", tmp_path / "other")[0].new_count == 3


def test_restore__killed_at_any_file_call_is_finished_by_the_next(tmp_path: Path) -> None:
    path = exported(tmp_path)
    for fatal in range(1, 1000, 7):
        root = tmp_path / str(fatal)
        root.mkdir()

        def die(number: int, call: str, fatal: int = fatal) -> None:
            if number >= fatal:
                raise faults.Killed

        with faults.recording(root, die):
            try:
                take_in(root, path)
            except faults.Killed:
                pass
            else:
                return
        assert faults.problems(root, ()) == []
        take_in(root, path)
        assert len(store.load_snapshots(root, "abc123")) == 3


# What does not match is refused


def spoiled(path: Path, rng: random.Random, count: int) -> Iterator[tuple[str, bytes]]:
    """Flip one byte in one file of a bag, count times: give the file's name and put it back."""
    names = sorted(files(path))
    for number in range(count):
        file = path / names[number % len(names)]
        data = file.read_bytes()
        file.chmod(0o644)
        position = rng.randrange(len(data))
        file.write_bytes(faults.changed_byte(data, position, 0xFF))
        yield names[number % len(names)], data
        file.write_bytes(data)


@pytest.mark.parametrize("flips", [45, pytest.param(2_000, marks=slow)])
def test_flipped_bytes__are_all_found(tmp_path: Path, flips: int) -> None:
    path, root = exported(tmp_path), tmp_path / "there"
    found = 0
    for _ in spoiled(path, random.Random(1), flips):
        with pytest.raises(errors.ArchiveError):
            take_in(root, path)
        assert not (root / "threads").exists()
        found += 1
    assert found == flips
    assert whole(path)


def test_flipped_bytes__the_bagit_package_finds_them_too(tmp_path: Path) -> None:
    path = exported(tmp_path)
    for name, _ in spoiled(path, random.Random(2), 18):
        if name not in ("tagmanifest-sha256.txt", "bagit.txt"):
            assert not whole(path), name


def test_flipped_bytes__control_a_reader_that_believes_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, root = exported(tmp_path), tmp_path / "there"
    monkeypatch.setattr(bags.reader, "check_bag", lambda found: None)
    accepted = 0
    for _ in spoiled(path, random.Random(1), 45):
        try:
            take_in(root, path)
        except errors.ArchiveError:
            continue
        accepted += 1
        shutil.rmtree(root)
    assert accepted


def more(path: Path) -> None:
    (path / "data" / "more.txt").write_text("x")


def fewer(path: Path) -> None:
    next(path.rglob("*.png")).unlink()


def no_manifest(path: Path) -> None:
    (path / "manifest-sha256.txt").unlink()
    (path / "tagmanifest-sha256.txt").unlink()


def newer_version(path: Path) -> None:
    rewrite(path, "bagit.txt", "BagIt-Version: 2.0\n")


def outside(path: Path) -> None:
    name = "data/../../../outside"
    (path / "../outside").write_text("x")
    text = (path / "manifest-sha256.txt").read_text()
    rewrite(path, "manifest-sha256.txt", f"{text}{hashlib.sha256(b'x').hexdigest()}  {name}\n")


def link(path: Path) -> None:
    file = next(path.rglob("*.png"))
    file.rename(path.parent / "elsewhere.png")
    file.symlink_to(path.parent / "elsewhere.png")


def rewrite(path: Path, name: str, text: str) -> None:
    file = path / name
    file.unlink()
    file.write_text(text)
    (path / "tagmanifest-sha256.txt").unlink()


@pytest.mark.parametrize("fault", [more, fewer, no_manifest, newer_version, outside, link])
def test_restore__refuses_a_bag_that_is_not_whole(
    tmp_path: Path, fault: Callable[[Path], None]
) -> None:
    path = exported(tmp_path)
    fault(path)
    with pytest.raises(errors.ArchiveError) as caught:
        take_in(tmp_path / "there", path)
    assert caught.value.hint
    assert not (tmp_path / "there").exists()


HOSTILE = [
    *("threads/t3_abc123/../../../x.json", "threads/t3_ABC/x.json", "threads/x/y", "ARCHIVE/x"),
    *("threads/t3_abc123/media/x.png", "threads/t3_abc123/CON", "index.sqlite3", "tmp/.1-0.part"),
    *("threads/t3_abc123/media/" + "0" * 64 + ".png.exe", "C:\\x", "/etc/x", "-rf"),
]


@pytest.mark.parametrize("name", HOSTILE)
def test_restore__names_become_no_paths(tmp_path: Path, name: str) -> None:
    """A ZIP file with right digests and a name that is none of ours, beside a right bag."""
    path = exported(tmp_path)
    manifest = (path / "manifest-sha256.txt").read_text()
    line = f"{hashlib.sha256(b'x').hexdigest()}  data/{name}\n"
    with zipfile.ZipFile(tmp_path / "bag.zip", "w") as file:
        for each, data in files(path).items():
            if not each.startswith(("manifest", "tagmanifest")):
                file.writestr(each, data)
        file.writestr("manifest-sha256.txt", manifest + line)
        file.writestr(f"data/{name}", "x")
    with pytest.raises(errors.DamageFoundError, match="is not a file of an archive"):
        take_in(tmp_path / "deep" / "there", tmp_path / "bag.zip")
    assert not (tmp_path / "deep").exists()


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"{}", b"noise" * 100])
def test_find__no_bag(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "file").write_bytes(data)
    for path in (tmp_path / "file", tmp_path / "none", tmp_path):
        with pytest.raises(errors.StoreError, match="is not a bag") as caught:
            bags.find_bags(path)
        assert "archive save FILE" in caught.value.hint


# Redacted things stay out, and nobody's snapshot is replaced by a stranger's


def test_restore__what_was_redacted_here_stays_out(tmp_path: Path) -> None:
    path = exported(tmp_path)
    root = tmp_path / "here"
    store.add(tmp_path / "other", capture_text("abc123 text of another day", seconds=50))
    another = bags.write_bag(tmp_path / "other", "abc123", tmp_path / "more")
    redact.redact(root, "abc123", RedactionCriteria(created_before=NEW_YEAR.replace(year=2030)))
    assert take_in(root, path) == [bags.RestoreResult(("abc123",), 0, 3)]
    assert take_in(root, another)[0].new_count == 1
    assert not [name for name, data in files(root).items() if b"abc123 text" in data]
    assert faults.problems(root, ()) == []


def test_restore__a_redaction_made_elsewhere_is_offered(tmp_path: Path) -> None:
    there = tmp_path / "there"
    take_in(there, exported(tmp_path))
    before = store.load_snapshots(there, "abc123")
    redact.redact(
        tmp_path / "here", "abc123", RedactionCriteria(created_before=NEW_YEAR.replace(year=2030))
    )
    again = bags.write_bag(tmp_path / "here", "abc123", tmp_path / "again")
    assert take_in(there, again) == [bags.RestoreResult(("abc123",), 3, 0, ("abc123",))]
    assert store.load_snapshots(there, "abc123") == before
    redact.redact(there, "abc123", RedactionCriteria())
    assert store.load_snapshots(there, "abc123") == before
    redact.redact(there, "abc123", RedactionCriteria(), accept_pending=True)
    assert not [n for n, data in files(there).items() if b"abc123 text" in data]
    assert len(store.load_snapshots(there, "abc123")) == 3
    assert faults.problems(there, ()) == []


def test_restore__refuses_to_replace_something_else(tmp_path: Path) -> None:
    mine = store.add(tmp_path / "here", capture_text("mine")).snapshot
    raw = snapshot_format.encode(capture_text("theirs", seconds=5), parent=None)
    data = raw.replace(b'"parent":null', b'"parent":null,"replaces":["%s"]' % mine.digest.encode())
    name = faults.file_name(data, capture_text("theirs", seconds=5).captured_at)
    durable_files.write_once(
        data, tmp_path / "other/threads/t3_abc123" / name, tmp=tmp_path / "tmp"
    )
    path = bags.write_bag(tmp_path / "other", "abc123", tmp_path / "bags")
    with pytest.raises(errors.DamageFoundError, match="falsely claims"):
        take_in(tmp_path / "here", path)
    assert store.load_snapshots(tmp_path / "here", "abc123") == (mine,)


# The commands


def program(folder: Path, *args: object) -> Result:
    words = ["--archive", str(folder), *map(str, args)]
    return CliRunner().invoke(cli.program, words, prog_name="archive")


def test_commands__from_one_machine_to_another(tmp_path: Path) -> None:
    for thread in ("aaa", "bbb"):
        filled(tmp_path / "here", thread)
    out = program(tmp_path / "here", "export", "bag", tmp_path / "bags").stdout.splitlines()
    assert out == [str(tmp_path / "bags/t3_aaa"), str(tmp_path / "bags/t3_bbb")]
    came = program(tmp_path / "there", "import", tmp_path / "bags")
    assert came.stdout == "t3_aaa\t3 new\t0 known\nt3_bbb\t3 new\t0 known\n"


def test_import_command__takes_the_others_and_exits_with_3(tmp_path: Path) -> None:
    for thread in ("aaa", "bbb", "ccc"):
        bags.write_bag(filled(tmp_path / "here", thread), thread, tmp_path / "bags")
    fewer(tmp_path / "bags/t3_bbb")
    came = program(tmp_path / "there", "import", tmp_path / "bags", tmp_path / "none")
    assert isinstance(came.exception, errors.IncompleteThreadError)
    assert came.exception.message == "2 of 4 were not imported"
    assert list(layout.iter_thread_ids(tmp_path / "there")) == ["aaa", "ccc"]


def test_import_command__of_one_bad_bag_exits_with_4(tmp_path: Path) -> None:
    path = exported(tmp_path)
    more(path)
    assert isinstance(program(tmp_path, "import", path).exception, errors.DamageFoundError)


def test_export_command__of_what_is_not_there(tmp_path: Path) -> None:
    ran = program(tmp_path / "here", "export", "bag", tmp_path / "bags", "abc123")
    assert isinstance(ran.exception, errors.NotArchivedError)
    assert list(tmp_path.iterdir()) == []


def test_import__a_bag_that_holds_nothing_of_its_thread(tmp_path: Path, run: Run) -> None:
    empty_capture = Capture("abc123", NEW_YEAR, "reddit", {}, ())
    store.add(tmp_path / "other", empty_capture)
    assert run("export", "bag", "bags", "abc123", "--archive", "other").code == 0
    found = run("import", "bags/t3_abc123")
    assert found.code != 0
    assert "neither the post t3_abc123 nor a comment on it" in found.err
    assert run("list").out == ""
