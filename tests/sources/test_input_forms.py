"""Posts and comments in all forms: nested, with any ids, in any encoding."""

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reddit_archive import errors
from reddit_archive.model import capture
from reddit_archive.model.capture import Capture
from reddit_archive.sources import extract, saved_json
from reddit_archive.sources.importers import ImportCollector, ImportFilter
from tests.conftest import Run

THREAD, INTEGER = "abc123", int("abc123", 36)
FILTER = ImportFilter(thread_ids=frozenset({THREAD}))
slow = pytest.mark.slow


def post(thread: str = THREAD, **more: Any) -> dict[str, Any]:
    return {"id": thread, "title": "Rye", "subreddit": "breadlog", "author": "miller", **more}


def comment(name: str, **more: Any) -> dict[str, Any]:
    """Build a plain comment that names neither its post nor its parent."""
    return {"id": name, "body": f"loaf {name}", "author": "baker", "subreddit": "breadlog", **more}


def get_parent_names(name: str, **more: Any) -> dict[str, Any]:
    """Build a plain comment that replies to the post."""
    return comment(name, link_id=f"t3_{THREAD}", parent_id=f"t3_{THREAD}", **more)


def thing(data: dict[str, Any], kind: str = "t1") -> dict[str, Any]:
    return {"kind": kind, "data": data}


def listing(*children: Any) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"children": [*children]}}


def page(*comments: Any, thread: str = THREAD) -> list[Any]:
    return [listing(thing(post(thread), "t3")), listing(*map(thing, comments))]


def as_lines(*values: Any) -> str:
    return "".join(f"{json.dumps(value)}\n" for value in values)


def import_files(
    path: Path, import_filter: ImportFilter = FILTER
) -> tuple[ImportCollector, list[Capture]]:
    collector = ImportCollector(path.parent / "tmp", import_filter)
    collector.add_file(path)
    return collector, list(collector.iter_captures())


def parents(found: Capture) -> dict[str, str]:
    """Return the parent of each comment, by its fullname."""
    comments = [each for each in found.things if each["kind"] == "t1"]
    assert {each["data"]["link_id"] for each in comments} == {f"t3_{THREAD}"}
    return {str(capture.get_fullname(each)): each["data"]["parent_id"] for each in comments}


REPLIES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "listing": lambda reply: listing(thing(reply)),
    "list of things": lambda reply: [thing(reply)],
    "list of objects": lambda reply: [reply],
    "one object": lambda reply: reply,
    "object of objects": lambda reply: {"0": reply},
}
FILES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "list": lambda top: [post(), top],
    "lines": lambda top: as_lines(post(), top),
    "answer of an API": lambda top: {"data": [post(), top]},
    "post with comments": lambda top: post(comments=[top]),
    "BDFR": lambda top: post(comments=[top], permalink=f"/r/breadlog/comments/{THREAD}/rye/"),
    "post beside comments": lambda top: {"post": post(), "comments": [top], "meta": {"n": 1}},
    "page": lambda top: page(top),
    "pages on lines": lambda top: as_lines(page(top), page(top, thread="zz")),
}


@pytest.mark.parametrize("replies", REPLIES.values(), ids=REPLIES)
@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_nested__replies_are_imported_in_any_form(
    file: Callable[[dict[str, Any]], Any],
    replies: Callable[[dict[str, Any]], Any],
    tmp_path: Path,
) -> None:
    inner = comment("k2", replies=replies(comment("k3", replies=None)))
    value = file(get_parent_names("k1", replies=replies(inner)))
    (tmp_path / "x").write_text(value if isinstance(value, str) else json.dumps(value))
    collector, (found,) = import_files(tmp_path / "x")
    assert parents(found) == {"t1_k1": f"t3_{THREAD}", "t1_k2": "t1_k1", "t1_k3": "t1_k2"}
    assert not collector.skipped_counts
    assert not collector.skipped_nested_counts


