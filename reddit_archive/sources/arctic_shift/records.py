"""What Arctic Shift's answers hold, as things; nothing is trusted to be what it should."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from reddit_archive.model import capture, comment_tree
from reddit_archive.model.capture import Thing
from reddit_archive.model.deletion import lost_text
from reddit_archive.model.json_fields import moment


def things(kind: str, answer: Any) -> Iterator[Thing]:
    """Give the posts or comments of an answer by ids or by search."""
    for data in answer if isinstance(answer, list) else []:
        if isinstance(data, dict):
            yield from capture.flatten({"kind": kind, "data": data})


def resolved(answer: Any, share_path: str) -> Iterator[str]:
    """Give where a share link leads: the answer is a list of records, or one by its name."""
    found = answer.get(share_path) if isinstance(answer, dict) else answer
    for record in found if isinstance(found, list) else [found]:
        path = record.get("resolved_path") if isinstance(record, dict) else record
        if isinstance(path, str):
            yield path


def seen_at(found: Iterable[Thing]) -> datetime:
    """When the archive saw the last of these texts; its second look is at votes alone.

    Records from before 2023 carry another name of that time, or none.
    """
    now = capture.now()
    datas = [thing["data"] for thing in found if isinstance(thing["data"], dict)]
    for keys in (("retrieved_on", "retrieved_utc"), ("created_utc",)):
        times = (at for data in datas for key in keys if (at := moment(data, key)))
        if known := [at for at in times if at <= now]:
            return max(known).replace(microsecond=0)
    return now


def not_fetched(post_id: str, count: int) -> Thing:
    """Say in Reddit's own shape that comments are missing, and that nobody knows which."""
    return comment_tree.unnamed(f"t3_{post_id}", count)


def children(stub: Thing) -> list[str]:
    """The ids that a stub names."""
    return capture.stub_ids(stub["data"]) if isinstance(stub["data"], dict) else []


def hides_more(stub: Thing) -> bool:
    """Tell whether a stub stands for more comments than it names."""
    data = stub["data"]
    return isinstance(data, dict) and number(data.get("count")) > len(children(stub))


def counted(post: Iterable[Thing]) -> int:
    """How many comments a post says it has; 0 without a post."""
    return max((number(thing["data"].get("num_comments")) for thing in post), default=0)


def created(thing: Thing) -> int:
    return number(thing["data"].get("created_utc"))


def parent(thing: Thing) -> str:
    return capture.text_of(thing, "parent_id").lower()


def number(value: Any) -> int:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and abs(value) < 1e15 else 0


def has_text(thing: Thing) -> bool:
    return lost_text(thing["kind"], thing["data"]) is None


def is_of(thing: Thing, post_id: str) -> bool:
    """Tell whether it is this post or a comment below it."""
    name = f"t3_{post_id}"
    return name in (capture.fullname(thing), capture.text_of(thing, "link_id").lower())
