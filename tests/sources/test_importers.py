"""What other tools have kept: told by its content, dated by its source, nothing lost or doubled."""

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
from reddit_archive.model import capture, completeness
from reddit_archive.model.capture import Capture
from reddit_archive.sources.importers import ImportCollector, ImportFilter
from reddit_archive.sources.importers.external_sort import Buckets
from tests.conftest import EXAMPLES, Run
from tests.support.reddit_server import escape, generate, page

NEW = 1_770_000_000
MONTH = 30 * 86_400
EVERYTHING = ImportFilter()


def comment(number: int, thread: str = "aaa", **more: Any) -> dict[str, Any]:
    """A line of a dump of comments, in our own words."""
    return {
        "author": f"baker{number}",
        "body": f"loaf number {number}",
        "created_utc": NEW + number,
        "id": f"c{number}",
        "link_id": f"t3_{thread}",
        "parent_id": f"t3_{thread}",
        "retrieved_on": NEW + number + 60,
        "score": number,
        "subreddit": "breadlog",
        **more,
    }


def post(thread: str = "aaa", **more: Any) -> dict[str, Any]:
    return {
        "author": "miller",
        "created_utc": NEW,
        "id": thread,
        "num_comments": 2,
        "permalink": f"/r/breadlog/comments/{thread}/rye/",
        "retrieved_on": NEW + 9,
        "selftext": "Which one rises?",
        "subreddit": "breadlog",
        "title": "Rye",
        **more,
    }


def bdfr_comment(number: int, *replies: Any, **more: Any) -> dict[str, Any]:
    return {
        "author": f"baker{number}",
        "author_flair": "crusty",
        "body": f"if (a &lt; {number}) bake()",
        "created_utc": NEW + number,
        "id": f"c{number}",
        "is_submitter": False,
        "parent_id": "t3_aaa",
        "replies": list(replies),
        "score": 1,
        "submission": "aaa",
        **more,
    }


def bdfr_post(*comments: Any) -> dict[str, Any]:
    known = {**post(), "name": "t3_aaa", "comments": list(comments), "num_comments": 3}
    return {key: value for key, value in known.items() if key not in ("subreddit", "retrieved_on")}


def gallery_record(number: int, comment_of: Any = None) -> dict[str, Any]:
    of_file = {"category": "reddit", "subcategory": "submission", "num": number}
    names = {"filename": f"p{number}", "extension": "jpg", "date": "2026-02-02 02:40:00"}
    return {**post(selftext_html=None), **of_file, **names, "comment": comment_of}


def write(path: Path, value: Any, at: int = NEW) -> Path:
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    os.utime(path, (at, at))
    return path


def lines(path: Path, *values: Any, at: int = NEW) -> Path:
    return write(path, "".join(f"{json.dumps(value)}\n" for value in values), at)


def taken(*paths: Path, wanted: ImportFilter = EVERYTHING) -> list[Capture]:
    intake = ImportCollector(paths[0].parent / "tmp", wanted)
    for path in paths:
        intake.add_file(path)
    return list(intake.iter_captures())


def names(found: Capture) -> list[str | None]:
    return [capture.get_fullname(thing) for thing in found.things]


def test_bdfr__post_and_replies_in_their_places(tmp_path: Path) -> None:
    inner = bdfr_comment(2, parent_id="t1_c1", author="DELETED")
    (found,) = taken(write(tmp_path / "x", bdfr_post(bdfr_comment(1, inner), bdfr_comment(3))))
    seen = history.merge("aaa", [found])
    assert (found.source, found.captured_at.timestamp(), found.is_live) == ("bdfr", NEW, False)
    assert list(seen.comments) == ["c1", "c2", "c3"]
    assert [seen.depth(i) for i in seen.comments] == [1, 2, 1]
    assert seen.comments["c2"].author is None
    assert seen.post is not None
    assert seen.post.subreddit == "r/breadlog"
    assert completeness.is_capture_complete(found)


