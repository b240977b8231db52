"""How long the pages take to be written, and to be read in a browser.

    python benchmarks/site.py [THREADS] [COMMENTS]

Threads of 100 comments and two snapshots each, then one of so many comments; both are opened in
Debian's Chromium where that and Playwright are installed. Last, a page of 5,000 comments is loaded
in turns with its floor: the same texts in `<p>`, each reply in a `<blockquote>`, and nothing else.
"""

import hashlib
import os
import random
import re
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from reddit_archive.archive import snapshot_format, store
from reddit_archive.export import site
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.parallel import executors

CHROMIUM = Path("/usr/bin/chromium")
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")
LOADED, ROUNDS = 5_000, 15
EACH = 100
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in ("", "n", "rt", "lo", "mi")]


def things(thread: str, count: int, dice: random.Random) -> tuple[Thing, ...]:
    def text(most: int) -> tuple[str, str]:
        words = " ".join(dice.choices(WORDS, k=dice.randrange(5, most)))
        return f"{words}, *{dice.choice(WORDS)}*.", f"<p>{words}, <em>x</em>.</p>"

    def said(name: str, most: int) -> dict[str, Any]:
        author = f"user_{dice.randrange(40)}"
        at = NEW_YEAR.timestamp() + dice.randrange(10**6)
        return {"name": name, "id": name[3:], "author": author, "created_utc": at, "score": 5}

    body, html = text(120)
    post = {"title": body[:60], "subreddit": f"bench{dice.randrange(20)}", "selftext": body}
    post |= {"selftext_html": html, "is_self": True, "num_comments": count}
    found: list[Thing] = [{"kind": "t3", "data": said(f"t3_{thread}", 120) | post}]
    for number in range(count):
        name = f"t1_{thread}{number}"
        above = f"t1_{thread}{dice.randrange(max(0, number - 30), number)}" if number % 4 else ""
        body, html = text(60)
        own = {"parent_id": above or f"t3_{thread}", "body": body, "body_html": html}
        found.append({"kind": "t1", "data": said(name, 60) | own})
    return tuple(found)


