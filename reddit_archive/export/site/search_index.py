"""The texts of all threads as scripts that a page loads from the file system, in a few dozen files.

Each line of a file is one call with all texts of one thread, so that a thread is replaced by its
line. script.js reads them: see `archiveTexts` there.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256

from reddit_archive.export.site import revisions, safe_html
from reddit_archive.export.site.thread_view import Drawer
from reddit_archive.model.content import Post

FOLDER = "search"
SHARDS = 64
PLAIN, KEPT, FORMER = 0, 1, 2
"""How a text stands: as on Reddit, lost there and kept here, or changed since."""


def shard(thread_id: str) -> str:
    """Name the file that holds a thread's texts; it stays the same whatever else is archived."""
    return f"{FOLDER}/{sha256(thread_id.encode()).digest()[0] % SHARDS:02x}.js"


def line(drawer: Drawer) -> str:
    """Write all texts of a thread: [fullname, author, Unix time, how it stands, text] each."""
    post = drawer.thread.heading
    title = safe_html.line(post.title) if post else ""
    where = safe_html.line(post.subreddit) if post else ""
    rows: list[object] = []
    for said, life in drawer.lives():
        typed = [
            _one(text).removeprefix(title) for text in revisions.typed_texts(life, drawer.rename)
        ]
        author = said.author or ""
        at = int(said.created_at.timestamp()) if said.created_at else None
        newest = KEPT if life.is_kept else PLAIN
        for number, text in enumerate(reversed(typed)):
            stands = newest if number == 0 else FORMER
            rows.append([said.fullname, author, at, stands, text.strip()])
        if not typed and isinstance(said, Post):  # its title is there to be found
            rows.append([said.fullname, author, at, PLAIN, ""])
    return f"archiveTexts({_js(drawer.thread.id)},{_js(title)},{_js(where)},{_js(rows)});"


def written(lines: Iterable[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def lines(data: bytes, wanted: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Give those lines of a file that are of the wanted threads."""
    starts: Mapping[str, str] = {f"archiveTexts({_js(name)},": name for name in wanted}
    for found in data.decode("utf-8", "replace").split("\n"):
        start = found[: found.find(",") + 1]
        if start in starts:
            yield starts[start], found


def _one(text: str) -> str:
    return " ".join(text.split())


def _js(value: object) -> str:
    """Write a value as JSON that is a script as well, wherever that stands."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")
