"""Reddit's Markdown -> HTML: how much of Reddit's own HTML comes out of what was typed.

    python benchmarks/dialect.py [--recordings FOLDER] [--failures N]

Compares pages as a reader sees them. A text counts as equal where both outlines agree.
"""

import argparse
import gzip
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from reddit_archive.markup.snudown import render
from reddit_archive.quote.html_outline import extract_lines
from tests.conftest import RECORDINGS

Pair = tuple[str, str, str]


def pairs(folder: Path) -> Iterator[Pair]:
    """Id, what was typed, and what Reddit made of it."""
    with gzip.open(folder / "pairs.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            yield row["id"], row["body"], row["html"]


def cases(folder: Path) -> Iterator[Pair]:
    """The engine's own cases; those of its mode for wikis, with HTML, are another dialect."""
    for number, case in enumerate(json.loads((folder / "snudown_cases.json").read_text("utf-8"))):
        if case["set"] != "wiki_cases":
            yield f"case {number}", case["body"], case["html"]


def unequal(rows: list[Pair]) -> Iterator[Pair]:
    return (row for row in rows if extract_lines(render(row[1])) != extract_lines(row[2]))


def report(name: str, rows: list[Pair], show: int) -> None:
    began = time.perf_counter()
    for _, body, _ in rows:
        render(body)
    seconds = time.perf_counter() - began
    failed = list(unequal(rows))
    share = 100 - 100 * len(failed) / len(rows)
    each = 1000 * seconds / len(rows)
    print(f"{name}: {share:.2f} % of {len(rows)} equal, {each:.2f} ms each")
    for key, body, html in failed[:show]:
        mine, theirs = extract_lines(render(body)), extract_lines(html)
        first = next((i for i, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), -1)
        print(f"  {key}\n    ours   {mine[first]}\n    Reddit {theirs[first] if theirs else ''}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--recordings", type=Path, default=RECORDINGS)
    parser.add_argument("--failures", type=int, default=0, help="show so many that differ")
    asked = parser.parse_args()
    report("real texts", list(pairs(asked.recordings)), asked.failures)
    report("the engine's cases", list(cases(asked.recordings)), asked.failures)


if __name__ == "__main__":
    main()
