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
