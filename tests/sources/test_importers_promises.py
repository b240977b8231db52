"""Large dumps: bounded memory, linear time, and complete after kill -9."""

import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from reddit_archive.archive import store
from reddit_archive.model import capture
from reddit_archive.sources.importers.external_sort import Buckets
from tests.conftest import PROGRAM
from tests.support.measure import Cost, measure

slow = pytest.mark.slow
NEW = 1_670_000_000
WORDS = ["river", "cabin", "lantern", "drizzle", "orchard", "compass", "violin", "harbour"]
EMPTY = ["approved_at_utc", "author_flair_text", "banned_by", "distinguished", "likes", "mod_note"]


def write_dump(path: Path, comments: int, *, threads: int) -> Path:
    """Write a dump like that of a month: sorted by time, threads mixed, a few of them large."""
    with path.open("wb") as file, zstandard.ZstdCompressor().stream_writer(file) as packed:
        for line in generate_lines(comments, threads):
            packed.write(line)
    return path


def generate_lines(comments: int, threads: int) -> Iterator[bytes]:
    dice = random.Random(1)
    last: dict[str, str] = {}
    for number in range(comments):
        thread, name = f"z{int(threads * dice.random() ** 2)}", f"t1_c{number}"
        parent = last.get(thread, f"t3_{thread}") if dice.random() < 0.6 else f"t3_{thread}"
        last[thread] = name
        data = dict.fromkeys(EMPTY) | {
            "author": f"user{dice.randrange(5000)}",
            "body": " ".join(dice.choices(WORDS, k=40)),
            "created_utc": NEW + number,
            "id": name[3:],
            "link_id": f"t3_{thread}",
            "name": name,
            "parent_id": parent,
            "permalink": f"/r/testing_ground/comments/{thread}/title/{name[3:]}/",
            "retrieved_on": NEW + number + 60,
            "score": dice.randrange(99),
            "subreddit": "testing_ground",
        }
        yield json.dumps(data).encode() + b"\n"


def run_import(folder: Path, *args: object) -> Cost:
    """Run a complete import."""
    cost = measure(folder, PROGRAM, "--config", os.devnull, "import", "-q", *args)
    assert cost.code == 0
    return cost


def fill(root: Path) -> dict[str, int]:
    """Count the comments of each thread, and check that every snapshot is valid."""
    found = {}
    for thread_id in store.iter_thread_ids(root):
        snapshots = store.load_snapshots(root, thread_id)
        named = [
            name
            for snapshot in snapshots
            for name in map(capture.get_fullname, snapshot.capture.things)
        ]
        assert len(named) == len(set(named)), thread_id
        found[thread_id] = len(named)
    return found


@slow
def test_dump__memory_is_bounded_and_time_linear(tmp_path: Path) -> None:
    comments, threads = 60_000, 120
    write_dump(tmp_path / "third.zst", comments // 3, threads=threads)
    write_dump(tmp_path / "whole.zst", comments, threads=threads)
    third = run_import(tmp_path, "third.zst", "--archive", "third")
    whole = run_import(tmp_path, "whole.zst", "--archive", "whole")
    assert sum(fill(tmp_path / "whole").values()) == comments
    print(f"{comments / whole.seconds:,.0f} comments a second, {whole.megabytes:.0f} MB")
    assert whole.megabytes < 300
    assert whole.seconds < 4.5 * third.seconds + 1


@pytest.mark.parametrize(("most_bytes", "is_bounded"), [(10**6, True), (10**9, False)])
def test_buckets__memory_is_bounded(most_bytes: int, is_bounded: bool, tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        buckets = Buckets(tmp_path, max_bytes=most_bytes)
        for number in range(20_000):
            buckets.add(f"t{number % 300}", b"%d" % number * 300)
        assert sum(len(records) for _, records in buckets.drain()) == 20_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (peak < 10_000_000) is is_bounded  # 64 files have 64 KiB of buffers each


@pytest.mark.parametrize(
    ("kills", "comments"), [(1, 300), pytest.param(20, 3_000, marks=slow)], ids=["few", "many"]
)
def test_kill__next_run_completes_the_import(kills: int, comments: int, tmp_path: Path) -> None:
    write_dump(tmp_path / "rc.zst", comments, threads=comments // 20)
    run_import(tmp_path, "rc.zst", "--archive", "whole")
    whole = fill(tmp_path / "whole")
    for number in range(kills):
        output = kill_and_resume(tmp_path, after=len(whole) * (number + 1) // (kills + 2))
        now = fill(tmp_path / "archive")
        assert {name: whole[name] for name in output} == {name: now[name] for name in output}
    run_import(tmp_path, "rc.zst")
    assert fill(tmp_path / "archive") == whole
    folders = [*(tmp_path / "archive/threads").iterdir()]
    assert [len([*folder.iterdir()]) for folder in folders] == [1] * len(whole)


def kill_and_resume(folder: Path, *, after: int) -> set[str]:
    """Kill an import after it printed this number of threads, and return them."""
    command = [str(PROGRAM), "--config", os.devnull, "import", "rc.zst"]
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
    ) as child:
        assert child.stdout is not None
        if sys.platform == "linux":  # the import waits for its reader, so it can't end before
            fcntl.fcntl(child.stdout, fcntl.F_SETPIPE_SZ, 4096)
        lines = [child.stdout.readline() for _ in range(after)]
        child.send_signal(signal.SIGKILL)
        lines += child.stdout.readlines()
    assert child.returncode == -signal.SIGKILL
    return {line.split(b"\t")[0].decode()[3:] for line in lines if line.endswith(b"\n")}
