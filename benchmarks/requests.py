"""Run benchmarks/request_counts.py under its previous name.

    python benchmarks/requests.py [OPTIONS]

This script removes its folder from the module path, where it would hide the library `requests`.
"""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parent.parent)
    runpy.run_module("benchmarks.request_counts", run_name="__main__")
