"""R1 to R4: no data is lost if the program is killed, the power fails, or the disk is full.

tests/archive/test_store_promises.py checks the store with larger numbers. Each safeguard has a
seeded fault in the same program, which the same check must catch.
"""

import errno
import itertools
import json
import random
import re
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from reddit_archive.archive import store
from tests.conftest import EXAMPLES, PROGRAM, Ran, run_program, write_config
from tests.support import faults, program
from tests.support import reddit_server as rs

slow = pytest.mark.slow
LISTED = 16
SENTENCE = re.compile(r"archive: [^\n]+\.\n  [^\n]+\n")
"""An error and its hint."""
NOT_FOUND = "no saved text contains"
IMPORTED = [EXAMPLES / "short.json", EXAMPLES / "poll.json"]


@dataclass
class Setup:
    """A folder with a list of threads, and the test server that has them."""

    folder: Path
    reddit: rs.Server
    threads: list[rs.Thread] = field(default_factory=list)

    @property
    def root(self) -> Path:
        return self.folder / "archive"

    def begin(self) -> None:
        """Start again with an empty archive."""
        shutil.rmtree(self.root, ignore_errors=True)

    def start(
        self, *args: object, fault: str = "", most_bytes: int = resource.RLIM_INFINITY
    ) -> subprocess.Popen[bytes]:
        """Start the program, or one with a seeded fault; `most_bytes` limits the size of files."""
        installed = [str(PROGRAM), *map(str, args)]
        return subprocess.Popen(
            program.command("faulty", fault, *args) if fault else installed,
            cwd=self.folder,
            env=program.environment(self.folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=partial(resource.setrlimit, resource.RLIMIT_FSIZE, (most_bytes,) * 2),
        )

    def run(self, *args: object) -> Ran:
        return run_program(self.folder, *args)


@pytest.fixture
def place(on_disk: Path) -> Iterator[Setup]:
    threads = [rs.generate(20, depth=3, seed=seed) for seed in range(1, LISTED + 1)]
    with rs.Server(*threads, budget=10**6) as reddit:
        write_config(on_disk, reddit)
        lines = "".join(f"https://redd.it/{thread.id}\n" for thread in threads)
        (on_disk / "list.txt").write_text(lines)
        yield Setup(on_disk, reddit, threads)


# R1: kill -9 at any moment


def kill_batch(place: Setup, seconds: float, *, fault: str = "") -> set[str]:
    """Kill a batch some time after its first report; return the threads that it reported."""
    with place.start("batch", "list.txt", "--json", "-q", fault=fault) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline()]
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)
        lines += child.stdout.readlines()
    reports = [json.loads(line) for line in lines if line.endswith(b"\n")]
    assert all(each["status"] in ("new", "unchanged") for each in reports)
    return {each["thread"].removeprefix("t3_") for each in reports}


def count_stored_things(root: Path) -> dict[str, int]:
    """Return the number of things in each stored thread; every snapshot must be intact."""
    found = {}
    for thread_id in store.iter_thread_ids(root):
        snapshots = store.load_snapshots(root, thread_id)
        if snapshots:
            found[thread_id] = len(snapshots[-1].capture.things)
    return found


@pytest.mark.parametrize(("kills", "max_seconds"), [(1, 0), pytest.param(3, 0.3, marks=slow)])
def test_r1__a_killed_batch_keeps_what_it_reported(
    place: Setup, kills: int, max_seconds: float
) -> None:
    whole = {thread.id: 1 + len(thread.comments) for thread in place.threads}
    dice = random.Random(kills)
    for number in range(kills):
        if number % 3 == 0:
            place.begin()
        reported = kill_batch(place, dice.uniform(0, max_seconds))
        now = count_stored_things(place.root)
        assert {name: now.get(name) for name in reported} == {
            name: whole[name] for name in reported
        }
        assert now.items() <= whole.items()
        assert place.run("verify", "-q") == Ran(0, "", "")
    assert place.run("batch", "list.txt", "-q").code == 0
    assert count_stored_things(place.root) == whole


