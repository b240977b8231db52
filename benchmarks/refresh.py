"""How long the quotes of many pages take to be renewed and checked, with one process and with more.

    python benchmarks/refresh.py [--workers 1,2] [--pages 200] [--threads 300] [--whole 1000]

Pages of five blocks each quote threads of 100 comments and two snapshots, in no order; then pages
quote so many threads whole. What is read is stored: nothing is asked for. The reference is
`json.loads` of the same snapshots, which nothing that reads them could do without.
"""

import argparse
import hashlib
import json
import os
import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

# ruff: noqa: E402 - two files beside this one have the names of libraries, which are to be found first
sys.path[0] = str(Path(__file__).parent.parent)

from benchmarks.scale import Cost, measured
from reddit_archive.archive import snapshot_format
from reddit_archive.model.capture import Capture
from tests.support import reddit_server

COMMENTS = 100
BLOCKS = 5
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
WAYS = ("", "--comment {} --no-post", "--comment {} --context 2", "--top 3", "--comment {}")
LEAST_RATIO = 1.5


def fill(root: Path, count: int) -> dict[str, list[str]]:
    """Write threads without a disk's flushes; give the ids of each one's comments."""
    found = {}
    for seed in range(1, count + 1):
        thread = reddit_server.generate(COMMENTS, seed=seed)
        parent = None
        for look in range(2):
            next(iter(thread.comments.values()))["body"] += f" Edit {look}."
            things = [{"kind": "t3", "data": dict(thread.post)}]
            things += [{"kind": "t1", "data": dict(data)} for data in thread.comments.values()]
            at = NEW_YEAR + timedelta(days=look)
            taken = Capture(thread.post["id"], at, "reddit", {"whole": True}, tuple(things))
            data = snapshot_format.encode(taken, parent=parent)
            parent = hashlib.sha256(data).hexdigest()
            path = (
                root
                / "threads"
                / f"t3_{taken.thread_id}"
                / snapshot_format.build_file_name(at, parent)
            )
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        found[thread.post["id"]] = [*thread.comments]
    return found


def block(thread: str, options: str) -> str:
    return f"Some words.\n\n<!-- reddit: {thread} {options} -->\n<!-- /reddit -->\n\n"


def write(folder: Path, pages: int, known: dict[str, list[str]]) -> None:
    """Write pages whose blocks are empty; the same ones each time."""
    dice = random.Random(1)
    folder.mkdir(exist_ok=True)
    for number in range(pages):
        blocks = []
        for way in WAYS[:BLOCKS]:
            thread = dice.choice([*known])
            blocks.append(block(thread, way.format(dice.choice(known[thread]))))
        (folder / f"{number:05d}.md").write_text("".join(blocks))


def write_whole(folder: Path, known: dict[str, list[str]]) -> None:
    folder.mkdir(exist_ok=True)
    for thread in known:
        (folder / f"{thread}.md").write_text(block(thread, "--all"))


def parsing(root: Path) -> float:
    """Seconds of the processor that `json.loads` takes for all snapshots."""
    start = time.process_time()
    for path in root.glob("threads/*/*.json"):
        json.loads(path.read_bytes())
    return time.process_time() - start


def shown(what: str, workers: int, comments: int, cost: Cost, first: Cost, parse: float) -> bool:
    """Print a line; tell whether two workers gain what is promised."""
    used = cost.here + cost.workers
    ratio = first.seconds / cost.seconds
    speed = f"{comments / used:>14,.0f}" if comments else f"{'':>14}"
    print(
        f"{what:<18}{workers:>8}{cost.seconds:>8.2f}{cost.here:>9.2f}{cost.workers:>9.2f}"
        f"{cost.megabytes:>6.0f}{speed}{used / parse:>10.1f}"
        f"{ratio:>8.2f}",
        flush=True,
    )
    return workers < 2 or ratio >= LEAST_RATIO


def contents(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.iterdir())]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--workers", default="1,2")
    for name, default in (("pages", 200), ("threads", 300), ("whole", 1_000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()
    is_well = True
    print(f"load {os.getloadavg()[0]}")
    print(f"{'':<18}{'workers':>8}{'s':>8}{'CPU here':>9}{'workers':>9}{'MB':>6}", end="")
    print(f"{'comments/CPU s':>14}{'x parsing':>10}{'ratio':>8}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        known = fill(folder / "archive", given.threads)
        many = fill(folder / "whole", given.whole)
        firsts: dict[str, Cost] = {}
        written: dict[str, list[bytes]] = {}
        for workers in map(int, given.workers.split(",")):
            write(folder / "pages", given.pages, known)
            write_whole(folder / "pages-whole", many)
            for what, pages, root, comments, *more in (
                ("refresh", "pages", "archive", 0),
                ("refresh --check", "pages", "archive", 0, "--check"),
                ("refresh, whole", "pages-whole", "whole", given.whole * COMMENTS),
            ):
                command = ["--archive", folder / root, "refresh", "--offline", *more]
                cost = measured(folder, *command, folder / pages, "--workers", workers)
                first = firsts.setdefault(what, cost)
                parse = parsing(folder / root)
                is_well &= shown(what, workers, comments, cost, first, parse)
                found = contents(folder / pages)
                is_well &= written.setdefault(pages, found) == found
    print(f"(the same pages, and {LEAST_RATIO} times as fast with two workers)")
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
