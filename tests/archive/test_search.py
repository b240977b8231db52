"""Search finds every text that was ever stored, nothing that was erased, with any query."""

import json
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from reddit_archive import history
from reddit_archive.archive import redact, store
from reddit_archive.archive.index import (
    cache_database,
    maintenance,
    search,
    search_documents,
    search_query,
    search_snippet,
    search_table,
    thread_table,
)
from reddit_archive.archive.index.search import Hit, SearchFilter
from reddit_archive.archive.redact import RedactionCriteria
from tests.conftest import EXAMPLES, Run
from tests.support import faults, story
from tests.support.broken_files import BREAKAGES, lock, make_folder
from tests.support.faults import capture_text
from tests.support.hostile_terminal import (
    COLOURS,
    SEQUENCES,
    find_control_characters,
    run_on_terminal,
    store_hostile_thread,
)
from tests.support.redaction_cases import ALICE, SECRETS, build_history, find_traces, store_captures

slow = pytest.mark.slow


def find(root: Path, query: str, *, limit: int = 20, **limits: Any) -> list[Hit]:
    return search.find(root, SearchFilter(search.parse(query), **limits), limit=limit)


def get_fullnames(found: Iterable[Hit]) -> list[str]:
    return [hit.document.fullname for hit in found]


def build_archive(root: Path) -> Path:
    """Store two threads, one of them with a changed text, and build the index."""
    for thread, text in (("aaa", "An early text"), ("bbb", "Earl Grey"), ("bbb", "Lady Grey")):
        store.add(root, capture_text(text, thread=thread, seconds=len(text) * ord(text[0])))
    maintenance.rebuild(root)
    return root


def add_comment(root: Path, body: str, thread: str = "abc123", **more: Any) -> None:
    comment = {"name": "t1_c0", "parent_id": f"t3_{thread}", "body": body, **more}
    store.add(
        root, replace(capture_text("x", thread=thread), things=({"kind": "t1", "data": comment},))
    )
    maintenance.add(root, thread, store.load_snapshots(root, thread))


def test_find__previous_text_is_quoted_as_of_its_time(tmp_path: Path) -> None:
    root = build_archive(tmp_path)
    former, present = find(root, "earl grey")[0].document, find(root, "lady grey")[0].document
    assert (former.is_former, former.body, present.is_former) == (True, "Earl Grey", False)
    assert former.quote_command == "archive quote bbb --as-of 2026-01-01T00:10:21Z"
    assert present.quote_command == "archive quote bbb"


def test_find__shows_the_newest_version_that_matches(tmp_path: Path) -> None:
    found = find(build_archive(tmp_path), "grey")
    assert [hit.document.body for hit in found] == ["Lady Grey"]


@pytest.mark.parametrize(
    ("query", "body", "is_found"),
    [
        ("cafe NAIVE", "A naïve Café", True),
        ("crème", "creme", True),
        ("two three", "three and two", True),
        ('"two three"', "three and two", False),
        ('"two three"', "one, two: three", True),
        ("begin*", "beginnings", True),
        ("begin", "beginnings", False),
        ('"the begin"*', "the beginnings", True),
        ("don't", "they don\u2019t", True),
        ("東京", "私は東京都に住んでいます", True),
        ("京東", "私は東京都に住んでいます", False),
        ("한국", "저는 한국어를 배웁니다", True),
        ("🍞", "Fresh🍞bread", True),
        ("bread OR cake", "bread alone", False),
        ("NOT", "bread alone", False),
        ("body:bread", "bread alone", False),
    ],
)
def test_find__words(tmp_path: Path, query: str, body: str, is_found: bool) -> None:
    add_comment(tmp_path, body)
    assert bool(find(tmp_path, query)) is is_found


def test_find__titles_rank_first_and_polls_match(run: Run, tmp_path: Path) -> None:
    for name in ("short", "poll"):
        run(EXAMPLES / f"{name}.json")
    root = tmp_path / "archive"
    assert get_fullnames(find(root, "starter"))[0] == "t3_9bread3"
    assert find(root, "rye honey")[0].snippet.text.startswith("Two feeds")


def test_find__filters(tmp_path: Path) -> None:
    more = {"author": "Some-Name", "subreddit": "Bread", "created_utc": 1_767_225_600}
    add_comment(tmp_path, "words", **more)
    at = faults.NEW_YEAR
    assert find(tmp_path, "words", subreddits=("bread",), authors=("some-name",))
    assert not find(tmp_path, "words", subreddits=("cake",))
    assert not find(tmp_path, "words", authors=("other",))
    assert find(tmp_path, "words", since=at, until=at)
    assert not find(tmp_path, "words", since=at.replace(hour=1))
    assert not find(tmp_path, "words", until=at.replace(year=2025))
    assert not find(tmp_path, "words", only_deleted=True)
    assert not find(tmp_path, "words", only_edited=True)


