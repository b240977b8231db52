"""Nothing is lost: kill -9, power cuts, full disks, two writers, bit rot, clocks, poor places.

Each safeguard is tried together with the fault that it guards against, which must be caught.
"""

import itertools
import random
import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reddit_archive import errors
from reddit_archive.archive import snapshot_format, store, verify
from reddit_archive.files import durable_files
from tests.support import faults
from tests.support.faults import Trap, capture_text

slow = pytest.mark.slow


# kill -9 at any moment


@pytest.mark.parametrize("kills", [3, pytest.param(200, marks=slow)])
def test_kill__loses_and_tears_nothing(on_disk: Path, kills: int) -> None:
    for first in range(0, kills, 25):
        root = on_disk / str(first)
        seeds = range(first, min(first + 25, kills))
        reported = {digest for seed in seeds for digest in faults.kill_adder(root, seed=seed)}
        assert reported
        assert reported - digests(root) == set()
        assert faults.problems(root, ()) == []
        assert store.add(root, capture_text("the next one works")).is_new
        shutil.rmtree(root)


def test_kill__catches_a_store_that_writes_in_place(on_disk: Path) -> None:
    def torn(seed: int) -> list[str]:
        faults.kill_adder(on_disk, seed=seed, fault="direct")
        return faults.problems(on_disk, ())

    assert any(torn(seed) for seed in range(20))


def digests(root: Path) -> set[str]:
    return {path.stem[-64:] for path in (root / "threads").rglob("*.json")}


# power cut at any moment


def record_adds(base: Path, *, count: int = 2, trap: Trap | None = None) -> list[faults.Event]:
    """Store some states of a thread, one of them twice, and another thread, in a new archive."""
    texts = [capture_text(str(number), seconds=number) for number in range(count)]
    again = capture_text("0", score=2)
    base.mkdir()
    with faults.recording(base, trap) as recorder:
        for new_capture in (texts[0], again, *texts[1:], capture_text("other", thread="zzz")):
            store.add(base / "home" / "archive", new_capture)
            recorder.log.append(faults.Returned(faults.essence(new_capture)))
    return recorder.log


@pytest.mark.parametrize("trap", [None, faults.no_links], ids=["link", "rename"])
@pytest.mark.parametrize(
    ("count", "limit", "least"), [(2, 4, 50), pytest.param(8, 12, 500, marks=slow)]
)
def test_power_cut__loses_and_tears_nothing(
    tmp_path: Path, count: int, limit: int, least: int, trap: Trap | None
) -> None:
    log = record_adds(tmp_path / "base", count=count, trap=trap)
    found, states = faults.cut_power(log, tmp_path, limit=limit, root="home/archive")
    assert found == set()
    assert states >= least


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        ("_flush", lambda handle: None),
        ("sync_folder", lambda folder: None),
        pytest.param("_make_folder", faults.make_folder_without_flush, marks=slow),
    ],
    ids=["file", "folder", "parent"],
)
def test_power_cut__catches_a_disk_that_does_not_flush(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, fault: Callable[..., None]
) -> None:
    monkeypatch.setattr(durable_files, call, fault)
    log = record_adds(tmp_path / "base")
    found, _ = faults.cut_power(log, tmp_path, limit=4, root="home/archive")
    assert found


def record_adds_of_a_chunk(base: Path) -> list[faults.Event]:
    """Record adds that flush the parents of their folders together, as those of an import."""
    captures = [capture_text(text, thread=text) for text in ("one", "two", "three")]
    captures.append(capture_text("four", thread="one", seconds=9))
    base.mkdir()
    with faults.recording(base) as recorder:
        with durable_files.sharing_flushes():
            for new_capture in captures:
                store.add(base / "home" / "archive", new_capture)
        recorder.log += [faults.Returned(faults.essence(each)) for each in captures]
    return recorder.log


