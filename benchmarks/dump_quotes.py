"""How long a quote of a whole thread takes whose comments come from a dump, which has no HTML.

    python benchmarks/dump_quotes.py [COMMENTS] [ROUNDS]

Whole processes, in turn; the processor's time counts, and the median of the ratios. The floor reads
the same snapshot with `json.loads` and prints the same quote.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

# ruff: noqa: E402 - two files beside this one have the names of libraries, which are to be found first
sys.path[0] = str(Path(__file__).parent.parent)

from benchmarks import dumps

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled once
ARCHIVE = str(Path(sys.executable).with_name("archive"))
FLOOR = """
import json, pathlib, sys
json.loads(pathlib.Path(sys.argv[1]).read_bytes())
sys.stdout.write(pathlib.Path(sys.argv[2]).read_text("utf-8"))
"""
REFERENCE = "json.loads and print"
COMMENTS, LIMIT = 8_182, 7
Figures = tuple[str, float, float, str, int]
"""What takes how many seconds, how many times those of the reference, for how many comments."""


def seconds(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def prepare(folder: Path, comments: int) -> tuple[list[str], list[str]]:
    """Import one thread of a dump; return the commands of the quote and of its floor."""
    dump, root, quote = folder / "dump.ndjson", folder / "archive", folder / "quote.md"
    dump.write_bytes(b"".join(dumps.lines(comments, 1)))
    subprocess.run([ARCHIVE, "import", dump, "--archive", root], check=True, capture_output=True)
    (snapshot,) = root.glob("threads/*/*.json")
    command = [ARCHIVE, "quote", "z00000", "--all", "--archive", str(root)]
    quote.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
    return command, [sys.executable, "-c", FLOOR, str(snapshot), str(quote)]


def measure(comments: int = COMMENTS, rounds: int = 5) -> Figures:
    """Return the figures of `quote --all`."""
    with tempfile.TemporaryDirectory() as folder:
        command, floor = prepare(Path(folder), comments)
        turns = [(seconds(command), seconds(floor)) for _ in range(rounds)]
    ratio = statistics.median(mine / theirs for mine, theirs in turns)
    return (
        "quote --all, from a dump",
        statistics.median(mine for mine, _ in turns),
        ratio,
        REFERENCE,
        comments,
    )


def main() -> None:
    what, taken, ratio, reference, comments = measure(*map(int, sys.argv[1:]))
    print(f"{what:<28}{comments:>7,} comments{taken:>9.3f} s{ratio:>7.2f} x {reference}")
    if comments >= COMMENTS and ratio > LIMIT:
        sys.exit(f"more than {LIMIT} x {reference}")


if __name__ == "__main__":
    main()
