"""How long the index takes to be made anew, and `list` with it and without.

    python benchmarks/index.py [SNAPSHOTS]

Small threads of two snapshots each; making them takes longer than indexing them.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reddit_archive.archive import snapshot_format, store
from reddit_archive.archive.index import maintenance, thread_table
from reddit_archive.model.capture import Capture

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled once
ARCHIVE = str(Path(sys.executable).with_name("archive"))
LIMIT_SECONDS, LIST_SECONDS = 10, 1
LISTED = 2_000
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def fill(root: Path, count: int) -> None:
    """Write snapshots without a disk's flushes, which are not what is measured."""
    parent = None
    for number in range(count):
        thread = f"b{number // 2:07d}"
        post = {"name": f"t3_{thread}", "title": f"Title {number}", "subreddit": "bench"}
        said = {"name": f"t1_c{number}", "parent_id": f"t3_{thread}", "body": "A reply. " * 20}
        things = ({"kind": "t3", "data": post}, {"kind": "t1", "data": said})
        at = NEW_YEAR + timedelta(seconds=number)
        data = snapshot_format.encode(Capture(thread, at, "bench", {}, things), parent=parent)
        path = (
            root
            / "threads"
            / f"t3_{thread}"
            / snapshot_format.build_file_name(at, hashlib.sha256(data).hexdigest())
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        parent = path.stem[-64:] if number % 2 == 0 else None


def listing_seconds(root: Path) -> float:
    """How long a whole process takes to list all threads."""
    start = time.perf_counter()
    done = subprocess.run(
        [ARCHIVE, "list", "--archive", root], check=True, capture_output=True, text=True
    )
    assert len(done.stdout.splitlines()) == sum(1 for _ in store.iter_thread_ids(root))
    return time.perf_counter() - start


def main() -> int:
    count = int(sys.argv[1]) if sys.argv[1:] else 20_000
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        fill(root, count)
        start = time.perf_counter()
        assert maintenance.rebuild(root) == count
        made = time.perf_counter() - start
        fill(root / "few", LISTED * 2)
        maintenance.rebuild(root / "few")
        listed = listing_seconds(root / "few")
        (root / "few" / thread_table.FILE_NAME).unlink()
        unindexed = listing_seconds(root / "few")
    print(f"{f'reindex {count:,} snapshots':<32}{made:>8.2f} s   (at most {LIMIT_SECONDS})")
    print(f"{f'list {LISTED:,} threads':<32}{listed:>8.2f} s   (at most {LIST_SECONDS})")
    print(f"{f'list {LISTED:,} threads, no index':<32}{unindexed:>8.2f} s")
    return 0 if made < LIMIT_SECONDS and listed < LIST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
