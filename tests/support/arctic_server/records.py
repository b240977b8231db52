"""The records of Arctic Shift for a thread, and the responses with them, without HTTP."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.support.reddit_server.thread import JsonObject, Thread

NEVER_KEPT = ("body_html", "selftext_html", "depth", "replies", "num_duplicates")
SEEN_AFTER_SECONDS = 20
SECOND_LOOK_SECONDS = 36 * 3600


def record(data: JsonObject) -> JsonObject:
    """Build the record of a post or comment, seen 20 s after it was written."""
    seen = int(data["created_utc"]) + SEEN_AFTER_SECONDS
    kept = {key: value for key, value in data.items() if key not in NEVER_KEPT}
    meta = {"retrieved_2nd_on": seen + SECOND_LOOK_SECONDS}
    return kept | {"retrieved_on": seen, "_meta": meta}


@dataclass(slots=True)
class Kept:
    """A thread as it was first seen. Later comments are added; nothing is changed."""

    post: JsonObject | None
    comments: dict[str, JsonObject] = field(default_factory=dict)
    replies: dict[str, list[str]] = field(default_factory=dict)

    def see(self, thread: Thread) -> None:
        for comment_id, _ in thread.walk():
            if comment_id not in self.comments:
                found = self.comments[comment_id] = record(thread.comments[comment_id])
                self.replies.setdefault(found["parent_id"], []).append(comment_id)

    def below(self, parent: str) -> Iterator[str]:
        """Return the ids below a fullname, level by level."""
        level = self.replies.get(parent, [])
        while level:
            yield from level
            level = [kid for each in level for kid in self.replies.get(f"t1_{each}", [])]


def tree(kept: Kept, parent: str, roots: Iterable[str], limit: int) -> Iterator[str]:
    """Yield the JSON of a tree of at most `limit` comments, with stubs for the others.

    The function does not recurse, because threads may nest deeper than Python's limit.
    """
    shown: set[str] = set()
    level = list(roots)
    while level and len(shown) < limit:
        shown |= set(level[: limit - len(shown)])
        level = [kid for each in level for kid in kept.replies.get(f"t1_{each}", [])]
        level = [kid for kid in level if kept.comments[kid]["parent_id"][3:] in shown]
    todo: list[tuple[str, str]] = [("kids", parent)]
    yield '{"data":'
    while todo:
        what, name = todo.pop()
        if what == "text":
            yield name
            continue
        kids = list(roots) if name == parent else kept.replies.get(name, [])
        todo += reversed(list(_siblings(kept, name, kids, shown)))
    yield "}"


def _siblings(
    kept: Kept, parent: str, kids: list[str], shown: set[str]
) -> Iterator[tuple[str, str]]:
    yield "text", "["
    comma = ""
    for kid in kids:
        if kid in shown:
            data = json.dumps(kept.comments[kid])
            yield "text", f'{comma}{{"kind":"t1","data":{data[:-1]},"replies":'
            if kept.replies.get(f"t1_{kid}"):
                yield "text", '{"kind":"Listing","data":{"children":'
                yield "kids", f"t1_{kid}"
                yield "text", "}}}}"
            else:
                yield "text", '""}}'
            comma = ","
    left = [kid for kid in kids if kid not in shown]
    if left:
        count = sum(1 + sum(1 for _ in kept.below(f"t1_{kid}")) for kid in left)
        stub = {"children": left, "count": count, "parent_id": parent, "id": left[0]}
        yield "text", comma + json.dumps({"kind": "more", "data": stub})
    yield "text", "]"
