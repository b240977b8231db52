"""What `list` and `search` cost for each stored thread, beside what they can't do without.

    python benchmarks/lookups.py [THREADS]

Whole processes, by the time of the processor. The floor of `list` is a program that imports click,
the floor of `search` one that imports click and asks plain FTS5 for the same texts. A thread costs
what an archive of many takes more than one of ten, less the same for the floor.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from statistics import median

# ruff: noqa: E402 - two files beside this one have the names of libraries, which are to be found first
sys.path[0] = str(Path(__file__).parent.parent)

from benchmarks import all as main_paths
from benchmarks import index
from reddit_archive.archive.index import maintenance

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled once
FEW, ROUNDS, LIMIT_MICROSECONDS = 10, 7, 6
WORD, NO_WORD = "reply", "nothing"
FLOOR = """
import sqlite3, sys, click
database = sqlite3.connect(sys.argv[1])
rows = database.execute(
    "SELECT thread, snippet(texts, 1, '', '', '', 9) FROM texts WHERE texts MATCH ?"
    " ORDER BY rank LIMIT 20", (sys.argv[2],))
for row in rows:
    click.echo(row)
"""


def build(folder: Path, threads: int) -> None:
    """Build an archive of threads with a post, a comment and two snapshots, and plain FTS5."""
    index.fill(folder / "archive", threads * 2)
    maintenance.rebuild(folder / "archive")
    with closing(sqlite3.connect(folder / "plain.sqlite3")) as database, database:
        database.execute("CREATE VIRTUAL TABLE texts USING fts5 (thread UNINDEXED, body)")
        for number in range(threads):
            texts = (f"Title {number * 2 + 1}", "A reply. " * 20, "A reply. " * 20)
            database.executemany(
                "INSERT INTO texts VALUES (?, ?)", [(f"b{number:07}", text) for text in texts]
            )


def measure(folders: tuple[Path, Path], count: int) -> Iterator[tuple[str, float, float, float]]:
    """Yield what, the seconds with many threads, the floor's, and microseconds for a thread."""
    for what, command, floor in (
        ("list", ("list",), ("import click",)),
        ("search, no hits", ("search", NO_WORD), (FLOOR, "plain.sqlite3", NO_WORD)),
        ("search, many hits", ("search", WORD), (FLOOR, "plain.sqlite3", WORD)),
    ):
        turns = []
        for _ in range(ROUNDS):
            ours = [_seconds(folder, [main_paths.ARCHIVE, *command]) for folder in folders]
            floors = [_seconds(folder, [sys.executable, "-c", *floor]) for folder in folders]
            turns.append((*ours, *floors))
        few, many, floor_few, floor_many = map(median, zip(*turns, strict=True))
        each = ((many - few) - (floor_many - floor_few)) / (count - FEW)
        yield what, many, floor_many, each * 1e6


def _seconds(folder: Path, command: list[str]) -> float:
    run = partial(subprocess.run, command, cwd=folder, capture_output=True)
    return main_paths.used(run, main_paths.OTHERS)


def main() -> int:
    count = int(sys.argv[1]) if sys.argv[1:] else 10_000
    is_good = True
    with tempfile.TemporaryDirectory() as temporary:
        folders = Path(temporary, "few"), Path(temporary, "many")
        for folder, threads in zip(folders, (FEW, count), strict=True):
            build(folder, threads)
        print(f"{f'{count:,} threads':<20}{'seconds':>9}{'floor':>9}{'µs a thread':>13}")
        for what, seconds, floor, each in measure(folders, count):
            print(f"{what:<20}{seconds:>9.3f}{floor:>9.3f}{each:>13.1f}")
            is_good &= each <= LIMIT_MICROSECONDS
    print(f"(at most {LIMIT_MICROSECONDS} µs a thread more than the floor)")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
