"""What must hold for every kind of saved page: nothing private, nothing invented, linear cost."""

import re
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from reddit_archive import errors
from reddit_archive.model.capture import Capture, get_fullname, get_more_ids
from reddit_archive.sources import saved_files
from reddit_archive.sources.saved_page import page as page_model
from tests.conftest import PROGRAM, Run
from tests.support import (
    fuzzed_pages,
    measure,
    new_reddit_pages,
    old_reddit_pages,
    shreddit_pages,
    web_archives,
)

SENTINEL = b"SENTINEL"
ID = re.compile(r"[0-9a-z]{1,13}")
MEGABYTES = 11
MAX_SECONDS, MAX_MEGABYTES = 3, 400


def make_old(size: int, seed: int = 1) -> str:
    return old_reddit_pages.make_page(old_reddit_pages.make_random_thread(Random(seed), size))


def make_shreddit(size: int, seed: int = 1) -> str:
    thread = shreddit_pages.make_thread(seed, size=size)
    return shreddit_pages.write_page(thread, is_saved=True)


def make_shreddit_of_server(size: int, seed: int = 1) -> str:
    thread = shreddit_pages.make_thread(seed, size=size)
    return shreddit_pages.write_page(thread, is_saved=False)


def make_new(size: int, seed: int = 1) -> str:
    return new_reddit_pages.build_page(new_reddit_pages.grow_tree(seed, size, is_wide=True))


def make_new_with_state(size: int, seed: int = 1) -> str:
    items = new_reddit_pages.grow_tree(seed, size, is_wide=True)
    state = new_reddit_pages.build_state(map(new_reddit_pages.build_comment_model, items))
    return new_reddit_pages.build_state_page(state)


MAKERS: dict[str, Callable[..., str]] = {
    "old": make_old,
    "shreddit": make_shreddit,
    "shreddit of the server": make_shreddit_of_server,
    "new": make_new,
    "new with state": make_new_with_state,
}


def write_page_files(folder: Path) -> None:
    """Write a page of each kind, plain and in a web archive whose headers hold cookies."""
    folder.mkdir()
    for number, (name, make) in enumerate(MAKERS.items()):
        page = make(30, number)
        (folder / f"{name}.html").write_text(page)
        address = f"https://www.reddit.com/comments/a{number}/"
        headers = (("Set-Cookie", "token_v2=SENTINEL"),)
        record = web_archives.Record(page.encode(), address, headers=headers)
        (folder / f"{name}.warc").write_bytes(web_archives.make_warc([record]))


def collect_written(folder: Path, *ran: str) -> list[bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [*(text.encode() for text in ran), *(path.read_bytes() for path in files)]


def test_pages__nothing_about_the_viewer_is_written(run: Run, tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    write_page_files(pages)
    assert all(SENTINEL in path.read_bytes() for path in pages.iterdir())
    work = tmp_path / "work"
    work.mkdir()
    options = ("--archive", work / "archive", "-v")
    ran = run("import", pages, *options)
    assert (ran.code, ran.out.count("\tnew\t") >= len(MAKERS)) == (0, True), ran.err
    written = collect_written(work, ran.out, ran.err)
    for command in (("html", work / "site"), ("bag", work / "bags")):
        exported = run("export", *command, *options)
        assert exported.code == 0, exported.err
        written += collect_written(work, exported.out, exported.err)
    assert not any(SENTINEL in data for data in written)


def test_pages__a_request_with_the_raw_page_would_be_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The fault that the test above must catch."""
    page = tmp_path / "page.html"
    page.write_text(make_old(5))
    monkeypatch.setattr(
        saved_files, "build_request", lambda file, thread: {"page": thread.kind, "raw": file.html}
    )
    (capture,) = saved_files.load(str(page)).captures
    assert "SENTINEL" in str(capture.request)


def find_inventions(capture: Capture, page: str) -> list[str]:
    """Return the ids of a capture that are not ids, or not in the page."""
    ids = {capture.thread_id}
    for thing in capture.things:
        ids |= {(get_fullname(thing) or "?")[3:]} if thing["kind"] != "more" else set()
        ids |= {*get_more_ids(thing["data"])} if thing["kind"] == "more" else set()
        parent = thing["data"].get("parent_id")
        ids |= {parent[3:]} if parent else set()
    text = page.lower() + shreddit_pages.decode_cursors(page)
    return [i for i in ids if not ID.fullmatch(i) or i not in text]


@pytest.mark.parametrize("count", [30, pytest.param(2000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", MAKERS)
def test_fuzzed_pages__are_read_or_refused(tmp_path: Path, kind: str, count: int) -> None:
    """Five kinds: 10,000 pages in all."""
    path = tmp_path / "page.html"
    captures = 0
    for seed in range(count):
        random = Random(seed)
        page = fuzzed_pages.damage(MAKERS[kind](random.randrange(12), seed), random)
        path.write_text(page, errors="surrogatepass")
        try:
            (capture,) = saved_files.load(str(path)).captures
        except errors.NotAThreadError:
            continue
        captures += 1
        assert find_inventions(capture, page) == []
    assert captures > count // 3


def make_large(kind: str) -> str:
    """Make a page of about 11 MB. It grows faster than its comments, which nest deeper."""
    size = 500
    while len(page := MAKERS[kind](size)) < 0.8 * MEGABYTES * 2**20:
        size = round(size * min(1.5, 0.95 * MEGABYTES * 2**20 / len(page)))
    return page


@pytest.mark.slow
@pytest.mark.parametrize("kind", MAKERS)
def test_large_page__time_and_memory(tmp_path: Path, kind: str) -> None:
    """A page of 11 MB takes less than 3 s and 400 MB, with the program's start and the save.

    A slow or busy machine gets as much longer as Python needs there to parse JSON.
    """
    page = tmp_path / "page.html"
    page.write_text(make_large(kind))
    assert page.stat().st_size > 0.8 * MEGABYTES * 2**20
    (tmp_path / "config.yaml").write_text("media: {save: false}\n")
    slowness = measure.get_slowness()
    cost = measure.measure(tmp_path, PROGRAM, "save", page)
    assert cost.code == 0
    assert cost.seconds < MAX_SECONDS * max(slowness, measure.get_slowness())
    assert cost.megabytes < MAX_MEGABYTES


def test_page_kind__is_in_each_post_and_comment(tmp_path: Path) -> None:
    for kind, make in MAKERS.items():
        path = tmp_path / "page.html"
        path.write_text(make(10))
        (capture,) = saved_files.load(str(path)).captures
        kinds = {t["data"][page_model.PAGE_KIND_KEY] for t in capture.things if t["kind"] != "more"}
        assert kinds == {capture.request["page"]}, kind