def test_bdfr__its_text_is_raw_and_stays_so(tmp_path: Path) -> None:
    (found,) = taken(write(tmp_path / "x", bdfr_post(bdfr_comment(1))))
    assert history.merge("aaa", [found]).comments["c1"].body == "if (a &lt; 1) bake()"


def test_bdfr__comments_that_it_left_out_make_it_a_part(tmp_path: Path) -> None:
    (found,) = taken(write(tmp_path / "x", bdfr_post(bdfr_comment(1))))
    assert not completeness.is_capture_complete(found)


def test_bdfr__a_comment_alone(tmp_path: Path) -> None:
    value = bdfr_comment(1, bdfr_comment(2, parent_id="t1_c1"), submission_title="Rye")
    (found,) = taken(write(tmp_path / "x", value))
    assert (found.thread_id, names(found)) == ("aaa", ["t1_c1", "t1_c2"])


def test_gallery_dl__files_of_one_post_joined(tmp_path: Path) -> None:
    made = comment(1, body_html="<div>x</div>", replies="")
    files = [write(tmp_path / f"{n}", gallery_record(n)) for n in range(3)]
    files.append(write(tmp_path / "c", gallery_record(4, made), at=NEW + 5))
    (found,) = taken(*files)
    assert (found.source, names(found)) == ("gallery-dl", ["t3_aaa", "t1_c1"])
    assert not {"filename", "category", "comment"} & found.things[0]["data"].keys()
    assert found.captured_at.timestamp() == NEW + 5


def test_gallery_dl__list_of_messages(tmp_path: Path) -> None:
    record = gallery_record(1, comment(1))
    value = [[2, record], [3, "https://i.redd.it/p1.jpg", record]]
    (found,) = taken(write(tmp_path / "x", value))
    assert names(found) == ["t3_aaa", "t1_c1"]


def test_dump__grouped_by_thread_and_dated_by_its_last_look(tmp_path: Path) -> None:
    posts = lines(tmp_path / "rs", post("aaa"), post("bbb"))
    said = [comment(1), comment(2, "bbb"), comment(3), comment(4, parent_id="t1_c1")]
    said.append(comment(5, "bbb"))
    found = {each.thread_id: each for each in taken(lines(tmp_path / "rc", *said), posts)}
    assert names(found["aaa"]) == ["t3_aaa", "t1_c3", "t1_c1", "t1_c4"]
    assert names(found["bbb"]) == ["t3_bbb", "t1_c5", "t1_c2"]
    assert found["aaa"].captured_at == datetime.fromtimestamp(NEW + 64, UTC)
    assert {each.source for each in found.values()} == {"dump"}
    assert all(completeness.is_capture_complete(each) for each in found.values())


def test_dump__without_its_post_is_a_part(tmp_path: Path) -> None:
    (found,) = taken(lines(tmp_path / "rc", comment(1), comment(2)))
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
def test_dump__dated_as_well_as_can_be(
    fields: dict[str, Any], at: int | None, tmp_path: Path
) -> None:
    path = lines(tmp_path / "rc", comment(1, **fields), comment(2, **fields), at=NEW - MONTH)
    (found,) = taken(path)
    assert found.captured_at <= capture.utc_now()
    assert at is None or found.captured_at.timestamp() == at


def test_dump__of_the_oldest_shape(tmp_path: Path) -> None:
    old = comment(1, created_utc=str(NEW), parent_id="t3_aaa")
    (found,) = taken(lines(tmp_path / "rc", old, old))
    created = history.merge("aaa", [found]).comments["c1"].created_at
    assert created == datetime.fromtimestamp(NEW, UTC)


