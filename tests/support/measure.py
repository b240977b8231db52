"""Measure processor time and memory of a process."""

import json
import os
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT

USUAL_SECONDS = 0.055
"""Processor seconds in which Python parses the yardstick (3 MB) on an ordinary machine."""


class Cost(NamedTuple):
    """The exit code of a process, its processor time and its peak memory."""

    code: int
    seconds: float
    megabytes: float


LAUNCHER = """
import json, resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([code, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""
"""Starts the process, because a child counts the memory of its parent as its own."""


def measure(folder: Path, *command: object) -> Cost:
    """Run a process, and return its cost as the system reports it."""
    done = subprocess.run(
        [sys.executable, "-c", LAUNCHER, *map(str, command)],
        cwd=folder,
        capture_output=True,
        env={**os.environ, "HOME": str(folder), "PYTHONPATH": str(ROOT)},
        check=True,
    )
    code, seconds, peak = json.loads(done.stdout)
    return Cost(code, seconds, peak / (2**20 if sys.platform == "darwin" else 2**10))


@cache
def yardstick() -> str:
    return json.dumps([{"id": f"w{n:06}", "n": n, "a": [f"text {n}", None]} for n in range(50_000)])


def get_slowness() -> float:
    """Return how much slower than usual a core is now."""
    text = yardstick()
    began = time.process_time()
    json.loads(text)
    return max(1.0, (time.process_time() - began) / USUAL_SECONDS)
