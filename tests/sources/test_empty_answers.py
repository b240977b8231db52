"""Responses without the thread are refused; comments without their post are accepted."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from reddit_archive import errors
from reddit_archive.archive import add as archive_add
from reddit_archive.archive import store
from reddit_archive.model import capture
from reddit_archive.model.content import build_post_from_comments
from reddit_archive.model.reference import Reference
from reddit_archive.network.retry import RetryPolicy
from reddit_archive.sources.base import FetchRequest
from reddit_archive.sources.reddit_api import RedditSource
from tests.conftest import EXAMPLES, Run
from tests.support import reddit_server as rs
from tests.support.reddit_server.rules import listing

EMPTY: dict[str, Any] = {
    "a list": [],
    "listings": [listing([]), listing([])],
    "an object": {},
    "another thread": json.loads((EXAMPLES / "short.json").read_text()),
    "comments of another thread": listing(
        [{"kind": "t1", "data": {"id": "x1", "link_id": "t3_9bread1", "body": "b"}}]
    ),
}
COMMENT = {
    "author": "baker",
    "body": "a loaf",
    "created_utc": 1_704_067_200,
    "id": "kaa1",
    "link_id": "t3_abc123",
    "link_title": "Rye & wheat",
    "parent_id": "t3_abc123",
    "permalink": "/r/breadlog/comments/abc123/rye_wheat/kaa1/",
    "retrieved_on": 1_704_067_260,
    "subreddit": "breadlog",
}
ADDRESS = "https://www.reddit.com/r/breadlog/comments/abc123/rye_wheat/"


def request_directly(server: rs.Server, answer: Any) -> capture.Capture:
    """Fetch a thread from a server that returns this response."""
    settings = {k: v for k, v in server.settings().items() if k != "check_for_updates"}
    server.answer("comments/", answer)
    source = RedditSource(settings, retry_policy=RetryPolicy(1, 0), on_status=lambda _: None)
    return source.fetch(Reference(post_id="9bread2"), FetchRequest())


@pytest.mark.parametrize("answer", EMPTY.values(), ids=EMPTY)
def test_reddit__response_without_the_thread_stores_nothing(
    answer: Any, run: Run, reddit: rs.Server, tmp_path: Path
) -> None:
    reddit.answer("comments/", answer)
    found = run("9bread2")
    assert (found.code, found.out) == (1, "")
    assert "neither the post t3_9bread2 nor any of its comments" in found.err
    assert not (tmp_path / "archive" / "threads").exists()


def test_reddit__existing_snapshots_stay(run: Run, reddit: rs.Server) -> None:
    before = run("9bread2")
    reddit.answer("comments/", [])
    assert run("9bread2").code == 1
    assert (run("quote", "9bread2").out, run("9bread2", "-q").code) == (before.out, 1)


def test_batch__continues_with_other_threads(run: Run, reddit: rs.Server, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("9bread1\n9bread2\n")
    reddit.answer("comments/9bread2", [])
    found = run("batch", "list.txt")
    assert (found.code, [line[:10] for line in run("list").out.splitlines()]) == (3, ["t3_9bread1"])


def test_add__refuses_a_capture_without_its_thread(tmp_path: Path) -> None:
    stub = {"kind": "more", "data": {"parent_id": "t3_abc123", "children": ["x"], "count": 1}}
    result = capture.Capture("abc123", capture.utc_now(), "saved", {}, (stub,))
    with pytest.raises(errors.NotAThreadError):
        archive_add.add(tmp_path, result)
    assert not (tmp_path / "threads").exists()


def test_control__without_the_check_an_empty_response_is_a_thread(
    monkeypatch: pytest.MonkeyPatch, reddit: rs.Server, tmp_path: Path
) -> None:
    unchecked: Callable[..., Any] = lambda result: result  # noqa: E731
    monkeypatch.setattr(capture, "require_thread", unchecked)
    store.add(tmp_path, request_directly(reddit, []))
    assert [*store.iter_thread_ids(tmp_path)] == ["9bread2"]


@pytest.fixture
def orphaned(run: Run, tmp_path: Path) -> Run:
    """Run the program with an archive that has a comment without its post."""
    (tmp_path / "rc").write_text(
        f"{json.dumps(COMMENT)}\n{json.dumps({**COMMENT, 'id': 'kaa2'})}\n"
    )
    assert run("import", "rc").code == 0
    return run


def test_comments_without_post__name_their_thread(orphaned: Run) -> None:
    assert orphaned("list").out.split("\t")[1::4] == ["r/breadlog", "Rye & wheat\n"]
    quote = orphaned("quote", "abc123", "--all").out
    assert quote.startswith(f"### r/breadlog: [Rye & wheat]({ADDRESS})\n")
    messages = json.loads(orphaned("quote", "abc123", "--all", "--json").out)
    assert (messages["title"], messages["url"], messages["complete"]) == (
        "Rye & wheat",
        ADDRESS,
        False,
    )
    assert "r/breadlog" in orphaned("search", "loaf").out


def test_comments_without_post__in_exports(orphaned: Run, tmp_path: Path) -> None:
    orphaned("export", "sqlite", "x.db")
    with closing(sqlite3.connect(tmp_path / "x.db")) as database:
        rows = database.execute("SELECT subreddit, title, permalink, body FROM posts").fetchall()
    assert rows == [("r/breadlog", "Rye & wheat", ADDRESS, None)]
    orphaned("export", "html", "site")
    pages = [path.read_text() for path in (tmp_path / "site").rglob("*.html")]
    assert not any("unknown" in each for each in pages)
    assert any('<h1 dir="auto">Rye &amp; wheat</h1>' in each for each in pages)
    assert "r/unknown" not in orphaned("export", "ndjson").out


def test_comments_without_post__until_the_post_comes(orphaned: Run, tmp_path: Path) -> None:
    post = {"id": "abc123", "title": "The post's own", "subreddit": "breadlog", "num_comments": 2}
    post |= {"author": "miller", "selftext": "x", "permalink": "/r/breadlog/comments/abc123/own/"}
    (tmp_path / "rs").write_text(f"{json.dumps(post)}\n")
    orphaned("import", "rs")
    messages = json.loads(orphaned("quote", "abc123", "--json").out)
    assert (messages["title"], messages["url"][-5:-1], messages["complete"]) == (
        "The post's own",
        "/own",
        True,
    )


@pytest.mark.parametrize(
    ("raw", "title", "permalink"),
    [
        ({"permalink": "/r/a/comments/abc123/t/k1/"}, "", "/r/a/comments/abc123/t/"),
        ({"permalink": "/user/a/comments/abc123/t/k1"}, "", "/user/a/comments/abc123/t/"),
        ({"permalink": "/r/a/comments/abc123/comment/k1/"}, "", "/r/a/comments/abc123/"),
        ({"permalink": "/r/a/comments/other/t/k1/", "subreddit": "a"}, "", "/r/a/comments/abc123/"),
        ({"link_title": "T", "subreddit": "a b"}, "T", "/comments/abc123/"),
        ({"permalink": "javascript:x", "link_title": "T"}, "T", "/comments/abc123/"),
    ],
)
def test_described_post__uses_only_permalinks_of_the_thread(
    raw: dict[str, Any], title: str, permalink: str
) -> None:
    found = build_post_from_comments("abc123", [{"body": "x"}, raw])
    assert found is not None
    assert (found.title, found.permalink) == (title, f"https://www.reddit.com{permalink}")


def test_described_post__none_without_information_in_comments() -> None:
    assert build_post_from_comments("abc123", [{"body": "x"}]) is None


def test_missing_post__takes_its_subreddit_from_a_permalink() -> None:
    path = "/r/breadlog/comments/abc123/"
    found = build_post_from_comments("abc123", [{"permalink": f"{path}comment/def456/"}])
    assert found is not None
    assert (found.subreddit, found.raw["permalink"]) == ("r/breadlog", path)
