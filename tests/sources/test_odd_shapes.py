"""R9: threads of odd shapes: very deep, very wide, very large. Bounded in time and memory.

Run as a script it is the program with a fault: one that remembers all that it has written.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from reddit_archive.archive import snapshot_encoder
from tests.conftest import PROGRAM, ROOT, run_program
from tests.support import reddit_server

SAID = "Nobody had a lantern, so we sat by the river & talked - until it was light again. "
SECONDS = 10
MEGABYTES = 500
USUAL_SECONDS = 0.055
"""Of the processor, in which Python reads the yardstick (3 MB) on an ordinary machine."""
slow = pytest.mark.slow


class Cost(NamedTuple):
    """What a run of the program took: of the processor, for others may be at work here too."""

    code: int
    seconds: float
    megabytes: float


LAUNCHER = """
import json, resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([code, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""
"""Between us and what is measured, for a process begins with the memory of who starts it."""


def measured(folder: Path, *command: object) -> Cost:
    """Run a process to its end; the most memory that it ever had is the system's own figure."""
    done = subprocess.run(
        [sys.executable, "-c", LAUNCHER, *map(str, command)],
        cwd=folder,
        capture_output=True,
        env={**os.environ, "HOME": str(folder), "PYTHONPATH": str(ROOT)},
        check=True,
    )
    code, seconds, most = json.loads(done.stdout)
    return Cost(code, seconds, most / (2**20 if sys.platform == "darwin" else 2**10))


@cache
def yardstick() -> str:
    return json.dumps([{"id": f"w{n:06}", "n": n, "a": [f"text {n}", None]} for n in range(50_000)])


def slowness() -> float:
    """How many times as long as usual a core takes now: an old one, or while others work too."""
    text = yardstick()
    began = time.process_time()
    json.loads(text)
    return max(1.0, (time.process_time() - began) / USUAL_SECONDS)


def listing(children: list[Any]) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"after": None, "children": children}}


def wide(path: Path, count: int) -> None:
    """A post with so many small answers, all at the first level."""
    thread = reddit_server.generate(comments=1, seed=5)
    pattern = next(iter(thread.comments.values()))
    names = ("subreddit", "link_id", "parent_id", "author", "score", "created_utc", "permalink")
    short = {name: pattern[name] for name in names}
    html = '<div class="md"><p>Answer {}.</p>\n</div>'
    answers = [
        {"id": f"w{n:06}", "name": f"t1_w{n:06}", "body": f"Answer {n}.", **short, "depth": 0}
        | {"body_html": html.format(n)}
        for n in range(count)
    ]
    things = [{"kind": "t1", "data": data} for data in answers]
    path.write_text(json.dumps([listing([{"kind": "t3", "data": thread.post}]), listing(things)]))


def deep(path: Path, count: int) -> None:
    """A chain of so many answers, each below the one before; written without recursion."""
    thread = reddit_server.generate(comments=count, depth=count, seed=6)
    opened = []
    for number, data in enumerate(thread.comments.values()):
        said = json.dumps({"kind": "t1", "data": data | {"depth": number}})
        opened.append(f'{said[:-2]},"replies":{{"kind":"Listing","data":{{"children":[')
    post = json.dumps(listing([{"kind": "t3", "data": thread.post}]))
    chain = "".join(opened) + "]}}}}" * count
    path.write_text(f'[{post},{{"kind":"Listing","data":{{"children":[{chain}]}}}}]')


def large(path: Path, size: int, *, comment_bytes: int = 1850) -> None:
    """A thread of full-shaped comments, of so many bytes."""
    thread = reddit_server.generate(comments=size // comment_bytes, depth=14, seed=7)
    for data in thread.comments.values():
        lacking = comment_bytes - len(json.dumps(data)) - 40
        said = (SAID * (lacking // len(SAID) // 2 + 1))[: max(0, lacking // 2)]
        data["body"] += f"\n\n{said}"
        data["body_html"] += f"<p>{said.replace('&', '&amp;')}</p>"
    path.write_text(json.dumps([*_flat(thread)], ensure_ascii=False))


def _flat(thread: reddit_server.Thread) -> Iterator[dict[str, Any]]:
    yield listing([{"kind": "t3", "data": thread.post}])
    levels = thread.depths()
    yield listing([{"kind": "t1", "data": d | {"depth": levels[i]}} for i, d in _each(thread)])


def _each(thread: reddit_server.Thread) -> Iterator[tuple[str, dict[str, Any]]]:
    return iter(thread.comments.items())


SHAPES = [
    pytest.param(deep, 1_000, 80, id="deep", marks=slow),
    pytest.param(wide, 5_000, 80, id="wide", marks=slow),
    pytest.param(large, 4_000_000, 80, id="large"),
    pytest.param(deep, 10_000, MEGABYTES, id="10,000 deep", marks=slow),
    pytest.param(wide, 100_000, MEGABYTES, id="100,000 wide", marks=slow),
    pytest.param(large, 50_000_000, MEGABYTES, id="50 MB", marks=slow),
]


@pytest.mark.parametrize(("shape", "number", "megabytes"), SHAPES)
def test_odd_shape__is_stored_and_quoted(
    tmp_path: Path, shape: Any, number: int, megabytes: int
) -> None:
    shape(tmp_path / "odd.json", number)
    for _ in range(2):  # new, and looked at again
        before = slowness()
        cost = measured(tmp_path, PROGRAM, "odd.json", "--no-media", "--top", 3)
        seconds = SECONDS * max(before, slowness())
        assert cost == (0, pytest.approx(0, abs=seconds), pytest.approx(0, abs=megabytes))
    thread_id = next(tmp_path.glob("archive/threads/t3_*")).name
    assert measured(tmp_path, PROGRAM, "quote", thread_id, "--all").code == 0
    assert run_program(tmp_path, "verify").code == 0


@pytest.mark.parametrize(
    ("number", "megabytes", "times"),
    [(4_000_000, 80, 30), pytest.param(20_000_000, MEGABYTES, 30, marks=slow)],
)
def test_odd_shape__catches_memory_that_grows(
    tmp_path: Path, number: int, megabytes: int, times: int
) -> None:
    """The seeded fault keeps what it writes, many times."""
    large(tmp_path / "odd.json", number)
    fault = (sys.executable, "-m", "tests.sources.test_odd_shapes", times)
    cost = measured(tmp_path, *fault, tmp_path / "odd.json")
    assert (cost.code, cost.megabytes > megabytes) == (0, True)


def remember(times: int) -> None:
    kept: list[bytearray] = []
    real = snapshot_encoder._encode_and_verify

    def proven(value: Any) -> bytes:
        data = real(value)
        kept.append(bytearray(data * times))
        return data

    snapshot_encoder._encode_and_verify = proven


if __name__ == "__main__":
    from reddit_archive import cli

    remember(int(sys.argv[1]))
    sys.argv = ["archive", sys.argv[2], "--no-media", "--archive", f"{sys.argv[2]}.archive"]
    cli.main()
