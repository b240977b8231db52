"""Run benchmarks/request_counts.py under its former name; nothing imports this file.

    python benchmarks/requests.py [OPTIONS]

The folder of a script comes first on the path of modules, and there this file would stand for the
library of its name.
"""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parent.parent)
    runpy.run_module("benchmarks.request_counts", run_name="__main__")
