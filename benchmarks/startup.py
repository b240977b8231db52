"""How long the program takes to start, as a ratio to `python -c "import click"`.

    python benchmarks/startup.py [ROUNDS]

Whole processes, in turn, so that a busy machine slows both; the median of the ratios counts.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

ARCHIVE = str(Path(sys.executable).with_name("archive"))
FLOOR = [sys.executable, "-c", "import click"]
LIMIT = 1.5


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> int:
    rounds = int(sys.argv[1]) if sys.argv[1:] else 30
    for command in (FLOOR, [ARCHIVE, "--version"]):
        seconds(command)
    print(f"{'command':<22}{'median ms':>10}{'ratio':>8}")
    pairs = [(seconds(FLOOR), seconds([ARCHIVE, "--version"])) for _ in range(rounds)]
    floor = statistics.median(a for a, _ in pairs)
    print(f"{'import click':<22}{floor * 1000:>10.1f}{1:>8.2f}")
    ours = statistics.median(b for _, b in pairs)
    ratio = statistics.median(b / a for a, b in pairs)
    print(f"{'archive --version':<22}{ours * 1000:>10.1f}{ratio:>8.2f}   (at most {LIMIT})")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
