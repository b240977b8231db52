"""What a save, `diff`, `quote` and `log` cost when many snapshots of a thread are stored.

    python benchmarks/past.py [ROUNDS]

A thread of 500 comments. Between two snapshots a comment is edited and a fifth of the scores move.
The processor time of whole processes is compared with the same command on a thread with one
snapshot (`diff`: two), which is the floor: nothing of the past is left to read there. The commands
take turns, and the median counts. A save stores one more snapshot, which is removed afterwards.
"""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple

# ruff: noqa: E402 - the tests' server is found from the folder above
sys.path[0] = str(Path(__file__).parent.parent)

import yaml

from reddit_archive.archive import store
from reddit_archive.archive.index import maintenance
from reddit_archive.archive.index.titles import FILE_NAME
from reddit_archive.model import capture
from reddit_archive.model.capture import Capture
from tests.support import reddit_server

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled once
ARCHIVE = str(Path(sys.executable).with_name("archive"))
COMMENTS, FEW, MANY, ROUNDS = 500, (1, 2), (25, 200), 9
LIMITS = {"save FILE": 1.3, "save from the server": 1.3, "diff": 1.3}
KEYS = ("client_id", "client_secret", "user_agent", "oauth_url", "reddit_url")


class Figure(NamedTuple):
    """Processor seconds of a command at a number of snapshots, and how many times its floor."""

    what: str
    snapshots: int
    seconds: float
    ratio: float


def store_history(root: Path, source: str, snapshots: int) -> reddit_server.Thread:
    """Store so many snapshots, and return the thread with one more change."""
    thread = reddit_server.generate(comments=COMMENTS, depth=8, seed=snapshots % 30)
    random, at = Random(5), datetime(2026, 1, 1, tzinfo=UTC)
    path = f"comments/{thread.id}/"
    request = {"path": path} if source == "reddit" else {"files": ["thread.json"]}
    for _ in range(snapshots):
        things = capture.flatten(reddit_server.page(thread, limit=COMMENTS))
        assert store.add(root, Capture(thread.id, at, source, request, things)).is_new
        at += timedelta(days=1)
        for comment in random.sample([*thread.comments.values()], COMMENTS // 5):
            comment["score"] = comment["ups"] = at.toordinal()
        thread.edit(random.choice(sorted(thread.comments)), f"Edited on {at:%B %d}.")
    maintenance.rebuild(root)
    return thread


def prepare(folder: Path, server: reddit_server.Server, source: str, snapshots: int) -> str:
    """Make an archive, the file to save and the settings in a folder; return the thread's id."""
    thread = store_history(folder / "archive", source, snapshots)
    (folder / "thread.json").write_text(json.dumps(reddit_server.page(thread, limit=COMMENTS)))
    reddit = {name: server.settings()[name] for name in KEYS}
    settings = {"reddit": reddit, "media": {"save": False}}
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))
    server.add(thread)
    return thread.id


@contextmanager
def restored(root: Path, spare: Path) -> Iterator[None]:
    """Remove afterwards what a command adds to an archive."""
    shutil.copy2(root / FILE_NAME, spare)
    before = {*root.rglob("*")}
    yield
    for path in {*root.rglob("*")} - before:
        path.unlink()
    shutil.copy2(spare, root / FILE_NAME)


def measure(command: list[str], folder: Path) -> float:
    with restored(folder / "archive", folder / "spare"):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([ARCHIVE, *command], cwd=folder, capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.returncode <= 1, done.stderr
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def get_figures(rounds: int = ROUNDS) -> list[Figure]:
    """Measure each command at each number of snapshots."""
    with tempfile.TemporaryDirectory() as place, reddit_server.Server(budget=10**6) as server:
        runs: dict[tuple[str, int], Callable[[], float]] = {}
        for source in ("saved", "reddit"):
            for number in (*FEW, *MANY):
                folder = Path(place, source, str(number))
                folder.mkdir(parents=True)
                thread_id = prepare(folder, server, source, number)
                commands = {"save from the server": [thread_id, "-q"]}
                if source == "saved":
                    commands = {
                        "save FILE": ["thread.json", "-q"],
                        "diff": ["diff", thread_id, "-2" if number > 1 else "-1", "-1"],
                        "quote": ["quote", thread_id],
                        "quote --as-of": ["quote", thread_id, "--as-of", "2026-01-02"],
                        "log": ["log", thread_id],
                    }
                for what, command in commands.items():
                    runs[what, number] = partial(measure, command, folder)
        seconds: dict[tuple[str, int], list[float]] = {key: [] for key in runs}
        for _ in range(rounds):
            for key, run in runs.items():
                seconds[key].append(run())
    medians = {key: statistics.median(values) for key, values in seconds.items()}
    return [
        Figure(what, number, medians[what, number], medians[what, number] / medians[what, floor])
        for what, number in medians
        if number >= (floor := 2 if what == "diff" else 1)
    ]


def main() -> int:
    figures = get_figures(*map(int, sys.argv[1:2]))
    print(f"{'Processor time':<24}{'snapshots':>10}{'seconds':>9}{'to floor':>10}{'limit':>7}")
    for what, number, seconds, ratio in sorted(figures):
        limit = LIMITS.get(what, "")
        print(f"{what:<24}{number:>10}{seconds:>9.2f}{ratio:>9.2f}x{limit:>7}")
    return int(any(each.ratio > LIMITS.get(each.what, each.ratio) for each in figures))


if __name__ == "__main__":
    sys.exit(main())
