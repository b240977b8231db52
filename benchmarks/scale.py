"""How fast a dump comes in, and goes out again, with one process and with more.

    python benchmarks/scale.py [COMMENTS] [THREADS] [--workers 1,2] [--exports] [--dump FILE]

Processor time is told apart: of the program itself, and of its workers. Where other programs have
the cores, seconds tell little; `allowed` is the ratio that the processor time allows on free cores:
the program can't be faster than it is itself, nor than all together on so many cores.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# ruff: noqa: E402 - two files beside this one have the names of libraries, which are to be found first
sys.path[0] = str(Path(__file__).parent.parent)

from benchmarks import dumps

MOST_MB, LEAST_RATIO = 300, 1.7
RUN = """
import atexit, json, os, sys
def tell(file=os.environ["SCALE_TIMES"]):
    open(file, "w").write(json.dumps(os.times()[:4]))
atexit.register(tell)
from reddit_archive.cli import main
main()
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock, and of the processor here and in workers; megabytes of the largest."""

    seconds: float
    here: float
    workers: float
    megabytes: float

    def allowed(self, cores: int) -> float:
        """The seconds that so many free cores would take."""
        return max(self.here, (self.here + self.workers) / cores)


def measured(folder: Path, *args: object) -> Cost:
    """Run the program in a folder to its end; what it prints goes nowhere."""
    times = folder / "times.json"
    command = [sys.executable, "-c", RUN, "--config", os.devnull, "-q", *map(str, args)]
    nowhere = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    env = {**os.environ, "SCALE_TIMES": str(times)}
    start = time.perf_counter()
    child = os.posix_spawn(sys.executable, command, env, file_actions=[nowhere])
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - start
    assert status == 0, args
    mine, system, theirs, their_system = json.loads(times.read_text())
    # The largest of all processes, for a parent takes over what those that it waited for had.
    return Cost(seconds, mine + system, theirs + their_system, usage.ru_maxrss / 1024)


def shown(what: str, workers: int, comments: int, cost: Cost, first: Cost) -> bool:
    """Print a line; tell whether it is as good as is promised."""
    allowed = first.allowed(1) / cost.allowed(max(workers, 1))
    speed = f"{cost.seconds:>8.1f}{comments / cost.seconds:>12,.0f}"
    load = f"{cost.here:>9.1f}{cost.workers:>9.1f}{cost.megabytes:>7.0f}"
    ratio = f"{first.seconds / cost.seconds:>8.2f}{allowed:>9.2f}"
    print(f"{what:<14}{workers:>8}{speed}{load}{ratio}", flush=True)
    return cost.megabytes < MOST_MB and (workers < 2 or allowed >= LEAST_RATIO)


def names(root: Path) -> Iterator[str]:
    """What is stored: each name holds the digest of its file."""
    return (str(path.relative_to(root)) for path in sorted(root.glob("threads/*/*")))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("comments", type=int, nargs="?", default=1_000_000)
    parser.add_argument("threads", type=int, nargs="?", default=15_000)
    parser.add_argument("--workers", default="1,2")
    parser.add_argument("--exports", action="store_true")
    parser.add_argument("--dump", type=Path)
    given = parser.parse_args()
    workers = [int(number) for number in given.workers.split(",")]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        dump = given.dump or folder / "dump.ndjson"
        if not dump.exists():
            with dump.open("wb") as file:
                file.writelines(dumps.lines(given.comments, given.threads))
        print(f"{given.comments:,} comments, {given.threads:,} threads, load {os.getloadavg()[0]}")
        print(f"{'':<14}{'workers':>8}{'s':>8}{'comments/s':>12}", end="")
        print(f"{'CPU here':>9}{'workers':>9}{'MB':>7}{'ratio':>8}{'allowed':>9}")
        is_well = True
        costs: dict[str, Cost] = {}
        stored: list[str] = []
        for number in workers:
            root = folder / f"archive-{number}"
            ways = {"import": ("import", dump)}
            if given.exports:
                ways["export ndjson"] = ("export", "ndjson", "-o", folder / f"{number}.ndjson")
                ways["export html"] = ("export", "html", folder / f"site-{number}")
            for what, command in ways.items():
                cost = measured(folder, "--archive", root, *command, "--workers", number)
                first = costs.setdefault(what, cost)
                is_well &= shown(what, number, given.comments, cost, first)
            stored = stored or list(names(root))
            is_well &= stored == list(names(root))
    print(f"(below {MOST_MB} MB in any process, and {LEAST_RATIO} times as fast with two workers)")
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
