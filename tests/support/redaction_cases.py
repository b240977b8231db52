"""A thread with an author whose texts are redacted, and a search for their traces."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from reddit_archive.archive import store
from reddit_archive.archive.redact import RedactionCriteria
from reddit_archive.model.capture import Capture, StoredMedia
from tests.support.faults import NEW_YEAR

SECRETS = (
    "Xylophone",
    "mellow-fox",
    "t2_foxfox",
    "Baritone flair",
    "zither.example",
    "glockenspiel",
)
"""What alice said in the thread of `life`, and what names her."""


ALICE = RedactionCriteria(authors=frozenset({"mellow-fox"}))


def build_comment(name: str, author: str, body: str, parent: str = "t3_abc123", **more: Any) -> Any:
    data = {
        "name": name,
        "id": name[3:],
        "parent_id": parent,
        "link_id": "t3_abc123",
        "created_utc": NEW_YEAR.timestamp() - 3600,
        "author": author,
        "author_fullname": f"t2_{author[-3:] * 2}",
        "author_flair_text": "Baritone flair" if author == "mellow-fox" else "Other flair",
        "body": body,
        "body_html": f'<div class="md"><p>{body}</p></div>',
        "permalink": f"/r/bread/comments/abc123/glockenspiel_for_sale/{name[3:]}/",
        "link_title": "Glockenspiel for sale",
        **more,
    }
    return {"kind": name[:2], "data": data}


def build_post(author: str = "mellow-fox", **more: Any) -> Any:
    thing = build_comment("t3_abc123", author, "", "", **more)
    del thing["data"]["parent_id"], thing["data"]["body"], thing["data"]["body_html"]
    return {
        "kind": "t3",
        "data": {
            "title": "Glockenspiel for sale",
            "selftext": "Xylophone too",
            "url": "https://zither.example/",
            "subreddit": "bread",
            "subreddit_name_prefixed": "r/bread",
            "preview": {"images": ["https://zither.example/1.png"]},
            **thing["data"],
        },
    }


def build_deleted(thing: Any, words: str = "[deleted]") -> Any:
    keep = {k: v for k, v in thing["data"].items() if not k.startswith("author")}
    html = f'<div class="md"><p>{words}</p></div>'
    return {
        "kind": thing["kind"],
        "data": {**keep, "author": "[deleted]", "body": words, "body_html": html},
    }


ONE = build_comment("t1_c1", "mellow-fox", "Xylophone one")


TWO = build_comment("t1_c2", "baker", "Bread is good", "t1_c1")


THREE = build_comment("t1_c3", "mellow-fox", "Xylophone three", "t1_c2")


def build_capture(
    second: float, *things: Any, media: Iterable[StoredMedia] = (), source: str = "reddit"
) -> Capture:
    at = NEW_YEAR + timedelta(seconds=second)
    request = {"path": "comments/abc123"}
    return Capture("abc123", at, source, request, tuple(things), media=tuple(media))


def build_history() -> list[Capture]:
    """Return a thread of alice and a baker in three captures."""
    return [
        build_capture(0, build_post(), ONE, TWO),
        build_capture(1, build_post(), ONE, TWO, THREE),
        build_capture(
            2,
            build_post(selftext="Xylophone sold"),
            ONE,
            build_comment("t1_c2", "baker", "Bread!"),
            THREE,
        ),
    ]


def store_captures(root: Path, captures: Iterable[Capture]) -> None:
    for new_capture in captures:
        store.add(root, new_capture)


def find_traces(root: Path, words: Iterable[str] = SECRETS) -> list[str]:
    """Return the words that any file or file name in a folder contains."""
    found = []
    for path in root.rglob("*"):
        data = (path.read_bytes() if path.is_file() else b"") + path.name.encode()
        found += [word for word in words if word.lower().encode() in data.lower()]
    return found