@pytest.mark.parametrize(("limit", "least"), [(3, 50), pytest.param(12, 200, marks=slow)])
def test_power_cut__of_adds_that_share_flushes(tmp_path: Path, limit: int, least: int) -> None:
    log = record_adds_of_a_chunk(tmp_path / "base")
    found, states = faults.cut_power(log, tmp_path, limit=limit, root="home/archive")
    assert found == set()
    assert states >= least


@pytest.mark.parametrize(
    ("call", "fault"),
    [("_sync_parent", lambda *args: None), ("_flush", lambda handle: None)],
)
def test_power_cut__catches_a_shared_flush_that_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, fault: Callable[..., None]
) -> None:
    monkeypatch.setattr(durable_files, call, fault)
    log = record_adds_of_a_chunk(tmp_path / "base")
    found, _ = faults.cut_power(log, tmp_path, limit=3, root="home/archive")
    assert found


def add_and_fail(root: Path) -> None:
    with durable_files.sharing_flushes():
        store.add(root, capture_text("one"))
        raise ZeroDivisionError


def test_power_cut__of_adds_before_an_error(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    with faults.recording(tmp_path / "base") as recorder:
        with pytest.raises(ZeroDivisionError):
            add_and_fail(tmp_path / "base" / "home" / "archive")
        recorder.log.append(faults.Returned(faults.essence(capture_text("one"))))
    found, _ = faults.cut_power(recorder.log, tmp_path, limit=3, root="home/archive")
    assert found == set()


def kill_then_cut_power(base: Path, *, step: int, limit: int) -> Iterator[tuple[set[str], int]]:
    """Kill a first add at each of its calls, repeat it with another, then cut the power.

    The same states arise when the second writer runs while the first one is still at that call.
    """
    with faults.recording(base) as recorder:
        store.add(base / "home" / "archive", capture_text("one"))
    for fatal in range(recorder.calls, 0, -step):
        where = base / str(fatal)
        root = where / "home" / "archive"
        where.mkdir()

        def die(number: int, call: str, fatal: int = fatal) -> None:
            if number >= fatal:
                raise faults.Killed

        with faults.recording(where, die) as recorder:
            with pytest.raises(faults.Killed):
                store.add(root, capture_text("one"))
            recorder.trap = None
            killed_at = len(recorder.log)
            for new_capture in (capture_text("one", seconds=1), capture_text("two", seconds=2)):
                store.add(root, new_capture)
                recorder.log.append(faults.Returned(faults.essence(new_capture)))
        (where / "cut").mkdir()
        yield faults.cut_power(
            recorder.log, where / "cut", start=killed_at, limit=limit, root="home/archive"
        )


@pytest.mark.parametrize(
    ("step", "limit", "least"), [(8, 2, 50), pytest.param(1, 5, 1000, marks=slow)]
)
def test_kill_and_power_cut__loses_and_tears_nothing(
    tmp_path: Path, step: int, limit: int, least: int
) -> None:
    done = list(kill_then_cut_power(tmp_path, step=step, limit=limit))
    assert set().union(*(found for found, _ in done)) == set()
    assert sum(states for _, states in done) >= least


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        pytest.param("_make_folder", faults.make_folder_without_flush_of_others, marks=slow),
        ("append", faults.append_without_flush_of_folder),
    ],
)
def test_kill_and_power_cut__catches_trust_in_what_others_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, fault: Callable[..., None]
) -> None:
    monkeypatch.setattr(durable_files, call, fault)
    assert any(found for found, _ in kill_then_cut_power(tmp_path, step=1, limit=2))


# a full disk


@pytest.mark.parametrize("limit", [2_000, pytest.param(12_000, marks=slow)])
def test_full_disk__is_one_sentence_and_leaves_nothing_behind(tmp_path: Path, limit: int) -> None:
    root = tmp_path / "archive"
    done = faults.run("filler", root, limit)
    assert len(done["failures"]) > 50
    for exit_code, message, hint in done["failures"]:
        assert exit_code == 1
        assert message.endswith("file too large")
        assert "\n" not in message
        assert hint == "Free some space and run it again; nothing was lost."
    assert set(done["stored"]) == digests(root)
    assert faults.problems(root, ()) == []
    assert faults.drafts(root) == []