def add(root: Path, thread: str, count: int, snapshots: int = 1) -> None:
    """Write a thread without a disk's flushes, which are not what is measured."""
    dice = random.Random(thread)
    seen, parent = things(thread, count, dice), None
    for number in range(snapshots):
        at = NEW_YEAR + timedelta(days=30 + number)
        data = snapshot_format.encode(Capture(thread, at, "bench", {}, seen), parent=parent)
        digest = hashlib.sha256(data).hexdigest()
        path = root / "threads" / f"t3_{thread}" / snapshot_format.build_file_name(at, digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        seen, parent = tuple(_edited(seen, dice)), digest


def _edited(seen: tuple[Thing, ...], dice: random.Random) -> Iterator[Thing]:
    """The same things, of which one in fifty was edited or deleted since."""
    for thing in seen:
        data = thing["data"]
        if thing["kind"] == "t1" and dice.random() < 0.02:
            gone = {"author": "[deleted]", "body": "[deleted]", "body_html": "<p>[deleted]</p>"}
            new = {"body": data["body"] + " And more.", "body_html": data["body_html"] + "<p>x</p>"}
            data = data | (gone if dice.random() < 0.5 else new)
        yield {**thing, "data": data}


def build(root: Path, folder: Path, threads: list[str]) -> tuple[site.BuildResult, float]:
    start = time.perf_counter()
    with executors.open_pool(os.cpu_count() or 1) as executor:
        built = site.build(
            root, folder, threads, quote_format=site.QuoteFormat(), executor=executor
        )
    return built, time.perf_counter() - start


def processor_seconds() -> float:
    """What this process and those that it started and ended have used."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def measure(root: Path, folder: Path, comments: int, what: str) -> None:
    threads = list(store.iter_thread_ids(root))
    before = processor_seconds()
    built, seconds = build(root, folder, threads)
    used = processor_seconds() - before
    print(
        f"{what}: {seconds:.1f} s, {comments / seconds:,.0f} comments/s, "
        f"{built.written_count} files"
    )
    print(f"  {comments / used:,.0f} comments for each second of a processor")
    built, seconds = build(root, folder, threads)
    print(f"  again, unchanged: {seconds:.2f} s, {built.written_count} files")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    most = max(resource.getrusage(who).ru_maxrss for who in whose)
    print(f"  {size / 2**20:.0f} MiB on disk; at most {most / 1024:.0f} MiB in one process")


READ = """async () => {
    const times = {};
    const paint = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const timed = async (name, work) => {
        const start = performance.now();
        await work();
        await paint();
        times[name] = Math.round(performance.now() - start);
    };
    const entry = performance.getEntriesByType("navigation")[0];
    times.loaded = Math.round(entry.loadEventEnd);
    const slider = document.querySelector("#asof");
    if (slider) await timed("as of", () => {
        slider.value = 0;
        slider.dispatchEvent(new Event("input"));
    });
    if (document.querySelector(".fold")) {
        await timed("collapse all", () => document.querySelector(".fold").click());
        await timed("expand all", () => document.querySelector(".unfold").click());
        await timed("to the end", () => scrollTo(0, document.body.scrollHeight));
    }
    return times;
}"""
SEARCH = """async (query) => {
    const input = document.querySelector("#q");
    const said = document.querySelector(".found");
    const start = performance.now();
    delete document.documentElement.dataset.searched;
    input.focus();
    input.value = query;
    input.form.requestSubmit();
    while (!document.documentElement.dataset.searched) await new Promise((d) => setTimeout(d, 2));
    return [said.textContent, Math.round(performance.now() - start)];
}"""


def browse(pages: dict[str, Path], index: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(OPTIONS))
        page = browser.new_page()
        for name, path in pages.items():
            page.goto(path.as_uri())
            page.wait_for_timeout(1000)
            print(f"{name} in Chromium, milliseconds: {page.evaluate(READ)}")
        page.goto(index.as_uri())
        for query in ("bart", "bart fumi", '"bart gon"', "bart"):
            found, milliseconds = page.evaluate(SEARCH, query)
            print(f"search {query!r}: {found}, {milliseconds} ms")
        browser.close()


@dataclass(frozen=True, slots=True)
class Loading:
    """How a page of comments loads, beside its texts alone.

    Times and their ratios to those of the floor are medians. `seconds` also has what a busy machine
    adds; `processor_seconds` are those of the page's thread.
    """

    page_bytes: int
    elements: int
    text_bytes: int
    seconds: float
    ratio: float
    processor_seconds: float
    processor_ratio: float


def compare_loading(folder: Path, comments: int = LOADED, rounds: int = ROUNDS) -> Loading:
    """Load a page and its floor in turns. The time is that until a frame of the loaded page."""
    add(folder / "archive", "page", comments)
    site.build(folder / "archive", folder / "site", ["page"], quote_format=site.QuoteFormat())
    page, floor = folder / "site" / "threads" / "t3_page.html", folder / "floor.html"
    floor.write_text(write_floor(LexborHTMLParser(page.read_text())))
    turns = list(load_in_turns([page, floor], rounds))[1:]  # the first one fills the caches
    (seconds, ratio), (used, used_ratio) = (
        (
            statistics.median(mine[kind] for mine, _ in turns),
            statistics.median(mine[kind] / theirs[kind] for mine, theirs in turns),
        )
        for kind in (0, 1)
    )
    data = page.read_bytes()
    elements = len(re.findall(rb"<[a-z]", data))
    return Loading(
        len(data),
        elements,
        floor.stat().st_size,
        seconds,
        ratio,
        used,
        used_ratio,
    )


def write_floor(page: LexborHTMLParser) -> str:
    """Return a page with the comments' texts alone, nested like the comments."""
    parts, opened = ["<!doctype html><meta charset=utf-8><title>Texts</title>"], 0
    for article in page.css(".comments article"):
        depth = count_articles_above(article)
        parts.append("</blockquote>" * (opened - depth) + "<blockquote>")
        opened = depth + 1
        text = article.css_first(".text")
        parts += [node.html or "" for node in text.iter(include_text=True)] if text else []
    return "".join(parts)


def count_articles_above(node: LexborNode) -> int:
    count, above = 0, node.parent
    while above is not None:
        count, above = count + (above.tag == "article"), above.parent
    return count


FRAME = """() => new Promise((done) => requestAnimationFrame(() => setTimeout(
    () => done(performance.now() / 1000))))"""


def load_in_turns(pages: list[Path], rounds: int) -> Iterator[list[tuple[float, float]]]:
    """Yield for each round the seconds of each page, and those of its thread's processor time."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(OPTIONS))
        for _ in range(rounds):
            times = []
            for path in pages:
                context = browser.new_context(viewport={"width": 1100, "height": 900})
                page = context.new_page()
                protocol = context.new_cdp_session(page)
                protocol.send("Performance.enable", {"timeDomain": "threadTicks"})
                page.goto(path.as_uri(), wait_until="load")
                seconds = page.evaluate(FRAME)
                values = protocol.send("Performance.getMetrics")["metrics"]
                used = {each["name"]: each["value"] for each in values}
                times.append((float(seconds), float(used["TaskDuration"])))
                context.close()
            yield times
        browser.close()


def print_loading(loading: Loading) -> None:
    print(f"a page of {LOADED:,} comments: {loading.page_bytes / 1e6:.2f} MB, ", end="")
    print(f"{loading.elements:,} elements; its texts alone: {loading.text_bytes / 1e6:.2f} MB")
    print(f"  loaded in {loading.seconds:.2f} s, {loading.ratio:.2f} x its texts alone; ", end="")
    print(f"{loading.processor_seconds:.2f} s of a processor, {loading.processor_ratio:.2f} x")


def main() -> int:
    count = int(sys.argv[1]) if sys.argv[1:] else 1_000
    large = int(sys.argv[2]) if sys.argv[2:] else 10_000
    with tempfile.TemporaryDirectory() as folder:
        many, one = Path(folder, "many"), Path(folder, "one")
        for number in range(count):
            add(many, f"m{number:05d}", EACH, snapshots=2)
        measure(many, Path(folder, "site"), count * EACH, f"{count:,} threads of {EACH} comments")
        add(one, "large", large, snapshots=3)
        measure(one, Path(folder, "large"), large, f"one thread of {large:,} comments, 3 snapshots")
        if CHROMIUM.exists():
            pages = {
                "a list of all threads": Path(folder, "site/index.html"),
                "the large thread": Path(folder, "large/threads/t3_large.html"),
            }
            browse(pages, Path(folder, "site/index.html"))
            print_loading(compare_loading(Path(folder, "loaded")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
