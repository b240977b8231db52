"""Wrong clocks: the order and the times of snapshots stay right, and no thread is forgotten."""

import json
import os
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from reddit_archive import history
from reddit_archive.archive import check_log, layout, redact, snapshot_order, store, thread_headers
from reddit_archive.archive.index import summary
from reddit_archive.archive.snapshot_format import format_time
from reddit_archive.model import capture
from reddit_archive.model.capture import Capture
from reddit_archive.workflows import schedule
from tests.conftest import EXAMPLES, Run
from tests.support import faults
from tests.support import reddit_server as rs
from tests.support.faults import NEW_YEAR

DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FAR = datetime(2176, 1, 1, tzinfo=UTC)
ID = "abc123"


def save(root: Path, text: str, at: datetime, **more: object) -> str:
    """Store a capture with this text; return the digest of its snapshot."""
    return store.add(root, faults.capture_text(text, at=at, **more)).snapshot.digest  # type: ignore[arg-type]


def save_all(root: Path, *times: datetime) -> list[str]:
    return [save(root, f"text {number}", at) for number, at in enumerate(times, 1)]


def texts(captures: tuple[Capture, ...]) -> list[str]:
    return [each.things[0]["data"]["selftext"] for each in captures]


def as_of(root: Path, at: datetime) -> list[str]:
    return texts(
        history.select_until((each.capture for each in store.load_snapshots(root, ID)), at)
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "archive"


CASES = {
    "back to 1970": ([0, "epoch", 20], [0, 0, 20]),
    "1970 twice, then right": ([10, "epoch", "epoch", 20], [10, 10, 10, 20]),
    "1970 at the beginning": (["epoch", 10], ["epoch", 10]),
    "an hour back": ([10, 9.96, 20], [10, 10, 20]),
    "future, then right": ([0, "far", 20], [0, 20, 20]),
    "future twice, then right": ([0, "far", "far", 20, 30], [0, 20, 20, 20, 30]),
    "future at the end": ([0, "far"], [0, "far"]),
    "future, then 1970": ([5, "far", "epoch"], [5, 5, 5]),
    "future, 1970, then right": ([5, "far", "epoch", 20], [5, 5, 5, 20]),
}


def moment(day: object) -> datetime:
    return {"epoch": EPOCH, "far": FAR}.get(str(day)) or NEW_YEAR + float(str(day)) * DAY


@pytest.mark.parametrize("case", CASES)
def test_heads__wrong_times_are_corrected_by_the_chain(case: str, root: Path) -> None:
    stored, expected = (map(moment, each) for each in CASES[case])
    digests = save_all(root, *stored)
    heads = thread_headers.read_headers(root, ID)
    assert [head.digest for head in heads] == digests
    assert [head.captured_at for head in heads] == [*expected]
    snapshots = store.load_snapshots(root, ID)
    assert [snapshot.capture.captured_at for snapshot in snapshots] == [
        head.captured_at for head in heads
    ]


def test_as_of__snapshot_dated_1970_is_not_older_than_its_parent(root: Path) -> None:
    save_all(root, NEW_YEAR, EPOCH, NEW_YEAR + 20 * DAY)
    assert as_of(root, NEW_YEAR + DAY) == ["text 1", "text 2"]
    with pytest.raises(Exception, match="the archive had no snapshot of the thread on 1975"):
        as_of(root, datetime(1975, 1, 1, tzinfo=UTC))


def test_as_of__snapshot_from_the_future_hides_no_later_one(root: Path) -> None:
    save_all(root, NEW_YEAR, FAR, NEW_YEAR + 20 * DAY)
    assert as_of(root, NEW_YEAR + 10 * DAY) == ["text 1"]
    assert as_of(root, NEW_YEAR + 21 * DAY) == ["text 1", "text 2", "text 3"]


def test_as_of__last_snapshot_from_the_future_counts_as_now(root: Path) -> None:
    save_all(root, NEW_YEAR, FAR)
    assert as_of(root, capture.utc_now() - DAY) == ["text 1"]
    assert as_of(root, capture.utc_now() + DAY) == ["text 1", "text 2"]


def test_readers__all_tell_the_same_times(run: Run, root: Path, tmp_path: Path) -> None:
    save_all(root, NEW_YEAR, EPOCH, NEW_YEAR + 20 * DAY)
    times = [format_time(moment(day)) for day in (0, 0, 20)]
    logged = json.loads(run("log", ID, "--json").out)["snapshots"]
    assert [each["captured_at"] for each in logged] == times
    assert [line[:10] for line in run("log", ID).out.splitlines()[:3]] == [t[:10] for t in times]
    (listed,) = json.loads(run("list", "--json").out)
    assert [listed["first_snapshot"], listed["last_snapshot"]] == [times[0], times[2]]
    assert run("export", "sqlite", "x.sqlite").code == 0
    with sqlite3.connect(tmp_path / "x.sqlite") as database:
        rows = database.execute("SELECT captured_at FROM snapshots ORDER BY rowid").fetchall()
    assert sorted(row[0] for row in rows) == times
    (changed, *_) = json.loads(run("diff", ID, "2026-01-05", "-1", "--json").out)["changes"]
    assert (changed["former"], changed["text"]) == ("text 2", "text 3")


def test_site__slider_has_the_times_of_the_log(run: Run, root: Path, tmp_path: Path) -> None:
    save_all(root, NEW_YEAR, EPOCH, NEW_YEAR + 20 * DAY)
    assert run("export", "html", "site").code == 0
    page = (tmp_path / "site" / "threads" / f"t3_{ID}.html").read_text()
    assert "2026-01-21" in page
    assert "1970" not in page


@pytest.mark.parametrize("is_copied", [False, True])
def test_heads__time_in_the_name_counts_less_than_the_one_in_the_file(
    is_copied: bool, root: Path
) -> None:
    save_all(root, NEW_YEAR, NEW_YEAR + 10 * DAY, NEW_YEAR + 20 * DAY)
    path = thread_headers.read_headers(root, ID)[1].path
    other = path.with_name(f"19700101T000000Z{path.name[16:]}")
    other.write_bytes(path.read_bytes()) if is_copied else path.rename(other)
    times = {head.captured_at for head in thread_headers.read_headers(root, ID)}
    assert times == {moment(day) for day in (0, 10, 20)}
    damages: list[store.DamagedFile] = []
    store.load_snapshots(root, ID, on_damage=damages.append)
    assert [damage.path for damage in damages] == [other]


def test_add__import_follows_the_snapshot_before_it_in_corrected_time(root: Path) -> None:
    first = save(root, "text 1", NEW_YEAR)
    save(root, "text 2", NEW_YEAR + 10 * DAY)
    save(root, "text 3", EPOCH)
    imported = store.add(
        root, faults.capture_text("text 4", at=NEW_YEAR + DAY, source="file", live=False)
    )
    assert imported.snapshot.parent == first


def test_redact__keeps_the_time_in_the_name(root: Path) -> None:
    save_all(root, NEW_YEAR, EPOCH)
    before = sorted(path.name[:16] for path in (root / "threads" / f"t3_{ID}").glob("*.json"))
    redact.redact(root, ID, redact.RedactionCriteria(matches_all=True))
    after = sorted(path.name[:16] for path in (root / "threads" / f"t3_{ID}").glob("*.json"))
    assert before == after == ["19700101T000000Z", "20260101T000000Z"]


@pytest.mark.parametrize(("adds", "seed"), [(30, 1), pytest.param(1000, 2, marks=pytest.mark.slow)])
def test_r16__adds_under_any_clock_keep_their_order(adds: int, seed: int, root: Path) -> None:
    random = Random(seed)
    choices = [EPOCH, FAR, *(NEW_YEAR + random.randrange(-400, 300) * DAY for _ in range(20))]
    digests = save_all(root, *(random.choice(choices) for _ in range(adds)))
    heads = thread_headers.read_headers(root, ID)
    times = [head.captured_at for head in heads]
    assert [head.digest for head in heads] == digests
    assert times == sorted(times)


def test_r16__control_times_as_they_were_stored_are_wrong(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_order, "replace", lambda head, **_: head)
    save_all(root, NEW_YEAR, EPOCH, NEW_YEAR + 20 * DAY)
    assert as_of(root, datetime(1975, 1, 1, tzinfo=UTC)) == ["text 2"]


# When to check again


def is_due(*looks: tuple[datetime, bool], now: datetime = NEW_YEAR) -> bool:
    return schedule.is_due(looks, NEW_YEAR - 400 * DAY, is_archived=False, now=now)


def test_is_due__look_from_the_future_puts_nothing_off() -> None:
    assert is_due((FAR, False))
    assert is_due((NEW_YEAR - 100 * DAY, False), (FAR, True))
    assert not is_due((NEW_YEAR - DAY, False), (FAR, False))
    assert not is_due((NEW_YEAR, False))


def test_is_due__last_look_tells_whether_it_is_gone() -> None:
    assert not is_due((NEW_YEAR - 100 * DAY, True))
    assert is_due((NEW_YEAR - 101 * DAY, True), (NEW_YEAR - 100 * DAY, False))


@pytest.mark.parametrize("wrong", ["check", "save", "both"])
def test_batch__due_after_a_look_under_a_future_clock(
    wrong: str, run: Run, reddit: rs.Server, root: Path, tmp_path: Path
) -> None:
    thread = reddit.add(rs.generate(3, depth=2, seed=3))
    things = capture.flatten(rs.page(thread, limit=500))
    request = {"path": f"comments/{thread.id}/"}
    at = FAR if wrong != "check" else capture.utc_now() - 300 * DAY
    store.add(root, Capture(thread.id, at, "reddit", request, things))
    if wrong != "save":
        check_log.add(
            layout.thread_folder(root, thread.id),
            datetime(2138, 1, 1, tzinfo=UTC),
            "reddit",
            "unchanged",
        )
    (tmp_path / "list.txt").write_text(f"t3_{thread.id}\n")
    assert "1 unchanged." in run("batch", "list.txt", "--due").err
    assert "1 not due." in run("batch", "list.txt", "--due").err


def test_doctor__names_a_snapshot_from_the_future(run: Run, root: Path) -> None:
    save(root, "text", NEW_YEAR)
    assert "dated later" not in run("doctor", "--offline").out
    save(root, "another text", FAR)
    ran = run("doctor", "--offline")
    assert (ran.code, f"t3_{ID} has a date in the future" in ran.out) == (0, True)


def check(at: datetime, result: str) -> dict[str, str]:
    return {"checked_at": format_time(at), "source": "reddit", "result": result}


def test_gone__snapshot_from_the_future_does_not_hide_it() -> None:
    now, last_check = NEW_YEAR, check(NEW_YEAR - DAY, "not-found")
    before = format_time(NEW_YEAR - 2 * DAY)
    assert summary.unavailable_reason(last_check, format_time(FAR), now=now) == "not-found"
    assert summary.unavailable_reason(last_check, before, now=now) == "not-found"
    assert summary.unavailable_reason(last_check, format_time(NEW_YEAR), now=now) is None


def test_import__file_dated_in_the_future_counts_as_of_now(
    run: Run, root: Path, tmp_path: Path
) -> None:
    file = tmp_path / "short.json"
    file.write_bytes((EXAMPLES / "short.json").read_bytes())
    os.utime(file, (FAR.timestamp(), FAR.timestamp()))
    assert run("import", file).code == 0
    (head,) = thread_headers.read_headers(root, "9bread1")
    assert head.captured_at <= capture.utc_now()