def test_full_disk__catches_a_writer_in_place(tmp_path: Path) -> None:
    done = faults.run("filler", tmp_path / "archive", 2_000, fault="direct")
    assert len(done["failures"]) > 50
    assert faults.problems(tmp_path / "archive", ()) != []


@slow
def test_full_disk__catches_a_draft_that_stays(tmp_path: Path) -> None:
    faults.run("filler", tmp_path / "archive", 2_000, fault="drafts")
    assert faults.drafts(tmp_path / "archive") != []


@slow
def test_full_disk__catches_a_failure_that_is_not_explained(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        faults.run("filler", tmp_path / "archive", 2_000, fault="unexplained")


@pytest.mark.parametrize("code", [28, 5], ids=["ENOSPC", "EIO"])
def test_failing_call__is_one_sentence_and_leaves_nothing_behind(tmp_path: Path, code: int) -> None:
    calls = 0
    for fatal in itertools.count(1):
        base = tmp_path / str(fatal)
        base.mkdir()
        if not fails_at(base, fatal, code):
            break
        calls += 1
        store.add(base / "archive", capture_text("one"))
        assert faults.problems(base / "archive", {faults.essence(capture_text("one"))}) == []
    assert calls > 20


def fails_at(base: Path, fatal: int, code: int) -> bool:
    """Let one call of an add fail; tell whether there was such a call."""

    def fail(number: int, call: str) -> None:
        if number == fatal:
            last.append(call)
            raise OSError(code, "it went wrong")

    last: list[str] = []
    message = ": it went wrong"
    with faults.recording(base, fail):
        try:
            store.add(base / "archive", capture_text("one"))
        except errors.StoreError as error:
            message = error.message
    assert message.endswith(": it went wrong")
    assert faults.drafts(base) == [] or last == ["unlink"]
    return bool(last)


def test_failing_call__catches_a_draft_that_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable_files, "create_temp_file", faults.leave_draft)
    with pytest.raises(AssertionError):
        test_failing_call__is_one_sentence_and_leaves_nothing_behind(tmp_path, 28)


# two writers


def race(root: Path, count: int, *, fault: str = "") -> list[str]:
    """Let two writers add to one thread while two readers read it: what is lost or torn."""
    writers = [faults.start("writer", root, who, count, fault=fault) for who in ("anna", "ben")]
    readers = [faults.start("reader", root) for _ in range(2)]
    expected = {
        faults.essence(new_capture)
        for who in ("anna", "ben")
        for new_capture in faults.shared(who, count)
    }
    codes = [child.wait(300) for child in writers]
    seen = [child.communicate(timeout=300)[0] for child in readers]
    for child in writers:
        child.communicate()
    codes += [child.returncode for child in readers]
    problems = [f"exit {code}" for code in codes if code] + [out for out in seen if out != "[]\n"]
    return problems + faults.problems(root, expected)


@pytest.mark.parametrize(("rounds", "count"), [(1, 15), *[pytest.param(2, 200, marks=slow)] * 5])
def test_two_writers__keep_every_capture(on_disk: Path, rounds: int, count: int) -> None:
    for number in range(rounds):
        root = on_disk / str(number)
        assert race(root, count) == []
        assert faults.drafts(root) == []
        shutil.rmtree(root)


@slow
@pytest.mark.parametrize(("fault", "count"), [("over", 10), ("direct", 30)])
def test_two_writers__catches_a_writer_in_place(on_disk: Path, fault: str, count: int) -> None:
    rounds = (race(on_disk / str(number), count, fault=fault) for number in range(5))
    assert any(rounds)  # a reader must come by while a file is half written


# bit rot


def find_rot(root: Path, path: Path, spoiled: Iterable[bytes]) -> tuple[int, int]:
    """Spoil one snapshot in many ways: how many verify has found by name, and of how many."""
    whole, found, tried = path.read_bytes(), 0, 0
    path.chmod(0o644)
    for data in spoiled:
        path.write_bytes(data)
        before = faults.stamp(path)
        damage = [item for item in verify.verify(root) if isinstance(item, store.DamagedFile)]
        tried += 1
        found += [item.path for item in damage] == [path]
        assert faults.stamp(path) == before
    path.write_bytes(whole)
    return found, tried


