"""The main paths, each beside something that everybody knows, in one table.

    python benchmarks/all.py [THREADS] [COMMENTS]

The work is an archive of so many threads, 100 comments and two snapshots each, and one thread of so
many comments, saved from a stand-in for Reddit on 127.0.0.1. Counted is the processor's time of all
processes; what is compared takes turns, and the median of the ratios counts. `json.loads` of the
same snapshots is there because nothing that reads them could take less. A save, for which there is
a limit in seconds, counts by its quickest turn: what others do at the same time only adds to it.

Scripts of their own, each with its floor, measure `list` and `search` at 10,000 threads
(lookups.py), a dump of 203,000 lines (imports.py), all commands beside `import click` (startup.py),
and how a page of 5,000 comments loads (site.py).
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
from dataclasses import dataclass
from functools import partial
from pathlib import Path

# ruff: noqa: E402 - two files beside this one have the names of libraries, which are to be found first
sys.path[0] = str(Path(__file__).parent.parent)

import yaml

from benchmarks import dump_quotes, fidelity, past, request_counts
from benchmarks import site as pages
from reddit_archive import markup
from reddit_archive.archive import store
from reddit_archive.archive.index import maintenance
from tests.support import reddit_server

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled once
ARCHIVE = str(Path(sys.executable).with_name("archive"))
ROUNDS = 5
SMALL = 1_000
SELF, OTHERS = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Row:
    """What takes how many seconds of the processor, and how many times those of the reference."""

    what: str
    seconds: float
    ratio: float
    reference: str
    comments: int = 0


def spent(*whose: int) -> float:
    return sum(each.ru_utime + each.ru_stime for each in map(resource.getrusage, whose))


def used(work: Work, *whose: int) -> float:
    """Seconds of the processor that some work takes, here and in the processes that it starts."""
    before = spent(*(whose or (SELF, OTHERS)))
    work()
    return spent(*(whose or (SELF, OTHERS))) - before


def ran(*command: object, folder: Path | None = None) -> Work:
    line = [str(word) for word in command]
    return partial(subprocess.run, line, cwd=folder, check=True, capture_output=True)


def beside(work: Work, other: Work, *, rounds: int = ROUNDS) -> tuple[float, float]:
    """Let both take turns; give the seconds of the first, and its ratio to the other."""
    turns = [(used(work), used(other)) for _ in range(rounds)]
    ratio = statistics.median(mine / theirs for mine, theirs in turns)
    return statistics.median(mine for mine, _ in turns), ratio


def read(root: Path) -> None:
    for path in root.glob("threads/*/*.json"):
        json.loads(path.read_bytes())


def starting() -> Iterator[Row]:
    for code in ("pass", "import click"):
        known = ran(sys.executable, "-c", code)
        seconds, ratio = beside(ran(ARCHIVE, "--version"), known, rounds=4 * ROUNDS)
        yield Row("archive --version", seconds, ratio, f"python -c '{code}'")


def converting() -> Iterator[Row]:
    """Recorded texts where the tests find them, else those of the stand-in."""
    recorded = next(fidelity.corpora([], every=3), None)
    answers = reddit_server.generate(SMALL).comments.items()
    rows = recorded.rows if recorded else [(name, data["body_html"]) for name, data in answers]
    everyone = fidelity.converters()
    known = partial(fidelity.seconds, everyone["markdownify"], rows)
    for target in ("markdown", "jekyll", "html"):
        ours = partial(fidelity.seconds, partial(markup.convert, target=target), rows)
        what = f"converting to {target}"
        yield Row(what, *beside(ours, known), "plain markdownify", len(rows))


def one_thread(comments: int) -> Iterator[Row]:
    """Save a thread by the command line, and quote all of it."""
    thread = reddit_server.generate(comments)
    with served(thread) as folder:
        archive, stored = folder / "archive", f"json.loads, {comments:,} comments"
        parse = partial(read, archive)
        save = ran(ARCHIVE, thread.id, "-q", folder=folder)
        turns = []
        for _ in range(ROUNDS):
            shutil.rmtree(archive, ignore_errors=True)
            turns.append((used(save, OTHERS), used(parse)))  # the stand-in works here
        seconds, ratio = min(turns)[0], statistics.median(mine / floor for mine, floor in turns)
        yield Row("saving a thread", seconds, ratio, stored, comments)
        quote = ran(ARCHIVE, "quote", thread.id, "--all", folder=folder)
        yield Row("quote --all", *beside(quote, parse, rounds=3), stored, comments)


def many_snapshots() -> Iterator[Row]:
    """Commands for a thread with 200 snapshots."""
    for figure in past.get_figures(rounds=3):
        if figure.snapshots == max(past.MANY):
            floor = "with two snapshots" if figure.what == "diff" else "with one snapshot"
            what = f"{figure.what}, {figure.snapshots} snapshots"
            yield Row(what, figure.seconds, figure.ratio, floor)


@contextmanager
def served(thread: reddit_server.Thread) -> Iterator[Path]:
    """A folder whose config.yaml names the stand-in."""
    server = reddit_server.Server(thread, budget=10**6)
    with server, tempfile.TemporaryDirectory() as folder:
        keys = ("client_id", "client_secret", "user_agent", "oauth_url", "reddit_url")
        reddit = {key: server.settings()[key] for key in keys}
        settings = {"reddit": reddit, "media": {"save": False}}
        Path(folder, "config.yaml").write_text(yaml.safe_dump(settings))
        yield Path(folder)


def many_threads(folder: Path, threads: int) -> Iterator[Row]:
    """Look an archive up, verify it, and make pages of it."""
    root, comments = folder / "archive", threads * pages.EACH
    for number in range(threads):
        pages.add(root, f"a{number:05d}", pages.EACH, snapshots=2)
    parse, stored = partial(read, root), f"json.loads, {threads:,} threads"
    reindex = partial(maintenance.rebuild, root)
    yield Row("reindex, with search", *beside(reindex, parse, rounds=3), stored, comments)
    click = ran(sys.executable, "-c", "import click")
    yield Row("list", *beside(ran(ARCHIVE, "list", "--archive", root), click), "import click")
    search = ran(ARCHIVE, "search", "bart fumi", "--archive", root)
    yield Row("search", *beside(search, click), "import click")
    files = [path for path in root.rglob("*") if path.is_file() and "threads" in path.parts]
    verify, digests = ran(ARCHIVE, "verify", "--archive", root), ran("sha256sum", *files)
    yield Row("verify", *beside(verify, digests), "sha256sum")
    build = partial(pages.build, root, folder / "site", list(store.iter_thread_ids(root)))
    yield Row("export html", *beside(build, parse, rounds=1), stored, comments)
    yield Row("export html, unchanged", *beside(build, parse, rounds=1), stored, comments)


def asking() -> str:
    """Requests for a thread, which are counted."""
    thread = reddit_server.generate(SMALL)
    with reddit_server.Server(thread, budget=10**6) as server:
        praws = request_counts.counted(server, request_counts.with_praw, thread)
        ours = request_counts.counted(server, request_counts.whole, thread)
    return (
        f"{SMALL:,} comments take {ours} requests, PRAW's replace_more {praws}: {ours / praws:.2f}"
    )


def shown(row: Row) -> str:
    rate = f"{row.comments / row.seconds:,.0f}" if row.comments else ""
    times = f"{row.ratio:.2f}" if row.ratio >= 0.5 else f"1/{1 / row.ratio:.1f}"
    return f"{row.what:<36}{row.seconds:>9.3f}{rate:>12}{times:>9} x {row.reference}"


def main() -> None:
    threads = int(sys.argv[1]) if sys.argv[1:] else 300
    comments = int(sys.argv[2]) if sys.argv[2:] else 10_000
    print(f"{'':<36}{'seconds':>9}{'comments/s':>12}{'times':>9}   the reference")
    with tempfile.TemporaryDirectory() as folder:
        for rows in (
            starting(),
            converting(),
            one_thread(comments),
            [Row(*dump_quotes.measure())],
            many_snapshots(),
            many_threads(Path(folder), threads),
        ):
            for row in rows:
                print(shown(row), flush=True)
    print(asking())


if __name__ == "__main__":
    main()