def test_find__deleted_and_edited(run: Run, tmp_path: Path) -> None:
    for file in story.write(tmp_path):
        run(file)
    root = tmp_path / "archive"
    assert get_fullnames(find(root, "three things", only_edited=True)) == ["t1_zkeep01"]
    assert find(root, "one page", only_deleted=True) == []
    lost = json.loads(run("search", "th*", "--lost", "--json").out)
    assert [(each["id"], each["lost"], each["is_former"]) for each in lost] == [
        ("t1_zkeep02", "deleted", False)
    ]
    former = find(root, '"three things"')[0].document
    assert "Three things" in run(*former.quote_command.split()[1:]).out


def test_find__text_that_no_quote_shows_is_shown_by_diff(tmp_path: Path) -> None:
    for number, source in enumerate(("reddit", "arctic-shift")):
        body = {"name": "t1_c0", "parent_id": "t3_abc123", "body": f"from {source}"}
        body |= {"created_utc": 1_700_000_000, "retrieved_on": 1_700_000_009}
        new_capture = replace(
            capture_text("x", seconds=number), things=({"kind": "t1", "data": body},)
        )
        store.add(tmp_path, replace(new_capture, source=source))
    assert find(tmp_path, "arctic")[0].document.quote_command == "archive diff abc123"


# Disposable


def other_word(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"Lady Grey", b"Lord Grey"))


FAULTS = [*BREAKAGES, other_word, lock]


@pytest.mark.parametrize("fault", FAULTS)
def test_r7__broken_index(
    tmp_path: Path,
    fault: Callable[[Path], Any],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cache_database, "WAIT_SECONDS", 0.01)
    root = build_archive(tmp_path)
    expected = [hit.document for hit in find(root, "grey")]
    other = fault(root / thread_table.FILE_NAME)
    before = faults.listing(root)
    assert [hit.document for hit in find(root, "grey")] == expected
    assert faults.listing(root) == before
    assert len(caplog.records) <= 1
    if other:
        other.close()


def test_r7__control_without_checksums_a_flipped_word_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_table, "_compute_checksum", lambda *values: "none")
    root = build_archive(tmp_path)
    other_word(root / thread_table.FILE_NAME)
    assert find(root, "grey")[0].document.body == "Lord Grey"