def flips(data: bytes, step: int) -> Iterable[bytes]:
    """Each byte in turn with all of its bits changed, and with one of them."""
    for position, mask in itertools.product(range(0, len(data), step), (0xFF, 0x01)):
        yield faults.changed_byte(data, position, mask)


@pytest.mark.parametrize("step", [9, pytest.param(1, marks=slow)])
def test_bit_rot__of_a_small_snapshot_is_found(tmp_path: Path, step: int) -> None:
    path = store.add(tmp_path, capture_text("some text " * 50)).snapshot.path
    store.add(tmp_path, capture_text("whole", thread="other"))
    found, tried = find_rot(tmp_path, path, flips(path.read_bytes(), step))
    assert found == tried >= 1600 // step


@pytest.mark.parametrize("places", [20, pytest.param(1000, marks=slow)])
def test_bit_rot__of_a_large_snapshot_is_found(tmp_path: Path, places: int) -> None:
    path = store.add(tmp_path, capture_text("x" * 5_000_000)).snapshot.path
    data = path.read_bytes()
    positions = random.Random(1).sample(range(len(data)), places)
    spoiled = (faults.changed_byte(data, position, 0xFF) for position in positions)
    assert find_rot(tmp_path, path, spoiled) == (places, places)


@pytest.mark.parametrize("step", [9, pytest.param(1, marks=slow)])
def test_bit_rot__truncation_is_found(tmp_path: Path, step: int) -> None:
    path = store.add(tmp_path, capture_text("some text " * 50)).snapshot.path
    data = path.read_bytes()
    lengths = [*range(0, len(data), step), len(data) - 1]
    spoiled = [data[:length] for length in lengths] + [data + b"\0", data + data, data + b"\n"]
    found, tried = find_rot(tmp_path, path, spoiled)
    assert found == tried == len(lengths) + 3


def test_bit_rot__catches_a_checker_that_only_parses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = store.add(tmp_path, capture_text("some text " * 50)).snapshot.path
    monkeypatch.setattr(snapshot_format, "integrity_error", faults.only_parses)
    found, tried = find_rot(tmp_path, path, flips(path.read_bytes(), 9))
    assert found < tried


def test_verify__changes_nothing(tmp_path: Path) -> None:
    paths = [store.add(tmp_path, capture_text(text)).snapshot.path for text in ("one", "two")]
    paths[0].chmod(0o644)
    paths[0].write_bytes(b"rot")
    before = faults.listing(tmp_path)
    assert sum(isinstance(item, store.DamagedFile) for item in verify.verify(tmp_path)) == 1
    assert faults.listing(tmp_path) == before


# clocks


def crazy_times(count: int) -> list[datetime]:
    """Backwards, the same second again and again, far ahead, and as it should be."""
    rng, at, times = random.Random(1), faults.NEW_YEAR, []
    for _ in range(count):
        year = rng.choice((1970, 2025, 2026, 2026, 2026, 9999))
        at = rng.choice((at, at, datetime(year, 1, 1, second=rng.randrange(3), tzinfo=UTC)))
        times.append(at)
    return times


@pytest.mark.parametrize("count", [60, pytest.param(1000, marks=slow)])
def test_clocks__order_is_that_of_adding(tmp_path: Path, count: int) -> None:
    texts = [f"text {number % (count - 7)}" for number in range(count)]
    for text, at in zip(texts, crazy_times(count), strict=True):
        assert store.add(tmp_path, capture_text(text, at=at)).is_new
    found = store.load_snapshots(tmp_path, "abc123")
    assert [snapshot.capture.things[0]["data"]["selftext"] for snapshot in found] == texts
    assert faults.problems(tmp_path, ()) == []


