"""How long the index takes to be made anew, and to answer.

    python benchmarks/index.py [SNAPSHOTS]

Small threads of two snapshots each; making them takes longer than indexing them.
"""

import hashlib
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reddit_archive import index, snapshot
from reddit_archive.capture import Capture

LIMIT_SECONDS = 10
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
        data = snapshot.encode(Capture(thread, at, "bench", {}, things), parent=parent)
        path = (
            root / "threads" / f"t3_{thread}" / snapshot.name(at, hashlib.sha256(data).hexdigest())
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        parent = path.stem[-64:] if number % 2 == 0 else None


def main() -> int:
    count = int(sys.argv[1]) if sys.argv[1:] else 20_000
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        fill(root, count)
        start = time.perf_counter()
        assert index.rebuild(root) == count
        made = time.perf_counter() - start
        start = time.perf_counter()
        threads = sum(1 for _ in index.threads(root))
        read = time.perf_counter() - start
        (root / index.FILE).unlink()
        start = time.perf_counter()
        assert sum(1 for _ in index.threads(root)) == threads
        without = time.perf_counter() - start
    print(f"{'snapshots':<28}{count:>10,}")
    print(f"{'reindex':<28}{made:>10.2f} s   (at most {LIMIT_SECONDS})")
    print(f"{f'{threads:,} threads, indexed':<28}{read:>10.2f} s")
    print(f"{f'{threads:,} threads, no index':<28}{without:>10.2f} s")
    return 0 if made < LIMIT_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