@pytest.mark.parametrize("fault", [f for f in FAULTS if f is not make_folder])
def test_add__never_raises_and_rebuild_repairs(
    tmp_path: Path, fault: Callable[[Path], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_database, "WAIT_SECONDS", 0.01)
    root = build_archive(tmp_path)
    other = fault(root / thread_table.FILE_NAME)
    add_comment(root, "Brand new", thread="ccc")
    assert find(root, "brand new")
    if other:
        other.close()
    assert maintenance.rebuild(root) == 4
    assert find_current(root) == {"aaa", "bbb", "ccc"}
    assert list((root / "tmp").iterdir()) == []


def test_add_and_rebuild__trace_each_thread_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, traced, trace = build_archive(tmp_path), [], history.trace
    monkeypatch.setattr(
        history, "trace", lambda name, captures: traced.append(name) or trace(name, captures)
    )
    maintenance.rebuild(root)
    add_comment(root, "Brand new", thread="ccc")
    assert traced == ["aaa", "bbb", "ccc"]


def find_current(root: Path) -> set[str]:
    database = sqlite3.connect(root / thread_table.FILE_NAME)
    found = search.find_current(root, database)
    database.close()
    return found


def test_find__threads_that_are_not_in_the_index(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = build_archive(tmp_path)
    store.add(root, capture_text("Grey goose", thread="ccc"))
    store.add(root, capture_text("Green now", thread="aaa", seconds=99_999))
    for snapshot in store.load_snapshots(root, "bbb"):
        snapshot.path.unlink()
    assert {hit.document.thread_id for hit in find(root, "gr*")} == {"aaa", "ccc"}
    assert "2 threads are not in the index" in caplog.records[0].message


def test_find__reads_no_snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = build_archive(tmp_path)
    monkeypatch.delattr(store, "load_snapshots")
    assert find(root, "grey")


# Forgetting


def test_redact__leaves_no_byte_of_a_text(tmp_path: Path) -> None:
    store_captures(tmp_path, build_history())
    maintenance.rebuild(tmp_path)
    assert find(tmp_path, "xylophone")
    assert (set(find_traces(tmp_path)), b"xylophone" in read_index(tmp_path)) == (
        set(SECRETS),
        True,
    )
    redact.redact(tmp_path, "abc123", ALICE)
    assert (tmp_path / thread_table.FILE_NAME).exists()
    assert (find_traces(tmp_path), find_traces(tmp_path, ["xyloph"])) == ([], [])
    assert get_fullnames(find(tmp_path, "bread")) == ["t1_c2"]


def read_index(root: Path) -> bytes:
    return (root / thread_table.FILE_NAME).read_bytes()


def test_forget__leaves_no_byte_of_many_texts(tmp_path: Path) -> None:
    for number in range(60):
        add_comment(tmp_path, f"secret{number}x shared " * (1 + number % 40), thread=f"t{number}")
    for number in range(0, 60, 2):
        redact.forget_thread(tmp_path, f"t{number}")
    assert len(find(tmp_path, "shared", limit=99)) == 30
    data = read_index(tmp_path)
    assert not [number for number in range(0, 60, 2) if f"secret{number}x".encode() in data]
    # FTS5 keeps a word without the beginning that it shares with the one before.
    assert not [number for number in range(10, 60, 2) if f"{number}x shared".encode() in data]


def test_forget__control_without_optimize_words_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_table, "optimize", lambda database: None)
    for number, word in enumerate(("apple", "xylophone", "zebra")):
        add_comment(tmp_path, word, thread=f"t{number}")
    redact.forget_thread(tmp_path, "t1")
    assert b"xylophone" in read_index(tmp_path)


def test_redact__locked_or_damaged_index_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_database, "WAIT_SECONDS", 0.01)
    for number, fault in enumerate((lock, other_word)):
        root = build_archive(tmp_path / str(number))
        other = fault(root / thread_table.FILE_NAME)
        redact.redact(
            root, "bbb", RedactionCriteria(created_before=faults.NEW_YEAR.replace(year=2030))
        )
        redact.forget_thread(root, "bbb")
        assert find_traces(root, ["lady", "lord"]) == []
        if other:
            other.close()


# Size


def store_thread(root: Path, comments: int) -> int:
    """Store a thread as dumps have them, and index it; return the bytes of its texts."""
    random = Random(4)
    things, size = [], 0
    for number in range(comments):
        body = " ".join(f"word{random.randrange(999)}" for _ in range(28))
        comment = {"name": f"t1_c{number:06}", "parent_id": "t3_abc123", "body": body}
        comment |= {"author": f"user{number % 99:05}", "created_utc": 1_700_000_000 + number}
        comment["permalink"] = f"/r/testing/comments/abc123/a_title/c{number:06}/"
        things.append({"kind": "t1", "data": comment})
        size += len(body)
    store.add(root, replace(capture_text("x"), things=tuple(things)))
    maintenance.rebuild(root)
    return size


def test_index__is_small(tmp_path: Path) -> None:
    size = store_thread(tmp_path, 1_000)
    assert (tmp_path / thread_table.FILE_NAME).stat().st_size < 2.3 * size


def test_index__control_what_documents_share_is_stored_with_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    get_end = "_get_permalink_end"
    monkeypatch.setattr(search_documents, get_end, lambda fullname: "no address ends with this")
    with pytest.raises(AssertionError):
        test_index__is_small(tmp_path)


def test_find__every_address_and_time_is_as_it_was_stored(tmp_path: Path) -> None:
    things = []
    for number, permalink in enumerate(("/r/a/comments/abc123/x/", "/odd", None, "http://x")):
        name = f"t1_c{number}" if number else "t3_abc123"
        data = {"name": name, "body": "words", "selftext": "words", "permalink": permalink}
        data |= {"created_utc": (0, -1.5, 1_700_000_000.999, 2**40)[number], "title": "A title"}
        things.append({"kind": name[:2], "data": data})
    store.add(tmp_path, replace(capture_text("x"), things=tuple(things)))
    maintenance.rebuild(tmp_path)
    found = {hit.document.fullname: hit.document for hit in find(tmp_path, "words")}
    assert [(each.permalink, each.created_at) for _, each in sorted(found.items())] == [
        ("https://www.reddit.com/odd", "1969-12-31T23:59:58Z"),
        ("https://www.reddit.com/comments/abc123/_/c2/", "2023-11-14T22:13:20Z"),
        ("https://www.reddit.com/comments/abc123/_/c3/", None),
        ("https://www.reddit.com/r/a/comments/abc123/x/", None),
    ]