@slow
def test_r1__a_killed_save_leaves_all_or_nothing(place: Setup) -> None:
    large = place.reddit.add(rs.generate(400, depth=5, seed=99))
    for part in range(5):
        place.begin()
        with place.start("save", large.id, "-q") as child:
            with suppress(subprocess.TimeoutExpired):
                child.wait(0.3 + part / 6)
            child.send_signal(signal.SIGKILL)
            printed = child.stdout.read() if child.stdout else b""
        assert count_stored_things(place.root) in ({}, {large.id: 401})
        assert count_stored_things(place.root) or not printed
    assert place.run("save", large.id, "-q").code == 0
    assert count_stored_things(place.root) == {large.id: 401}
    assert place.run("verify", "-q").code == 0


@slow
def test_r1__catches_a_program_that_writes_in_place(place: Setup) -> None:
    large = place.reddit.add(rs.generate(2_000, seed=99))

    def torn() -> list[str]:
        """Kill the program as soon as a snapshot exists; return what is wrong."""
        place.begin()
        with place.start("save", large.id, "-q", fault="direct") as child:
            while child.poll() is None and not list(place.root.glob("threads/*/*.json")):
                pass
            child.send_signal(signal.SIGKILL)
        return faults.problems(place.root, ())

    assert any(torn() for _ in range(8))


# R2: a power cut at any moment


def write_edited_page(folder: Path) -> Path:
    """Write a saved page with a comment that differs from the example."""
    page = (EXAMPLES / "short.json").read_text()
    (folder / "edited.json").write_text(page.replace("every Sunday", "every Monday"))
    return folder / "edited.json"


def cut_power(place: Setup, *, limit: int, fault: str = "") -> tuple[set[str], int]:
    """Cut the power at every moment of four commands; return the losses and the state count."""
    base = place.folder / "base"
    base.mkdir()
    shutil.copy(place.folder / "config.yaml", base)
    (place.folder / "one.txt").write_text(place.threads[0].id)
    commands = [
        *(["save", str(EXAMPLES / "short.json")], ["save", str(write_edited_page(place.folder))]),
        *(["batch", "one.txt", "--json"], ["import", str(EXAMPLES / "poll.json")]),
    ]
    request = {"base": str(base), "root": "home/archive", "commands": commands, "fault": fault}
    codes, log = program.child("recorded", place.folder, request)
    assert codes == [0] * len(commands)
    assert sum(isinstance(each, faults.Returned) for each in log) == 4
    (place.folder / "cut").mkdir()
    return faults.cut_power(log, place.folder / "cut", limit=limit, root="home/archive")


@slow
def test_r2__a_power_cut_loses_and_tears_nothing(place: Setup) -> None:
    found, states = cut_power(place, limit=8)
    assert found == set()
    assert states >= 80


@slow
@pytest.mark.parametrize("fault", ["no flush", "no flush of folders"])
def test_r2__catches_a_program_that_does_not_flush(place: Setup, fault: str) -> None:
    found, _ = cut_power(place, limit=1, fault=fault)
    assert found


# R3: a full disk


