"""Join several saved files of one thread, and list the pages to save next."""

import json
import os
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from reddit_archive import errors, history
from reddit_archive.model import capture, completeness
from reddit_archive.model.capture import Capture
from reddit_archive.sources import saved_json
from tests.support import reddit_server
from tests.support.reddit_server import Thread, generate

NEW = 1_770_000_000
MONTH = 30 * 86_400


def write(path: Path, answer: Any, *, at: int = NEW, escaped: bool = False) -> str:
    """Save a response like a browser at this time."""
    path.write_text(json.dumps(reddit_server.escape(answer) if escaped else answer))
    os.utime(path, (at, at))
    return str(path)


def page(thread: Thread, **parameters: Any) -> Any:
    return reddit_server.page(thread, **{"limit": 500, **parameters})


def answer(thread: Thread, url: str) -> Any:
    """Return what Reddit shows at a URL from `list_missing_page_urls`."""
    parts = urlsplit(url)
    parameters = {key: values[0] for key, values in parse_qs(parts.query).items()}
    assert (parts.scheme, parts.netloc, parameters["raw_json"]) == ("https", "www.reddit.com", "1")
    if parts.path == "/api/info.json":
        return reddit_server.info([thread], parameters["id"].split(","))
    if parts.path == "/api/morechildren.json":
        assert parameters["link_id"] == thread.name
        return reddit_server.more_children(thread, parameters["children"].split(","))
    path = parts.path.removesuffix(".json").split("/")
    assert path[1:3] == ["comments", thread.id]
    return page(thread, comment=path[4] if len(path) > 3 else None)


def names(result: Capture) -> list[str | None]:
    return [capture.get_fullname(thing) for thing in result.things if thing["kind"] == "t1"]


def text(result: Capture, comment_id: str) -> str:
    comment = history.merge(result.thread_id, [result]).comments[comment_id]
    return comment.body


