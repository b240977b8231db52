"""Exports of other tools: detected by content, with the time of their source, complete."""

import bz2
import gzip
import json
import lzma
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard

from reddit_archive import errors, history
from reddit_archive.archive import store
from reddit_archive.files import deep_json
from reddit_archive.model import capture, completeness
from reddit_archive.model.capture import Capture
from reddit_archive.sources.importers import ImportCollector, ImportFilter
from reddit_archive.sources.importers.external_sort import Buckets
from tests.conftest import EXAMPLES, Run
from tests.support.exports import (
    NEW,
    bdfr_comment,
    bdfr_post,
    comment,
    gallery_record,
    post,
    write,
    write_lines,
)
from tests.support.reddit_server import escape, generate, page

MONTH = 30 * 86_400
EVERYTHING = ImportFilter()


def import_files(*paths: Path, import_filter: ImportFilter = EVERYTHING) -> list[Capture]:
    collector = ImportCollector(paths[0].parent / "tmp", import_filter)
    for path in paths:
        collector.add_file(path)
    return list(collector.iter_captures())


def get_names(found: Capture) -> list[str | None]:
    return [capture.get_fullname(thing) for thing in found.things]


def test_bdfr__post_and_replies_in_order(tmp_path: Path) -> None:
    inner = bdfr_comment(2, parent_id="t1_c1", author="DELETED")
    (found,) = import_files(
        write(tmp_path / "x", bdfr_post(bdfr_comment(1, inner), bdfr_comment(3)))
    )
    seen = history.merge("aaa", [found])
    assert (found.source, found.captured_at.timestamp(), found.is_live) == ("bdfr", NEW, False)
    assert list(seen.comments) == ["c1", "c2", "c3"]
    assert [seen.depth(i) for i in seen.comments] == [1, 2, 1]
    assert seen.comments["c2"].author is None
    assert seen.post is not None
    assert seen.post.subreddit == "r/breadlog"
    assert completeness.is_capture_complete(found)


def test_bdfr__text_is_not_unescaped(tmp_path: Path) -> None:
    (found,) = import_files(write(tmp_path / "x", bdfr_post(bdfr_comment(1))))
    assert history.merge("aaa", [found]).comments["c1"].body == "if (a &lt; 1) bake()"


def test_bdfr__missing_comments_make_it_incomplete(tmp_path: Path) -> None:
    (found,) = import_files(write(tmp_path / "x", bdfr_post(bdfr_comment(1))))
    assert not completeness.is_capture_complete(found)


def test_bdfr__single_comment(tmp_path: Path) -> None:
    value = bdfr_comment(1, bdfr_comment(2, parent_id="t1_c1"), submission_title="Rye")
    (found,) = import_files(write(tmp_path / "x", value))
    assert (found.thread_id, get_names(found)) == ("aaa", ["t1_c1", "t1_c2"])


def test_gallery_dl__files_of_one_post_joined(tmp_path: Path) -> None:
    made = comment(1, body_html="<div>x</div>", replies="")
    files = [write(tmp_path / f"{n}", gallery_record(n)) for n in range(3)]
    files.append(write(tmp_path / "c", gallery_record(4, made), at=NEW + 5))
    (found,) = import_files(*files)
    assert (found.source, get_names(found)) == ("gallery-dl", ["t3_aaa", "t1_c1"])
    assert not {"filename", "category", "comment"} & found.things[0]["data"].keys()
    assert found.captured_at.timestamp() == NEW + 5


def test_gallery_dl__list_of_messages(tmp_path: Path) -> None:
    record = gallery_record(1, comment(1))
    value = [[2, record], [3, "https://i.redd.it/p1.jpg", record]]
    (found,) = import_files(write(tmp_path / "x", value))
    assert get_names(found) == ["t3_aaa", "t1_c1"]