def test_dump__two_texts_of_a_comment_are_both_kept(tmp_path: Path) -> None:
    first = comment(1)
    second = comment(1, body="[deleted]", author="[deleted]", retrieved_on=NEW + MONTH)
    other = comment(2)
    found = taken(lines(tmp_path / "rc", second, other, first))
    assert [names(each) for each in found] == [["t1_c2", "t1_c1"], ["t1_c1"]]
    seen = history.merge("aaa", found).comments["c1"]
    assert (seen.body, seen.deletion_status) == ("loaf number 1", "deleted")


def test_dump__the_settled_votes_of_a_comment_met_twice(tmp_path: Path) -> None:
    late = comment(1, score=50, retrieved_on=NEW + MONTH)
    (found,) = taken(lines(tmp_path / "rc", late, comment(1), comment(1, score=7)))
    assert [thing["data"]["score"] for thing in found.things] == [50]


def test_dump__lines_that_are_none_are_counted(tmp_path: Path) -> None:
    good = json.dumps(comment(1))
    text = "\n".join(['{"cut', good, "", "[1]", "{}", '"x"', "\x00\x00", good + "x", "null", good])
    intake = ImportCollector(tmp_path / "tmp", EVERYTHING)
    intake.add_file(write(tmp_path / "rc", text))
    assert intake.skipped_counts == {str(tmp_path / "rc"): 7}
    assert [names(each) for each in intake.iter_captures()] == [["t1_c1"]]


def test_dump__bytes_that_are_no_text_are_one_bad_line(tmp_path: Path) -> None:
    good = json.dumps(comment(1)).encode()
    (tmp_path / "rc").write_bytes(b"\xef\xbb\xbf" + good + b"\r\n\xff\xfe\n" + good)
    intake = ImportCollector(tmp_path / "tmp", EVERYTHING)
    intake.add_file(tmp_path / "rc")
    assert list(intake.skipped_counts.values()) == [1]
    assert intake.item_count == 2


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
def test_dump__packed_whatever_its_name(pack: Any, tmp_path: Path) -> None:
    data = lines(tmp_path / "x", comment(1), comment(2), post()).read_bytes()
    (tmp_path / "notes.txt").write_bytes(pack(data))
    intake = ImportCollector(tmp_path / "tmp", EVERYTHING, large_window=True)
    intake.add_file(tmp_path / "notes.txt")
    (found,) = intake.iter_captures()
    assert len(found.things) == 3


def zstd_wide(data: bytes) -> bytes:
    """Pack with the window that Pushshift used, which is refused unless asked for."""
    wide = zstandard.ZstdCompressionParameters.from_level(1, window_log=31, enable_ldm=True)
    packer = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    packed = packer.compress(data) + packer.flush()
    with pytest.raises(zstandard.ZstdError):
        zstandard.ZstdDecompressor().decompressobj().decompress(packed)
    return packed


