"""R9: very deep, very wide and very large threads take bounded time and memory.

As a script, this file runs the program with a seeded fault that keeps all written data.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reddit_archive.archive import snapshot_encoder
from tests.conftest import PROGRAM, run_program
from tests.support import reddit_server
from tests.support.measure import get_slowness, measure

SENTENCE = "Nobody had a lantern, so we sat by the river & talked - until it was light again. "
SECONDS = 10
MEGABYTES = 500
slow = pytest.mark.slow


def listing(children: list[Any]) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"after": None, "children": children}}


def wide(path: Path, count: int) -> None:
    """Write a post with this number of small top-level comments."""
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
    """Write a chain of this number of replies, without recursion."""
    thread = reddit_server.generate(comments=count, depth=count, seed=6)
    opened = []
    for number, data in enumerate(thread.comments.values()):
        text = json.dumps({"kind": "t1", "data": data | {"depth": number}})
        opened.append(f'{text[:-2]},"replies":{{"kind":"Listing","data":{{"children":[')
    post = json.dumps(listing([{"kind": "t3", "data": thread.post}]))
    chain = "".join(opened) + "]}}}}" * count
    path.write_text(f'[{post},{{"kind":"Listing","data":{{"children":[{chain}]}}}}]')


def large(path: Path, size: int, *, comment_bytes: int = 1850) -> None:
    """Write a thread of complete comments of this size."""
    thread = reddit_server.generate(comments=size // comment_bytes, depth=14, seed=7)
    for data in thread.comments.values():
        missing_bytes = comment_bytes - len(json.dumps(data)) - 40
        text = (SENTENCE * (missing_bytes // len(SENTENCE) // 2 + 1))[: max(0, missing_bytes // 2)]
        data["body"] += f"\n\n{text}"
        data["body_html"] += f"<p>{text.replace('&', '&amp;')}</p>"
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
    pytest.param(large, 400_000, 80, id="small", marks=slow),
    pytest.param(large, 4_000_000, 80, id="large", marks=slow),
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
        before = get_slowness()
        cost = measure(tmp_path, PROGRAM, "odd.json", "--no-media", "--top", 3)
        seconds = SECONDS * max(before, get_slowness())
        assert cost == (0, pytest.approx(0, abs=seconds), pytest.approx(0, abs=megabytes))
    thread_id = next(tmp_path.glob("archive/threads/t3_*")).name
    assert measure(tmp_path, PROGRAM, "quote", thread_id, "--all").code == 0
    assert run_program(tmp_path, "verify").code == 0


@pytest.mark.parametrize(
    ("shape", "number", "comments"), [(deep, 400, 400), (wide, 400, 400), (large, 40_000, 21)]
)
def test_odd_shape__small_thread_is_stored_and_quoted(
    tmp_path: Path, shape: Any, number: int, comments: int
) -> None:
    shape(tmp_path / "odd.json", number)
    for _ in range(2):  # new, and saved again
        ran = run_program(tmp_path, "odd.json", "--no-media", "--all")
        assert (ran.code, f"{comments} comments" in ran.err) == (0, True)


@slow
@pytest.mark.parametrize(
    ("number", "megabytes", "times"), [(1_000_000, 80, 120), (20_000_000, MEGABYTES, 30)]
)
def test_odd_shape__catches_memory_that_grows(
    tmp_path: Path, number: int, megabytes: int, times: int
) -> None:
    """The seeded fault keeps many copies of the data that it writes."""
    large(tmp_path / "odd.json", number)
    fault = (sys.executable, "-m", "tests.sources.test_odd_shapes", times)
    cost = measure(tmp_path, *fault, tmp_path / "odd.json")
    assert (cost.code, cost.megabytes > megabytes) == (0, True)


def keep_everything(times: int) -> None:
    kept: list[bytearray] = []
    real = snapshot_encoder._encode_and_verify

    def keep(value: Any) -> bytes:
        data = real(value)
        kept.append(bytearray(data * times))
        return data

    snapshot_encoder._encode_and_verify = keep


if __name__ == "__main__":
    from reddit_archive import cli

    keep_everything(int(sys.argv[1]))
    sys.argv = ["archive", sys.argv[2], "--no-media", "--archive", f"{sys.argv[2]}.archive"]
    cli.main()