def test_dump__grouped_by_thread_with_the_time_of_the_last_retrieval(tmp_path: Path) -> None:
    posts = write_lines(tmp_path / "rs", post("aaa"), post("bbb"))
    comments = [comment(1), comment(2, "bbb"), comment(3), comment(4, parent_id="t1_c1")]
    comments.append(comment(5, "bbb"))
    found = {
        each.thread_id: each
        for each in import_files(write_lines(tmp_path / "rc", *comments), posts)
    }
    assert get_names(found["aaa"]) == ["t3_aaa", "t1_c3", "t1_c1", "t1_c4"]
    assert get_names(found["bbb"]) == ["t3_bbb", "t1_c5", "t1_c2"]
    assert found["aaa"].captured_at == datetime.fromtimestamp(NEW + 64, UTC)
    assert {each.source for each in found.values()} == {"dump"}
    assert all(completeness.is_capture_complete(each) for each in found.values())


def test_dump__without_its_post_is_incomplete(tmp_path: Path) -> None:
    (found,) = import_files(write_lines(tmp_path / "rc", comment(1), comment(2)))
    assert not completeness.is_capture_complete(found)


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"retrieved_on": None, "retrieved_utc": NEW + 7}, NEW + 7),
        ({"retrieved_on": None}, NEW - MONTH),
        ({"retrieved_on": 10**12}, None),
    ],
    ids=["Pushshift", "not dated", "in the far future"],
)
def test_dump__time_without_a_retrieval_time(
    fields: dict[str, Any], at: int | None, tmp_path: Path
) -> None:
    path = write_lines(tmp_path / "rc", comment(1, **fields), comment(2, **fields), at=NEW - MONTH)
    (found,) = import_files(path)
    assert found.captured_at <= capture.utc_now()
    assert at is None or found.captured_at.timestamp() == at


def test_dump__of_the_oldest_format(tmp_path: Path) -> None:
    old = comment(1, created_utc=str(NEW), parent_id="t3_aaa")
    (found,) = import_files(write_lines(tmp_path / "rc", old, old))
    created = history.merge("aaa", [found]).comments["c1"].created_at
    assert created == datetime.fromtimestamp(NEW, UTC)


def test_dump__two_texts_of_a_comment_are_both_stored(tmp_path: Path) -> None:
    first = comment(1)
    second = comment(1, body="[deleted]", author="[deleted]", retrieved_on=NEW + MONTH)
    other = comment(2)
    found = import_files(write_lines(tmp_path / "rc", second, other, first))
    assert [get_names(each) for each in found] == [["t1_c2", "t1_c1"], ["t1_c1"]]
    seen = history.merge("aaa", found).comments["c1"]
    assert (seen.body, seen.deletion_status) == ("loaf number 1", "deleted")


def test_dump__uses_the_final_score_of_a_duplicate(tmp_path: Path) -> None:
    late = comment(1, score=50, retrieved_on=NEW + MONTH)
    (found,) = import_files(write_lines(tmp_path / "rc", late, comment(1), comment(1, score=7)))
    assert [thing["data"]["score"] for thing in found.things] == [50]


def test_dump__unknown_lines_are_counted(tmp_path: Path) -> None:
    good = json.dumps(comment(1))
    text = "\n".join(['{"cut', good, "", "[1]", "{}", '"x"', "\x00\x00", good + "x", "null", good])
    collector = ImportCollector(tmp_path / "tmp", EVERYTHING)
    collector.add_file(write(tmp_path / "rc", text))
    assert collector.skipped_counts == {str(tmp_path / "rc"): 7}
    assert [get_names(each) for each in collector.iter_captures()] == [["t1_c1"]]


def test_dump__invalid_utf8_damages_one_line(tmp_path: Path) -> None:
    good = json.dumps(comment(1)).encode()
    (tmp_path / "rc").write_bytes(b"\xef\xbb\xbf" + good + b"\r\n\xff\xfe\n" + good)
    collector = ImportCollector(tmp_path / "tmp", EVERYTHING)
    collector.add_file(tmp_path / "rc")
    assert list(collector.skipped_counts.values()) == [1]
    assert collector.item_count == 2