@pytest.mark.parametrize("packed", [zstandard.ZstdCompressor().compress, gzip.compress])
def test_dump__damaged_in_its_middle_keeps_what_came_before(packed: Any, tmp_path: Path) -> None:
    random = os.urandom(6_000_000).hex()
    values = [comment(n, body=random[n * 1000 : n * 1000 + 1000]) for n in range(9_000)]
    data = bytearray(packed(lines(tmp_path / "x", *values).read_bytes()))
    data[len(data) * 9 // 10 :] = b"no more of it"
    (tmp_path / "rc.zst").write_bytes(data)
    intake = ImportCollector(tmp_path / "tmp", EVERYTHING)
    with pytest.raises(errors.IncompleteThreadError, match="cut off or damaged"):
        intake.add_file(tmp_path / "rc.zst")
    assert 5_000 < intake.item_count < 9_000


def test_saved__pages_of_several_threads_and_a_listing(tmp_path: Path) -> None:
    one, two = generate(5), generate(5, seed=2)
    files = [write(tmp_path / "a", page(one)), write(tmp_path / "b", escape(page(two)))]
    listing = {
        "kind": "Listing",
        "data": {"children": [{"kind": "t3", "data": post(i)} for i in "xy"]},
    }
    found = taken(*files, write(tmp_path / "c", listing))
    assert [each.thread_id for each in found] == [one.id, two.id, "x", "y"]
    assert [completeness.is_capture_complete(each) for each in found] == [True, True, False, False]
    assert {each.source for each in found} == {"saved"}


def test_saved__two_looks_a_month_apart_stay_two(tmp_path: Path) -> None:
    thread = generate(20)
    old = write(tmp_path / "old", page(thread), at=NEW - MONTH)
    new = write(tmp_path / "new", page(thread))
    found = taken(new, old)
    assert [each.captured_at.timestamp() for each in found] == [NEW - MONTH, NEW]


def test_saved__a_text_that_changed_is_another_look(tmp_path: Path) -> None:
    thread = generate(20)
    edited = next(iter(thread.comments))
    old = write(tmp_path / "old", page(thread), at=NEW - 60)
    thread.edit(edited, "quite another text")
    found = taken(old, write(tmp_path / "new", page(thread)))
    assert [event.kind for event in history.trace(thread.id, found).events] == ["edited"]


def test_archive_api__answers_are_known_too(tmp_path: Path) -> None:
    tree = {"data": [{"kind": "t1", "data": {**comment(1), "replies": ""}}]}
    assert names(taken(write(tmp_path / "tree", tree))[0]) == ["t1_c1"]
    assert names(taken(write(tmp_path / "ids", {"data": [post()]}))[0]) == ["t3_aaa"]


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        (ImportFilter(), ["aaa", "bbb", "c1", "c2", "c3"]),
        (ImportFilter(thread_ids=frozenset({"bbb"})), ["bbb", "c2"]),
        (ImportFilter(subreddits=frozenset({"mills"})), ["c3"]),
        (ImportFilter(since=datetime.fromtimestamp(NEW + 2, UTC)), ["c2", "c3"]),
        (ImportFilter(until=datetime.fromtimestamp(NEW + 1, UTC)), ["aaa", "bbb", "c1"]),
    ],
    ids=["all", "thread", "subreddit", "since", "until"],
)
def test_wanted__keeps_only_that(wanted: ImportFilter, kept: list[str], tmp_path: Path) -> None:
    said = [comment(1), comment(2, "bbb"), comment(3, subreddit="Mills")]
    found = taken(lines(tmp_path / "d", post("aaa"), post("bbb"), *said), wanted=wanted)
    ids = sorted(str(name)[3:] for each in found for name in names(each))
    assert ids == kept
    assert not wanted.has_date_limits or not any(
        completeness.is_capture_complete(each) for each in found
    )


def test_buckets__give_back_every_record_in_its_order(tmp_path: Path) -> None:
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


def test_buckets__one_thread_is_never_sorted_again(tmp_path: Path) -> None:
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
        ("[" * 200_000, "it nests too deep"),
    ],
)
def test_take__what_is_no_export_says_why(text: str, message: str, tmp_path: Path) -> None:
    intake = ImportCollector(tmp_path / "tmp", EVERYTHING)
    with pytest.raises(errors.NotAThreadError, match=message) as caught:
        intake.add_file(write(tmp_path / "x.json", text))
    assert "BDFR" in caught.value.hint


def test_take__zst_without_its_package_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "zstandard", None)
    (tmp_path / "x").write_bytes(b"\x28\xb5\x2f\xfd rest")
    with pytest.raises(errors.ArchiveError, match="Zstandard") as caught:
        ImportCollector(tmp_path, EVERYTHING).add_file(tmp_path / "x")
    assert "pip install 'reddit-archive[dumps]'" in caught.value.hint


def test_take__a_bomb_is_refused(tmp_path: Path) -> None:
    packer = zstandard.ZstdCompressor().compressobj()
    zeros = bytes(2**20)
    pieces = [packer.compress(zeros) for _ in range(200)]
    (tmp_path / "x").write_bytes(b"".join([*pieces, packer.flush()]))
    with pytest.raises(errors.NotAThreadError, match="decompresses to more"):
        ImportCollector(tmp_path, EVERYTHING).add_file(tmp_path / "x")


