"""Commands on an archive of saved pages that lack times, scores and Markdown."""

import json
import os
import re
from pathlib import Path

import pytest

from reddit_archive.archive import store
from tests.conftest import EXAMPLES, Run
from tests.support import page_looks as looks


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An archive with a thread that only a page without times and scores shows."""
    root = tmp_path / "archive"
    post = looks.page_post(_page="new", created_utc=None, score=None, num_comments=9)
    text = "* one\n* two *stars*"
    comments = (looks.poor_comment("aaa"), looks.poor_comment("bbb", text, parent_id="t1_aaa"))
    deleted, more = looks.deleted_comment("ccc"), looks.stub("t1_aaa", "xxx", "yyy", count=2)
    page = looks.page_capture(post, *comments, deleted, more, comments_without_id=1)
    store.add(root, page)
    return root


def add_other_sources(root: Path) -> None:
    edited = looks.page_comment("bbb", "* one\n* three *stars*", parent_id="t1_aaa")
    page = looks.page_capture(looks.page_post(), looks.page_comment("aaa"), edited, day=1)
    store.add(root, page)
    store.add(root, looks.arctic_capture(looks.arctic_comment("aaa"), day=2))
    api = looks.api_comment("bbb", "* one\n* four *stars*", parent_id="t1_aaa", depth=1)
    store.add(root, looks.api_capture(looks.api_post(), looks.api_comment("aaa"), api, day=3))


COMMANDS = (
    *("list", "list --json", "log p1", "log p1 --json", "diff p1", "verify", "reindex"),
    *("quote p1 --all --style full", "quote p1 --all --style dated --to reddit"),
    *("quote p1 --all --style full --to html", "quote p1 --top 1 --min-score 3 --style full"),
    *("quote p1 --all --check", "quote p1 --all --json", "search stars", "search stars --json"),
    *(
        "export json p1",
        "export ndjson p1",
        "export csl p1 --comment aaa",
        "export bibtex p1 --comment aaa",
    ),
    *("export sqlite out.db", "export parquet out.parquet", "export html site"),
)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands__invent_no_time_and_no_score(command: str, run: Run, root: Path) -> None:
    ran = run(*command.split())
    assert ran.code == 0, ran.err
    assert not re.search(r"\b19(?:69|70)\b|\bNone\b|\bNaN\b|\b[01] points?\b", ran.out + ran.err)


def test_site__shows_no_time_and_no_score(run: Run, root: Path) -> None:
    run("export", "html", "site")
    page = (root.parent / "site" / "threads" / "t3_p1.html").read_text()
    assert not re.search(r"\b19(?:69|70)\b|\bNone\b|\b\d points?\b", page)
    assert "from a saved web page" in page


def test_site__shows_a_text_in_other_html_once(run: Run, tmp_path: Path) -> None:
    page = looks.page_capture(looks.page_post(), looks.page_comment("aaa", "* unique"))
    api = looks.api_capture(looks.api_post(), looks.api_comment("aaa", "* unique"), day=1)
    for captured in (page, api):
        store.add(tmp_path / "archive", captured)
    run("export", "html", "site")
    html = (tmp_path / "site" / "threads" / "t3_p1.html").read_text()
    assert html.count("<li>unique") == 1
    assert "<p>\n      unique" not in html


def test_redact__removes_the_text_of_a_page(run: Run, root: Path) -> None:
    add_other_sources(root)
    assert run("redact", "--author", "somebody", "--yes").code == 0
    paths = [*root.rglob("*.json")]
    assert paths
    assert not any(b"stars" in path.read_bytes() for path in paths)
    assert "stars" not in run("quote", "p1", "--all").out
    assert "edited" not in run("log", "p1").out


def test_quote__keeps_the_order_of_the_page(run: Run, root: Path) -> None:
    quoted = json.loads(run("quote", "p1", "--all", "--json").out)
    assert quoted["quote"].index("Some") < quoted["quote"].index("one")
    assert (quoted["comments"], quoted["missing"], quoted["complete"]) == (3, 5, False)


def test_top__without_scores_takes_the_first_of_the_page(run: Run, root: Path) -> None:
    assert "Some *words*." in run("quote", "p1", "--top", "1").out


def test_quote_for_reddit__is_made_from_the_html(run: Run, root: Path) -> None:
    quoted = run("quote", "p1", "--comment", "bbb", "--no-post", "--to", "reddit").out
    assert "two *stars*" in quoted


def test_log__names_the_source_of_each_line(run: Run, root: Path) -> None:
    add_other_sources(root)
    snapshots, changes = run("log", "p1").out.split("\n\n")
    assert [line.split("\t")[1] for line in snapshots.splitlines()] == [
        "a saved web page (new, old)",
        "a saved web page (shreddit)",
        "arctic-shift",
        "reddit",
    ]
    edits = [line.split("\t") for line in changes.splitlines() if "edited" in line]
    assert [edit[-1] for edit in edits] == ["a saved web page (shreddit)", "reddit"]


def test_log__of_one_source_has_the_columns_of_before(run: Run, tmp_path: Path) -> None:
    for day, text in enumerate(("Old.", "New.")):
        page = looks.page_capture(looks.page_post(), looks.page_comment("aaa", text), day=day)
        store.add(tmp_path / "archive", page)
    _, changes = run("log", "p1").out.split("\n\n")
    assert [line.split("\t")[2:] for line in changes.splitlines()] == [
        ["edited", "somebody", "t1_aaa", "Old."]
    ]


def test_log_json__has_the_label_and_the_kinds_of_pages(run: Run, root: Path) -> None:
    add_other_sources(root)
    log = json.loads(run("log", "p1", "--json").out)
    assert [snapshot["source"] for snapshot in log["snapshots"]] == [
        *("saved-page", "saved-page", "arctic-shift", "reddit")
    ]
    labels = [snapshot["source_label"] for snapshot in log["snapshots"]]
    assert labels[1:] == ["a saved web page (shreddit)", "Arctic Shift", "Reddit"]
    assert log["snapshots"][0]["page_kinds"] == ["new", "old"]
    assert [change["source_label"] for change in log["changes"]] == [labels[1], "Reddit"]


def test_diff__shows_only_the_changed_word(run: Run, root: Path) -> None:
    add_other_sources(root)
    diff = json.loads(run("diff", "p1", "-3", "-1", "--json").out)
    (edited,) = (change for change in diff["changes"] if change["change"] == "edited")
    changed = [word for word in edited["words"] if word[0] != "="]
    assert changed == [["-", "three"], ["+", "four"]]


def test_quote__calls_an_author_unknown_that_no_page_shows(run: Run, tmp_path: Path) -> None:
    store.add(tmp_path / "archive", looks.page_capture(looks.page_post(author=None)))
    assert "> Posted by [unknown]\n" in run("quote", "p1").out


def test_log__describes_the_source_of_a_check(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_bytes((EXAMPLES / "saved-page.html").read_bytes())
    for time in (1_760_000_000, 1_760_086_400):
        os.utime(page, (time, time))
        run(page)
    assert "\ta saved web page\tunchanged" in run("log", "9bread1").out


def test_save__says_how_to_fill_a_page(run: Run, tmp_path: Path) -> None:
    page = (EXAMPLES / "saved-page.html").read_text()
    assert 'comment-count="6"' in page
    (tmp_path / "page.html").write_text(page.replace('comment-count="6"', 'comment-count="9"'))
    ran = run("page.html", "--require-complete")
    assert ran.code == 3
    assert "Not complete: " in ran.err
    assert (
        "What the page shows is saved; `archive fill 9bread1` fetches what is missing." in ran.err
    )


def test_save__reads_a_file_with_any_extension(run: Run, tmp_path: Path) -> None:
    (tmp_path / "my page.php").write_bytes((EXAMPLES / "saved-page.html").read_bytes())
    assert "Saved t3_9bread1" in run("my page.php").err


@pytest.mark.parametrize("name", ["a folder", "a folder/", "./a folder"])
def test_save__refuses_a_folder(name: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "a folder").mkdir()
    ran = run(name)
    assert ran.code == 2
    assert f"{name} is a folder.\n  `archive import '{name}'` imports the threads in it." in ran.err