@pytest.mark.parametrize(
    "pack",
    [
        zstandard.ZstdCompressor().compress,
        lambda data: zstandard.ZstdCompressor().compress(data[:150]) + zstd_wide(data[150:]),
        gzip.compress,
        bz2.compress,
        lzma.compress,
    ],
    ids=["zst", "two frames, wide window", "gz", "bz2", "xz"],
)
def test_dump__compressed_with_any_name(pack: Any, tmp_path: Path) -> None:
    data = write_lines(tmp_path / "x", comment(1), comment(2), post()).read_bytes()
    (tmp_path / "notes.txt").write_bytes(pack(data))
    collector = ImportCollector(tmp_path / "tmp", EVERYTHING, large_window=True)
    collector.add_file(tmp_path / "notes.txt")
    (found,) = collector.iter_captures()
    assert len(found.things) == 3


def zstd_wide(data: bytes) -> bytes:
    """Compress with the window that Pushshift used, which needs --large-window."""
    wide = zstandard.ZstdCompressionParameters.from_level(1, window_log=31, enable_ldm=True)
    packer = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    packed = packer.compress(data) + packer.flush()
    with pytest.raises(zstandard.ZstdError):
        zstandard.ZstdDecompressor().decompressobj().decompress(packed)
    return packed


@pytest.mark.parametrize("packed", [zstandard.ZstdCompressor().compress, gzip.compress])
def test_dump__damaged_file_is_read_up_to_the_damage(packed: Any, tmp_path: Path) -> None:
    random = os.urandom(2_000_000).hex()
    values = [comment(n, body=random[n * 1000 : n * 1000 + 1000]) for n in range(3_000)]
    data = bytearray(packed(write_lines(tmp_path / "x", *values).read_bytes()))
    data[len(data) * 9 // 10 :] = b"no more of it"
    (tmp_path / "rc.zst").write_bytes(data)
    collector = ImportCollector(tmp_path / "tmp", EVERYTHING)
    with pytest.raises(errors.IncompleteThreadError, match="cut off or damaged"):
        collector.add_file(tmp_path / "rc.zst")
    assert 1_500 < collector.item_count < 3_000


def test_saved__pages_of_several_threads_and_a_listing(tmp_path: Path) -> None:
    one, two = generate(5), generate(5, seed=2)
    files = [write(tmp_path / "a", page(one)), write(tmp_path / "b", escape(page(two)))]
    listing = {
        "kind": "Listing",
        "data": {"children": [{"kind": "t3", "data": post(i)} for i in "xy"]},
    }
    found = import_files(*files, write(tmp_path / "c", listing))
    assert [each.thread_id for each in found] == [one.id, two.id, "x", "y"]
    assert [completeness.is_capture_complete(each) for each in found] == [True, True, False, False]
    assert {each.source for each in found} == {"saved"}


def test_saved__pages_a_month_apart_are_two_captures(tmp_path: Path) -> None:
    thread = generate(20)
    old = write(tmp_path / "old", page(thread), at=NEW - MONTH)
    new = write(tmp_path / "new", page(thread))
    found = import_files(new, old)
    assert [each.captured_at.timestamp() for each in found] == [NEW - MONTH, NEW]


def test_saved__a_changed_text_is_another_capture(tmp_path: Path) -> None:
    thread = generate(20)
    edited = next(iter(thread.comments))
    old = write(tmp_path / "old", page(thread), at=NEW - 60)
    thread.edit(edited, "quite another text")
    found = import_files(old, write(tmp_path / "new", page(thread)))
    assert [event.kind for event in history.trace(thread.id, found).events] == ["edited"]


def test_archive_api__responses_are_detected(tmp_path: Path) -> None:
    tree = {"data": [{"kind": "t1", "data": {**comment(1), "replies": ""}}]}
    assert get_names(import_files(write(tmp_path / "tree", tree))[0]) == ["t1_c1"]
    assert get_names(import_files(write(tmp_path / "ids", {"data": [post()]}))[0]) == ["t3_aaa"]


@pytest.mark.parametrize(
    ("import_filter", "kept"),
    [
        (ImportFilter(), ["aaa", "bbb", "c1", "c2", "c3"]),
        (ImportFilter(thread_ids=frozenset({"bbb"})), ["bbb", "c2"]),
        (ImportFilter(subreddits=frozenset({"mills"})), ["c3"]),
        (ImportFilter(since=datetime.fromtimestamp(NEW + 2, UTC)), ["c2", "c3"]),
        (ImportFilter(until=datetime.fromtimestamp(NEW + 1, UTC)), ["aaa", "bbb", "c1"]),
    ],
    ids=["all", "thread", "subreddit", "since", "until"],
)
def test_filter__keeps_only_matches(
    import_filter: ImportFilter, kept: list[str], tmp_path: Path
) -> None:
    comments = [comment(1), comment(2, "bbb"), comment(3, subreddit="Mills")]
    found = import_files(
        write_lines(tmp_path / "d", post("aaa"), post("bbb"), *comments),
        import_filter=import_filter,
    )
    ids = sorted(str(name)[3:] for each in found for name in get_names(each))
    assert ids == kept
    assert not import_filter.has_date_limits or not any(
        completeness.is_capture_complete(each) for each in found
    )


def test_buckets__yield_every_record_in_order(tmp_path: Path) -> None:
    buckets = Buckets(tmp_path, max_bytes=1000)
    for number in range(5_000):
        buckets.add(f"t{number % 97}", b"%d" % number)
    found = dict(buckets.drain())
    assert {name: len(records) for name, records in found.items()}.keys() == {
        f"t{n}" for n in range(97)
    }
    for name, records in found.items():
        assert [int(record) for record in records] == list(range(int(name[1:]), 5_000, 97))
    assert list(tmp_path.iterdir()) == []


def test_buckets__one_thread_is_never_split(tmp_path: Path) -> None:
    buckets = Buckets(tmp_path / "none", max_bytes=10)
    for _ in range(1000):
        buckets.add("only", b"x" * 100)
    assert [len(records) for _, records in buckets.drain()] == [1000]
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is empty"),
        ("<html>", "it is a web page"),
        ('[{"kind": "Listing", "data": {"chil', "its JSON is cut off"),
        ("dear diary", "it is not JSON"),
        ('{"a": 1}', "contains no thread of Reddit"),
        ('[{"kind": "t3", "data": null}]', "contains no thread of Reddit"),
        ('{"comments": [], "title": 1, "permalink": 2, "id": 3}', "contains no thread of Reddit"),
        ('{"data": [3]}', "contains no thread of Reddit"),
        ('[[3, {"category": "reddit", "subcategory": "x", "comment": 1}]]', "no thread of Reddit"),
        ("[" * 20_000, "it nests too deep"),
    ],
)
def test_add_file__unknown_format_is_explained(
    text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deep_json, "RECURSION_LIMIT", 20_000)
    collector = ImportCollector(tmp_path / "tmp", EVERYTHING)
    with pytest.raises(errors.NotAThreadError, match=message) as caught:
        collector.add_file(write(tmp_path / "x.json", text))
    assert "BDFR" in caught.value.hint


