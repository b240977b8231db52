"""Each export format is complete, marks deleted texts, and supports pseudonyms."""

import csv
import json
import os
import re
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from reddit_archive import errors
from reddit_archive.archive import store
from reddit_archive.cli.commands import export as export_commands
from reddit_archive.export import csv_table, ndjson, parquet, reddit_json, rows, sqlite
from reddit_archive.export.thread_data import ThreadData, build_thread_data
from reddit_archive.files import deep_json
from reddit_archive.model import capture, viewer_fields
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.sources import saved_json
from tests.conftest import EXAMPLES, Run
from tests.support import story
from tests.support.faults import NEW_YEAR, capture_text
from tests.support.file_fingerprints import compute_fingerprints

FORMS = ("json", "ndjson", "csv", "sqlite", "parquet", "csl", "bibtex")


def build_data(root: Path, *things: Thing, key: bytes | None = None) -> ThreadData:
    """Return the data of a thread with these things."""
    post = {"kind": "t3", "data": {"name": "t3_abc", "id": "abc", "title": "A title"}}
    new_capture = Capture("abc", NEW_YEAR, "reddit", {}, (post, *things))
    store.add(root, new_capture)
    return build_thread_data("abc", store.load_snapshots(root, "abc"), pseudonym_key=key)


def comment(name: str, parent: str = "t3_abc", **fields: object) -> Thing:
    data = {"name": f"t1_{name}", "id": name, "parent_id": parent, "body": name, "author": "a"}
    return {"kind": "t1", "data": data | fields}


def export(run: Run, tmp_path: Path, form: str, *args: object) -> bytes:
    """Return the output of an export as bytes that contain all words."""
    file = tmp_path / f"export.{form}"
    into = (file,) if form in ("sqlite", "parquet") else ("-o", file)
    ran = run("export", form, *into, *args)
    assert (ran.code, ran.out) == (0, "")
    if form == "parquet":
        return str(pyarrow.parquet.read_table(file).to_pylist()).encode()
    return file.read_bytes()


# Reddit's JSON


@pytest.mark.parametrize("example", ["short", "everything", "poll", "crosspost"])
def test_json__another_archive_prints_the_same_quote(
    example: str, run: Run, tmp_path: Path
) -> None:
    first = run(EXAMPLES / f"{example}.json", "--all", "--style", "full")
    thread = run("list").out.split("\t")[0]
    (tmp_path / "again.json").write_text(run("export", "json", thread).out)
    again = run("--archive", "other", "again.json", "--all", "--style", "full")
    assert (again.code, again.out) == (0, first.out)


def test_json__has_the_structure_of_reddits_json(run: Run) -> None:
    run(EXAMPLES / "short.json")
    post, comments = json.loads(run("export", "json").out)
    answer = viewer_fields.drop(json.loads((EXAMPLES / "short.json").read_text()))
    assert post["data"]["children"][0]["data"].keys() == list_data(answer[0])[0].keys()
    assert [each.keys() for each in list_data(comments)] == [
        each.keys() for each in list_data(answer[1])
    ]
    assert [each["depth"] for each in list_data(comments)] == [
        each["depth"] for each in list_data(answer[1])
    ]


def list_data(answer: Any) -> list[dict[str, Any]]:
    """Return the data of all things in a tree, in reading order."""
    found = []
    todo = [answer]
    while todo:
        data = todo.pop()["data"]
        if "children" in data and "after" in data:
            todo.extend(reversed(data["children"]))
        else:
            found.append(data)
            todo.extend([data["replies"]] if data.get("replies") else [])
    return found


def test_json__shows_and_marks_deleted_texts(run_edited: Run) -> None:
    _, comments = json.loads(run_edited("export", "json", "9bread1").out)
    data = {each["id"]: each for each in list_data(comments)}
    assert data["zkeep02"]["body"].startswith("The third one")
    assert data["zkeep02"]["author"] == "sunday_crumb"
    assert data["zkeep02"]["_lost"] == "deleted"
    assert data["zkeep02"]["_seen_utc"] == story.MONDAY
    assert "_lost" not in data["zkeep01"]
    assert "Four things" in data["zkeep01"]["body"]


