"""How long the program takes to start, and to complete a thread's id when a key is pressed.

    python benchmarks/startup.py [ROUNDS]

Whole processes, in turn, so that a busy machine slows all: the median of the ratios to
`python -c "import click"` counts. Ids are completed in an archive of 10,000 threads.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from reddit_archive.archive.index import maintenance

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled once
ARCHIVE = str(Path(sys.executable).with_name("archive"))
FLOOR = [sys.executable, "-c", "import click"]
LIMIT, TYPING_LIMIT = 1.5, 2.5
THREADS = 10_000


def seconds(command: list[str], more: Mapping[str, str] | None = None) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **(more or {})})
    return time.perf_counter() - start


def typing(root: Path) -> dict[str, str]:
    """What bash sets to have an id completed, in an archive of many threads and an index."""
    import_module("index").fill(root, THREADS * 2)
    maintenance.rebuild(root)
    words = f"archive --archive {root} quote b0000"
    return {"COMP_WORDS": words, "COMP_CWORD": "4", "_ARCHIVE_COMPLETE": "bash_complete"}


def main() -> int:
    rounds = int(sys.argv[1]) if sys.argv[1:] else 30
    with tempfile.TemporaryDirectory() as folder:
        typed = typing(Path(folder))
        trios = [
            (seconds(FLOOR), seconds([ARCHIVE, "--version"]), seconds([ARCHIVE], typed))
            for _ in range(rounds + 1)
        ][1:]
    floor, started, completed = (statistics.median(each) for each in zip(*trios, strict=True))
    ratio = statistics.median(each[1] / each[0] for each in trios)
    typing_ratio = statistics.median(each[2] / each[0] for each in trios)
    print(f"{'command':<22}{'median ms':>10}{'ratio':>8}")
    print(f"{'import click':<22}{floor * 1000:>10.1f}{1:>8.2f}")
    print(f"{'archive --version':<22}{started * 1000:>10.1f}{ratio:>8.2f}   (at most {LIMIT})")
    print(
        f"{'completing an id':<22}{completed * 1000:>10.1f}{typing_ratio:>8.2f}   "
        f"(at most {TYPING_LIMIT})"
    )
    return 0 if ratio <= LIMIT and typing_ratio <= TYPING_LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
