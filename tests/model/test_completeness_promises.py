"""R18: a thread is called complete only if nothing is known to be missing.

Threads are split at random into pages, responses to single requests, and lines of dumps. Some of
these are left out. The others come in any order, one by one or joined.
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
SPLITS = [(100, 5), *(pytest.param(1_000, n, marks=pytest.mark.slow) for n in range(10))]
"""Number of threads, and the seed. Each thread is split into pages and into dumps."""

Things = tuple[Thing, ...]


@cache
def build_threads() -> list[rs.Thread]:
    """Return small threads, flat and deep. In half of them, Reddit's tree lacks some leaves."""
    results = []
    for number in range(24):
        thread = rs.generate(3 + number * 2, depth=(2, 4, 13, 15)[number % 4], seed=number + 1)
        random = Random(number)
        if number % 2:
            leaves = [i for i in thread.comments if not thread.replies.get(f"t1_{i}")]
            thread.deleted |= set(random.sample(leaves, len(leaves) // 5))
        results.append(thread)
    return results


def iter_responses(thread: rs.Thread, random: Random) -> Iterator[Things]:
    """Yield responses that contain the whole thread together."""
    todo: list[Callable[[], Any]] = [lambda: rs.page(thread, limit=random.choice([2, 5, 20, 500]))]
    requested: set[tuple[str, ...]] = set()
    depths = thread.depths()
    while todo:
        things = capture.flatten(todo.pop(0)())
        yield things
        for stub in (thing["data"] for thing in things if thing["kind"] == "more"):
            ids = capture.get_more_ids(stub)
            deep = {thread.comments[i]["parent_id"] for i in ids if depths[i] >= 9}
            for name in deep if ids else {stub["parent_id"]}:
                if (name,) not in requested:
                    todo.append(lambda name=name: rs.page(thread, comment=name[3:], limit=500))
                    requested.add((name,))
            for depth in {depths[i] for i in ids if depths[i] < 9}:
                level = tuple(i for i in sorted(ids) if depths[i] == depth)
                if level not in requested:
                    todo.append(lambda level=level: some_children(thread, level))
                    requested.add(level)


def some_children(thread: rs.Thread, ids: Sequence[str]) -> Any:
    """Return a shortened response of /api/morechildren, with a stub for the remaining comments.

    As on Reddit, the stub names the post as parent, also for replies to comments.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "MORE_LIMIT", 6)
        response = rs.more_children(thread, ids)
    things = response["json"]["data"]["things"]
    left = [thing["data"] for thing in things if thing["kind"] == "more"]
    left = [stub for stub in left if stub["children"]]
    if left:
        names = [i for stub in left for i in stub["children"]]
        data = {"count": sum(stub["count"] for stub in left), "children": names, "depth": 0}
        data |= {"id": names[0], "name": f"t1_{names[0]}", "parent_id": thread.name}
        things[:] = [thing for thing in things if thing["data"] not in left]
        things.append({"kind": "more", "data": data})
    return response


def extra_response(thread: rs.Thread, random: Random) -> Things:
    """Return another response that a user might have saved."""
    names = random.sample([*thread.comments], min(len(thread.comments), random.randint(1, 9)))
    match random.randrange(3):
        case 0:
            context = random.choice([0, 1, 3, 8])
            response: Any = rs.page(thread, comment=names[0], context=context, limit=20)
        case 1:
            post = [thread.name] * random.randrange(2)
            response = rs.info([thread], [f"t1_{i}" for i in names] + post)
        case _:
            response = rs.page(thread, limit=random.choice([1, 3, 9]))
    return capture.flatten(response)


def saved_captures(thread: rs.Thread, random: Random) -> list[Capture]:
    """Return some of the responses in any order, as saved files, alone or joined."""
    files = [*iter_responses(thread, random)]
    for _ in range(random.choice([0, 0, 1, 1, 2, len(files) // 2])):
        files.pop(random.randrange(len(files))) if len(files) > 1 else None
    files += [extra_response(thread, random) for _ in range(random.choice([0, 0, 1, 3]))]
    random.shuffle(files)
    spread = random.choice([0, 1000])
    pages = [
        SavedPage(f"{n}.json", NEW + timedelta(seconds=random.randint(0, spread)), things)
        for n, things in enumerate(files)
    ]
    results = []
    while pages:
        size = random.choice([1, 1, 2, len(pages)])
        results.append(saved_json.join_pages(thread.id, saved_json.NAME, pages[:size]))
        pages = pages[size:]
    return results + [
        fetch_first_page(thread, random, spread) for _ in range(random.choice([0, 0, 1, 2]))
    ]


def fetch_first_page(thread: rs.Thread, random: Random, spread: int) -> Capture:
    """Return the capture that --first-page fetches, for the thread or a comment."""
    at = NEW + timedelta(seconds=random.randint(0, spread))
    requested: dict[str, Any] = {"path": f"comments/{thread.id}/"}
    response = rs.page(thread, limit=random.choice([1, 3, 9]))
    if random.random() < 0.6:
        comment_id = random.choice([*thread.comments])
        requested = {"path": f"comments/{thread.id}/_/", "comments": [comment_id], "whole": False}
        response = rs.page(thread, comment=comment_id, context=8, limit=20)
    return Capture(thread.id, at, "reddit", requested, capture.flatten(response))


def dump_captures(thread: rs.Thread, random: Random) -> list[Capture]:
    """Return captures of dumps of posts and comments, imported in several runs."""
    records = [{**data, "retrieved_on": None} for data in thread.comments.values()]
    for _ in range(random.choice([0, 0, 1, 3])):
        records.pop(random.randrange(len(records))) if records else None
    records += [{**thread.post, "retrieved_on": None}] if random.random() < 0.9 else []
    random.shuffle(records)
    results = []
    while records:
        size = random.choice([1, 3, len(records)])
        things = filter(None, map(pushshift.to_thing, json.loads(json.dumps(records[:size]))))
        page = SavedPage("dump", NEW, tuple(things))
        results += pushshift.build_captures(thread.id, [page], is_partial=False)
        records = records[size:]
    return results


def sort_by_time(captures: Sequence[Capture]) -> list[Capture]:
    """Return the captures in the order in which an archive reads them."""
    return sorted(captures, key=lambda item: item.captured_at)


def count_claims(number: int, seed: int) -> tuple[list[str], int]:
    """Split threads. Return the false claims of completeness, and the number of all claims."""
    random = Random(seed)
    false, count = [], 0
    for round_ in range(number):
        thread = random.choice(build_threads())
        for split in (saved_captures, dump_captures):
            captures = sort_by_time(split(thread, random))
            here: set[str | None] = set()
            for item, missing in zip(
                captures, completeness.iter_missing(thread.id, captures), strict=True
            ):
                here |= set(map(capture.get_fullname, item.things))
                if completeness.is_complete(missing):
                    expected = {f"t1_{i}" for i in thread.visible()} | {thread.name}
                    count += 1
                    false += [f"{split.__name__} {round_}"] if expected - here else []
    return false, count


@pytest.mark.parametrize(("number", "seed"), SPLITS)
def test_r18__no_incomplete_split_is_called_complete(number: int, seed: int) -> None:
    false, count = count_claims(number, seed)
    assert false == []
    assert count > number / 4


def never_hidden(*_: object) -> bool:
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
        (tracker.CompletenessTracker, "_is_hidden", never_hidden),
        (tracker.CompletenessTracker, "_find_missing_by_count", counts_nothing),
        (tracker.CompletenessTracker, "_iter_missing_without_ids", counts_nothing),
    ],
    ids=["any-page-closes", "context-hides-nothing", "stubs-hide-nothing", "no-count", "no-deep"],
)
def test_r18__faults_cause_false_claims(
    owner: Any, name: str, fault: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, name, fault)
    assert any(count_claims(20, seed)[0] for seed in range(16, 40))


@pytest.mark.parametrize("is_joined", [False, True], ids=["one-by-one", "together"])
def test_r18__all_responses_together_are_complete(is_joined: bool) -> None:
    for number, thread in enumerate(build_threads()):
        pages = [
            name_page(n, things) for n, things in enumerate(iter_responses(thread, Random(number)))
        ]
        Random(number).shuffle(pages)
        groups = [pages] if is_joined else [[page] for page in pages]
        captures = [saved_json.join_pages(thread.id, saved_json.NAME, group) for group in groups]
        *_, missing = completeness.iter_missing(thread.id, sort_by_time(captures))
        assert all(set(group.ids) <= thread.deleted for group in missing)
        assert thread.deleted or not missing


def name_page(number: int, things: Things) -> SavedPage:
    """Return a page with the name that a browser gives to the page of a comment."""
    tops = [thing["data"]["id"] for thing in things if thing["data"].get("depth") == 0]
    return SavedPage(f"{tops[0] if len(tops) == 1 else number}.json", NEW, things)