def test_add_file__zst_without_its_package_has_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "zstandard", None)
    (tmp_path / "x").write_bytes(b"\x28\xb5\x2f\xfd rest")
    with pytest.raises(errors.ArchiveError, match="Zstandard") as caught:
        ImportCollector(tmp_path, EVERYTHING).add_file(tmp_path / "x")
    assert "pip install 'reddit-archive[dumps]'" in caught.value.hint


def test_add_file__bomb_is_refused(tmp_path: Path) -> None:
    packer = zstandard.ZstdCompressor().compressobj()
    zeros = bytes(2**20)
    pieces = [packer.compress(zeros) for _ in range(200)]
    (tmp_path / "x").write_bytes(b"".join([*pieces, packer.flush()]))
    with pytest.raises(errors.NotAThreadError, match="decompresses to more"):
        ImportCollector(tmp_path, EVERYTHING).add_file(tmp_path / "x")


def test_import__a_folder_of_all_kinds(run: Run, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "in")
    write(tmp_path / "in/bdfr.json", bdfr_post(bdfr_comment(1)))
    write_lines(tmp_path / "in/rc.ndjson", comment(1, "bbb"), comment(2, "ccc"))
    (tmp_path / "in/p.jpg").write_bytes(b"\xff\xd8\xff")
    came = run("import", "in")
    assert (came.code, len(came.out.splitlines())) == (0, 9)
    assert "9 threads with 56 comments: 9 new, 0 known." in came.err


