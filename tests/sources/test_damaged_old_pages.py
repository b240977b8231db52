"""Damaged pages of old Reddit: no crash, no id that the page has not, no wrong parent."""

import re
from functools import cache
from random import Random

import pytest

from reddit_archive import errors
from reddit_archive.sources.saved_page import detect, dom
from reddit_archive.sources.saved_page.old_reddit import parent_finder, reader
from reddit_archive.sources.saved_page.old_reddit.parent_finder import (
    NestingPosition,
    ParentFinder,
    ParentHints,
)
from tests.support import fuzzed_pages
from tests.support import old_reddit_pages as pages

ID_PATTERN = re.compile(r"[0-9a-z]{1,13}")


@cache
def list_pages() -> list[tuple[str, dict[str, str]]]:
    """Pages, and the parent of each of their comments."""
    result = []
    for seed in range(6):
        thread = pages.make_random_thread(Random(seed), 25)
        comments = [t["data"] for t in pages.list_things(thread) if t["kind"] == "t1"]
        html = pages.make_page(thread, is_modern=seed % 2 == 0)
        result.append((html, {data["id"]: data["parent_id"] for data in comments}))
    return result


def find_wrong_comments(count: int) -> list[str]:
    """Return the ids that were invented, and the comments whose parent is wrong."""
    wrong = []
    for seed in range(count):
        random = Random(seed)
        intact, parents = random.choice(list_pages())
        html = fuzzed_pages.damage(intact, random, has_hostile_ids=False)
        for data in read_comments(html):
            is_known = data["id"] in parents
            if not is_known or data.get("parent_id", parents[data["id"]]) != parents[data["id"]]:
                wrong.append(f"{seed}: {data['id']}")
    return wrong


def read_comments(html: str) -> list[dict[str, str]]:
    document = dom.parse(html)
    detect.detect(document, html)
    try:
        things = reader.read(document).things
    except errors.NotAThreadError:
        return []
    return [thing["data"] for thing in things if thing["kind"] == "t1"]


@pytest.mark.parametrize("count", [60, pytest.param(1_500, marks=pytest.mark.slow)])
def test_read__damaged_pages_give_no_wrong_parent(count: int) -> None:
    assert find_wrong_comments(count) == []


def trust_the_nesting(
    self: ParentFinder, position: NestingPosition, hints: ParentHints, *, has_parent_links: bool
) -> str:
    return position.nested_in


def test_read__wrong_parents_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parent_finder.ParentFinder, "_combine_hints", trust_the_nesting)
    assert find_wrong_comments(60)


@pytest.mark.parametrize("count", [60, pytest.param(1_500, marks=pytest.mark.slow)])
def test_read__hostile_ids(count: int) -> None:
    for seed in range(count):
        random = Random(seed)
        html = fuzzed_pages.damage(random.choice(list_pages())[0], random)
        for data in read_comments(html):
            assert ID_PATTERN.fullmatch(data["id"])
            assert f"t1_{data['id']}" in html or f'name="{data["id"]}"' in html
