"""A comment's address selects the comment, in every form that Reddit uses."""

from pathlib import Path

import pytest

from reddit_archive.model import reference
from reddit_archive.model.reference import Reference
from reddit_archive.workflows.inputs import ListEntry, detect
from tests.conftest import EXAMPLES, Run
from tests.support import reddit_server as rs

COMMENT = Reference(post_id="abc123", comment_id="def456")
POST = Reference(post_id="abc123")
SITE = "https://www.reddit.com"
THREAD = f"{SITE}/r/x/comments/abc123"


@pytest.mark.parametrize(
    "text",
    [
        f"{THREAD}/slug/def456.json",
        f"{THREAD}/slug/def456/.json",
        f"{THREAD}/slug/def456.json?limit=500&raw_json=1",
        f"{THREAD}/slug/def456.json#top",
        f"{THREAD}/slug/t1_def456.json",
        f"{THREAD}/slug/DEF456.JSON",
        f"{THREAD}/slug/def456%2Ejson",
        f"{THREAD}/slug/def456.json/",
        f"{THREAD}/slug//def456.json",
        f"{THREAD}/comment/def456.json",
        f"{THREAD}//def456.json",
        f"{THREAD}/slug/def456&context=3",
        f"{SITE}/comments/abc123/_/def456.json",
        "old.reddit.com/r/x/comments/abc123/slug/def456.json",
        "np.reddit.com/comments/abc123/_/def456.rss",
        "r/x/comments/abc123/slug/def456.json",
        "R/x/comments/abc123/slug/def456.json",
        "/user/me/comments/abc123/slug/def456.json",
        f"[a title]({THREAD}/slug/def456.json)",
        f"<{THREAD}/slug/def456.json>.",
        f"{SITE}/over18?dest=https%3A%2F%2Freddit.com%2Fcomments%2Fabc123%2F_%2Fdef456.json",
        f"web.archive.org/web/2020/{THREAD}/slug/def456.json",
        f"{SITE}/comments/abc123.json?comment=def456",
        f"{THREAD}/slug/?context=3&comment=t1_DEF456",
        *(f"{THREAD}/slug/def456.{ending}" for ending in ("rss", "xml", "compact", "mobile")),
    ],
)
def test_parse__comment_address_with_an_extension(text: str) -> None:
    assert reference.parse(text) == COMMENT
    assert reference.parse_comment_id(text) == "def456"


@pytest.mark.parametrize(
    "text",
    [
        *(f"{THREAD}.json", f"{THREAD}/.json", f"{THREAD}/slug.json", f"{THREAD}/slug/.json"),
        *(f"{THREAD}.rss", f"{THREAD}.compact", "redd.it/abc123.json"),
        *(f"{THREAD}/slug/été", f"{THREAD}/slug/a-longer-name", f"{THREAD}/?comment=a-b"),
    ],
)
def test_parse__post_address_with_an_extension(text: str) -> None:
    assert reference.parse(text) == POST


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.txt", "{}\n"),
        ("notes.md", "As [somebody]({}) said, and <{}>.\n"),
        ("table.csv", "title,permalink\nx,{}\n"),
        ("list.json", '["{}"]'),
        ("list.yaml", "threads:\n- {}\n"),
        ("page.html", '<a href="{}">x</a>'),
        ("marked.md", "<!-- reddit: {} -->\n<!-- /reddit -->\n"),
    ],
)
def test_lists__comment_address_with_an_extension(name: str, text: str) -> None:
    address = f"{THREAD}/slug/def456.json?limit=500"
    entries = detect.read(text.replace("{}", address).encode(), name)
    assert [entry for entry in entries if not isinstance(entry, ListEntry)] == []
    assert {entry.reference for entry in entries if isinstance(entry, ListEntry)} == {COMMENT}


def test_commands__comment_address_with_an_extension(run: Run, reddit: rs.Server) -> None:
    thread = reddit.add(rs.generate(5, depth=2, seed=1))
    comment = list(thread.comments)[2]
    address = f"https://www.reddit.com/comments/{thread.id}/_/{comment.removeprefix('t1_')}.json"
    saved = run("save", address)
    expected = run("quote", thread.id, "--comment", comment).out
    assert (saved.code, saved.out) == (0, expected)
    assert run("quote", address).out == expected


def test_refresh__finds_the_thread_of_a_stored_comment_offline(run: Run, tmp_path: Path) -> None:
    run(EXAMPLES / "short.json", "--no-media")
    (tmp_path / "page.md").write_text("<!-- reddit: t1_zkeep01 -->\n<!-- /reddit -->\n")
    assert run("refresh", "page.md", "--offline").code == 0
    assert "sunday_crumb" in (tmp_path / "page.md").read_text()
    (tmp_path / "page.md").write_text("<!-- reddit: t1_zzzz9 -->\n<!-- /reddit -->\n")
    result = run("refresh", "page.md", "--offline")
    assert (result.code, "has no comment zzzz9" in result.out) == (3, True)
