"""HTML escaping is undone where Reddit applied it."""

import json
from typing import Any

import pytest

from reddit_archive.model import capture, html_entities
from tests.conftest import EXAMPLES


def comment(name: str, **fields: Any) -> dict[str, Any]:
    return {"kind": "t1", "data": {"id": name, "parent_id": "t3_p1", **fields}}


@pytest.mark.parametrize("name", ["short", "everything", "poll", "crosspost"])
def test_unescape_things__unescapes_once(name: str) -> None:
    things = capture.flatten(json.loads((EXAMPLES / f"{name}.json").read_text()))
    once = html_entities.unescape_things(things)
    assert once != list(things)
    assert html_entities.unescape_things(once) == once


def test_unescape_things__keeps_entities_that_users_typed() -> None:
    escaped = comment("a", body="&amp;lt;", body_html="&lt;p&gt;&amp;amp;lt;&lt;/p&gt;")
    assert html_entities.unescape_things([escaped])[0]["data"]["body"] == "&lt;"


def test_unescape_things__keeps_unescaped_things() -> None:
    raw = comment("a", body="&lt;", body_html="<p>&amp;lt;</p>")
    assert html_entities.unescape_things([raw])[0]["data"]["body"] == "&lt;"


def post(**fields: Any) -> dict[str, Any]:
    return {"kind": "t3", "data": {"id": "p1", "title": "x", "selftext_html": None, **fields}}


@pytest.mark.parametrize(("mark", "tag"), [("&amp;", "&lt;p&gt;"), ("&", "<p>")])
def test_unescape_things__post_without_html_of_its_own(mark: str, tag: str) -> None:
    """A gallery or a crosspost without comments has no other string that shows it."""
    gallery = post(
        media_metadata={"a": {"s": {"u": f"https://preview.redd.it/a.png?w=1{mark}s=2"}}}
    )
    [thing] = html_entities.unescape_things([gallery])
    assert thing["data"]["media_metadata"]["a"]["s"]["u"].endswith("?w=1&s=2")
    crosspost = post(crosspost_parent_list=[{"selftext_html": tag}])
    [thing] = html_entities.unescape_things([crosspost])
    assert thing["data"]["crosspost_parent_list"][0]["selftext_html"] == "<p>"


@pytest.mark.parametrize("parents", [None, [], [None], [{}], [{"selftext_html": 1}]])
def test_unescape_things__unknown_crosspost_is_kept(parents: Any) -> None:
    thing = post(crosspost_parent_list=parents, media_metadata={"a": None, "b": {"s": 1}})
    assert html_entities.unescape_things([thing]) == (thing,)