@pytest.mark.parametrize("empty", ["", None, [], {}, 0, False, listing()])
@pytest.mark.parametrize("form", [[], as_lines], ids=["list", "lines"])
def test_nested__empty_replies_are_not_counted(form: Any, empty: Any, tmp_path: Path) -> None:
    values = [post(), get_parent_names("k1", replies=empty), get_parent_names("k2", comments=empty)]
    (tmp_path / "x").write_text(form(*values) if form else json.dumps(values))
    collector, (found,) = import_files(tmp_path / "x")
    assert len(found.things) == 3
    assert not collector.skipped_nested_counts
    assert "whole" not in found.request


@pytest.mark.parametrize("form", [[], as_lines], ids=["list", "lines"])
@pytest.mark.parametrize(
    "lost", ["some words", {"body": "no id"}, thing({}, "t9"), {"kind": "Listing", "data": None}, 7]
)
def test_nested__unreadable_replies_are_counted(lost: Any, form: Any, tmp_path: Path) -> None:
    values = [post(), get_parent_names("k1", replies=[lost, comment("k2")])]
    (tmp_path / "x").write_text(form(*values) if form else json.dumps(values))
    collector, (found,) = import_files(tmp_path / "x")
    assert list(collector.skipped_nested_counts.values()) == [1]
    assert found.request["whole"] is False
    assert len(found.things) == 3


@pytest.mark.parametrize("lost", [{"body": "no id"}, {"id": "k9", "parent_id": "t1_k1"}])
def test_nested__replies_of_an_unreadable_comment_are_imported(
    lost: dict[str, Any], tmp_path: Path
) -> None:
    values = [post(), {**lost, "replies": [get_parent_names("k2")]}]
    (tmp_path / "x").write_text(json.dumps(values))
    collector, (found,) = import_files(tmp_path / "x")
    assert (len(found.things), found.request["whole"]) == (2, False)
    assert list(collector.skipped_nested_counts.values()) == [1]


def test_nested__reported_by_the_program(run: Run, tmp_path: Path) -> None:
    values = [post(), get_parent_names("k1", replies=[{"body": "no id"}])]
    (tmp_path / "plain.json").write_text(json.dumps(values))
    (tmp_path / "page.json").write_text(json.dumps(page(values[1])))
    assert "left out 1 value among replies" in run("import", "plain.json").err
    result = run("save", "page.json")
    assert (
        "page.json: left out 1 part that can't be read; the thread is not complete." in result.err
    )
    assert run("save", "page.json", "--require-complete").code == 3


IDS = {
    "top level": ({"link_id": f"t3_{THREAD}", "parent_id": None}, f"t3_{THREAD}"),
    "integers": ({"link_id": INTEGER, "parent_id": int("k1", 36)}, "t1_k1"),
    "integer of the post": ({"link_id": INTEGER, "parent_id": INTEGER}, f"t3_{THREAD}"),
    "floats": ({"link_id": float(INTEGER), "parent_id": float(int("k1", 36))}, "t1_k1"),
    "not a number": ({"link_id": INTEGER, "parent_id": float("nan")}, f"t3_{THREAD}"),
    "bare": ({"link_id": THREAD, "parent_id": "k1"}, "t1_k1"),
    "bare, of the post": ({"link_id": THREAD, "parent_id": THREAD}, f"t3_{THREAD}"),
    "bare digits": ({"link_id": THREAD, "parent_id": "123456"}, "t1_123456"),
    "integers as text": (
        {"link_id": str(INTEGER), "parent_id": str(int("kaa0001", 36))},
        "t1_kaa0001",
    ),
    "integer digits": ({"link_id": THREAD, "parent_id": 123456}, "t1_2n9c"),
    "permalink alone": (
        {"link_id": None, "permalink": f"/r/x/comments/{THREAD}/t/c/", "parent_id": None},
        f"t3_{THREAD}",
    ),
    "as Reddit has it": ({"link_id": f"t3_{THREAD}", "parent_id": "t1_k1"}, "t1_k1"),
}
FORMS: dict[str, Callable[[dict[str, Any]], Any]] = {
    **FILES,
    "things on lines": lambda top: as_lines(thing(top)),
    "nested": lambda top: [post(), get_parent_names("k9", replies=[top])],
    "gallery-dl": lambda top: post(category="reddit", subcategory="submission", comment=top),
}