def test_json__another_archive_imports_the_marks(run_edited: Run, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(run_edited("export", "json", "9bread1").out)
    assert run_edited("--archive", "other", "x.json").code == 0
    quote = ("quote", "9bread1", "--all", "--style", "full")
    assert run_edited("--archive", "other", *quote).out == run_edited(*quote).out
    assert "deleted since; text of 2026-01-05 08:00 UTC" in run_edited(*quote).out
    assert run_edited("--archive", "other", "list", "--lost").out.split("\t")[4] == "1 comment"


def test_json__import_of_the_own_export_changes_nothing(run_edited: Run, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(run_edited("export", "json", "9bread1").out)
    before = run_edited("log", "9bread1").out.split("\n\n")[1]
    assert run_edited("x.json").code == 0
    assert run_edited("log", "9bread1").out.split("\n\n")[1] == before
    assert "restored" in str(import_without_marks(run_edited, tmp_path).out)


def import_without_marks(run: Run, tmp_path: Path) -> Any:
    """Control: an export without the marks means that Reddit shows all texts again."""
    text = (tmp_path / "x.json").read_text().replace('"_lost"', '"_x"')
    (tmp_path / "y.json").write_text(text)
    run("y.json")
    return run("log", "9bread1")


def test_json__latest_is_the_last_snapshot(run_edited: Run) -> None:
    _, comments = json.loads(run_edited("export", "json", "--latest").out)
    data = {each["id"]: each for each in list_data(comments)}
    assert data["zkeep02"]["body"] == "[deleted]"


def test_json__one_line_per_thread(run: Run) -> None:
    for name in ("short", "poll"):
        run(EXAMPLES / f"{name}.json")
    found = [json.loads(line) for line in run("export", "json").out.splitlines()]
    assert len(found) == 2
    assert all(len(each) == 2 for each in found)


def test_json__contains_missing_comments(tmp_path: Path) -> None:
    stubs: list[dict[str, Any]] = [
        {"id": "x", "parent_id": "t1_c1", "count": 3, "children": ["c8", "c9"]},
        {"id": "_", "parent_id": "t1_c2", "count": 0, "children": []},
        {"parent_id": "t3_abc", "count": 1, "children": ["c7"], "_withheld": True},
    ]
    things = [comment("c1"), comment("c2", "t1_c1")]
    before = build_data(tmp_path, *things, *({"kind": "more", "data": stub} for stub in stubs))
    things = list(capture.flatten(json.loads("".join(reddit_json.iter_chunks(before)))))
    assert set(capture.find_missing_comments(things)) == set(before.thread.missing_comments)
    assert len(before.thread.missing_comments) == 3


@pytest.mark.parametrize("typed", ["a &amp; b", "a &lt; b &amp;amp; c", "plain"])
def test_json__typed_entities_stay(typed: str, tmp_path: Path) -> None:
    """Without HTML, a reader can't know whether `&amp;` means `&`."""
    before = build_data(tmp_path, comment("c1", body=typed, _escaped=False))
    (tmp_path / "x.json").write_text("".join(reddit_json.iter_chunks(before)))
    new_capture = saved_json.read_capture(str(tmp_path / "x.json"))
    found = build_thread_data(
        "abc",
        store.load_snapshots(tmp_path, "abc", add_result=store.add(tmp_path / "b", new_capture)),
    )
    assert found.thread.comments["c1"].body == typed


@pytest.mark.parametrize("depth", [2_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_json__replies_deep(depth: int, tmp_path: Path) -> None:
    deep = [comment(f"c{n}", f"t1_c{n - 1}" if n else "t3_abc") for n in range(depth)]
    text = "".join(reddit_json.iter_chunks(build_data(tmp_path, *deep)))
    things = capture.flatten(deep_json.loads(text))
    assert [capture.get_fullname(each) for each in things[1:]] == [f"t1_c{n}" for n in range(depth)]


def test_json__cycle_of_parents_is_written_once(tmp_path: Path) -> None:
    text = "".join(
        reddit_json.iter_chunks(
            build_data(tmp_path, comment("c1", "t1_c2"), comment("c2", "t1_c1"))
        )
    )
    assert text.count('"name":"t1_c1"') == 1
    assert len(capture.flatten(json.loads(text))) == 3


def test_json__is_valid_if_the_response_was_not(tmp_path: Path) -> None:
    odd = comment("c1", score=float("nan"), deep={"x": [float("inf"), "\ud800"]})
    text = "".join(reddit_json.iter_chunks(build_data(tmp_path, odd)))
    json.loads(text, parse_constant=lambda name: pytest.fail(name))


# Rows


def test_rows__deleted_text_is_included_and_marked(run_edited: Run, tmp_path: Path) -> None:
    found = build_thread_data("9bread1", store.load_snapshots(tmp_path / "archive", "9bread1"))
    replies = {reply.id: reply for reply in rows.iter_comments(found)}
    deleted = replies["zkeep02"]
    assert (deleted.lost, deleted.is_kept, deleted.author) == ("deleted", True, "sunday_crumb")
    assert deleted.body is not None
    assert deleted.body.startswith("The third one")
    assert (replies["zkeep01"].lost, replies["zkeep01"].versions) == (None, 2)


def test_rows__each_version_has_its_times(run_edited: Run, tmp_path: Path) -> None:
    found = build_thread_data("9bread1", store.load_snapshots(tmp_path / "archive", "9bread1"))
    first, second = (text for text in rows.iter_versions(found) if text.comment_id == "zkeep01")
    monday, friday = (datetime.fromtimestamp(at, UTC) for at in (story.MONDAY, story.FRIDAY))
    assert (first.first_seen, first.last_seen, first.is_latest) == (monday, monday, False)
    assert (second.first_seen, second.last_seen, second.is_latest) == (friday, friday, True)


def test_rows__comment_without_a_text(tmp_path: Path) -> None:
    deleted = comment("c1", body="[deleted]", author="[deleted]")
    found = build_data(tmp_path, deleted)
    (reply,) = rows.iter_comments(found)
    (line,) = (line for line in rows.iter_records(found) if line.kind == "comment")
    assert (reply.body, reply.lost, reply.is_kept) == (None, "deleted", False)
    assert (line.body, line.version, line.lost) == (None, 0, "deleted")


def test_rows__comments_without_their_post(tmp_path: Path) -> None:
    data = {"name": "t1_c1", "parent_id": "t3_abc", "link_id": "t3_abc", "body": "b"}
    store.add(tmp_path, Capture("abc", NEW_YEAR, "dump", {}, ({"kind": "t1", "data": data},)))
    found = build_thread_data("abc", store.load_snapshots(tmp_path, "abc"))
    assert rows.build_post(found).title is None
    assert sqlite.write([sqlite.iter_rows(found)], tmp_path / "x.db") == 1
    assert json.loads("".join(reddit_json.iter_chunks(found)))[0]["data"]["children"] == []


def test_ndjson__one_line_per_version(run_edited: Run) -> None:
    found = [json.loads(line) for line in run_edited("export", "ndjson").out.splitlines()]
    assert len(found) == 1 + 6 + 1
    assert [each["version"] for each in found if each["id"] == "t1_zkeep01"] == [1, 2]
    assert [each["lost"] for each in found if each["id"] == "t1_zkeep02"] == ["deleted"]
    assert {each["title"] for each in found} == {found[0]["title"]}


# CSV


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline="")))


def test_csv__one_row_for_each_text(run_edited: Run) -> None:
    rows = read_csv(run_edited("export", "csv", "9bread1").out)
    lines = run_edited("export", "ndjson", "9bread1").out.split("\n")
    records = [json.loads(line) for line in lines if line]
    latest = {each["id"]: each["body"] for each in records if each["is_latest"]}
    assert [row["id"] for row in rows] == list(dict.fromkeys(each["id"] for each in records))
    assert {row["id"]: row["body"] for row in rows} == latest
    assert {row["lost"] for row in rows} == {"", "deleted"}


@pytest.mark.parametrize(
    "body", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\uff1d1", "'=1", "''@x", "\n=x"]
)
def test_csv__no_cell_is_a_formula(body: str, tmp_path: Path) -> None:
    data = build_data(tmp_path, comment("c1", body=body, author=body))
    (_, row) = read_csv(csv_table.write_header() + "".join(csv_table.iter_lines(data)))
    assert (row["body"], row["author"]) == (f"'{body}", f"'{body}")


def test_csv__texts_with_commas_quotation_marks_and_lines(tmp_path: Path) -> None:
    body = 'a,"b";\nc\r\n\u00e4'
    data = build_data(tmp_path, comment("c1", body=f"{body}\x1b[2J\u202e", score=-5))
    (_, row) = read_csv(csv_table.write_header() + "".join(csv_table.iter_lines(data)))
    assert (row["body"], row["score"]) == (f"{body.replace(chr(13), '')}[2J", "-5")


# SQLite


def query(file: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(file)) as opened:
        return opened.execute(sql).fetchall()


def test_sqlite__foreign_keys_are_valid(run_edited: Run, tmp_path: Path) -> None:
    run_edited(EXAMPLES / "everything.json")
    assert run_edited("export", "sqlite", "x.db").code == 0
    file = tmp_path / "x.db"
    assert query(file, "PRAGMA foreign_key_check") == []
    assert query(file, "PRAGMA integrity_check") == [("ok",)]
    assert query(file, "SELECT count(*) FROM posts") == [(2,)]
    assert query(file, "SELECT count(*) FROM snapshots WHERE post_id = '9bread1'") == [(2,)]
    words = "SELECT author, lost, is_kept FROM comments WHERE body LIKE 'The third one%'"
    assert query(file, words) == [("sunday_crumb", "deleted", 1)]
    chain = "SELECT c.parent_id, p.level FROM comments c JOIN comments p ON p.id = c.parent_id"
    assert ("zkeep01", 1) in query(file, chain)


def test_sqlite__control_check_detects_broken_foreign_keys(tmp_path: Path) -> None:
    sqlite.write([sqlite.iter_rows(build_data(tmp_path, comment("c1")))], tmp_path / "x.db")
    with closing(sqlite3.connect(tmp_path / "x.db")) as opened, opened:
        opened.execute("DELETE FROM posts")
    assert query(tmp_path / "x.db", "PRAGMA foreign_key_check")


def test_sqlite__each_index_is_used_by_its_query(run_edited: Run, tmp_path: Path) -> None:
    run_edited("export", "sqlite", "x.db")
    for table, where in (
        ("comments", "post_id = 'a' ORDER BY position"),
        ("comments", "parent_id = 'a'"),
        ("comments", "author = 'a'"),
        ("comments", "lost = 'deleted'"),
        ("versions", "comment_id = 'a' ORDER BY number"),
        ("snapshots", "post_id = 'a' ORDER BY captured_at"),
    ):
        plan = query(tmp_path / "x.db", f"EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE {where}")
        assert [step[3].split()[0] for step in plan] == ["SEARCH"], where


def test_sqlite__unusual_values(tmp_path: Path) -> None:
    odd = comment("c1", score=2**70, created_utc=1e300, body="a\0b \ud800", author=7)
    found = build_data(tmp_path, odd)
    sqlite.write([sqlite.iter_rows(found)], tmp_path / "x.db")
    row = query(tmp_path / "x.db", "SELECT score, created_at, author, body FROM comments")
    assert row == [(None, None, None, "a\0b ?")]
    assert parquet.write([parquet.iter_rows(found)], tmp_path / "x.parquet") == 2
    assert json.loads(list(ndjson.iter_lines(found))[1])["score"] is None


def test_sqlite__comment_of_two_threads_belongs_to_the_first(tmp_path: Path) -> None:
    first = build_data(tmp_path / "a", comment("c1"))
    second = build_thread_data("xyz", [*store.load_snapshots(tmp_path / "a", "abc")])
    assert sqlite.write(map(sqlite.iter_rows, [first, second]), tmp_path / "x.db") == 2
    assert query(tmp_path / "x.db", "SELECT id, post_id FROM comments") == [("c1", "abc")]


def test_sqlite__replaces_only_an_earlier_export(run_edited: Run, tmp_path: Path) -> None:
    for name, data in (("notes.txt", b"mine, and dear"), ("s", b""), ("index", None)):
        file = tmp_path / name
        if data is None:
            with closing(sqlite3.connect(file)) as other, other:
                other.execute("CREATE TABLE mine (x)")
            data = file.read_bytes()
        file.write_bytes(data)
        ran = run_edited("export", "sqlite", name)
        assert (ran.code, file.read_bytes() == data) == ((0, False) if data == b"" else (1, True))
    assert run_edited("export", "sqlite", "s").code == 0


def test_sqlite__failed_export_keeps_the_previous_one(tmp_path: Path) -> None:
    def broken() -> Iterator[Iterator[sqlite.TableRow]]:
        yield sqlite.iter_rows(build_data(tmp_path / "b", comment("c1")))
        raise errors.StoreError("no more")

    file = tmp_path / "x.db"
    sqlite.write([sqlite.iter_rows(build_data(tmp_path / "a", comment("c1")))], file)
    before = file.read_bytes()
    with pytest.raises(errors.StoreError):
        sqlite.write(broken(), file)
    assert file.read_bytes() == before
    assert not list(tmp_path.glob(".*.part"))


# Parquet


def test_parquet__has_the_records_with_their_types(run_edited: Run, tmp_path: Path) -> None:
    assert run_edited("export", "parquet", "x.parquet").code == 0
    table = pyarrow.parquet.read_table(tmp_path / "x.parquet")
    plain = [json.loads(line) for line in run_edited("export", "ndjson").out.splitlines()]
    assert table.num_rows == len(plain)
    first, line = table.to_pylist()[0], plain[0]
    assert first.keys() == line.keys()
    assert first["last_seen"] == datetime.fromisoformat(line["last_seen"])
    assert first["body"] == line["body"]


def test_parquet__says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(parquet, "import_module", missing)
    with pytest.raises(errors.ArchiveError) as raised:
        parquet.write([], tmp_path / "x.parquet")
    assert "reddit-archive[parquet]" in raised.value.hint
    assert not list(tmp_path.iterdir())


# All formats


@pytest.mark.parametrize("form", FORMS)
def test_export__redacted_stays_redacted(form: str, run_edited: Run, tmp_path: Path) -> None:
    args = ("9bread1", "-c", "zkeep01") if form in ("csl", "bibtex") else ("9bread1",)
    words = (b"crumb_counter", b"Four things", b"Three things")
    has_newest_alone = form in ("json", "csv", "csl", "bibtex")
    before = export(run_edited, tmp_path, form, *args).replace(b"\\_", b"_")
    assert all(word in before for word in words[: 2 if has_newest_alone else 3])
    assert run_edited("redact", "9bread1", "--author", "crumb_counter", "--yes").code == 0
    after = export(run_edited, tmp_path, form, *args).replace(b"\\_", b"_")
    assert not any(word in after for word in words)
    assert b"redacted" in after


@pytest.mark.parametrize("form", FORMS)
def test_export__pseudonyms_replace_all_names(form: str, run_edited: Run, tmp_path: Path) -> None:
    args = ("9bread1", "-c", "zkeep02") if form in ("csl", "bibtex") else ("9bread1",)
    names = {b"sunday_crumb", b"crumb_counter"}
    plain = export(run_edited, tmp_path, form, *args).replace(b"\\_", b"_")
    assert any(name in plain for name in names)
    masked = export(run_edited, tmp_path, form, *args, "--pseudonyms").replace(b"\\_", b"_")
    assert b"user-" in masked
    assert not any(name in masked for name in names)


def test_pseudonyms__in_edited_texts(tmp_path: Path) -> None:
    for seconds, text in enumerate(("ask u/alice_fox", "ask nobody")):
        store.add(tmp_path, capture_text(text, seconds=seconds * 99))
    found = build_thread_data(
        "abc123", store.load_snapshots(tmp_path, "abc123"), pseudonym_key=b"key"
    )
    assert "alice_fox" not in "".join(ndjson.iter_lines(found))
    assert "alice_fox" not in str(found.history.events)
    assert "ask u/user-" in "".join(ndjson.iter_lines(found))


@pytest.mark.parametrize("form", ["json", "ndjson", "csl", "bibtex"])
def test_export__damaged_thread_is_reported_and_others_are_exported(
    form: str, run_edited: Run, tmp_path: Path
) -> None:
    run_edited(EXAMPLES / "poll.json")
    for path in (tmp_path / "archive" / "threads" / "t3_9bread1").glob("*.json"):
        path.chmod(0o644)
        path.write_bytes(path.read_bytes().replace(b"sunday", b"monday"))
    ran = run_edited("export", form)
    assert ran.code == 4
    assert "9bread1" in ran.err
    assert "9bread3" in ran.out or "9bread4" in ran.out


@pytest.mark.parametrize("form", FORMS)
def test_export__empty_archive_is_well_formed(form: str, run: Run, tmp_path: Path) -> None:
    store.initialize(tmp_path / "archive")
    into = ("x",) if form in ("sqlite", "parquet") else ()
    ran = run("export", form, *into)
    assert ran.code == 0
    assert "has no threads yet" in ran.err
    assert ran.out == {"csl": "[\n]\n", "csv": csv_table.write_header()}.get(form, "")


@pytest.mark.parametrize("form", FORMS)
def test_export__unknown_thread(form: str, run_edited: Run) -> None:
    into = ("x",) if form in ("sqlite", "parquet") else ()
    ran = run_edited("export", form, *into, "nothere")
    assert ran.code == 1
    assert ran.err.startswith("archive: the archive ")


@pytest.mark.parametrize("form", export_commands.FORMATS)
def test_export__help_ends_with_an_example_that_runs(form: str, run_edited: Run) -> None:
    text = run_edited("export", form, "--help").out
    examples = re.findall(r"^ {2,}archive (export .*)$", text, re.MULTILINE)
    assert text.rstrip().endswith(examples[-1])
    for example in examples:
        assert run_edited(*shlex.split(example)).code == 0, example


def test_export__changes_nothing_in_the_archive(run_edited: Run, tmp_path: Path) -> None:
    assert run_edited("export", "ndjson", "--pseudonyms").code == 0  # which makes the key, once
    before = compute_fingerprints(tmp_path / "archive")
    for form in FORMS:
        export(run_edited, tmp_path, form, "--pseudonyms")
        export(run_edited, tmp_path, form)
    assert compute_fingerprints(tmp_path / "archive") == before


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_export__read_only_folder(run_edited: Run, tmp_path: Path) -> None:
    folder = tmp_path / "fixed"
    folder.mkdir(mode=0o555)
    ran = run_edited("export", "sqlite", folder / "x.db")
    assert ran.code == 1
    assert ran.err.count("\n") == 2
