"""Count the requests for a thread, and compare them with a lower bound and with PRAW.

    python benchmarks/request_counts.py [--comments 1000,3000,10000] [--seeds 1,2,3] [--no-praw]

Threads of each shape are fetched by Reddit's rules (tests/support/reddit_server) without HTTP. The
floor is one page of 500 comments, one request per 100 other comments, and one per branch that is
cut off at the end of a page. A thread may take 1.3 times the floor and 8 more, and at most as many
as PRAW. Every visible comment must be fetched, and the range of --dry-run must contain the number.
"dropped" is a server that does not name the comments that did not fit into a response, as Reddit's
published code does below the top level. The exit code is 1 if a thread takes too many requests.
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
from statistics import median
from unittest.mock import patch

# ruff: noqa: E402 - the tests' server and this package are found from the folder above
sys.path[0] = str(Path(__file__).parent.parent)

import praw
import yaml

from reddit_archive.model import completeness
from reddit_archive.model.reference import Reference
from reddit_archive.network.retry import RetryPolicy
from reddit_archive.sources.base import FetchRequest
from reddit_archive.sources.reddit_api import RedditSource
from tests.support import reddit_server as rs
from tests.support.request_counts import Counted, count, count_praw, floor, limit

PROGRAM = Path(sys.executable).with_name("archive")


def counted(server: rs.Server, do: Callable[..., object], *given: object) -> int:
    """Count the requests of a function, except the one for the token."""
    server.reset_log()
    do(server, *given)
    return server.count()


def ours(server: rs.Server) -> RedditSource:
    settings = {k: v for k, v in server.settings().items() if k != "check_for_updates"}
    return RedditSource(settings, retry_policy=RetryPolicy(), on_status=print)


def with_praw(server: rs.Server, thread: rs.Thread) -> None:
    """Fetch everything as PRAW's documentation says.

    It sends all ids of a stub at once. Here the server accepts that, in favor of PRAW.
    """
    submission = praw.Reddit(**server.settings()).submission(thread.id)
    with patch("tests.support.reddit_server.server.MAX_CHILDREN", 10**6):
        submission.comments.replace_more(limit=None)
    assert {comment.id for comment in submission.comments.list()} >= thread.visible()


def whole(server: rs.Server, thread: rs.Thread) -> None:
    taken = ours(server).fetch(Reference(post_id=thread.id), FetchRequest())
    assert {t["data"]["id"] for t in taken.things if t["kind"] == "t1"} >= thread.visible()
    assert completeness.is_capture_complete(taken)


def chosen(server: rs.Server, thread: rs.Thread, names: list[str]) -> None:
    wish = FetchRequest(tuple(names), is_whole=False)
    taken = ours(server).fetch(Reference(post_id=thread.id), wish)
    wanted = {above for name in names for above in thread.path(name)}
    assert {t["data"]["id"] for t in taken.things if t["kind"] == "t1"} >= wanted


def looked_up(server: rs.Server, names: list[str]) -> None:
    assert len(ours(server).look_up(names)) == len(names)


def saved(server: rs.Server, thread: rs.Thread) -> tuple[float, float]:
    """Save a thread with `archive`; return its processor seconds and its peak memory in MB."""
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


def shapes(sizes: Sequence[int], seeds: Sequence[int], *, has_praw: bool) -> bool:
    """Print the requests for each shape, size and seed; return whether all are few enough."""
    print("\nShape    comments seed  floor  limit   ours dropped forecast   PRAW (missing)")
    is_good = True
    for shape in rs.SHAPES:
        for size in sizes:
            for seed in seeds:
                thread = rs.shaped(shape, size, seed=seed)
                is_good &= compare(thread, f"{shape:<8} {size:>8,} {seed:>4}", has_praw=has_praw)
    return is_good


def compare(thread: rs.Thread, label: str, *, has_praw: bool) -> bool:
    ours, dropped = count(thread), count(thread, leftovers="dropped")
    praws, missing = count_praw(thread) if has_praw else (0, 0)
    is_good = all(is_few(each, thread) for each in (ours, dropped))
    if has_praw and not missing:
        is_good &= ours.requests <= praws
    forecast = f"{ours.least}-{ours.most}"
    beside = f"{praws:>6,} ({missing})" if has_praw else f"{'-':>6}"
    print(
        f"{label} {floor(thread):>6,} {limit(thread):>6,} {ours.requests:>6,} "
        f"{dropped.requests:>7,} {forecast:>9} {beside}{'' if is_good else '   TOO MANY'}",
        flush=True,
    )
    return is_good


def is_few(counted: Counted, thread: rs.Thread) -> bool:
    assert counted.ids >= thread.visible()
    return counted.requests <= limit(thread) and counted.least <= counted.requests <= counted.most


def over_http(sizes: Sequence[int]) -> None:
    print("By `archive` over HTTP: requests, own CPU, peak memory")
    for size in sizes:
        thread = rs.generate(size)
        with rs.Server(thread, budget=10**6) as server:
            mine = counted(server, whole, thread)
            seconds, megabytes = saved(server, thread)
        print(f"{size:>13,} {mine:>6} {seconds:.1f} s, {megabytes:.0f} MB")


def chosen_comments() -> None:
    thread = rs.generate(3000, depth=9)
    print("\nChosen of 3,000 comments, with ancestors and post: median, mean (most) of 9 samples")
    with rs.Server(thread, budget=10**6) as server:
        for number in (1, 5, 20, 50, 99, 200):
            samples = [Random(seed).sample(list(thread.comments), number) for seed in range(9)]
            figures = [counted(server, chosen, thread, sample) for sample in samples]
            mean, middle = sum(figures) / len(figures), median(figures)
            print(f"{number:>13} {middle:>6} {mean:>6.1f} ({max(figures)})")


def re_checks() -> None:
    print("\nRe-checks of M threads with K comments each")
    for threads, comments in ((10, 10), (20, 25), (100, 5)):
        held = [rs.generate(comments, depth=2, seed=seed) for seed in range(threads)]
        names = [name for t in held for name in (t.name, *(f"t1_{c}" for c in t.comments))]
        with rs.Server(*held, budget=10**6) as server:
            number = counted(server, looked_up, names)
        print(f"  M={threads} K={comments}: {number}, floor {ceil(len(names) / 100)}")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--comments", default="1000,3000,10000")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--no-praw", action="store_true")
    given = parser.parse_args()
    sizes = [int(size) for size in given.comments.split(",")]
    began = time.monotonic()
    seeds = [int(seed) for seed in given.seeds.split(",")]
    over_http(sizes)  # first, while this process is small: a child counts its memory as its own
    is_good = shapes(sizes, seeds, has_praw=not given.no_praw)
    chosen_comments()
    re_checks()
    print(f"\n{time.monotonic() - began:.0f} s in all")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