@pytest.mark.parametrize("escaped", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_missing_pages__lead_to_the_whole_thread(escaped: bool, tmp_path: Path) -> None:
    thread = generate(900, depth=23)
    files = [write(tmp_path / "page.json", page(thread))]
    while urls := saved_json.list_missing_page_urls(saved_json.read_capture(*files)):
        assert len(files) + len(urls) < 100
        for url in urls:
            file = tmp_path / f"{len(files)}.json"
            files.append(write(file, answer(thread, url), escaped=escaped))
    whole = saved_json.read_capture(*files)
    assert completeness.is_capture_complete(whole)
    assert sorted(filter(None, names(whole))) == sorted(f"t1_{i}" for i in thread.comments)


def test_missing_pages__start_with_the_full_page_after_a_short_one(tmp_path: Path) -> None:
    thread = generate(400, depth=6)
    result = saved_json.read_capture(write(tmp_path / "x.json", page(thread, limit=100)))
    first, *_ = saved_json.list_missing_page_urls(result)
    assert first == f"https://www.reddit.com/comments/{thread.id}.json?limit=500&raw_json=1"


def test_missing_pages__a_hundred_leaves_per_url() -> None:
    stubs = [stub("t3_x", [f"a{n}" for n in range(150)]), stub("t1_b", ["c", "d"])]
    urls = saved_json.list_missing_page_urls(load_capture(*comments(300), *stubs))
    assert [url.count("t1_") for url in urls] == [100, 52]
    assert urls[1].endswith("t1_a149,t1_c,t1_d")


def test_missing_pages__replies_are_never_requested_only_by_name() -> None:
    result = load_capture(*comments(300), stub("t3_x", ["a", "b"], count=9))
    assert saved_json.list_missing_page_urls(result) == [
        "https://www.reddit.com/api/morechildren.json?"
        "api_type=json&raw_json=1&link_id=t3_x&children=a,b"
    ]


def test_missing_pages__none_for_withheld_comments() -> None:
    hidden = stub("t3_x", ["a"])
    hidden["data"]["_withheld"] = True
    assert saved_json.list_missing_page_urls(load_capture(hidden)) == []


def stub(parent: str, ids: list[str], count: int | None = None) -> capture.Thing:
    data = {"parent_id": parent, "children": ids, "depth": 0, "count": count or len(ids)}
    return {"kind": "more", "data": data}


def comments(number: int) -> list[capture.Thing]:
    return [{"kind": "t1", "data": {"id": f"p{n}", "parent_id": "t3_x"}} for n in range(number)]


def load_capture(*things: capture.Thing) -> Capture:
    return Capture("x", datetime.fromtimestamp(NEW, UTC), "saved", {}, things)


def test_read__the_same_in_any_order_of_files(tmp_path: Path) -> None:
    thread = generate(700, depth=14)
    files = [write(tmp_path / "page.json", page(thread))]
    urls = saved_json.list_missing_page_urls(saved_json.read_capture(*files))[:12]
    for number, url in enumerate(urls):
        file = tmp_path / f"{number}.json"
        files.append(write(file, answer(thread, url), at=NEW + number, escaped=number % 2 == 1))
    first = saved_json.read_capture(*files)
    for seed in range(5):
        random.Random(seed).shuffle(files)
        assert saved_json.read_capture(*files) == first


def test_read__siblings_of_a_page_stay_in_its_order(tmp_path: Path) -> None:
    thread = generate(700, depth=14)
    one = saved_json.read_capture(write(tmp_path / "page.json", page(thread)))
    urls = saved_json.list_missing_page_urls(one)
    more = [write(tmp_path / f"{n}.json", answer(thread, url)) for n, url in enumerate(urls)]
    joined = saved_json.read_capture(*more, str(tmp_path / "page.json"))
    on_page = {*names(one)}
    top = [name for name in names(joined) if name in on_page]
    assert len(names(joined)) > len(on_page)
    assert top == names(one)


def test_read__escaped_and_raw_files_together(tmp_path: Path) -> None:
    thread = generate(30)
    typed = "a < b &amp; *c*"
    thread.post |= {"title": typed, "selftext": "", "selftext_html": None}
    ids = list(thread.comments)
    for comment in thread.comments.values():
        comment["body"] = typed
    escaped = write(tmp_path / "a.json", page(thread, comment=ids[20]), escaped=True)
    raw = write(tmp_path / "b.json", reddit_server.info([thread], [f"t1_{i}" for i in ids]))
    seen = history.merge(thread.id, [saved_json.read_capture(escaped, raw)])
    assert seen.post is not None
    assert {seen.post.title} | {comment.body for comment in seen.comments.values()} == {typed}


def test_read__files_with_equal_escaping_are_unchanged(tmp_path: Path) -> None:
    thread = generate(30)
    thread.post["title"] = "1 < 2"
    whole = write(tmp_path / "a.json", page(thread), escaped=True)
    one = write(
        tmp_path / "b.json", page(thread, comment=next(iter(thread.comments))), escaped=True
    )
    post = saved_json.read_capture(whole, one).things[0]
    assert post["data"]["title"] == "1 &lt; 2"


def test_read__newest_text_and_text_before_deletion(tmp_path: Path) -> None:
    thread = generate(10, depth=3)
    edited, deleted = list(thread.comments)[:2]
    old = write(tmp_path / "old.json", page(thread), at=NEW - 50)
    text_before = thread.comments[deleted]["body"]
    thread.comments[edited]["body"] = "edited since"
    thread.comments[deleted] |= {"body": "[deleted]", "author": "[deleted]"}
    new = write(tmp_path / "new.json", page(thread))
    result = saved_json.read_capture(old, new)
    assert (text(result, edited), text(result, deleted)) == ("edited since", text_before)
    assert result.captured_at.timestamp() == NEW


def test_read__names_its_files_oldest_first(tmp_path: Path) -> None:
    thread = generate(5)
    new, old = (write(tmp_path / n, page(thread), at=NEW - 9 * (n == "b")) for n in ("a", "b"))
    request = {"files": ["b", "a"], "has_thread_page": True}
    assert dict(saved_json.read_capture(new, old).request) == request
    assert dict(saved_json.read_capture(new, new).request) == {"file": "a"}


def test_read__names_a_file_of_another_thread(tmp_path: Path) -> None:
    one, other = generate(3), generate(3, seed=2)
    files = [write(tmp_path / "a.json", page(one)), write(tmp_path / "b.json", page(other))]
    with pytest.raises(errors.NotAThreadError, match=r"b\.json belongs to the thread"):
        saved_json.read_capture(*files)


def test_history__pages_of_single_comments_do_not_cover_others(tmp_path: Path) -> None:
    thread = generate(40, depth=4)
    whole = saved_json.read_capture(write(tmp_path / "a.json", page(thread), at=NEW - MONTH))
    one, other = thread.replies[thread.name][:2]
    files = [write(tmp_path / f"{i}.json", page(thread, comment=i)) for i in (one, other)]
    assert history.trace(thread.id, [whole, saved_json.read_capture(*files)]).events == ()


def test_history__a_complete_joined_page_shows_what_vanished(tmp_path: Path) -> None:
    thread = generate(40, depth=4)
    whole = saved_json.read_capture(write(tmp_path / "a.json", page(thread), at=NEW - MONTH))
    leaf = next(i for i in reversed(thread.comments) if not thread.replies.get(f"t1_{i}"))
    thread.comments[leaf] |= {"body": "[deleted]", "author": "[deleted]"}
    thread.deleted.add(leaf)
    thread.post["num_comments"] = 39
    first = thread.replies[thread.name][0]
    files = [
        write(tmp_path / "p", page(thread)),
        write(tmp_path / "q", page(thread, comment=first)),
    ]
    events = history.trace(thread.id, [whole, saved_json.read_capture(*files)]).events
    assert [event.fullname for event in events] == [f"t1_{leaf}"]
