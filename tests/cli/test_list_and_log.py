"""`list`, `log` and `diff` show what the archive holds and what changed."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from reddit_archive.archive import check_log, store
from reddit_archive.cli import change_report, program, terminal
from reddit_archive.errors import InvalidReferenceError
from reddit_archive.model import capture
from reddit_archive.model.capture import Capture
from reddit_archive.workflows.load import parse_time
from tests.conftest import Run, example
from tests.support import reddit_server

START = datetime(2026, 1, 3, 10, 0, tzinfo=UTC)
REDACT = "*This post was mass deleted and anonymized with [Redact](https://redact.dev/home)*"


def store_thread(thread: reddit_server.Thread, root: Path, day: int) -> str:
    """Store a thread as of some days after START; return the digest of the snapshot."""
    things = capture.flatten(reddit_server.page(thread, limit=500))
    request = {"path": f"comments/{thread.id}/"}
    taken_capture = Capture(thread.id, START + timedelta(days=day), "reddit", request, things)
    return store.add(root, taken_capture).snapshot.digest


@pytest.fixture
def digests(tmp_path: Path) -> list[str]:
    """The digests of three snapshots of one thread."""
    thread, root = example("short"), tmp_path / "archive"
    digests = [store_thread(thread, root, 0)]
    thread.edit("zkeep01", "Paper.\n\nAnd *two* pencils.")
    thread.delete("zkeep05")
    digests.append(store_thread(thread, root, 10))
    thread.edit("zkeep03", f"market school yoke pet {REDACT}")
    thread.remove_post("moderator")
    return [*digests, store_thread(thread, root, 20)]


def parse_rows(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines()]


def test_log__snapshots_and_changes(run: Run, digests: list[str]) -> None:
    ran = run("log", "9bread1")
    snapshots, changed = (parse_rows(part) for part in ran.out.split("\n\n"))
    assert [row[0] for row in snapshots] == [
        "2026-01-03 10:00",
        "2026-01-13 10:00",
        "2026-01-23 10:00",
    ]
    assert [row[3] for row in snapshots] == [
        "",
        "1 edited, 1 vanished",
        "1 removed, 1 overwritten",
    ]
    assert [row[:3] for row in changed if row[4] == "t1_zkeep03"] == [
        ["2026-01-13 10:00", "2026-01-23 10:00", "overwritten"]
    ]
    assert ran.code == 0


def test_log__sorts_checks_between_snapshots(run: Run, digests: list[str], tmp_path: Path) -> None:
    check_log.add(
        store.thread_folder(tmp_path / "archive", "9bread1"),
        START + timedelta(days=15),
        "reddit",
        "gone",
    )
    assert [row[2] for row in parse_rows(run("log", "9bread1").out)[:4]][2] == "gone"


def test_log__json(run: Run, digests: list[str]) -> None:
    output = json.loads(run("log", "9bread1", "--json").out)
    assert [snapshot["digest"] for snapshot in output["snapshots"]] == digests
    assert output["snapshots"][1]["changes"] == {"edited": 1, "vanished": 1}
    edited = next(change for change in output["changes"] if change["change"] == "edited")
    assert (edited["of"], edited["after"], edited["before"], edited["snapshot"]) == (
        "t1_zkeep01",
        "2026-01-03T10:00:00Z",
        "2026-01-13T10:00:00Z",
        digests[1],
    )


def test_diff__lines_of_the_last_two(run: Run, digests: list[str]) -> None:
    ran = run("diff", "9bread1")
    assert ran.code == 1
    title, *lines = ran.out.split("\n\nt1_")[1].strip().splitlines()
    assert title.endswith(": overwritten, 2026-01-13 10:00 to 2026-01-23 10:00")
    assert lines[-1] == f"+ market school yoke pet {REDACT}"
    assert all(line[:2] in ("- ", "+ ", "  ", "-") for line in lines)


def test_diff__nothing_changed_exits_with_0(run: Run, digests: list[str]) -> None:
    ran = run("diff", "9bread1", "-1", "-1")
    assert (ran.code, ran.out) == (0, "")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("-3", "-2"),
        ("2026-01-03", "2026-01-14"),
        ("2026-01-03T10:00", "2026-01-13T10:00+00:00"),
        ("{0}", "{1}"),
    ],
)
def test_diff__ways_to_name_a_snapshot(start: str, end: str, run: Run, digests: list[str]) -> None:
    prefixes = [digest[:9] for digest in digests]
    ran = run("diff", "9bread1", start.format(*prefixes), end.format(*prefixes), "--json")
    output = json.loads(ran.out)
    assert (output["from"]["digest"], output["to"]["digest"]) == tuple(digests[:2])
    assert (ran.code, output["changed"]) == (1, True)
    (edited,) = (change for change in output["changes"] if change["change"] == "edited")
    assert "".join(text for sign, text in edited["words"] if sign != "-") == edited["text"]


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("-9", 1, "there is no snapshot -9: the thread has 3 snapshots"),
        ("2025-12-31", 1, "the archive had no snapshot of the thread on 2025-12-31 23:59 UTC"),
        ("abcdef0123", 1, "no snapshot of this thread has a digest"),
        ("yesterday", 2, "'yesterday' is not a date"),
        ("--jsno", 2, "'--jsno' is not a date"),
    ],
)
def test_diff__unknown_snapshot(
    name: str, code: int, message: str, run: Run, digests: list[str]
) -> None:
    ran = run("diff", "9bread1", name)
    assert (ran.code, ran.out) == (code, "")
    assert message in ran.err


def test_diff__of_one_snapshot(run: Run, tmp_path: Path) -> None:
    store_thread(example("short"), tmp_path / "archive", 0)
    ran = run("diff", "9bread1")
    assert (ran.code, ran.out) == (0, "")
    assert "nothing to compare it with" in ran.err


def test_diff__colours_on_a_terminal(
    digests: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(change_report, "is_terminal", lambda: True)
    arguments = ["diff", "9bread1", "-3", "-2", "--archive", str(tmp_path / "archive")]
    out = CliRunner().invoke(program, arguments).output
    assert "\x1b[32m" in out
    assert "\x1b[9;31m" in out


def test_diff__control_characters_do_not_reach_the_terminal(run: Run, tmp_path: Path) -> None:
    thread, root = example("short"), tmp_path / "archive"
    store_thread(thread, root, 0)
    thread.edit("zkeep01", "\x1b]0;owned\x07 \u202e text")
    store_thread(thread, root, 1)
    for command in ("diff", "log"):
        out = run(command, "9bread1").out
        assert "\x1b" not in out
        assert "\u202e" not in out


def test_list__shows_deleted_texts(run: Run, digests: list[str], tmp_path: Path) -> None:
    store_thread(reddit_server.generate(comments=5), tmp_path / "archive", 0)
    listed = parse_rows(run("list").out)
    assert [row[4] for row in listed] == ["", "post, 2 comments"]
    assert parse_rows(run("list", "--lost").out) == listed[1:]
    output = json.loads(run("list", "--lost", "--json").out)
    assert [(thread["thread"], thread["kept"], thread["post_lost"]) for thread in output] == [
        ("t3_9bread1", 3, "removed")
    ]


def test_list__shows_unavailable_threads(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "archive"
    store_thread(example("short"), root, 0)
    check_log.add(
        store.thread_folder(root, "9bread1"), START + timedelta(days=1), "reddit", "not-found"
    )
    assert parse_rows(run("list", "--lost").out)[0][4] == "all (not-found)"
    check_log.add(
        store.thread_folder(root, "9bread1"), START + timedelta(days=2), "reddit", "unchanged"
    )
    assert run("list", "--lost").out == ""


def test_list__lost_without_deleted_texts(run: Run, tmp_path: Path) -> None:
    store_thread(example("short"), tmp_path / "archive", 0)
    ran = run("list", "--lost")
    assert (ran.code, ran.out) == (0, "")
    assert "Reddit still shows everything that is saved here" in ran.err


@pytest.mark.parametrize("date", ["2026-01-03", "20260103"])
def test_moment__date_means_its_end_or_its_start(date: str) -> None:
    assert f"{parse_time(date):%d %H:%M}" == "03 23:59"
    assert parse_time(date, is_start=True) == datetime(2026, 1, 3, tzinfo=UTC)


@pytest.mark.parametrize("time", ["2026-01-03T10:00", "2026-01-03T12:00+02:00", "20260103T10Z"])
def test_moment__is_utc_without_a_zone(time: str) -> None:
    assert parse_time(time) == START
    assert f"{parse_time(time):%H:%M %Z}" == "10:00 UTC"


@pytest.mark.parametrize("odd", ["soon", "", " ", "2026-02-30", "2026-W02", "0001-01-01T00+14:00"])
def test_moment__is_not_a_date(odd: str) -> None:
    with pytest.raises(InvalidReferenceError, match="is not a date"):
        parse_time(odd)


def test_as_of__nonsense_and_times_elsewhere_are_one_sentence(run: Run, tmp_path: Path) -> None:
    store_thread(example("short"), tmp_path / "archive", 0)
    ran = run("quote", "9bread1", "--as-of", "")
    assert (ran.code, ran.out, ran.err.splitlines()[0]) == (2, "", "archive: '' is not a date.")
    ran = run("quote", "9bread1", "--as-of", "2026-01-03T00:30+02:00")
    assert "on 2026-01-02 22:30 UTC" in ran.err


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120])
def test_table__keeps_all_text_on_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: int
) -> None:
    row = (
        "t3_9bread1",
        "r/breadlog",
        "2026-01-09 08:00",
        "",
        "some-long-name_",
        "Half a title " * 9,
    )
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    terminal.print_table(("Thread", "Subreddit", "When", "Kept here", "Who", "Title"), [row])
    shown = click.unstyle(capsys.readouterr().out)
    assert set(" ".join(row).split()) <= set(shown.split())
    assert max(map(len, shown.splitlines())) <= width


def test_table__without_rows_is_empty(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    terminal.print_table(("Thread", "Title"), [])
    assert capsys.readouterr().out == ""
