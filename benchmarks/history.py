"""How long `quote` and `log` take over a long history, and what an unchanged re-check costs.

    python benchmarks/history.py [ROUNDS]

A thread of 500 comments, 100 snapshots, whole processes. Between two snapshots a comment is edited,
one is deleted, one is new, and the scores of a share of all move: of every fifth, and of all. The
fastest run is held against the limit, for a busy machine slows the others.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent.parent))

from reddit_archive.archive import store
from reddit_archive.model import capture
from reddit_archive.model.capture import Capture
from tests.support import reddit_server

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled once
ARCHIVE = str(Path(sys.executable).with_name("archive"))
COMMENTS, SNAPSHOTS = 500, 100
LIMITS = {"quote": 1.0, "log": 1.5}
LIMIT_BYTES = 200


def live(thread: reddit_server.Thread, root: Path, *, moving: float) -> Capture:
    """Store a hundred snapshots of a thread; `moving` is the share of scores that move between."""
    random, at = Random(5), datetime(2026, 1, 1, tzinfo=UTC)
    for _ in range(SNAPSHOTS):
        things = capture.flatten(reddit_server.page(thread, limit=COMMENTS))
        request = {"path": f"comments/{thread.id}/", "limit": 500, "sort": "confidence"}
        taken = Capture(thread.id, at, "reddit", request, things)
        assert store.add(root, taken).is_new
        at += timedelta(days=1)
        alive = sorted(thread.comments.keys() - thread.deleted)
        for comment in random.sample(alive, round(moving * len(alive))):
            thread.comments[comment]["score"] = thread.comments[comment]["ups"] = at.toordinal()
        edited, deleted, answered = random.sample(alive, 3)
        thread.edit(edited, f"Edited: {at:%B %d} was another day.")
        thread.delete(deleted)
        thread.reply(f"t1_{answered}", f"Still here on {at:%B %d}?")
    return taken


def seconds(command: list[str], folder: Path) -> tuple[float, float]:
    """How long a whole process took: by the clock, and of the processor."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    took, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def recheck_bytes(root: Path, last: Capture) -> int:
    """What one more look costs on disk when nothing but counters moved."""
    before = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    assert not store.add(
        root, replace(last, captured_at=last.captured_at + timedelta(hours=1))
    ).is_new
    return sum(path.stat().st_size for path in root.rglob("*") if path.is_file()) - before


def main() -> int:
    rounds = int(sys.argv[1]) if sys.argv[1:] else 7
    is_good = True
    print(f"{SNAPSHOTS} snapshots of {COMMENTS} comments, median of {rounds} runs")
    print(f"{'':<34}{'wall':>10}{'processor':>10}{'limit':>8}")
    for share in (0.2, 1.0):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "archive"
            thread = reddit_server.generate(comments=COMMENTS, depth=8, seed=3)
            last = live(thread, root, moving=share)
            for name, limit in LIMITS.items():
                command = [ARCHIVE, name, thread.id]
                runs = [seconds(command, Path(folder)) for _ in range(rounds)]
                took, busy = (statistics.median(column) for column in zip(*runs, strict=True))
                row = f"{name}, {share:.0%} of scores moving"
                print(f"{row:<34}{took:>8.2f} s{busy:>8.2f} s{limit:>6} s")
                is_good &= min(took for took, _ in runs) < limit
            size = recheck_bytes(root, last)
            print(f"{'unchanged re-check':<34}{size:>8} B{'':>10}{LIMIT_BYTES:>6} B")
            is_good &= size < LIMIT_BYTES
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
