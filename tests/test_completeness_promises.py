"""R18: a thread is called complete only where nothing of it is known to be missing.

Threads are split at random into pages, answers to single questions and lines of dumps; some of them
are left out, and the others come in any order, one by one or joined.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

import pytest

from reddit_archive import capture, completeness
from reddit_archive.capture import Capture, Thing
from reddit_archive.sources import saved
from reddit_archive.sources.exports import dumps
from reddit_archive.sources.saved import Page

from . import reddit_server as rs

NEW = datetime(2026, 1, 1, tzinfo=UTC)
FULL = [(60, 5), *(pytest.param(500, n, marks=pytest.mark.slow) for n in range(20))]
"""How many threads, and the seed; each is split in several ways."""

Things = tuple[Thing, ...]


@cache
def threads() -> list[rs.Thread]:
    """Small threads, flat and deep; in half of them some leaves are gone from Reddit's trees."""
    found = []
    for number in range(24):
        thread = rs.generate(3 + number * 2, depth=(2, 4, 13, 15)[number % 4], seed=number + 1)
        random = Random(number)
        if number % 2:
            leaves = [i for i in thread.comments if not thread.replies.get(f"t1_{i}")]
            thread.deleted |= set(random.sample(leaves, len(leaves) // 5))
        found.append(thread)
    return found


def answers(thread: rs.Thread, random: Random) -> Iterator[Things]:
    """Answers that hold the whole thread together, as a patient reader asks for them."""
    todo: list[Callable[[], Any]] = [lambda: rs.page(thread, limit=random.choice([2, 5, 20, 500]))]
    asked: set[str] = set()
    while todo:
        things = capture.flatten(todo.pop(0)())
        yield things
        for stub in (thing["data"] for thing in things if thing["kind"] == "more"):
            ids, parent = capture.stub_ids(stub), stub["parent_id"]
            depths = thread.depths()
            deep = [i for i in ids if depths[i] >= 9]
            for name in {parent[3:]} if deep or not ids else set[str]():
                if name not in asked:
                    todo.append(lambda name=name: rs.page(thread, comment=name, limit=500))
                    asked.add(name)
            for depth in {depths[i] for i in ids if i not in deep}:
                level = [i for i in ids if depths[i] == depth and i not in asked]
                asked |= set(level)
                todo += [lambda level=level: rs.more_children(thread, level)] if level else []


def noise(thread: rs.Thread, random: Random) -> Things:
    """An answer that somebody might have saved besides."""
    names = random.sample([*thread.comments], min(len(thread.comments), random.randint(1, 9)))
    match random.randrange(3):
        case 0:
            context = random.choice([0, 1, 3, 8])
            answer: Any = rs.page(thread, comment=names[0], context=context, limit=20)
        case 1:
            post = [thread.name] * random.randrange(2)
            answer = rs.info([thread], [f"t1_{i}" for i in names] + post)
        case _:
            answer = rs.page(thread, limit=random.choice([1, 3, 9]))
    return capture.flatten(answer)


def saved_captures(thread: rs.Thread, random: Random) -> list[Capture]:
    """Some of the answers, in any order, each a file; several files may be given at once."""
    files = [*answers(thread, random)]
    for _ in range(random.choice([0, 0, 1, 1, 2, len(files) // 2])):
        files.pop(random.randrange(len(files))) if len(files) > 1 else None
    files += [noise(thread, random) for _ in range(random.choice([0, 0, 1, 3]))]
    random.shuffle(files)
    spread = random.choice([0, 1000])
    pages = [
        Page(f"{n}.json", NEW + timedelta(seconds=random.randint(0, spread)), things)
        for n, things in enumerate(files)
    ]
    found = []
    while pages:
        size = random.choice([1, 1, 2, len(pages)])
        found.append(saved.join(thread.id, saved.NAME, pages[:size]))
        pages = pages[size:]
    return found


def dump_captures(thread: rs.Thread, random: Random) -> list[Capture]:
    """Lines of a dump of posts and of one of comments, imported in several runs."""
    records = [{**data, "retrieved_on": None} for data in thread.comments.values()]
    for _ in range(random.choice([0, 0, 1, 3])):
        records.pop(random.randrange(len(records))) if records else None
    records += [{**thread.post, "retrieved_on": None}] if random.random() < 0.9 else []
    random.shuffle(records)
    found = []
    while records:
        size = random.choice([1, 3, len(records)])
        things = filter(None, map(dumps.thing, json.loads(json.dumps(records[:size]))))
        page = Page("dump", NEW, tuple(things))
        found += dumps.captures(thread.id, [page], is_part=False)
        records = records[size:]
    return found


def stored(captures: Sequence[Capture]) -> list[Capture]:
    """The captures as an archive reads them: by their time, and then as they came."""
    return sorted(captures, key=lambda taken: taken.captured_at)


def claims(number: int, seed: int) -> tuple[list[str], int]:
    """Split threads; give those claims of completeness that are false, and count all."""
    random = Random(seed)
    false, count = [], 0
    for round_ in range(number):
        thread = random.choice(threads())
        for way in (saved_captures, dump_captures):
            captures = stored(way(thread, random))
            here: set[str | None] = set()
            for taken, gaps in zip(
                captures, completeness.progress(thread.id, captures), strict=True
            ):
                here |= set(map(capture.fullname, taken.things))
                if completeness.is_complete(gaps):
                    wanted = {f"t1_{i}" for i in thread.visible()} | {thread.name}
                    count += 1
                    false += [f"{way.__name__} {round_}"] if wanted - here else []
    return false, count


@pytest.mark.parametrize(("number", "seed"), FULL)
def test_r18__no_split_is_called_complete_that_is_not(number: int, seed: int) -> None:
    false, count = claims(number, seed)
    assert false == []
    assert count > number / 4
