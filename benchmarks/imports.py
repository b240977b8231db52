"""What an import of a dump costs, beside SQLite with FTS5 on the same lines.

    python benchmarks/imports.py [COMMENTS] [THREADS]

By the time of the processor, and by the bytes of the tables for search (SQLite's `dbstat`) for each
byte of text. There are two floors, since it is open what a floor must do. Both parse each line with
`json.loads` and insert its text into FTS5; the first also keeps the line in a table.
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from statistics import median

# ruff: noqa: E402 - two files beside this one have the names of libraries, which are to be found first
sys.path[0] = str(Path(__file__).parent.parent)

from benchmarks import all as main_paths
from benchmarks import dumps

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled once
ROUNDS, LIMIT, SIZE_LIMIT = 3, 4, 2.5
NOT_FOR_SEARCH = ("threads", "sqlite_schema", "lines", "sqlite_autoindex_lines_1")
FLOOR = """
import json, sqlite3, sys
dump, path, keeps_lines = sys.argv[1:]
database = sqlite3.connect(path)
database.execute("CREATE TABLE lines (name TEXT PRIMARY KEY, line BLOB)")
database.execute("CREATE VIRTUAL TABLE texts USING fts5 (name UNINDEXED, title, body)")
with open(dump, "rb") as lines, database:
    for line in lines:
        value = json.loads(line)
        body = value.get("body", value.get("selftext"))
        text = value["name"], value.get("title", ""), body
        database.execute("INSERT INTO texts VALUES (?, ?, ?)", text)
        if keeps_lines == "yes":
            database.execute("INSERT INTO lines VALUES (?, ?)", (value["name"], line))
"""


def measure(folder: Path, dump: Path) -> tuple[float, float, float]:
    """Return the seconds of an import, of SQLite that keeps the lines, and of SQLite that doesn't.

    The databases of the last round stay in the folder.
    """
    turns = []
    for number in range(ROUNDS):
        for path in folder.glob("*.sqlite3"):
            path.unlink()
        root = folder / f"archive-{number}"
        work = [main_paths.ran(main_paths.ARCHIVE, "--archive", root, "-q", "import", dump)]
        for keeps_lines in ("yes", "no"):
            path = folder / f"{keeps_lines}.sqlite3"
            work.append(main_paths.ran(sys.executable, "-c", FLOOR, dump, path, keeps_lines))
        turns.append([main_paths.used(each, main_paths.OTHERS) for each in work])
        (root / "index.sqlite3").rename(folder / "index.sqlite3")
        subprocess.run(["rm", "-r", root], check=True)
    ours, keeping, plain = map(median, zip(*turns, strict=True))
    return ours, keeping, plain


def count_bytes(path: Path) -> int:
    """Count the bytes of the tables for search."""
    marks = ", ".join("?" * len(NOT_FOR_SEARCH))
    statement = f"SELECT sum(pgsize) FROM dbstat WHERE name NOT IN ({marks})"
    with closing(sqlite3.connect(path)) as database:
        count: int = database.execute(statement, NOT_FOR_SEARCH).fetchone()[0]
    return count


def count_text(dump: Path) -> int:
    with dump.open("rb") as lines:
        values = map(json.loads, lines)
        keys = ("title", "body", "selftext")
        return sum(len(value.get(key, "").encode()) for value in values for key in keys)


def main() -> int:
    comments = int(sys.argv[1]) if sys.argv[1:] else 200_000
    threads = int(sys.argv[2]) if sys.argv[2:] else comments // 67
    with tempfile.TemporaryDirectory() as temporary:
        folder, dump = Path(temporary), Path(temporary, "dump.ndjson")
        with dump.open("wb") as file:
            file.writelines(dumps.lines(comments, threads))
        ours, keeping, plain = measure(folder, dump)
        text = count_text(dump)
        sizes = [count_bytes(folder / f"{name}.sqlite3") / text for name in ("index", "no")]
    print(f"import of {comments:,} comments in {threads:,} threads: {ours:.1f} s")
    print(f"  {ours / keeping:.2f} x SQLite with FTS5 that keeps the lines ({keeping:.1f} s)")
    print(f"  {ours / plain:.2f} x SQLite with FTS5 alone ({plain:.1f} s); at most {LIMIT}")
    print(f"tables for search: {sizes[0]:.2f} x the text; at most {SIZE_LIMIT}")
    print(f"  plain FTS5 with content: {sizes[1]:.2f} x")
    return 0 if ours / keeping <= LIMIT and sizes[0] <= SIZE_LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
