"""Damaged and hostile pages of shreddit: nothing is invented, nothing is guessed, nothing fails."""

import random
import re
from collections.abc import Iterator

import pytest

from reddit_archive.errors import ArchiveError
from reddit_archive.sources.saved_page import dom
from reddit_archive.sources.saved_page.page import ThreadPage
from reddit_archive.sources.saved_page.shreddit import reader
from tests.support import shreddit_pages as pages

ATTRIBUTE = re.compile(r'\s[\w-]+=(?:"[^"<>]*"|\'[^\'<>]*\')')
TAG = re.compile(r"</?[a-z][\w-]*[^<>]*>")
PARENT = re.compile(r'\s(?:parentId|slot)="[^"]*"')
JOINED = 1_798_761_600.0
"""The time in the card of an author, which shows when the pointer rests on the name."""
HOSTILE_IDS = ["t1_", "t1_deleted", "t1_<b>", f"t1_{'9' * 40}", "t1_../x", "t2_a", "", "t1_\u0661"]


def damage(html: str, rng: random.Random) -> str:
    """Drop attributes and tags, double tags, cut the page, and put in hostile ids."""
    for _ in range(rng.randint(1, 4)):
        match rng.randrange(6):
            case 0:
                html = drop_some(ATTRIBUTE, html, rng, 0.05)
            case 1:
                html = drop_some(TAG, html, rng, 0.02)
            case 2:
                html = html[: rng.randrange(len(html))]
            case 3:
                html = TAG.sub(lambda tag: tag[0] * (1 + (rng.random() < 0.02)), html)
            case 4:
                html = drop_some(PARENT, html, rng, 0.5)
            case 5:
                html = re.sub(
                    r't1_\w+(?=" depth)',
                    lambda name: rng.choice(HOSTILE_IDS) if rng.random() < 0.1 else name[0],
                    html,
                )
    return html


def drop_some(pattern: re.Pattern[str], html: str, rng: random.Random, share: float) -> str:
    return pattern.sub(lambda match: "" if rng.random() < share else match[0], html)


def iter_damaged(seeds: range) -> Iterator[tuple[pages.Thread, ThreadPage]]:
    for seed in seeds:
        rng = random.Random(seed)
        thread = pages.make_thread(seed, size=12)
        html = damage(pages.write_page(thread, is_saved=seed % 2 == 0), rng)
        try:
            yield thread, reader.read(dom.parse(html))
        except ArchiveError:
            continue


def check(thread: pages.Thread, page: ThreadPage) -> None:
    comments = pages.list_comments(thread)
    parents = {i: f"t1_{p}" if p else f"t3_{pages.THREAD}" for i, p in pages.list_parents(thread)}
    named = {i for _, ids, _ in pages.list_stubs(thread) for i in ids}
    times = {None, False, JOINED, *pages.list_times(thread)}
    for thing in page.things:
        data = thing["data"]
        if thing["kind"] == "t1":
            assert data["id"] in comments
            assert data.get("parent_id") in (None, parents[data["id"]])
            assert data.get("score") in (None, comments[data["id"]]["score"])
            assert {data.get("created_utc"), data.get("edited")} <= times
        elif thing["kind"] == "more":
            assert named >= {*data["children"]}


def check_all(seeds: range) -> int:
    """Check the pages that are still read, and return their number."""
    count = 0
    for thread, page in iter_damaged(seeds):
        check(thread, page)
        count += 1
    return count


def test_read__damage_invents_no_id_and_guesses_no_parent() -> None:
    assert check_all(range(200)) > 120


@pytest.mark.slow
def test_read__damage_of_many_pages() -> None:
    assert check_all(range(1000, 3_000)) > 1200


def test_damage__a_reader_that_trusts_the_nesting_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "reddit_archive.sources.saved_page.shreddit.comment_reader._get_depth", fake_depth
    )
    with pytest.raises(AssertionError):
        check_all(range(250))


def fake_depth(found: object) -> int:
    """A seeded fault: the depth is the number of comments around a comment."""
    depth = 0
    while (found := getattr(found, "outer_comment", None)) is not None:
        depth += 1
    return depth
