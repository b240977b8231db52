"""Write the texts of all threads as scripts, which a page can load from the file system.

The threads are divided into 64 files. Each line is one call of `archiveTexts` in script.js with all
texts of one thread, so a thread can be updated by replacing its line.
"""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256

from reddit_archive.export.site import data_scripts, revisions, safe_html
from reddit_archive.export.site.thread_view import ThreadViewBuilder
from reddit_archive.model.content import Post

SEARCH_FOLDER = "search"
SHARD_COUNT = 64
CURRENT, PRESERVED, PREVIOUS = 0, 1, 2
"""The status of a text: current on Reddit, deleted there but saved here, or edited since."""


def get_shard_name(thread_id: str) -> str:
    """Return the file for a thread's texts, which depends only on the thread's ID."""
    return f"{SEARCH_FOLDER}/{sha256(thread_id.encode()).digest()[0] % SHARD_COUNT:02x}.js"


def build_line(builder: ThreadViewBuilder) -> str:
    """Return the line for a thread. Each text is [fullname, author, Unix time, status, text]."""
    post = builder.thread.post_metadata
    title = safe_html.to_single_line(post.title) if post else ""
    subreddit = safe_html.to_single_line(post.subreddit) if post else ""
    rows: list[object] = []
    for content, timeline in builder.iter_timelines():
        texts = [
            _collapse_whitespace(text).removeprefix(title)
            for text in revisions.collect_texts(timeline, builder.pseudonymize)
        ]
        author = content.author or ""
        created_at = int(content.created_at.timestamp()) if content.created_at else None
        latest_status = PRESERVED if timeline.is_preserved else CURRENT
        for number, text in enumerate(reversed(texts)):
            status = latest_status if number == 0 else PREVIOUS
            rows.append([content.fullname, author, created_at, status, text.strip()])
        if not texts and isinstance(content, Post):  # so that the title can be found
            rows.append([content.fullname, author, created_at, CURRENT, ""])
    return data_scripts.build_call("archiveTexts", builder.thread.id, title, subreddit, rows)


def encode_lines(lines: Iterable[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def find_lines(data: bytes, thread_ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the IDs and lines of these threads in a file."""
    starts: Mapping[str, str] = {
        f"archiveTexts({data_scripts.serialize(thread_id)},": thread_id for thread_id in thread_ids
    }
    for line in data.decode("utf-8", "replace").split("\n"):
        start = line[: line.find(",") + 1]
        if start in starts:
            yield starts[start], line


def _collapse_whitespace(text: str) -> str:
    return " ".join(text.split())
