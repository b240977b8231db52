"""Damaged input files and bombs: the readable part is kept, and memory is limited."""

import bz2
import gzip
import json
import lzma
import os
import random
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import zstandard

from reddit_archive import errors
from reddit_archive.sources import decompress, saved_json
from reddit_archive.sources.importers import ImportCollector, ImportFilter
from reddit_archive.sources.importers import collector as collector_module
from reddit_archive.sources.importers.chunks import ThreadChunk, split_into_chunks
from tests.conftest import PROGRAM, Run
from tests.support.measure import measure

slow = pytest.mark.slow
MEGABYTE = 2**20
LINES = 1_400


def line(number: int, thread: str = "aaa", size: int = 200) -> bytes:
    """Build a line of a dump with random letters."""
    data = {
        "id": f"c{number}",
        "link_id": f"t3_{thread}",
        "parent_id": f"t3_{thread}",
        "body": random.Random(number).randbytes(size // 2).hex(),
        "subreddit": "breadlog",
    }
    return json.dumps(data).encode() + b"\n"


POST = b'{"id": "aaa", "title": "Rye", "subreddit": "breadlog", "num_comments": 0}\n'


@cache
def dump() -> bytes:
    return POST + b"".join(line(number) for number in range(LINES))


def frames(data: bytes) -> bytes:
    pack, step = zstandard.ZstdCompressor().compress, 2**14
    return b"".join(pack(data[at : at + step]) for at in range(0, len(data), step))


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "zst": zstandard.ZstdCompressor().compress,
    "zst in frames": frames,
    "gz": gzip.compress,
    "bz2": lambda data: bz2.compress(data, 1),
    "xz": lambda data: lzma.compress(data, preset=0),
}
DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda data: data[: len(data) * 3 // 4],
    "cut off at its last byte": lambda data: data[:-1],
    "overwritten at its end": lambda data: data[: len(data) * 3 // 4] + b"no more of it" * 9,
    "something behind it": lambda data: data + b"and more",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
def test_damaged__readable_part_is_stored_as_incomplete(
    pack: Callable[[bytes], bytes], damage: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    (tmp_path / "rc").write_bytes(damage(pack(dump())))
    collector = ImportCollector(tmp_path / "tmp", ImportFilter())
    with pytest.raises(
        errors.IncompleteThreadError, match=r"rc is cut off or damaged: only its first [\d,]+"
    ):
        collector.add_file(tmp_path / "rc")
    assert LINES / 2 < collector.item_count <= LINES + 1
    (captures,) = collector.iter_captures()
    assert (len(captures.things), captures.request["whole"]) == (collector.item_count, False)


@pytest.mark.parametrize("pack", [None, gzip.compress, zstandard.ZstdCompressor().compress])
def test_damaged__program_reports_it_and_exits_with_3(
    pack: Callable[[bytes], bytes] | None, run: Run, tmp_path: Path
) -> None:
    data = dump()
    (tmp_path / "rc").write_bytes(pack(data)[:-1000] if pack else data[:-50])
    (tmp_path / "other.ndjson").write_bytes(line(1, "bbb"))
    result = run("import", "rc")
    assert (result.code, result.out.split("\t")[:2]) == (3, ["t3_aaa", "new"])
    assert "rc: left out 1 line" in result.err
    assert "rc is cut off or damaged: only its first " in result.err
    result = run("import", "rc", "other.ndjson")
    assert (result.code, len(result.out.splitlines())) == (3, 2)
    assert "1 of 2 was imported in part" in result.err


def test_damaged__nothing_readable_is_an_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rc.gz").write_bytes(gzip.compress(dump())[:30])
    result = run("import", "rc.gz")
    assert (result.code, result.out) == (1, "")
    assert "rc.gz is cut off or damaged" in result.err


def test_damaged__start_of_a_saved_page_is_stored(run: Run, tmp_path: Path) -> None:
    post = json.loads(POST)
    page = json.dumps([{"kind": "Listing", "data": {"children": [{"kind": "t3", "data": post}]}}])
    packed = gzip.compress(page.encode() + b"\n" + page.encode() + random.Random(1).randbytes(999))
    (tmp_path / "x.json.gz").write_bytes(packed[:-400])
    (tmp_path / "y.json").write_text(page + page[:-9])
    for name in ("x.json.gz", "y.json"):
        result = run("save", name)
        assert (result.code, "Rye" in result.out) == (3, True)
        assert f"{name} is cut off or damaged; everything before the damage is saved" in result.err


@pytest.mark.parametrize(
    ("broken", "parts"),
    [
        (b'{"link_id": "t3_bbb", "body": ', {"bbb"}),
        (b'{"body": "of nobody knows which', {"aaa", "bbb", "ccc"}),
        (b'{"name": "no post and no comment"}', set()),
    ],
    ids=["names its thread", "names none", "is JSON"],
)
def test_broken_line__only_possible_threads_are_incomplete(
    broken: bytes, parts: set[str], tmp_path: Path
) -> None:
    posts = [POST.replace(b"aaa", name) for name in (b"aaa", b"bbb", b"ccc")]
    (tmp_path / "rs").write_bytes(b"".join(posts[:2]))
    (tmp_path / "rc").write_bytes(broken + b"\n" + posts[2] + line(1, "bbb") + line(2))
    collector = ImportCollector(tmp_path / "tmp", ImportFilter())
    for name in ("rs", "rc"):
        collector.add_file(tmp_path / name)
    assert list(collector.skipped_counts.values()) == [1]
    captures = {each.thread_id: "whole" in each.request for each in collector.iter_captures()}
    assert {name for name, is_part in captures.items() if is_part} == parts
    assert len(captures) == 3


def is_reported(path: Path) -> bool:
    """Return whether a damaged file is reported and its thread is not complete."""
    collector = ImportCollector(path.parent / "tmp", ImportFilter())
    try:
        collector.add_file(path)
    except errors.IncompleteThreadError:
        return all("whole" in each.request for each in collector.iter_captures())
    return False


def ignore_damage(stream: decompress.InputStream) -> bytes:
    """Seeded fault: treat damage as the end of the file."""
    try:
        return next((piece for piece in stream._chunks if piece), b"")
    except (EOFError, zlib.error):
        return b""


def test_damage__catches_a_reader_that_hides_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "rc").write_bytes(gzip.compress(POST + line(1)) + gzip.compress(dump())[:-99])
    assert is_reported(tmp_path / "rc")
    with monkeypatch.context() as patch:
        patch.setattr(decompress.InputStream, "_read_chunk", ignore_damage)
        patch.setattr(decompress.InputStream, "stop_as_truncated", lambda _: None)
        assert not is_reported(tmp_path / "rc")
    monkeypatch.setattr(collector_module, "split_into_chunks", ignore_damaged_origins)
    monkeypatch.setattr(ImportCollector, "_record_damage", lambda *_: None)
    assert not is_reported(tmp_path / "rc")


def ignore_damaged_origins(*args: Any, **more: Any) -> Iterator[ThreadChunk]:
    return split_into_chunks(*args, **{**more, "damaged_origins": frozenset()})


# Bombs -----------------------------------------------------------------------------------------


def create_compressor(kind: str, window_log: int = 20) -> Any:
    if kind == "gz":
        return zlib.compressobj(6, wbits=31)
    compress_with_large_window = zstandard.ZstdCompressionParameters.from_level(
        1, window_log=window_log, enable_ldm=window_log > 27
    )
    return zstandard.ZstdCompressor(compression_params=compress_with_large_window).compressobj()


def bomb(kind: str, start: bytes, piece: bytes, megabytes: int) -> bytes:
    """Compress this number of megabytes of repeated data."""
    compressor = create_compressor(kind)
    piece *= MEGABYTE // len(piece)
    pieces = [compressor.compress(part) for part in [start, *[piece] * megabytes]]
    return b"".join([*pieces, compressor.flush()])


BOMBS = {
    "empty lists": (b"[", b"[],"),
    "one text": (b'[{"kind":"Listing","data":{"children":["', b"a"),
    "a long line": (line(1) + b"[", b"[],"),
    "lines that are nothing": (line(1), b"1\n"),
    "blank": (line(1), b" "),
    "zeros": (b"[[[[", b"\0"),
}


@pytest.mark.parametrize("kind", ["gz", "zst"])
@pytest.mark.parametrize(("start", "piece"), BOMBS.values(), ids=BOMBS)
def test_bomb__reading_stops_early(
    start: bytes, piece: bytes, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decompress, "MIN_DECOMPRESSED_BYTES", MEGABYTE // 4)
    monkeypatch.setattr(decompress, "MIN_VALUES", 1_000)
    (tmp_path / "x.json").write_bytes(bomb(kind, start, piece, 4))
    read = 0

    def count_bytes(stream: decompress.InputStream) -> bytes:
        nonlocal read
        read += len(captures := read_chunk(stream))
        return captures

    read_chunk = decompress.InputStream._read_chunk
    monkeypatch.setattr(decompress.InputStream, "_read_chunk", count_bytes)
    with pytest.raises(errors.ArchiveError):
        ImportCollector(tmp_path / "tmp", ImportFilter()).add_file(tmp_path / "x.json")
    assert read < MEGABYTE
    read = 0
    with pytest.raises(errors.NotAThreadError):
        saved_json.read_capture(str(tmp_path / "x.json"))
    assert read < MEGABYTE
    monkeypatch.setattr(decompress, "MAX_RATIO", 10**6)
    with decompress.open_stream(tmp_path / "x.json") as stream:
        assert len(stream.read(2**30)) > 3 * MEGABYTE  # a fault seeded


@slow
@pytest.mark.parametrize(("command", "kind"), [("import", "zst"), ("save", "gz"), ("batch", "gz")])
@pytest.mark.parametrize(("start", "piece"), BOMBS.values(), ids=BOMBS)
def test_bomb__of_a_gigabyte_takes_little_memory_and_time(
    start: bytes, piece: bytes, command: str, kind: str, tmp_path: Path
) -> None:
    (tmp_path / "x.json").write_bytes(bomb(kind, start, piece, 1_024 if kind == "zst" else 400))
    cost = measure(tmp_path, PROGRAM, "--config", os.devnull, command, "x.json")
    assert cost.code in (1, 2, 3)
    assert cost.megabytes < 300
    assert cost.seconds < 60


def compress_with_large_window(data: bytes) -> bytes:
    """Compress with the window that Pushshift used, 2 GiB."""
    compressor = create_compressor("zst", 31)
    return bytes(compressor.compress(data) + compressor.flush())


def test_window__is_bounded_by_the_size_of_the_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rc.zst").write_bytes(compress_with_large_window(dump()))
    result = run("import", "rc.zst")
    assert (result.code, result.out) == (1, "")
    assert "needs 2,048 MB of memory" in result.err
    assert "archive import --large-window FILE" in result.err
    assert run("import", "--large-window", "rc.zst").code == 0


@pytest.mark.parametrize(
    ("size", "log"), [(80_000, 23), (MEGABYTE, 24), (8 * MEGABYTE, 27), (65 * MEGABYTE, 31)]
)
def test_window__grows_with_the_file(size: int, log: int) -> None:
    assert decompress.get_max_window(size, large_window=False) == 2**log
    assert decompress.get_max_window(size, large_window=True) == 2**31