@pytest.mark.parametrize(("ids", "parent"), IDS.values(), ids=IDS)
def test_ids__connect_replies_in_every_form(
    ids: dict[str, Any], parent: str, tmp_path: Path
) -> None:
    for name, form in FORMS.items():
        value = form(comment("c1", **ids))
        path = tmp_path / name
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        nested_null = name == "nested" and parents(import_files(path)[1][0])["t1_c1"] == "t1_k9"
        assert nested_null or parents(import_files(path)[1][0])["t1_c1"] == parent, name
        path.unlink()


def test_ids__in_a_saved_page(tmp_path: Path) -> None:
    made = [comment(f"c{n}", **ids) for n, (ids, _) in enumerate(IDS.values())]
    (tmp_path / "x.json").write_text(json.dumps(page(*made)))
    found = parents(saved_json.read_capture(str(tmp_path / "x.json")))
    assert list(found.values()) == [parent for _, parent in IDS.values()]


def test_ids__catches_a_dropped_form(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(extract, "to_base36", lambda _: "")
    (tmp_path / "x").write_text(as_lines(post(), comment("c1", **IDS["integers"][0])))
    assert [len(each.things) for each in import_files(tmp_path / "x")[1]] == [1]


@pytest.mark.parametrize("last", ["x", '{"cut": [', "\x00", '[{"kind":"Listing"}]'])
def test_lines__pages_and_a_damaged_line(last: str, run: Run, tmp_path: Path) -> None:
    text = as_lines(page(get_parent_names("k1")), page(thread="zz"))
    (tmp_path / "x.ndjson").write_text(text + last)
    (tmp_path / "y.json").write_text(json.dumps(page(thread="yy")))
    result = run("import", "x.ndjson", "y.json")
    is_cut_off = last.startswith("{")
    assert (result.code, len(result.out.splitlines())) == (3 if is_cut_off else 0, 3)
    assert "x.ndjson: left out 1 line" in result.err


def test_lines__of_several_threads_each(tmp_path: Path) -> None:
    both = listing(thing(post("aa"), "t3"), thing(post("bb"), "t3"))
    (tmp_path / "x").write_text(as_lines(both, page()))
    names = [each.thread_id for each in import_files(tmp_path / "x", ImportFilter())[1]]
    assert sorted(names) == ["aa", "abc123", "bb"]


def test_lines__elements_of_a_list(tmp_path: Path) -> None:
    lines = [json.dumps(each) for each in (post(), get_parent_names("k1"), get_parent_names("k2"))]
    for text in ("[\n" + ",\n".join(lines) + "\n]\n", "[" + ",\n".join(lines) + "]"):
        for end in ("", "\ncut off"):
            (tmp_path / "x").write_text(text + end)
            collector, (found,) = import_files(tmp_path / "x")
            assert len(found.things) == 3
            assert sum(collector.skipped_counts.values()) == bool(end)


def test_lines__pages_that_are_elements_of_a_list(tmp_path: Path) -> None:
    pages = ",\n".join(json.dumps(page(thread=name)) for name in ("aa", "bb", "cc"))
    for text in (f"[\n{pages}\n]\n", f"[{pages}]", pages):
        (tmp_path / "x").write_text(f"{text}\ncut off")
        collector, found = import_files(tmp_path / "x", ImportFilter())
        assert sorted(each.thread_id for each in found) == ["aa", "bb", "cc"]
        assert sum(collector.skipped_counts.values()) == 1


def test_folder__an_unreadable_file_does_not_affect_others(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.json").write_text(json.dumps(page()))
    (tmp_path / "in/b.json").write_bytes(b"\xff\xfe{")
    (tmp_path / "in/c.jsonl").write_text("broken\n" + as_lines(post("cc")))
    result = run("import", "in")
    assert (result.code, len(result.out.splitlines())) == (3, 2)
    assert "1 of 3 was not imported" in result.err


ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16, little end first": lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
    "UTF-16, big end first": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "gzip": lambda text: gzip.compress(text.encode()),
    "UTF-16 in gzip": lambda text: gzip.compress(text.encode("utf-16")),
}
DOCUMENTS: dict[str, Callable[..., str]] = {
    "one": lambda *values: json.dumps([*values]),
    "on lines": as_lines,
    "on Windows' lines": lambda *values: as_lines(*values).replace("\n", "\r\n"),
    "joined": lambda *values: "".join(map(json.dumps, values)),
    "pretty": lambda *values: "\n".join(json.dumps(value, indent=2) for value in values),
    "with marks": lambda *values: "\ufeff".join(json.dumps(value) + "\n" for value in values),
}


@pytest.mark.parametrize("documents", DOCUMENTS.values(), ids=DOCUMENTS)
def test_encodings__are_equal_for_save_import_and_batch(
    documents: Callable[..., str], run: Run, tmp_path: Path
) -> None:
    text = documents(
        page(get_parent_names("k1", body="Brötchen 🥖")), listing(thing(get_parent_names("k2")))
    )
    for number, encode in enumerate(ENCODINGS.values()):
        name = f"x{number}.json.gz" if number > 3 else f"x{number}.json"
        (tmp_path / name).write_bytes(encode(text))
        found = saved_json.read_capture(str(tmp_path / name))
        assert parents(found) == {"t1_k1": f"t3_{THREAD}", "t1_k2": f"t3_{THREAD}"}
        assert found.things[1]["data"]["body"] == "Brötchen 🥖"
        assert parents(import_files(tmp_path / name)[1][0]) == parents(found)
    result = run("batch", "--dry-run", *(f"x{n}.json" for n in range(4)), "x4.json.gz")
    assert result.code == 0
    assert THREAD in result.out
    assert "not valid" not in result.err


def test_save__from_a_pipe_in_any_encoding(run: Run) -> None:
    data = gzip.compress(json.dumps(page(get_parent_names("k1"))).encode("utf-16"))
    assert "Saved t3_abc123 with 1 comment" in run("save", "-", stdin=data).err


def test_save__an_export_has_a_hint_to_import_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps([post(), get_parent_names("k1")]))
    result = run("save", "x.json")
    assert (result.code, "archive import x.json" in result.err) == (1, True)