def test_clocks__catches_an_order_by_time_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = snapshot_format.iter_encoded
    monkeypatch.setattr(
        snapshot_format, "iter_encoded", lambda new_capture, parent: real(new_capture, parent=None)
    )
    with pytest.raises(AssertionError):
        test_clocks__order_is_that_of_adding(tmp_path, 60)


@pytest.mark.parametrize("order", [*itertools.permutations((1, 2, 3, 4))], ids=str)
def test_clocks__captures_from_files_come_in_by_date(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    for day in order:
        store.add(tmp_path, capture_text(f"day {day}", seconds=day, live=day == 4))
    found = [
        snapshot.capture.captured_at.second for snapshot in store.load_snapshots(tmp_path, "abc123")
    ]
    assert found == [1, 2, 3, 4]


# poor places


def close(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o444 if path.is_file() else 0o555)


def test_read_only_folder__reads_and_says_what_to_do(tmp_path: Path) -> None:
    store.add(tmp_path / "archive", capture_text("one"))
    close(tmp_path)
    report = faults.run("stranger", "archive", cwd=tmp_path)
    tmp_path.chmod(0o755)
    assert report["message"].startswith("can't write archive/")
    assert report["message"].endswith("permission denied")
    assert "--archive DIR" in report["hint"]
    assert (len(report["texts"]), report["damage"]) == (1, [])


def test_read_only_folder__no_archive_yet(tmp_path: Path) -> None:
    close(tmp_path)
    report = faults.run("stranger", "archive", cwd=tmp_path)
    tmp_path.chmod(0o755)
    assert report["message"] == "can't write archive: permission denied"
    assert report["exit_code"] == 1


def test_read_only_folder__catches_a_failure_that_is_not_explained(tmp_path: Path) -> None:
    store.add(tmp_path / "archive", capture_text("one"))
    close(tmp_path)
    with pytest.raises(AssertionError):
        faults.run("stranger", "archive", cwd=tmp_path, fault="unexplained")
    tmp_path.chmod(0o755)


def test_unreadable_folder__is_one_sentence(tmp_path: Path) -> None:
    store.add(tmp_path / "archive", capture_text("one"))
    folder = tmp_path / "archive" / "threads" / "t3_abc123"
    folder.chmod(0o000)
    tmp_path.chmod(0o755)
    report = faults.run("stranger", "archive", cwd=tmp_path)
    folder.chmod(0o755)
    assert report["reading"].startswith("can't read archive/threads/t3_abc123")


@pytest.mark.parametrize("code", [22, 95, 38, 1], ids=["EINVAL", "ENOTSUP", "ENOSYS", "EPERM"])
def test_no_links__and_no_flush_still_stores(tmp_path: Path, code: int) -> None:
    def refuse(number: int, call: str) -> None:
        if call in ("link", "fsync"):
            raise OSError(code, "not supported")

    with faults.recording(tmp_path, refuse):
        assert [store.add(tmp_path, capture_text(text)).is_new for text in "112"] == [
            True,
            False,
            True,
        ]
    assert faults.problems(tmp_path, {faults.essence(capture_text(text)) for text in "12"}) == []
    assert faults.drafts(tmp_path) == []


def test_no_links__catches_a_store_that_needs_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable_files, *faults.FAULTS["links alone"])
    with pytest.raises(errors.StoreError):
        test_no_links__and_no_flush_still_stores(tmp_path, 22)


@pytest.mark.parametrize("name", ["with spaces and Ω", "x" * 200, "-rf", "a'b\"c\\d", "%s{0}"])
def test_odd_path__works(tmp_path: Path, name: str) -> None:
    root = tmp_path / name / "archive"
    store.add(root, capture_text("one"))
    assert faults.problems(root, {faults.essence(capture_text("one"))}) == []


def test_too_long_path__is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(errors.StoreError, match="File name too long"):
        store.add(tmp_path / ("x" * 300), capture_text("one"))
    with pytest.raises(errors.StoreError, match="File name too long"):
        store.load_snapshots(tmp_path / ("x/" * 2500), "abc123")
