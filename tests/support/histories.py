"""Small threads captured a day apart, merged or traced."""

from datetime import UTC, datetime, timedelta
from typing import Any

from reddit_archive import history
from reddit_archive.model.capture import Capture
from reddit_archive.model.thread import Thread

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
DELETED = {"body": "[deleted]", "author": "[deleted]"}
REMOVED = {"body": "[removed]", "author": "[deleted]"}
Fields = dict[str, Any]


def comment(name: str = "a", **fields: Any) -> Fields:
    data = {"id": name, "author": "somebody", "body": f"text of {name}", "parent_id": "t3_p1"}
    return {"kind": "t1", "data": {**data, **fields}}


def stub(parent: str, *children: str) -> Fields:
    return {"kind": "more", "data": {"parent_id": parent, "count": 9, "children": [*children]}}


def page(*things: Any, **post: Any) -> list[Any]:
    """Return the things of a thread's own page, with the depth of comments in a tree."""
    data = {"id": "p1", "author": "op", "selftext": "", "title": "T", "created_utc": 1, **post}
    in_tree = [thing | {"data": {"depth": 0, **thing["data"]}} for thing in things]
    return [{"kind": "t3", "data": data}, *in_tree]


def merge(*captures: list[Any]) -> Thread:
    """Merge captures of the post and these comments, a day apart."""
    post = {"kind": "t3", "data": {"id": "p1", "author": "op", "selftext": "", "title": "T"}}
    return history.merge(
        "p1",
        (
            Capture("p1", START + day * DAY, "reddit", {}, (post, *things))
            for day, things in enumerate(captures)
        ),
    )


def trace(*pages: list[Any], **fields: Any) -> history.ThreadHistory:
    """Trace captures of these pages, a day apart."""
    settings = {"source": "reddit", "request": {"path": "comments/p1/"}, **fields}
    return history.trace(
        "p1",
        [
            Capture("p1", START + day * DAY, things=tuple(things), **settings)
            for day, things in enumerate(pages)
        ],
    )
