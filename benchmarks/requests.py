"""How many requests a thread takes: ours beside PRAW's replace_more, on a strict stand-in.

    python benchmarks/requests.py [--comments 1000,3000,10000] [--no-praw]

The stand-in speaks HTTP on 127.0.0.1 and keeps Reddit's rules (tests/reddit_server). Every comment
must be there in each run. The floor is one page of 500 and 100 comments a request.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from math import ceil
from pathlib import Path
from random import Random
from unittest.mock import patch

# ruff: noqa: E402 - this file's name is that of a library too, which is to be found first
sys.path[0] = str(Path(__file__).parent.parent)

import praw
import yaml

from reddit_archive.reference import Reference
from reddit_archive.sources import Wish
from reddit_archive.sources.patience import Patience
from reddit_archive.sources.reddit import Reddit
from tests import reddit_server as rs

PROGRAM = Path(sys.executable).with_name("archive")


def counted(server: rs.Server, do: Callable[..., object], *given: object) -> int:
    """How many requests something makes, the token's aside."""
    server.reset_log()
    do(server, *given)
    return server.count()


def ours(server: rs.Server) -> Reddit:
    settings = {k: v for k, v in server.settings().items() if k != "check_for_updates"}
    return Reddit(settings, patience=Patience(), say=print)


def with_praw(server: rs.Server, thread: rs.Thread) -> None:
    """Fetch everything as PRAW's documentation says.

    It sends all ids of a stub at once; whether Reddit takes so many is not held against it.
    """
    submission = praw.Reddit(**server.settings()).submission(thread.id)
    with patch("tests.reddit_server.server.MAX_CHILDREN", 10**6):
        submission.comments.replace_more(limit=None)
    assert {comment.id for comment in submission.comments.list()} >= thread.visible()


def whole(server: rs.Server, thread: rs.Thread) -> None:
    taken = ours(server).fetch(Reference(post_id=thread.id), Wish())
    assert {t["data"]["id"] for t in taken.things if t["kind"] == "t1"} >= thread.visible()
    assert taken.complete


def chosen(server: rs.Server, thread: rs.Thread, names: list[str]) -> None:
    wish = Wish(tuple(names), is_whole=False)
    taken = ours(server).fetch(Reference(post_id=thread.id), wish)
    wanted = {above for name in names for above in thread.path(name)}
    assert {t["data"]["id"] for t in taken.things if t["kind"] == "t1"} >= wanted


def looked_up(server: rs.Server, names: list[str]) -> None:
    assert len(ours(server).look_up(names)) == len(names)


def saved(server: rs.Server, thread: rs.Thread) -> tuple[float, float]:
    """Save it by the command line; gives seconds of its own CPU and its peak memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        key = ("client_id", "client_secret", "user_agent", "oauth_url", "reddit_url")
        reddit = {name: server.settings()[name] for name in key}
        settings = {"reddit": reddit, "media": {"save": False}}
        Path(folder, "config.yaml").write_text(yaml.safe_dump(settings))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([PROGRAM, thread.id, "-q"], cwd=folder, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, after.ru_maxrss / 1024


def whole_threads(sizes: Sequence[int], *, has_praw: bool) -> None:
    print("Whole threads   PRAW   ours  floor   ours by `archive`: own CPU, peak memory")
    for size in sizes:
        thread = rs.generate(size)
        with rs.Server(thread, budget=10**6) as server:
            praws = counted(server, with_praw, thread) if has_praw else "-"
            mine = counted(server, whole, thread)
            seconds, megabytes = saved(server, thread)
        floor = 1 + ceil(max(0, size - 500) / 100)
        print(f"{size:>13,} {praws:>6} {mine:>6} {floor:>6}   {seconds:.1f} s, {megabytes:.0f} MB")


def chosen_comments() -> None:
    thread = rs.generate(3000, depth=9)
    print("\nChosen of 3,000 comments, with ancestors and post: mean (most) of 9 samples")
    with rs.Server(thread, budget=10**6) as server:
        for number in (1, 5, 20, 50, 99, 200):
            samples = [Random(seed).sample(list(thread.comments), number) for seed in range(9)]
            figures = [counted(server, chosen, thread, sample) for sample in samples]
            print(f"{number:>13} {sum(figures) / len(figures):>6.1f} ({max(figures)})")


def re_checks() -> None:
    print("\nRe-checks of M threads with K comments each")
    for threads, comments in ((10, 10), (20, 25), (100, 5)):
        held = [rs.generate(comments, depth=2, seed=seed) for seed in range(threads)]
        names = [name for t in held for name in (t.name, *(f"t1_{c}" for c in t.comments))]
        with rs.Server(*held, budget=10**6) as server:
            number = counted(server, looked_up, names)
        print(f"  M={threads} K={comments}: {number}, floor {ceil(len(names) / 100)}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--comments", default="1000,3000,10000")
    parser.add_argument("--no-praw", action="store_true")
    given = parser.parse_args()
    sizes = [int(size) for size in given.comments.split(",")]
    began = time.monotonic()
    whole_threads(sizes, has_praw=not given.no_praw)
    chosen_comments()
    re_checks()
    print(f"\n{time.monotonic() - began:.0f} s in all")


if __name__ == "__main__":
    main()
