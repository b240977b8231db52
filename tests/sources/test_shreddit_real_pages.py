"""Real pages of shreddit, which lie beside the checkout, if anywhere."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reddit_archive import history
from reddit_archive.model.capture import Capture
from reddit_archive.quote import Selection, check, html_outline
from reddit_archive.sources.saved_page import dom
from reddit_archive.sources.saved_page.page import NAME, ThreadPage
from reddit_archive.sources.saved_page.shreddit import reader

PAGES = ["shreddit-2026-04-part", "shreddit-2026-09-excerpt"]


@pytest.fixture(params=PAGES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def html(name: str, recordings: Path) -> str:
    path = recordings.parent / "saved-pages" / f"{name}.html"
    if not path.is_file():
        pytest.skip("there are no saved pages here")
    return path.read_text(encoding="utf-8")


@pytest.fixture
def page(html: str) -> ThreadPage:
    return reader.read(dom.parse(html))


@pytest.fixture
def expected(name: str, recordings: Path) -> dict[str, Any]:
    text = (recordings.parent / "saved-pages" / "expected.json").read_text(encoding="utf-8")
    values: dict[str, Any] = json.loads(text)[name]
    return values


def test_read__finds_what_the_page_shows(page: ThreadPage, expected: dict[str, Any]) -> None:
    things = {thing["data"].get("id"): thing["data"] for thing in page.things}
    for fields in [expected.get("post", {}), *expected.get("sample", ())]:
        # The flairs that the list does not have stand in the page.
        told = {key: value for key, value in fields.items() if key != "author_flair_text"}
        assert told.items() <= things.get(fields.get("id"), {}).items()


def test_read__counts_comments_and_gaps(page: ThreadPage, expected: dict[str, Any]) -> None:
    kinds = [thing["kind"] for thing in page.things]
    stubs = [thing["data"] for thing in page.things if thing["kind"] == "more"]
    assert kinds.count("t1") == expected.get("comments", 2)
    assert len(stubs) == expected.get("stubs", 0)
    assert sum(len(stub["children"]) for stub in stubs) == expected.get("missing_ids_named", 0)
    assert page.comments_without_id == expected.get("shown_without_id", 0)
    edited = [thing for thing in page.things if thing["data"].get("edited")]
    assert len(edited) == expected.get("edited", 1)


def test_read__nothing_of_the_viewer_is_read(page: ThreadPage) -> None:
    assert "SENTINEL" not in repr(page)


def test_read__texts_show_what_the_page_shows(html: str, page: ThreadPage) -> None:
    comments = [thing["data"] for thing in page.things if thing["kind"] == "t1"]
    bodies = {comment["name"]: comment["body_html"] for comment in comments}
    for node in dom.parse(html).css('[slot="comment"] [id$="-post-rtjson-content"]'):
        name = dom.get(node, "id").split("-")[0]
        if "<figure" not in (node.html or "") and name in bodies:
            shown = html_outline.extract_lines(node.html or "")
            assert html_outline.extract_lines(bodies[name]) == shown


@pytest.mark.parametrize("target", check.get_checked_targets())
def test_quote__shows_what_the_page_shows(page: ThreadPage, target: str) -> None:
    capture = Capture(page.thread_id, datetime(2026, 11, 1, tzinfo=UTC), NAME, {}, page.things)
    thread = history.merge(page.thread_id, [capture])
    assert [*check.find_differences(thread, Selection(everything=True), target=target)] == []