JUNK = [None, 0, -1, 2**70, 1e400, "", "t3_", "\ud800", [], {}, [[]], {"kind": "t1"}, True]


def mutate(value: Any, dice: random.Random) -> Any:
    """Exchange, remove or duplicate a value in JSON."""
    if dice.random() < 0.04:
        return dice.choice(JUNK)
    if isinstance(value, list):
        found = [mutate(each, dice) for each in value]
        return found * 2 if dice.random() < 0.05 else found
    if isinstance(value, dict):
        return {key: mutate(each, dice) for key, each in value.items() if dice.random() > 0.03}
    return value


@pytest.mark.parametrize("tries", [150, pytest.param(5_000, marks=slow)])
def test_hostile__no_file_affects_another(tries: int, tmp_path: Path) -> None:
    """Every file is read or refused with a message, and the next file is read."""
    dice = random.Random(tries)
    good = tmp_path / "good"
    good.write_text(as_lines(post("zz"), page(thread="yy")))
    names, ids = list(FORMS), list(IDS.values())
    for _ in range(tries):
        top = get_parent_names("k1", replies=listing(thing(comment("k2", **dice.choice(ids)[0]))))
        value = FORMS[dice.choice(names)](top)
        value = (
            value if isinstance(value, list | dict) else [*map(json.loads, value.split("\n")[:-1])]
        )
        value = mutate(value, dice)
        as_text = as_lines(*value) if isinstance(value, list) and dice.random() < 0.5 else None
        data = bytearray((as_text or json.dumps(value)).encode("utf-8", "surrogatepass"))
        for _ in range(dice.choice([0, 0, 1, 3])):
            data[dice.randrange(len(data)) :] = dice.choice([b"", b"\n", b"x", bytes(data[:9])])
            data = data or bytearray(b" ")
        (tmp_path / "bad").write_bytes(data)
        collector = ImportCollector(tmp_path / "tmp", ImportFilter())
        for path in (tmp_path / "bad", good):
            try:
                collector.add_file(path)
            except (errors.NotAThreadError, errors.IncompleteThreadError):
                assert path != good
        assert {"zz", "yy"} <= {each.thread_id for each in collector.iter_captures()}, bytes(data)
