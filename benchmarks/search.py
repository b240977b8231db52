"""How long a search takes over many comments, by itself and as a whole process; and indexing them.

    python benchmarks/search.py [COMMENTS] [THREADS]

The comments are made of a vocabulary in which words are as unevenly common as in a language. The
median of seven runs, by the time of the processor, is held against the limit.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

from reddit_archive.archive import store
from reddit_archive.archive.index import maintenance, search
from reddit_archive.archive.index.search import SearchFilter
from reddit_archive.model.capture import Capture

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled once
ARCHIVE = str(Path(sys.executable).with_name("archive"))
LIMIT_SECONDS, ROUNDS, LIMIT = 0.2, 7, 20
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
QUERIES = {
    "a rare word": "word9000",
    "two words": "word50 word300",
    "a beginning": "word12*",
    "a phrase": '"word1 word2"',
    "a word of most texts": "word0",
}


def fill(root: Path, comments: int, threads: int) -> None:
    random = Random(1)
    words = [f"word{number}" for number in range(20_000)]
    weights = [1 / (number + 3) for number in range(len(words))]
    for number in range(threads):
        thread = f"s{number:06d}"
        post = {"name": f"t3_{thread}", "title": f"Title {number}", "subreddit": "bench"}
        things = [{"kind": "t3", "data": post}]
        for reply in range(comments // threads):
            body = " ".join(random.choices(words, weights, k=random.randint(5, 70)))
            said = {"name": f"t1_c{number}x{reply}", "parent_id": f"t3_{thread}", "body": body}
            said |= {"author": f"who{reply % 99}", "created_utc": 1_700_000_000 + reply}
            things.append({"kind": "t1", "data": said})
        at = NEW_YEAR + timedelta(seconds=number)
        store.add(root, Capture(thread, at, "bench", {}, tuple(things)))


def median(action: Callable[[], object], clock: Callable[[], float]) -> float:
    took = []
    for _ in range(ROUNDS):
        start = clock()
        action()
        took.append(clock() - start)
    return statistics.median(took)


def main() -> int:
    comments = int(sys.argv[1]) if sys.argv[1:] else 100_000
    threads = int(sys.argv[2]) if sys.argv[2:] else comments // 100
    is_good = True
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "archive"
        fill(root, comments, threads)
        start = time.process_time()
        maintenance.rebuild(root)
        print(f"reindex {comments:,} comments: {time.process_time() - start:.1f} s", end="")
        print(f", {(root / search.FILE_NAME).stat().st_size / 1e6:.0f} MB")
        for what, typed in QUERIES.items():
            wanted = SearchFilter(search.parse(typed))
            found = search.find(root, wanted, limit=LIMIT)
            took = median(partial(search.find, root, wanted, limit=LIMIT), time.process_time)
            command = [ARCHIVE, "search", typed, "--archive", str(root)]
            run = partial(subprocess.run, command, check=True, capture_output=True)
            whole = median(run, time.perf_counter)
            print(f"{what:<24}{len(found):>4} hits{took:>8.3f} s{whole:>8.3f} s as a process")
            is_good &= bool(found) and took < LIMIT_SECONDS
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
