"""How fast a dump comes in, and goes out again, with one process and with more.

    python benchmarks/scale.py [COMMENTS] [THREADS] [--workers 1,2] [--exports] [--dump FILE]

Processor time is told apart: of the program itself, and of its workers. What two cores are worth
is measured, too: `halves` are two programs at once, each with half of the threads, an archive of
its own and one process. Where cores share what they are made of, or other programs use them, that
is less than twice as fast, and no program with two workers could be faster.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# ruff: noqa: E402 - two files beside this one have the names of libraries, which are to be found first
sys.path[0] = str(Path(__file__).parent.parent)

from benchmarks import dumps

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled once
MOST_MB, LEAST_RATIO, LEAST_SHARE = 300, 1.7, 0.9
THREAD = re.compile(rb'"(?:link_id":"t3_|id":"(?=z))(\w+)"')
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


def measured(folder: Path, *args: object) -> Cost:
    """Run the program in a folder to its end; what it prints goes nowhere."""
    start = time.perf_counter()
    return ended(begun(folder / "times.json", *args), folder / "times.json", start)


def begun(times: Path, *args: object) -> int:
    command = [sys.executable, "-c", RUN, "--config", os.devnull, "-q", *map(str, args)]
    nowhere = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    env = {**os.environ, "SCALE_TIMES": str(times)}
    return os.posix_spawn(sys.executable, command, env, file_actions=[nowhere])


def ended(process: int, times: Path, start: float) -> Cost:
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - start
    assert status == 0, times
    mine, system, theirs, their_system = json.loads(times.read_text())
    # The largest of all processes, for a parent takes over what those that it waited for had.
    return Cost(seconds, mine + system, theirs + their_system, usage.ru_maxrss / 1024)


def halves(folder: Path, dump: Path) -> Cost:
    """Import the two halves of a dump at once, by programs that know nothing of each other."""
    parts = [folder / f"half-{number}.ndjson" for number in (0, 1)]
    with dump.open("rb") as lines, parts[0].open("wb") as one, parts[1].open("wb") as other:
        for line in lines:
            found = THREAD.search(line)
            assert found is not None, line
            (one, other)[int(found[1][1:]) % 2].write(line)
    start = time.perf_counter()
    times = [part.with_suffix(".json") for part in parts]
    programs = [
        begun(time, "--archive", part.with_suffix(""), "import", part, "--workers", 1)
        for part, time in zip(parts, times, strict=True)
    ]
    costs = [ended(*each, start) for each in zip(programs, times, strict=True)]
    return Cost(
        max(cost.seconds for cost in costs),
        sum(cost.here for cost in costs),
        0,
        max(cost.megabytes for cost in costs),
    )


def shown(what: str, workers: int | str, comments: int, cost: Cost, first: Cost) -> float:
    """Print a line; give how many times as fast as the first it is."""
    ratio = first.seconds / cost.seconds
    speed = f"{cost.seconds:>8.1f}{comments / cost.seconds:>12,.0f}"
    load = f"{cost.here:>9.1f}{cost.workers:>9.1f}{cost.megabytes:>7.0f}"
    print(f"{what:<14}{workers:>8}{speed}{load}{ratio:>8.2f}", flush=True)
    return ratio


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
        print(f"{'CPU here':>9}{'workers':>9}{'MB':>7}{'ratio':>8}")
        is_well = True
        costs: dict[str, Cost] = {}
        stored: list[str] = []
        worth = 0.0
        for number in workers:
            if number > 1 and not worth and "import" in costs:
                apart = halves(folder, dump)
                worth = shown("halves", "1 + 1", given.comments, apart, costs["import"])
            root = folder / f"archive-{number}"
            ways = {"import": ("import", dump)}
            if given.exports:
                ways["export ndjson"] = ("export", "ndjson", "-o", folder / f"{number}.ndjson")
                ways["export html"] = ("export", "html", folder / f"site-{number}")
            for what, command in ways.items():
                cost = measured(folder, "--archive", root, *command, "--workers", number)
                first = costs.setdefault(what, cost)
                ratio = shown(what, number, given.comments, cost, first)
                is_well &= cost.megabytes < MOST_MB
                if what == "import" and number == 2:
                    is_well &= ratio >= min(LEAST_RATIO, LEAST_SHARE * worth)
            stored = stored or list(names(root))
            is_well &= stored == list(names(root))
    print(f"(below {MOST_MB} MB in any process; {LEAST_RATIO} times as fast with two workers,")
    print(f"or {LEAST_SHARE} times as fast as two halves at once)")
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