def test_import__a_folder_of_all_kinds(run: Run, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "in")
    write(tmp_path / "in/bdfr.json", bdfr_post(bdfr_comment(1)))
    lines(tmp_path / "in/rc.ndjson", comment(1, "bbb"), comment(2, "ccc"))
    (tmp_path / "in/p.jpg").write_bytes(b"\xff\xd8\xff")
    came = run("import", "in")
    assert (came.code, len(came.out.splitlines())) == (0, 9)
    assert "9 threads with 56 comments: 9 new, 0 known." in came.err


def test_import__again_adds_nothing_and_changes_nothing(run: Run, tmp_path: Path) -> None:
    first = comment(1, retrieved_on=NEW + 99)
    second = comment(1, body="another text", retrieved_on=NEW + 99)
    lines(tmp_path / "rc", first, second, comment(2), post())
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
    lines(tmp_path / "in/c", comment(1, "bbb"), "broken", comment(2, "bbb"))
    came = run("import", "in", "none.json")
    assert (came.code, len(came.out.splitlines())) == (3, 2)
    assert "in/b.json contains no thread of Reddit.\n" in came.err
    assert "can't read none.json: no such file or directory.\n" in came.err
    assert "in/c: left out 1 line without a readable post or comment." in came.err
    assert "2 of 4 were not imported" in came.err


def test_import__dry_run_changes_nothing(run: Run, tmp_path: Path) -> None:
    lines(tmp_path / "rc", comment(1), comment(2))
    came = run("import", "--dry-run", "rc")
    assert (came.code, came.out.split("\t")[:2]) == (0, ["t3_aaa", "would be imported"])
    assert not (tmp_path / "archive").exists()


def test_import__nothing_of_what_was_asked_for(run: Run, tmp_path: Path) -> None:
    lines(tmp_path / "rc", comment(1), comment(2))
    came = run("import", "rc", "--thread", "zzz")
    assert (came.code, came.out) == (0, "")
    assert "The files contain nothing that you asked for." in came.err


def test_import__what_was_redacted_stays_out(run: Run, tmp_path: Path) -> None:
    lines(tmp_path / "rc", comment(1), comment(2), post())
    run("import", "rc")
    run("redact", "aaa", "--author", "baker1", "--yes")
    run("import", "rc")
    shots = store.load_snapshots(tmp_path / "archive", "aaa")
    assert all(b"loaf number 1" not in shot.path.read_bytes() for shot in shots)
    assert any(b"loaf number 2" in shot.path.read_bytes() for shot in shots)


def test_import__a_folder_with_the_archive_in_it(run: Run, tmp_path: Path) -> None:
    lines(tmp_path / "rc", comment(1), comment(2))
    assert run("import", "rc").code == 0
    assert "0 new, 1 known" in run("import", ".").err
    assert "is an archive itself" in run("import", "archive").err


def test_import__quote_of_it(run: Run, tmp_path: Path) -> None:
    lines(tmp_path / "rc", post(), comment(1, body="**warm** and &gt; 24"))
    run("import", "rc")
    assert "> > **warm** and > 24" in run("quote", "aaa", "--all").out


def test_import__with_a_policy_leaves_nothing_that_reddit_deleted(run: Run, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("deleted: purge\n")
    gone = comment(1, author="[deleted]", body="[deleted]", retrieved_on=NEW + 9_000)
    lines(tmp_path / "dump.ndjson", post(), comment(1), gone, comment(2))
    assert run("import", "dump.ndjson").code == 0
    held = b"".join(path.read_bytes() for path in (tmp_path / "archive").glob("**/*.*"))
    assert b"loaf number 2" in held
    assert b"loaf number 1" not in held
    assert run("verify").code == 0
