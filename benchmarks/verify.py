"""How fast the archive is proven whole, beside `sha256sum` over the same files; and by two workers.

Usage: python benchmarks/verify.py [--threads 300] [--snapshots 4] [--comments 150] [--rounds 5]

For two workers the archive is copied so many times (`--copies 10`) that there is work for them.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from reddit_archive.archive import store
from reddit_archive.model.capture import Capture, utc_now
from reddit_archive.sources import saved_json

# ruff: noqa: E402 - two files beside this one have the names of libraries, which are to be found first
sys.path[0] = str(Path(__file__).parent.parent)

from benchmarks.scale import measured
from tests.support import reddit_server


def fill(root: Path, threads: int, snapshots: int, comments: int) -> list[Path]:
    """Store so many threads, each with so many snapshots; something was edited between any two."""
    paths = []
    for seed in range(1, threads + 1):
        thread = reddit_server.generate(comments=comments, seed=seed)
        first = _captured(thread)
        for look in range(snapshots):
            comment = next(iter(thread.comments.values()))
            comment["body"] += f" Edit {look}."
            at = first.captured_at + timedelta(days=look)
            taken = replace(_captured(thread), captured_at=at)
            paths.append(store.add(root, taken).snapshot.path)
    return paths


def _captured(thread: reddit_server.Thread) -> Capture:
    things = [{"kind": "t3", "data": dict(thread.post)}]
    things += [{"kind": "t1", "data": dict(data)} for data in thread.comments.values()]
    return Capture(thread.post["id"], utc_now(), saved_json.NAME, {"file": "x"}, tuple(things))


def seconds(*command: object) -> float:
    """The processor's time that a command takes."""
    before = os.times()
    subprocess.run([*map(str, command)], stdout=subprocess.DEVNULL, check=True)
    after = os.times()
    return sum(after[2:4]) - sum(before[2:4])


def copy(root: Path, copies: int) -> None:
    """Give each thread more names, under which the same files lie."""
    for folder in list((root / "threads").iterdir()):
        for number in range(copies):
            shutil.copytree(
                folder, folder.with_name(f"{folder.name}{number}"), copy_function=os.link
            )


def spread(root: Path) -> None:
    """Print what workers gain."""
    first = measured(root.parent, "--archive", root, "verify", "--workers", 1)
    second = measured(root.parent, "--archive", root, "verify", "--workers", 2)
    for number, cost in ((1, first), (2, second)):
        ratio = first.seconds / cost.seconds
        print(
            f"by {number}: {cost.seconds:.2f} s, of processors {cost.here:.2f} s here "
            f"and {cost.workers:.2f} s there; {ratio:.2f} times as fast"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("threads", 300), ("snapshots", 4), ("comments", 150), ("rounds", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--copies", type=int, default=10)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "archive")
        paths = fill(root, args.threads, args.snapshots, args.comments)
        size = sum(path.stat().st_size for path in paths) / 1e6
        commands = {"archive verify": [sys.executable, "-m", "reddit_archive", "verify", "-q"]}
        commands["archive verify"] += ["--workers", "1"]
        commands["archive verify"] += ["--archive", root]
        if tool := shutil.which("sha256sum"):
            commands["sha256sum"] = [tool, *paths]
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(args.rounds):
            for name, command in commands.items():
                taken[name].append(seconds(*command))
        print(f"{len(paths)} snapshots, {size:.0f} MB; processor seconds, median of {args.rounds}")
        for name, found in taken.items():
            middle = statistics.median(found)
            print(f"{name:<16}{middle:8.2f} s{size / middle:8.0f} MB/s")
        if tool:
            ratio = statistics.median(
                b / a for a, b in zip(taken["archive verify"], taken["sha256sum"], strict=True)
            )
            print(f"archive verify runs at {ratio:.2f} times the speed of sha256sum")
        copy(root, args.copies)
        spread(root)


if __name__ == "__main__":
    main()
