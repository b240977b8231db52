"""Measure processor time and memory of a process."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT


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
