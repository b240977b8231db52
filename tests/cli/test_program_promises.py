"""Nothing is lost, R1 to R4, as a user meets it: the program itself killed, cut off, filled, raced.

The store's own promises, at far greater numbers, are in test_store_promises.py. Each safeguard is
tried together with a fault in the same program, which the same check must catch.
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
"""What is wrong, and what to do."""
NOT_FOUND = "no saved text contains"
IMPORTED = [EXAMPLES / "short.json", EXAMPLES / "poll.json"]


@dataclass
class Place:
    """A folder with a list of threads, and the Reddit that holds them."""

    folder: Path
    reddit: rs.Server
    threads: list[rs.Thread] = field(default_factory=list)

    @property
    def root(self) -> Path:
        return self.folder / "archive"

    def begin(self) -> None:
        """Begin anew with an empty archive."""
        shutil.rmtree(self.root, ignore_errors=True)

    def start(
        self, *args: object, fault: str = "", most_bytes: int = resource.RLIM_INFINITY
    ) -> subprocess.Popen[bytes]:
        """Start the installed program, or one with a fault; no file may grow beyond a size."""
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
def place(on_disk: Path) -> Iterator[Place]:
    threads = [rs.generate(20, depth=3, seed=seed) for seed in range(1, LISTED + 1)]
    with rs.Server(*threads, budget=10**6) as reddit:
        write_config(on_disk, reddit)
        lines = "".join(f"https://redd.it/{thread.id}\n" for thread in threads)
        (on_disk / "list.txt").write_text(lines)
        yield Place(on_disk, reddit, threads)


# R1: kill -9 at any moment


def killed(place: Place, seconds: float, *, fault: str = "") -> set[str]:
    """Kill a batch so long after its first report: the threads that it reported as saved."""
    with place.start("batch", "list.txt", "--json", "-q", fault=fault) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline()]
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)
        lines += child.stdout.readlines()
    told = [json.loads(line) for line in lines if line.endswith(b"\n")]
    assert all(each["status"] in ("new", "unchanged") for each in told)
    return {each["thread"].removeprefix("t3_") for each in told}


def held(root: Path) -> dict[str, int]:
    """How many things each thread has that is stored, every snapshot whole."""
    found = {}
    for thread_id in store.iter_thread_ids(root):
        shots = store.load_snapshots(root, thread_id)
        if shots:
            found[thread_id] = len(shots[-1].capture.things)
    return found


@pytest.mark.parametrize("kills", [2, pytest.param(3, marks=slow)])
def test_r1__a_killed_batch_keeps_what_it_reported(place: Place, kills: int) -> None:
    whole = {thread.id: 1 + len(thread.comments) for thread in place.threads}
    dice = random.Random(kills)
    for number in range(kills):
        if number % 3 == 0:
            place.begin()
        told = killed(place, dice.uniform(0, 0.3))
        now = held(place.root)
        assert {name: now.get(name) for name in told} == {name: whole[name] for name in told}
        assert now.items() <= whole.items()
        assert place.run("verify", "-q") == Ran(0, "", "")
    assert place.run("batch", "list.txt", "-q").code == 0
    assert held(place.root) == whole


@slow
def test_r1__a_killed_save_leaves_all_or_nothing(place: Place) -> None:
    large = place.reddit.add(rs.generate(400, depth=5, seed=99))
    for part in range(5):
        place.begin()
        with place.start("save", large.id, "-q") as child:
            with suppress(subprocess.TimeoutExpired):
                child.wait(0.3 + part / 6)
            child.send_signal(signal.SIGKILL)
            told = child.stdout.read() if child.stdout else b""
        assert held(place.root) in ({}, {large.id: 401})
        assert held(place.root) or not told
    assert place.run("save", large.id, "-q").code == 0
    assert held(place.root) == {large.id: 401}
    assert place.run("verify", "-q").code == 0


@slow
def test_r1__catches_a_program_that_writes_in_place(place: Place) -> None:
    large = place.reddit.add(rs.generate(2_000, seed=99))

    def torn() -> list[str]:
        """Kill it as soon as there is a file."""
        place.begin()
        with place.start("save", large.id, "-q", fault="direct") as child:
            while child.poll() is None and not list(place.root.glob("threads/*/*.json")):
                pass
            child.send_signal(signal.SIGKILL)
        return faults.problems(place.root, ())

    assert any(torn() for _ in range(8))


# R2: a power cut at any moment


def edited(folder: Path) -> Path:
    """A saved page of a thread in which a comment says something else than in our example."""
    page = (EXAMPLES / "short.json").read_text()
    (folder / "edited.json").write_text(page.replace("every Sunday", "every Monday"))
    return folder / "edited.json"


def cut(place: Place, *, limit: int, fault: str = "") -> tuple[set[str], int]:
    """Cut the power at every moment of four commands: what is lost, and in how many states."""
    base = place.folder / "base"
    base.mkdir()
    shutil.copy(place.folder / "config.yaml", base)
    (place.folder / "one.txt").write_text(place.threads[0].id)
    commands = [
        *(["save", str(EXAMPLES / "short.json")], ["save", str(edited(place.folder))]),
        *(["batch", "one.txt", "--json"], ["import", str(EXAMPLES / "poll.json")]),
    ]
    asked = {"base": str(base), "root": "home/archive", "commands": commands, "fault": fault}
    codes, log = program.child("recorded", place.folder, asked)
    assert codes == [0] * len(commands)
    assert sum(isinstance(each, faults.Returned) for each in log) == 4
    (place.folder / "cut").mkdir()
    return faults.cut_power(log, place.folder / "cut", limit=limit, root="home/archive")


@pytest.mark.parametrize(("limit", "least"), [(1, 40), pytest.param(8, 80, marks=slow)])
def test_r2__a_power_cut_loses_and_tears_nothing(place: Place, limit: int, least: int) -> None:
    found, states = cut(place, limit=limit)
    assert found == set()
    assert states >= least


@slow
@pytest.mark.parametrize("fault", ["no flush", "no flush of folders"])
def test_r2__catches_a_program_that_does_not_flush(place: Place, fault: str) -> None:
    found, _ = cut(place, limit=1, fault=fault)
    assert found


# R3: a full disk


def filled(place: Place, sizes: Iterable[int], *, limit: int, fault: str = "") -> list[Ran]:
    """Save threads of so many quarters of a limit, beyond which no file may grow."""
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


def is_said_and_nothing_else(place: Place, runs: Sequence[Ran]) -> bool:
    """Tell whether what did not fit was said in a sentence, and has left nothing behind."""
    refused = [ran for ran in runs if ran.code]
    return (
        0 < len(refused) < len(runs)
        and all(ran.code == 1 and SENTENCE.fullmatch(ran.err) for ran in refused)
        and all("Free some space and run it again" in ran.err for ran in refused)
        and all(not ran.out for ran in refused)
        and faults.drafts(place.root) == []
        and faults.problems(place.root, ()) == []
    )


def test_r3__a_full_disk_is_one_sentence_and_leaves_nothing_behind(place: Place) -> None:
    runs = filled(place, (0, 2, 4, 5), limit=30_000)
    assert is_said_and_nothing_else(place, runs), runs
    stored = len(faults.essences(place.root))
    assert stored == sum(ran.code == 0 for ran in runs)
    assert place.run("save", place.folder / "5.json", "-q").code == 0  # there is space again
    assert len(faults.essences(place.root)) == stored + 1
    assert place.run("verify", "-q").code == 0


@slow
@pytest.mark.parametrize("fault", ["direct", "unexplained"])
def test_r3__catches_a_program_that_is_not_ready_for_it(place: Place, fault: str) -> None:
    runs = filled(place, (0, 5), limit=30_000, fault=fault)
    assert not is_said_and_nothing_else(place, runs)


def failing(place: Place, *, step: int, fault: str = "") -> list[program.Failed]:
    """Save a thread again and again, while every so many-th call to the disk fails."""
    command = ["save", str(EXAMPLES / "short.json"), "-q"]
    asked = {"command": command, "errno": errno.EIO, "step": step, "fault": fault}
    return [program.Failed(*each) for each in program.child("failing", place.folder, asked)]


@pytest.mark.parametrize("step", [6, pytest.param(2, marks=slow)])
def test_r3__each_file_call_may_fail(place: Place, step: int) -> None:
    found = failing(place, step=step)
    assert len(found) > 15 // step
    for each in found:
        assert each.code == 0 or SENTENCE.search(each.said), each
        assert "should not have happened" not in each.said, each
        assert each.wrong == each.still == [], each
        assert not each.drafts or each.calls == ["unlink"], each
        assert (each.again, each.held) == (0, 1), each


@slow
def test_r3__catches_a_draft_that_stays(place: Place) -> None:
    found = failing(place, step=4, fault="drafts")
    assert any(each.drafts and each.calls != ["unlink"] for each in found)


# R4: two at once


def raced(place: Place, *, fault: str = "") -> list[str]:
    """Save the same list twice at once, with readers beside it: what goes wrong, and what is lost.

    Between the two a comment changes, so that not both see the same.
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
    lost = counts.items() - held(place.root).items()
    return problems + [f"lost: {each}" for each in lost] + faults.problems(place.root, ())


def test_r4__two_batches_and_an_import_keep_everything(place: Place) -> None:
    assert raced(place) == []
    assert faults.drafts(place.root) == []
    rows = place.run("list").out.splitlines()
    names = {thread.name for thread in place.threads} | {"t3_9bread1", "t3_9bread3"}
    assert {row.split("\t")[0] for row in rows} == names


@slow
def test_r4__catches_a_program_that_writes_in_place(place: Place) -> None:
    def is_caught() -> bool:
        place.begin()
        return bool(raced(place, fault="direct"))

    assert any(is_caught() for _ in range(4))
