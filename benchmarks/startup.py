"""How much processor time the usual commands take as whole processes, beside `import click`.

    python benchmarks/startup.py [ROUNDS]

The floor is `python -c "import click"`: no command line written with click starts faster. All
commands take turns, so that a busy machine slows all of them, and the median of the ratios counts.
The archive has two small threads, and 10,000 threads where an id is completed.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from reddit_archive.archive.index import maintenance

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled once
ARCHIVE = str(Path(sys.executable).with_name("archive"))
EXAMPLES = Path(__file__).parent.parent / "examples"
FLOOR = "import click"
THREADS = 10_000


@dataclass(frozen=True, slots=True)
class Case:
    """A command that is measured, and how many times the floor it may take."""

    command: list[str]
    limit: float
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figure:
    """The median seconds of the processor that a command takes, and their ratio to the floor."""

    what: str
    seconds: float
    ratio: float
    limit: float


def run(case: Case, folder: Path) -> float:
    """Run a command in a folder, and return the seconds of the processor that it takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, **case.environment}
    subprocess.run(case.command, check=True, capture_output=True, cwd=folder, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def build_cases(folder: Path) -> dict[str, Case]:
    """Fill a folder with archives, and return the commands to measure there."""
    for name in ("short", "everything"):
        run(Case([ARCHIVE, str(EXAMPLES / f"{name}.json"), "--no-media"], 0), folder)
    import_module("index").fill(folder / "many", THREADS * 2)
    maintenance.rebuild(folder / "many")
    typed = {
        "COMP_WORDS": "archive --archive many quote b0000",
        "COMP_CWORD": "4",
        "_ARCHIVE_COMPLETE": "bash_complete",
    }
    save = [ARCHIVE, "save", str(EXAMPLES / "short.json"), "--archive"]
    return {
        FLOOR: Case([sys.executable, "-c", FLOOR], 1),
        "archive --version": Case([ARCHIVE, "--version"], 1.5),
        "archive --help": Case([ARCHIVE, "--help"], 1.5),
        "completing an id": Case([ARCHIVE], 2.5, typed),
        "archive list": Case([ARCHIVE, "list"], 3),
        "archive quote": Case([ARCHIVE, "quote", "9bread1", "--all"], 4),
        "archive save FILE": Case(save, 5),
    }


def measure(rounds: int = 30) -> list[Figure]:
    """Measure all commands in turns."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cases = build_cases(folder)
        seconds: dict[str, list[float]] = {what: [] for what in cases}
        for number in range(rounds + 1):
            for what, case in cases.items():
                fresh = [f"new{number}"] if what == "archive save FILE" else []
                took = run(Case([*case.command, *fresh], 0, case.environment), folder)
                seconds[what] += [took] * (number > 0)  # the first round reads from the disk
    floors = seconds[FLOOR]
    return [
        Figure(
            what,
            statistics.median(seconds[what]),
            statistics.median(
                took / floor for took, floor in zip(seconds[what], floors, strict=True)
            ),
            case.limit,
        )
        for what, case in cases.items()
    ]


def main() -> int:
    figures = measure(int(sys.argv[1]) if sys.argv[1:] else 30)
    print(f"{'command':<20}{'seconds':>9}{'ratio':>8}{'limit':>8}")
    for figure in figures:
        print(f"{figure.what:<20}{figure.seconds:>9.3f}{figure.ratio:>8.2f}{figure.limit:>8}")
    return any(figure.ratio > figure.limit for figure in figures)


if __name__ == "__main__":
    sys.exit(main())