def test_import__again_adds_nothing_and_changes_nothing(run: Run, tmp_path: Path) -> None:
    first = comment(1, retrieved_on=NEW + 99)
    second = comment(1, body="another text", retrieved_on=NEW + 99)
    write_lines(tmp_path / "rc", first, second, comment(2), post())
    run("import", "rc")
    before = {path: path.read_bytes() for path in (tmp_path / "archive/threads").rglob("*.*")}
    assert len(before) == 2
    came = run("import", "rc")
    assert "0 new, 2 known" in came.err
    assert {p: p.read_bytes() for p in (tmp_path / "archive/threads").rglob("*.*")} == before


def test_import__one_bad_file_of_many(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write(tmp_path / "in/a.json", bdfr_post())
    write(tmp_path / "in/b.json", {"a": 1})
    write_lines(tmp_path / "in/c", comment(1, "bbb"), "broken", comment(2, "bbb"))
    came = run("import", "in", "none.json")
    assert (came.code, len(came.out.splitlines())) == (3, 2)
    assert "in/b.json contains no thread of Reddit.\n" in came.err
    assert "can't read none.json: no such file or directory.\n" in came.err
    assert "in/c: left out 1 line without a readable post or comment." in came.err
    assert "2 of 4 were not imported" in came.err


def test_import__dry_run_changes_nothing(run: Run, tmp_path: Path) -> None:
    write_lines(tmp_path / "rc", comment(1), comment(2))
    came = run("import", "--dry-run", "rc")
    assert (came.code, came.out.split("\t")[:2]) == (0, ["t3_aaa", "would be imported"])
    assert not (tmp_path / "archive").exists()


def test_import__without_matches(run: Run, tmp_path: Path) -> None:
    write_lines(tmp_path / "rc", comment(1), comment(2))
    came = run("import", "rc", "--thread", "zzz")
    assert (came.code, came.out) == (0, "")
    assert "The files contain nothing that you asked for." in came.err


def test_import__redacted_texts_stay_out(run: Run, tmp_path: Path) -> None:
    write_lines(tmp_path / "rc", comment(1), comment(2), post())
    run("import", "rc")
    run("redact", "aaa", "--author", "baker1", "--yes")
    run("import", "rc")
    snapshots = store.load_snapshots(tmp_path / "archive", "aaa")
    assert all(b"loaf number 1" not in snapshot.path.read_bytes() for snapshot in snapshots)
    assert any(b"loaf number 2" in snapshot.path.read_bytes() for snapshot in snapshots)


def test_import__a_folder_with_the_archive_in_it(run: Run, tmp_path: Path) -> None:
    write_lines(tmp_path / "rc", comment(1), comment(2))
    assert run("import", "rc").code == 0
    assert "0 new, 1 known" in run("import", ".").err
    assert "is an archive itself" in run("import", "archive").err


def test_import__quote_of_it(run: Run, tmp_path: Path) -> None:
    write_lines(tmp_path / "rc", post(), comment(1, body="**warm** and &gt; 24"))
    run("import", "rc")
    assert "> > **warm** and > 24" in run("quote", "aaa", "--all").out


def test_import__with_a_policy_removes_deleted_texts(run: Run, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("deleted: purge\n")
    deleted = comment(1, author="[deleted]", body="[deleted]", retrieved_on=NEW + 9_000)
    write_lines(tmp_path / "dump.ndjson", post(), comment(1), deleted, comment(2))
    assert run("import", "dump.ndjson").code == 0
    held = b"".join(path.read_bytes() for path in (tmp_path / "archive").glob("**/*.*"))
    assert b"loaf number 2" in held
    assert b"loaf number 1" not in held
    assert run("verify").code == 0
