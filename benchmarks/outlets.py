"""How fast threads leave the archive in each form, and how much memory that takes.

    python benchmarks/outlets.py [THREADS] [COMMENTS]

Threads of two snapshots, between which a tenth of the comments was edited; whole processes.
"""

import hashlib
import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reddit_archive.archive import snapshot_format
from reddit_archive.model.capture import Capture, Thing

ARCHIVE = str(Path(sys.executable).with_name("archive"))
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
FORMS = ("json", "ndjson", "sqlite", "parquet", "csl", "bibtex")
LEAST_PER_SECOND, MOST_MB = 5_000, 500
TEXT = "Feed it **twice** a day, and write down *why*: [the table](https://example.org/x). " * 3


def fill(root: Path, threads: int, comments: int) -> None:
    """Write snapshots without a disk's flushes, which are not what is measured."""
    for number in range(threads):
        thread = f"b{number:06d}"
        parent = None
        for look in range(2):
            at = NEW_YEAR + timedelta(days=look)
            data = snapshot_format.encode(taken(thread, at, comments, look), parent=parent)
            name = snapshot_format.build_file_name(at, hashlib.sha256(data).hexdigest())
            path = root / "threads" / f"t3_{thread}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            parent = path.stem[-64:]


def taken(thread: str, at: datetime, comments: int, look: int) -> Capture:
    post = {"name": f"t3_{thread}", "id": thread, "title": f"On {thread}", "subreddit": "bench"}
    post |= {"author": "someone", "created_utc": 1.7e9, "selftext": TEXT, "is_self": True}
    things: list[Thing] = [{"kind": "t3", "data": post}]
    for number in range(comments):
        above = f"t1_{thread}{number // 2}" if number % 5 else f"t3_{thread}"
        body = f"{number}. {TEXT}{' Edited.' if look and number % 10 == 0 else ''}"
        said = {"name": f"t1_{thread}{number}", "id": f"{thread}{number}", "parent_id": above}
        said |= {"author": f"user{number % 40}", "body": body, "created_utc": 1.7e9 + number}
        said |= {"body_html": f'<div class="md"><p>{body}</p>\n</div>', "score": number}
        things.append({"kind": "t1", "data": said | {"link_id": f"t3_{thread}"}})
    return Capture(thread, at, "reddit", {"whole": True}, tuple(things))


def measured(root: Path, form: str, file: Path) -> tuple[float, float]:
    """Seconds, and megabytes at the most, of one process that exports all."""
    where = [str(file)] if form in ("sqlite", "parquet") else ["-o", str(file)]
    command = [ARCHIVE, "--archive", str(root), "-q", "export", form, *where]
    start = time.perf_counter()
    child = os.spawnv(os.P_NOWAIT, command[0], command)
    _, status, usage = os.wait4(child, 0)
    assert status == 0, form
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main() -> int:
    threads = int(sys.argv[1]) if sys.argv[1:] else 1_000
    comments = int(sys.argv[2]) if sys.argv[2:] else 100
    is_well = True
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), threads, comments)
        print(f"{threads:,} threads of {comments:,} comments, two snapshots each")
        print(f"{'':<10}{'s':>8}{'comments/s':>12}{'MB in memory':>14}{'MB written':>12}")
        for form in FORMS:
            file = Path(folder) / f"export.{form}"
            seconds, megabytes = measured(Path(folder), form, file)
            speed = threads * comments / seconds
            size = file.stat().st_size / 1e6
            print(f"{form:<10}{seconds:>8.1f}{speed:>12,.0f}{megabytes:>14.0f}{size:>12.1f}")
            is_well &= speed >= LEAST_PER_SECOND and megabytes <= MOST_MB
    print(f"(at least {LEAST_PER_SECOND:,} comments/s, at most {MOST_MB} MB)")
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
