"""Pseudonyms: the same for the same person, in every field and mention, and not to be guessed."""

import json
import stat
from pathlib import Path

import pytest

from reddit_archive import history, quote
from reddit_archive.archive import pseudonyms, store
from reddit_archive.model.capture import Capture
from reddit_archive.model.thread import Thread
from reddit_archive.quote import Selection
from reddit_archive.sources import saved_json
from tests.conftest import EXAMPLES, Run
from tests.support.faults import NEW_YEAR

KEY, OTHER = b"a key", b"another"
ALICE = pseudonyms.build_pseudonym("Alice_Fox", KEY)


def thread(**fields: object) -> Thread:
    post = {"name": "t3_abc", "author": "Alice_Fox", "title": "t", **fields}
    data = {"name": "t1_c1", "parent_id": "t3_abc", "author": "baker", "body": "b", **fields}
    things = ({"kind": "t3", "data": post}, {"kind": "t1", "data": data | {"author": "baker"}})
    return history.merge("abc", [Capture("abc", NEW_YEAR, "reddit", {}, things)])


def test_name__is_stable_and_keyed() -> None:
    assert pseudonyms.build_pseudonym("alice_fox", KEY) == ALICE
    assert pseudonyms.build_pseudonym("alice_fox", OTHER) != ALICE
    assert ALICE.startswith("user-")
    assert len(ALICE) == 21


def test_name__is_shared_by_nobody() -> None:
    """Of so many people in a dump, two would share a name of half as many digits."""
    names = {pseudonyms.build_pseudonym(f"person{number}", KEY) for number in range(150_000)}
    assert len(names) == 150_000
    assert len({name[:13] for name in names}) < 150_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ask u/Alice_Fox.", f"ask u/{ALICE}."),
        ("ask /u/alice_fox's", f"ask /u/{ALICE}'s"),
        (r"ask u/alice\_fox", f"ask u/{ALICE}"),
        (r"ask u/mellow\-fox", f"ask u/{pseudonyms.build_pseudonym('mellow-fox', KEY)}"),
        ("https://www.reddit.com/user/Alice_Fox/", f"https://www.reddit.com/user/{ALICE}/"),
        ("reddit.com/u/Alice_Fox?x=1", f"reddit.com/u/{ALICE}?x=1"),
        ("r/u_Alice_Fox", f"r/u_{ALICE}"),
        ('<p><a href="/u/Alice_Fox">/u/Alice_Fox</a></p>', f"<p>/u/{ALICE}</p>"),
        ('<a href="https://old.reddit.com/user/Alice_Fox/" rel="x">her</a>', "her"),
        ("https://example.com/menu/alice_fox", "https://example.com/menu/alice_fox"),
        ("Alice_Fox herself", "Alice_Fox herself"),
        ("r/bread and km/u/h", "r/bread and km/u/h"),
    ],
)
def test_apply__mentions(text: str, expected: str) -> None:
    found = pseudonyms.pseudonymize_thread(thread(body=text, selftext=text), KEY)
    assert found.post
    assert (found.post.body, found.comments["c1"].body) == (expected, expected)


def test_apply__authors_and_what_tells_of_them() -> None:
    inner = [{"author": "Alice_Fox", "author_fullname": "t2_fox", "title": "x"}]
    about = {"author_flair_text": "Fox", "author_fullname": "t2_fox", "link_author": "Alice_Fox"}
    found = pseudonyms.pseudonymize_thread(thread(**about, crosspost_parent_list=inner), KEY)
    assert found.post
    assert found.post.author == ALICE
    assert found.post.raw[pseudonyms.PSEUDONYM_FLAG]
    data = [found.post.raw, *(comment.raw for comment in found.comments.values())]
    assert "fox" not in json.dumps([dict(each) for each in data]).lower().replace(ALICE, "")


@pytest.mark.parametrize("options", [[], ["--json"], ["--block"], ["--to", "html"]])
def test_quote__pseudonym_on_the_page_of_a_user(
    run: Run, tmp_path: Path, options: list[str]
) -> None:
    path = "/user/Alice_Fox/comments/abc/ask_ualice_fox"
    where = {"subreddit_name_prefixed": "u/Alice_Fox", "permalink": f"{path}/", "id": "abc"}
    about = {"name": "t3_abc", "author": "Alice_Fox", "title": "Ask u/Alice_Fox", **where}
    things = ({"kind": "t3", "data": about},)
    store.add(tmp_path / "archive", Capture("abc", NEW_YEAR, "reddit", {}, things))
    assert "alice_fox" in run("quote", "abc", *options).out.lower()
    assert "alice_fox" not in run("quote", "abc", "--pseudonyms", *options).out.lower()


@pytest.mark.parametrize("author", ["[deleted]", "[removed]", None, 7, ""])
def test_apply__nobody_stays_nobody(author: object) -> None:
    found = pseudonyms.pseudonymize_thread(thread(author=author), KEY)
    assert found.post
    assert found.post.raw["author"] == author


def test_apply__twice_leaves_mentions() -> None:
    once = pseudonyms.pseudonymize_thread(thread(body="u/Alice_Fox"), KEY)
    assert pseudonyms.pseudonymize_thread(once, KEY).comments["c1"].body == once.comments["c1"].body


def test_apply__keeps_the_tree_and_leaves_the_thread_alone() -> None:
    whole = history.merge("9bread2", [saved_json.read_capture(str(EXAMPLES / "everything.json"))])
    before = quote.render(whole, Selection(everything=True))
    found = pseudonyms.pseudonymize_thread(whole, KEY)
    assert list(found.comments) == list(whole.comments)
    assert [found.depth(each) for each in found.comments] == [
        whole.depth(each) for each in whole.comments
    ]
    assert quote.render(whole, Selection(everything=True)) == before
    names = {each.author for each in whole.comments.values() if each.author}
    assert not [name for name in names if f"u/{name}" in quote.render(found, Selection())]


def test_key__is_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    key = pseudonyms.read_or_create_key(tmp_path / "archive")
    path = tmp_path / "archive" / pseudonyms.KEY_FILE
    assert len(key) == 64
    assert pseudonyms.read_or_create_key(tmp_path / "archive") == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert pseudonyms.read_or_create_key(tmp_path / "other") != key
