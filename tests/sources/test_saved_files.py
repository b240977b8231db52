"""Saved files of any kind, alone, together and mixed, as `archive FILE` and `import` take them."""

import gzip
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reddit_archive import errors
from reddit_archive.archive import store
from reddit_archive.model.capture import get_fullname
from reddit_archive.sources import saved_files
from tests.conftest import EXAMPLES, Run

PAGE = EXAMPLES / "saved-page.html"
JSON = EXAMPLES / "short.json"
POSTS = "".join(
    f'<div class="thing link id-t3_ab{n}" data-fullname="t3_ab{n}"><a class="title">x</a></div>'
    for n in range(25)
)
LISTING = f'<html><title>reddit</title><div id="siteTable" class="linklisting">{POSTS}</div></html>'


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return Path(shutil.copy(PAGE, tmp_path / "page.html"))


def test_load__page_and_json_of_one_thread(page: Path) -> None:
    captures = saved_files.load(str(page), str(JSON)).captures
    assert sorted(capture.source for capture in captures) == ["saved", "saved-page"]
    assert {capture.thread_id for capture in captures} == {"9bread1"}


def test_load__captures_are_oldest_first(page: Path, tmp_path: Path) -> None:
    older = tmp_path / "older.html"
    older.write_text(f"<!-- FILE ARCHIVED ON 10:00:00 Jan 02, 2026 -->{page.read_text()}")
    times = [capture.captured_at for capture in saved_files.load(str(page), str(older)).captures]
    assert times == sorted(times)


def test_load__pages_of_two_threads_are_an_error(page: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.html"
    other.write_text(page.read_text().replace("9bread1", "9bread7"))
    with pytest.raises(errors.NotAThreadError, match=r"other\.html .* t3_9bread7"):
        saved_files.load(str(page), str(other))


def test_load__json_in_the_code_of_a_short_page_is_a_text(tmp_path: Path) -> None:
    short = tmp_path / "short.html"
    code = '<pre><code>{"kind": "t3", "data": {"id": "ab1"}}</code></pre>'
    short.write_text(
        '<shreddit-post id="t3_ab2" permalink="/r/a/comments/ab2/b/"></shreddit-post>'
        '<shreddit-comment thingid="t1_c1" author="ada" depth="0"><div slot="comment">'
        f'<div id="t1_c1-post-rtjson-content">{code}</div></div></shreddit-comment>'
    )
    (capture,) = saved_files.load(str(short)).captures
    assert (capture.thread_id, len(capture.things)) == ("ab2", 2)


def test_load__compressed_page(page: Path, tmp_path: Path) -> None:
    compressed = tmp_path / "page.html.gz"
    compressed.write_bytes(gzip.compress(page.read_bytes()))
    (capture,) = saved_files.load(str(compressed)).captures
    assert capture.request["page"] == "shreddit"


def test_load__same_things_as_the_json_but_for_what_a_page_lacks(page: Path) -> None:
    (of_page,), (of_json,) = (saved_files.load(str(path)).captures for path in (page, JSON))
    known = {get_fullname(thing): thing["data"] for thing in of_json.things}
    for thing in of_page.things:
        for key, value in thing["data"].items():
            if key not in ("_page", "body_html", "selftext_html"):
                assert value == known[get_fullname(thing)][key], key


def test_load__time_of_the_file_is_reported_if_the_page_has_none(page: Path) -> None:
    (capture,) = saved_files.load(str(page)).captures
    modified_at = datetime.fromtimestamp(int(page.stat().st_mtime), UTC)
    assert (capture.captured_at, capture.request["time_of_file"]) == (modified_at, True)


@pytest.mark.parametrize("target", ["markdown", "jekyll", "obsidian", "html", "text"])
def test_save__page_gives_the_quote_of_the_json(run: Run, page: Path, target: str) -> None:
    options = ("--all", "--to", target)
    from_page = run("save", page, *options)
    from_json = run("save", JSON, *options, "--archive", "other")
    assert (from_page.code, from_page.out) == (0, from_json.out)


def test_save__incomplete_page_names_the_command_that_fills_it(run: Run, page: Path) -> None:
    page.write_text(page.read_text().replace('comment-count="6"', 'comment-count="9"'))
    result = run("save", page)
    assert "Not complete: 3 comments are not fetched." in result.err
    assert "`archive fill 9bread1` fetches what is missing." in result.err


def test_save__page_from_stdin(run: Run) -> None:
    assert run("-", "--all", stdin=PAGE.read_bytes()).code == 0
    assert run("quote", "9bread1", "--all", "--check").code == 0


def test_save__page_without_thread_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "front.html").write_text(LISTING)
    result = run("save", "front.html")
    assert (result.code, result.out) == (1, "")
    assert "front.html is a listing of posts, not a thread.\n  Open the thread" in result.err


def test_import__folder_counts_pages_without_a_thread(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    shutil.copy(PAGE, folder / "a.html")
    (folder / "b.html").write_text(LISTING)
    for number in range(20):
        (folder / f"foreign{number}.html").write_text("<html><p>bread</p></html>")
    result = run("import", folder)
    assert (result.code, result.out.split("\t")[:3]) == (0, ["t3_9bread1", "new", "6 comments"])
    assert (
        "Left out 21 web pages without a thread: a page of another website (20), "
        "a listing of posts (1)." in result.err
    )


def test_import__file_that_is_named_must_be_a_thread(run: Run, tmp_path: Path) -> None:
    (tmp_path / "front.html").write_text(LISTING)
    result = run("import", "front.html")
    assert (result.code, "front.html is a listing of posts" in result.err) == (1, True)


def test_import__same_page_twice_is_one_snapshot(run: Run, page: Path, tmp_path: Path) -> None:
    run("import", page)
    assert "\tknown\t" in run("import", page).out
    assert len(store.load_snapshots(tmp_path / "archive", "9bread1")) == 1


def test_import__page_and_save_store_the_same_snapshot(
    run: Run, page: Path, tmp_path: Path
) -> None:
    run("save", page)
    assert "\tknown\t" in run("import", page).out
