"""Hostile bags and ZIP files are refused in little memory, with exit code 4."""

import hashlib
import io
import os
import random
import stat
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from reddit_archive import errors
from reddit_archive.archive import bags, layout, store
from reddit_archive.archive.bags import reader
from reddit_archive.files import zip_files
from tests.conftest import Run
from tests.support.faults import capture_text

slow = pytest.mark.slow
Change = Callable[[zipfile.ZipFile], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bag of one small thread."""
    for second in range(2):
        store.add(tmp_path / "here", capture_text(f"text {second}", seconds=second))
    return bags.write_bag(tmp_path / "here", "abc123", tmp_path / "bags")


def files(path: Path) -> dict[str, bytes]:
    paths = sorted(each for each in path.rglob("*") if each.is_file())
    return {each.relative_to(path).as_posix(): each.read_bytes() for each in paths}


def zipped(path: Path, *, method: int = zipfile.ZIP_DEFLATED, more: Change | None = None) -> Path:
    """Pack a bag, and what `more` adds to it."""
    final = path.with_suffix(".zip")
    with zipfile.ZipFile(final, "w", method) as file:
        for name, data in files(path).items():
            file.writestr(name, data)
        if more:
            more(file)
    return final


def restore(root: Path, path: Path) -> list[bags.RestoreResult]:
    return [bags.restore_bag(root, found) for found in bags.find_bags(path)]


def refusal(tmp_path: Path, path: Path) -> str:
    """Return the message with which a bag is refused; nothing may be stored."""
    with pytest.raises(errors.ArchiveError) as caught:
        restore(tmp_path / "there", path)
    assert caught.value.exit_code == 4
    assert caught.value.hint
    assert not (tmp_path / "there" / "threads").exists()
    return caught.value.message


def listed_as_payload(path: Path, name: str, data: bytes) -> None:
    """Add a file to a bag, with a line in its manifest."""
    file = path / "data/threads/t3_abc123" / name
    file.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    rewrite(path, lambda text: f"{text}{digest}  {file.relative_to(path).as_posix()}\n")


def rewrite(path: Path, change: Callable[[str], str]) -> None:
    manifest = path / "manifest-sha256.txt"
    text = manifest.read_text()
    manifest.unlink()
    manifest.write_text(change(text))
    (path / "tagmanifest-sha256.txt").unlink(missing_ok=True)


# Bombs


@pytest.mark.parametrize("name", ["checks.log", "outside"])
def test_zip__bomb_is_refused_before_it_is_unpacked(
    name: str, folder: Path, tmp_path: Path
) -> None:
    path = zipped(folder, more=lambda file: file.writestr(name, bytes(17 * 2**20)))
    assert "is too large" in refusal(tmp_path, path)


def test_zip__control_without_a_ratio_it_would_be_unpacked(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed_as_payload(folder, "checks.log", bytes(2**21))
    path = zipped(folder)
    monkeypatch.setattr(zip_files, "MIN_LIMIT_BYTES", 2**20)
    assert "is too large" in refusal(tmp_path, path)
    monkeypatch.setattr(zip_files, "MAX_RATIO", 10**6)
    assert restore(tmp_path / "there", path)[0].new_count == 2


def test_zip__small_and_well_packed_is_no_bomb(folder: Path, tmp_path: Path) -> None:
    listed_as_payload(folder, "checks.log", bytes(2**21))
    assert restore(tmp_path / "there", zipped(folder))[0].new_count == 2


@slow
@pytest.mark.parametrize("is_lying", [False, True])
def test_s8__bomb_of_a_gigabyte_takes_little_memory(
    is_lying: bool, folder: Path, tmp_path: Path
) -> None:
    name, block = "data/threads/t3_abc123/checks.log", bytes(2**20)
    digest = hashlib.sha256()
    for _ in range(2**10):
        digest.update(block)
    rewrite(folder, lambda text: f"{text}{digest.hexdigest()}  {name}\n")
    path = zipped(folder)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file, file.open(name, "w") as member:
        for _ in range(2**10):
            member.write(block)
    if is_lying:
        path.write_bytes(path.read_bytes().replace((2**30).to_bytes(4, "little"), b"\0\1\0\0"))
    code, megabytes = measured(tmp_path, path)
    assert code == 4
    assert megabytes < 300


def measured(folder: Path, path: Path) -> tuple[int, float]:
    """Import a bag in a process of its own; return its exit code and its peak of memory."""
    program = (
        "import resource, subprocess, sys;"
        "done = subprocess.run([sys.executable, '-m', 'reddit_archive', 'import', sys.argv[1]]);"
        "print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, path],
        cwd=folder,
        env={**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
        capture_output=True,
        check=True,
        timeout=60,
    )
    code, kilobytes = map(int, done.stdout.split()[-2:])
    return code, kilobytes / 1000


def test_zip__members_that_overlap(folder: Path, tmp_path: Path) -> None:
    path = zipped(folder, method=zipfile.ZIP_STORED)
    with zipfile.ZipFile(path, "a") as file:
        first = max(file.infolist(), key=lambda entry: entry.file_size)
        for number in range(20):
            twin = zipfile.ZipInfo(f"twin{number}")
            twin.header_offset, twin.CRC = first.header_offset, first.CRC
            twin.compress_size = twin.file_size = first.file_size
            file.filelist.append(twin)
        file._didModify = True  # type: ignore[attr-defined]
    assert "overlap" in refusal(tmp_path, path)


def test_zip__too_many_members(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped(folder)
    monkeypatch.setattr(zip_files, "MAX_MEMBERS", 3)
    monkeypatch.setattr(zip_files, "BLOCK_BYTES", 5)  # so that marks are cut between two blocks
    assert "more than 3 files" in refusal(tmp_path, path)


# Each file is read once


@pytest.mark.parametrize("again", ["", "./"])
def test_manifest__that_lists_a_file_twice(again: str, folder: Path, tmp_path: Path) -> None:
    rewrite(folder, lambda text: text + text.splitlines()[-1].replace("data/", f"{again}data/"))
    assert "twice" in refusal(tmp_path, folder)
    assert "twice" in refusal(tmp_path, zipped(folder))


def test_check__hashes_each_file_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for algorithm in ("md5", "sha1", "sha512"):
        lines = (
            f"{hashlib.new(algorithm, data).hexdigest()}  {name}\n"
            for name, data in files(folder).items()
            if name.startswith("data/")
        )
        (folder / f"manifest-{algorithm}.txt").write_text("".join(lines))
    (found,) = bags.find_bags(folder)
    opened: Counter[str] = Counter()
    plain = found.open_file

    def counting(name: str) -> io.BufferedReader:
        opened[name] += 1
        return plain(name)  # type: ignore[return-value]

    object.__setattr__(found, "open_file", counting)
    reader.check_bag(found)
    assert {opened[name] for name in found.file_names if name.startswith("data/")} == {1}


def test_read__file_that_changed_since_it_was_checked(folder: Path) -> None:
    (found,) = bags.find_bags(folder)
    reader.check_bag(found)
    (folder / "data/ARCHIVE").unlink()
    (folder / "data/ARCHIVE").write_text("another\n")
    with pytest.raises(errors.DamageFoundError, match="changed while"):
        found.read("data/ARCHIVE")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("0 data/none", "is missing"),
        ("0 data/\x00", "is missing"),
        ("0" * 64, "has an invalid line"),
        ("0 " + "x" * 2_000_000, "too long"),
        ("\xff", ""),
    ],
)
def test_manifest__with_a_line_that_is_wrong(
    line: str, why: str, folder: Path, tmp_path: Path
) -> None:
    (folder / "manifest-sha256.txt").chmod(0o644)
    (folder / "tagmanifest-sha256.txt").unlink()
    with (folder / "manifest-sha256.txt").open("ab") as file:
        file.write(line.encode("latin-1"))
    assert why in refusal(tmp_path, folder)


# Damage


@pytest.mark.parametrize("flips", [60, pytest.param(3_000, marks=slow)])
def test_zip__damaged_anywhere_is_refused_or_whole(
    flips: int, folder: Path, tmp_path: Path
) -> None:
    path = zipped(folder)
    data, draw = path.read_bytes(), random.Random(5)
    for number in range(flips):
        spoiled = bytearray(data)
        spoiled[draw.randrange(4, len(data))] ^= draw.randrange(1, 256)
        path.write_bytes(spoiled if number % 3 else spoiled[: draw.randrange(5, len(data))])
        assert outcome(tmp_path / "there" / str(number), path) in ("whole", "refused")


def outcome(root: Path, path: Path) -> object:
    try:
        came = restore(root, path)
    except errors.ArchiveError as error:
        is_no_bag = "has no bagit.txt" in error.message
        return "refused" if error.exit_code == 4 or is_no_bag else error
    return "whole" if came == [bags.RestoreResult(("abc123",), 2, 0)] else came


def test_import_command__damaged_zip_exits_with_4(run: Run, folder: Path, tmp_path: Path) -> None:
    path = zipped(folder)
    data = bytearray(path.read_bytes())
    at = data.index(b"data/threads")
    data[at + 120 : at + 150] = bytes(30)
    path.write_bytes(data)
    for damaged in (bytes(data), bytes(data[:300])):
        path.write_bytes(damaged)
        ran = run("import", path)
        assert (ran.code, "should not have happened" in ran.err) == (4, False)
        assert str(path) in ran.err


def renamed(change: Callable[[zipfile.ZipInfo], None]) -> Change:
    """Add a small file to a ZIP file whose entry is changed."""

    def more(file: zipfile.ZipFile) -> None:
        entry = zipfile.ZipInfo("more.txt")
        change(entry)
        file.writestr(entry, "x")

    return more


def mode(kind: int) -> Change:
    return renamed(lambda entry: setattr(entry, "external_attr", (kind | 0o777) << 16))


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (mode(stat.S_IFLNK), "is a link"),
        (mode(stat.S_IFIFO), "is not a regular file"),
        (mode(stat.S_IFCHR), "is not a regular file"),
        (
            renamed(lambda entry: setattr(entry, "compress_type", zipfile.ZIP_LZMA)),
            "is compressed with",
        ),
        (
            renamed(lambda entry: setattr(entry, "compress_type", zipfile.ZIP_BZIP2)),
            "is compressed with",
        ),
    ],
)
def test_zip__with_what_no_bag_holds(more: Change, why: str, folder: Path, tmp_path: Path) -> None:
    assert why in refusal(tmp_path, zipped(folder, more=more))


@pytest.mark.parametrize("method", [99, 12, 14])
def test_zip__with_a_method_that_nobody_knows(method: int, folder: Path, tmp_path: Path) -> None:
    path = zipped(folder)
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 10 : at + 12] = method.to_bytes(2, "little")
    path.write_bytes(data)
    refusal(tmp_path, path)


def test_zip__encrypted(folder: Path, tmp_path: Path) -> None:
    path = zipped(folder)
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.index(mark) + at] |= 1
    path.write_bytes(data)
    assert "is encrypted" in refusal(tmp_path, path)


@pytest.mark.parametrize("field", ["size", "packed size", "offset"])
def test_zip__with_numbers_of_zip64_that_are_not_there(
    field: str, folder: Path, tmp_path: Path
) -> None:
    path = zipped(folder)
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02") + {"size": 24, "packed size": 20, "offset": 42}[field]
    data[at : at + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    refusal(tmp_path, path)


def test_zip__of_zip64_is_read(folder: Path, tmp_path: Path) -> None:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files(folder).items():
            with file.open(name, "w", force_zip64=True) as member:
                member.write(data)
    assert restore(tmp_path / "there", path)[0].new_count == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
@pytest.mark.parametrize("name", ["manifest-sha256.txt", "bagit.txt", "data/ARCHIVE"])
def test_folder__with_a_pipe(name: str, folder: Path, tmp_path: Path) -> None:
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with pytest.raises(errors.StoreError, match=r"is not a regular file|has no bagit\.txt"):
        restore(tmp_path / "there", folder)


def test_import_command__bad_bag_in_a_folder_costs_no_other(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    (folder.parent / "bad").mkdir()
    (folder.parent / "bad" / "bagit.txt").write_text("BagIt-Version: 1.0\n")
    (folder.parent / "bad" / "link").symlink_to("bagit.txt")
    ran = run("import", folder.parent)
    assert (ran.code, "is a link" in ran.err) == (3, True)
    assert [*layout.iter_thread_ids(tmp_path / "archive")] == ["abc123"]
