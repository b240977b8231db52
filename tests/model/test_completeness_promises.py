"""R18: a thread is called complete only if nothing is known to be missing.

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

from reddit_archive.model import capture, completeness
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.model.completeness import coverage, tracker
from reddit_archive.sources import saved_json
from reddit_archive.sources.importers import pushshift
from reddit_archive.sources.saved_json import SavedPage
from tests.support import reddit_server as rs
from tests.support.reddit_server import rules

NEW = datetime(2026, 1, 1, tzinfo=UTC)
FULL = [(100, 5), *(pytest.param(1_000, n, marks=pytest.mark.slow) for n in range(10))]
"""How many threads, and the seed; each is split as pages and as dumps."""

Things = tuple[Thing, ...]


@cache
def threads() -> list[rs.Thread]:
    """Return small threads, flat and deep; half of them lack some leaves in Reddit's trees."""
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
    """Return answers that contain the whole thread together."""
    todo: list[Callable[[], Any]] = [lambda: rs.page(thread, limit=random.choice([2, 5, 20, 500]))]
    asked: set[tuple[str, ...]] = set()
    depths = thread.depths()
    while todo:
        things = capture.flatten(todo.pop(0)())
        yield things
        for stub in (thing["data"] for thing in things if thing["kind"] == "more"):
            ids = capture.get_more_ids(stub)
            deep = {thread.comments[i]["parent_id"] for i in ids if depths[i] >= 9}
            for name in deep if ids else {stub["parent_id"]}:
                if (name,) not in asked:
                    todo.append(lambda name=name: rs.page(thread, comment=name[3:], limit=500))
                    asked.add((name,))
            for depth in {depths[i] for i in ids if depths[i] < 9}:
                level = tuple(i for i in sorted(ids) if depths[i] == depth)
                if level not in asked:
                    todo.append(lambda level=level: some_children(thread, level))
                    asked.add(level)


def some_children(thread: rs.Thread, ids: Sequence[str]) -> Any:
    """An answer of /api/morechildren that holds less than a real one, with a stub for the rest.

    As on Reddit, the stub names the post as parent, also for replies to comments.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "MORE_LIMIT", 6)
        answer = rs.more_children(thread, ids)
    things = answer["json"]["data"]["things"]
    left = [thing["data"] for thing in things if thing["kind"] == "more"]
    left = [stub for stub in left if stub["children"]]
    if left:
        names = [i for stub in left for i in stub["children"]]
        data = {"count": sum(stub["count"] for stub in left), "children": names, "depth": 0}
        data |= {"id": names[0], "name": f"t1_{names[0]}", "parent_id": thread.name}
        things[:] = [thing for thing in things if thing["data"] not in left]
        things.append({"kind": "more", "data": data})
    return answer


def noise(thread: rs.Thread, random: Random) -> Things:
    """Return another answer that somebody might have saved, too."""
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
        SavedPage(f"{n}.json", NEW + timedelta(seconds=random.randint(0, spread)), things)
        for n, things in enumerate(files)
    ]
    found = []
    while pages:
        size = random.choice([1, 1, 2, len(pages)])
        found.append(saved_json.join_pages(thread.id, saved_json.NAME, pages[:size]))
        pages = pages[size:]
    return found + [fetched(thread, random, spread) for _ in range(random.choice([0, 0, 1, 2]))]


def fetched(thread: rs.Thread, random: Random, spread: int) -> Capture:
    """Return what --first-page fetches from the API, for the thread or a comment."""
    at = NEW + timedelta(seconds=random.randint(0, spread))
    asked: dict[str, Any] = {"path": f"comments/{thread.id}/"}
    answer = rs.page(thread, limit=random.choice([1, 3, 9]))
    if random.random() < 0.6:
        chosen = random.choice([*thread.comments])
        asked = {"path": f"comments/{thread.id}/_/", "comments": [chosen], "whole": False}
        answer = rs.page(thread, comment=chosen, context=8, limit=20)
    return Capture(thread.id, at, "reddit", asked, capture.flatten(answer))


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
        things = filter(None, map(pushshift.to_thing, json.loads(json.dumps(records[:size]))))
        page = SavedPage("dump", NEW, tuple(things))
        found += pushshift.build_captures(thread.id, [page], is_partial=False)
        records = records[size:]
    return found


def stored(captures: Sequence[Capture]) -> list[Capture]:
    """Return the captures in the order in which an archive reads them."""
    return sorted(captures, key=lambda taken: taken.captured_at)


def claims(number: int, seed: int) -> tuple[list[str], int]:
    """Split threads; return the false claims of completeness, and the number of all claims."""
    random = Random(seed)
    false, count = [], 0
    for round_ in range(number):
        thread = random.choice(threads())
        for way in (saved_captures, dump_captures):
            captures = stored(way(thread, random))
            here: set[str | None] = set()
            for taken, gaps in zip(
                captures, completeness.iter_missing(thread.id, captures), strict=True
            ):
                here |= set(map(capture.get_fullname, taken.things))
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


def is_never_hidden(*_: object) -> bool:
    return False


def counts_nothing(*_: object) -> list[Any]:
    return []


def shows_all(*_: object) -> frozenset[str]:
    return frozenset()


def is_always_the_page(*_: object) -> bool:
    return True


@pytest.mark.parametrize(
    ("owner", "name", "fault"),
    [
        (coverage, "is_thread_page", is_always_the_page),
        (coverage, "_find_partly_shown", shows_all),
        (tracker.CompletenessTracker, "_is_hidden", is_never_hidden),
        (tracker.CompletenessTracker, "_find_missing_by_count", counts_nothing),
        (tracker.CompletenessTracker, "_iter_missing_without_ids", counts_nothing),
    ],
    ids=["any-page-closes", "context-hides-nothing", "stubs-hide-nothing", "no-count", "no-deep"],
)
def test_r18__control_each_rule_is_needed(
    owner: Any, name: str, fault: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, name, fault)
    assert any(claims(20, seed)[0] for seed in range(16, 40))


@pytest.mark.parametrize("is_joined", [False, True], ids=["one-by-one", "together"])
def test_r18__all_answers_together_are_complete(is_joined: bool) -> None:
    for number, thread in enumerate(threads()):
        pages = [named(n, things) for n, things in enumerate(answers(thread, Random(number)))]
        Random(number).shuffle(pages)
        groups = [pages] if is_joined else [[page] for page in pages]
        captures = [saved_json.join_pages(thread.id, saved_json.NAME, group) for group in groups]
        *_, gaps = completeness.iter_missing(thread.id, stored(captures))
        assert all(set(gap.ids) <= thread.deleted for gap in gaps)
        assert thread.deleted or not gaps


def named(number: int, things: Things) -> SavedPage:
    """Return the name that a browser gives to the page of a comment."""
    tops = [thing["data"]["id"] for thing in things if thing["data"].get("depth") == 0]
    return SavedPage(f"{tops[0] if len(tops) == 1 else number}.json", NEW, things)