# Hostile input

PIECES = [
    *('"', "'", "*", "(", ")", ":", "^", "-", "+", "{", "}", "NEAR", "AND", "OR", "NOT", "\\", ";"),
    *("title:", "NEAR(a b, 2)", "^start", "--", "DROP TABLE texts", "%", "_", "\x01", "\ud800"),
    *("\u202e", "🍞", "é", "e\u0301", "東", "\U000e0001", "ß", "ﬁ", "İ", "a" * 300, " ", "words"),
    *(" ", "\ufdd0", "\ufffd", "²", "①", "ẞ", "\u0345", "rowid", "rank", "<b>", "&amp;"),
    *SEQUENCES,
]


@pytest.mark.parametrize("count", [100, pytest.param(1_000, marks=slow)])
def test_s7__hostile_queries_are_text(tmp_path: Path, count: int) -> None:
    random = Random(3)
    root = tmp_path / "archive"
    store_hostile_thread(root, 30)
    maintenance.rebuild(root)
    for _ in range(count):
        query = "".join(random.choices(PIECES, k=random.randint(1, 40)))
        for hit in find(root, query):
            assert hit.document.thread_id == "abc123"


def test_s7__long_queries(tmp_path: Path) -> None:
    body = " ".join(f"word{number}" for number in range(5_000))
    add_comment(tmp_path, body)
    assert find(tmp_path, body)
    assert find(tmp_path, f'"{body}"')
    assert find(tmp_path, "* " * 5_000) == []


def test_s7__control_an_unquoted_query_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = build_archive(tmp_path)
    monkeypatch.setattr(search_query, "format_for_fts5", lambda phrases: 'grey AND "')
    with sqlite3.connect(root / thread_table.FILE_NAME) as database, pytest.raises(sqlite3.Error):
        search._find_best(database, SearchFilter(search.parse("grey")), 1, {"bbb"})
    database.close()


@pytest.mark.parametrize("term", ["dumb", "xterm-256color"])
@pytest.mark.parametrize("count", [20, pytest.param(1_000, marks=slow)])
def test_s7__hits_do_not_control_the_terminal(tmp_path: Path, term: str, count: int) -> None:
    store_hostile_thread(tmp_path / "archive", count)
    command = ("search", "words", "--limit", str(count))
    code, written = run_on_terminal(tmp_path, *command, term=term)
    assert (code, len(written) > 60 * count) == (0, True)
    assert find_control_characters(COLOURS.sub(b"", written)) == set()


@pytest.mark.parametrize("body", ["\ud800 words", "\x00 words", "words \x00\x1b", "words " * 9_000])
def test_find__odd_texts(tmp_path: Path, body: str) -> None:
    add_comment(tmp_path, body, author="\ud800", permalink="/\ud800")
    assert len(find(tmp_path, "words")[0].snippet.text) < 300


# Snippets, and the command


def test_snippet__shows_the_matches() -> None:
    text = f"{'before ' * 99}an early Café\nto remember {'after ' * 99}"
    found = search_snippet.build_snippet(search_query.parse('cafe "early"'), "a title", text)
    assert [found.text[a:b] for a, b in found.spans] == ["early", "Café"]
    assert found.text.startswith("… ")
    assert found.text.endswith(" …")
    assert len(found.text) < 250


def test_command__rows_on_a_pipe_and_json(run: Run) -> None:
    run(EXAMPLES / "short.json")
    fields = run("search", "starter").out.splitlines()[0].split("\t")
    assert fields[0] == "t1_zkeep03"
    assert fields[-1] == "archive quote 9bread1 --comment zkeep03"
    hit = json.loads(run("search", "starter", "--json", "--limit", "1").out)
    assert [(each["id"], each["command"]) for each in hit] == [("t1_zkeep03", fields[-1])]
    assert run(*fields[-1].split()[1:]).code == 0


@pytest.mark.parametrize("query", ["xyzzy", '"', "( ; )*"])
def test_command__exits_with_1_without_hits(run: Run, query: str) -> None:
    run(EXAMPLES / "short.json")
    ran = run("search", "--", query)
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 2)
    assert json.loads(run("search", "--json", "--", query).out) == []


def test_command__no_archive(run: Run, tmp_path: Path) -> None:
    assert run("search", "word").code == 1
    assert not (tmp_path / "archive").exists()