def save_beyond_limit(
    place: Setup, sizes: Iterable[int], *, limit: int, fault: str = ""
) -> list[Ran]:
    """Save threads whose sizes are quarters of a limit that no file may exceed."""
    page = (EXAMPLES / "poll.json").read_text()
    runs = []
    for number in sizes:
        text = "".join(random.Random(number).choices("abcdefgh ", k=number * limit // 4))
        path = place.folder / f"{number}.json"
        path.write_text(page.replace('"selftext": "', f'"selftext": "{text}'))
        with place.start("save", path, "-q", fault=fault, most_bytes=limit) as child:
            out, err = child.communicate(timeout=60)
        runs.append(Ran(child.returncode, out.decode(), err.decode()))
    return runs


def is_reported_without_leftovers(place: Setup, runs: Sequence[Ran]) -> bool:
    """Return whether each failed save printed one error and left nothing behind."""
    refused = [ran for ran in runs if ran.code]
    return (
        0 < len(refused) < len(runs)
        and all(ran.code == 1 and SENTENCE.fullmatch(ran.err) for ran in refused)
        and all("Free some space and run it again" in ran.err for ran in refused)
        and all(not ran.out for ran in refused)
        and faults.drafts(place.root) == []
        and faults.problems(place.root, ()) == []
    )


@pytest.mark.parametrize("sizes", [(0, 5), pytest.param((0, 2, 4, 5), marks=slow)])
def test_r3__a_full_disk_is_one_sentence_and_leaves_nothing_behind(
    place: Setup, sizes: tuple[int, ...]
) -> None:
    runs = save_beyond_limit(place, sizes, limit=30_000)
    assert is_reported_without_leftovers(place, runs), runs
    stored = len(faults.essences(place.root))
    assert stored == sum(ran.code == 0 for ran in runs)
    assert place.run("save", place.folder / "5.json", "-q").code == 0  # there is space again
    assert len(faults.essences(place.root)) == stored + 1
    assert place.run("verify", "-q").code == 0


@slow
@pytest.mark.parametrize("fault", ["direct", "unexplained"])
def test_r3__catches_a_program_that_is_not_ready_for_it(place: Setup, fault: str) -> None:
    runs = save_beyond_limit(place, (0, 5), limit=30_000, fault=fault)
    assert not is_reported_without_leftovers(place, runs)


def save_with_failing_calls(place: Setup, *, step: int, fault: str = "") -> list[program.Failed]:
    """Save a thread repeatedly; each time another call to the file system fails."""
    command = ["save", str(EXAMPLES / "short.json"), "-q"]
    request = {"command": command, "errno": errno.EIO, "step": step, "fault": fault}
    return [program.Failed(*each) for each in program.child("failing", place.folder, request)]


@pytest.mark.parametrize("step", [6, pytest.param(2, marks=slow)])
def test_r3__each_file_call_may_fail(place: Setup, step: int) -> None:
    found = save_with_failing_calls(place, step=step)
    assert len(found) > 15 // step
    for each in found:
        assert each.code == 0 or SENTENCE.search(each.stderr), each
        assert "should not have happened" not in each.stderr, each
        assert each.wrong == each.still == [], each
        assert not each.drafts or each.calls == ["unlink"], each
        assert (each.again, each.held) == (0, 1), each


@slow
def test_r3__catches_a_draft_that_stays(place: Setup) -> None:
    found = save_with_failing_calls(place, step=4, fault="drafts")
    assert any(each.drafts and each.calls != ["unlink"] for each in found)


# R4: two at once


def run_concurrently(place: Setup, *, fault: str = "") -> list[str]:
    """Save the same list twice at once, with readers beside it; return the problems and losses.

    Comments change in between, so that the two runs store different snapshots.
    """
    words = ("batch", "list.txt", "-q")
    writers = [place.start(*words, fault=fault)]
    for thread in place.threads[::2]:
        thread.edit(next(iter(thread.comments)), "edited meanwhile")
    writers += [place.start(*words, fault=fault), place.start("import", *IMPORTED, fault=fault)]
    problems: list[str] = []
    reads = itertools.cycle((("verify", "-q"), ("reindex", "-q"), ("list",), ("search", "bread")))
    while any(child.poll() is None for child in writers):
        if not (place.root / "ARCHIVE").exists():
            continue  # where there is none yet, readers say so
        command = next(reads)
        ran = place.run(*command)
        is_wrong = ran.code and NOT_FOUND not in ran.err
        problems += [f"{command}: {ran}"] if is_wrong or "Left out" in ran.err else []
    problems += [f"a writer: {child.returncode}" for child in writers if child.returncode]
    for child in writers:
        child.communicate()
    counts = {thread.id: 1 + len(thread.comments) for thread in place.threads} | {
        "9bread1": 7,
        "9bread3": 3,
    }
    lost = counts.items() - count_stored_things(place.root).items()
    return problems + [f"lost: {each}" for each in lost] + faults.problems(place.root, ())


@slow
def test_r4__two_batches_and_an_import_keep_everything(place: Setup) -> None:
    assert run_concurrently(place) == []
    assert faults.drafts(place.root) == []
    rows = place.run("list").out.splitlines()
    names = {thread.name for thread in place.threads} | {"t3_9bread1", "t3_9bread3"}
    assert {row.split("\t")[0] for row in rows} == names


@slow
def test_r4__catches_a_program_that_writes_in_place(place: Setup) -> None:
    def is_caught() -> bool:
        place.begin()
        return bool(run_concurrently(place, fault="direct"))

    assert any(is_caught() for _ in range(4))
