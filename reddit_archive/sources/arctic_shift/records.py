"""Read Arctic Shift's responses. Fields of the wrong type count as missing."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from reddit_archive.model import capture
from reddit_archive.model.capture import Thing
from reddit_archive.model.deletion import get_deletion_reason
from reddit_archive.model.json_fields import get_datetime


def iter_things(kind: str, response: Any) -> Iterator[Thing]:
    """Yield the posts or comments of a response by ids or by search."""
    for data in response if isinstance(response, list) else []:
        if isinstance(data, dict):
            yield from capture.flatten({"kind": kind, "data": data})


def iter_resolved_paths(response: Any, share_path: str) -> Iterator[str]:
    """Yield the targets of a share link from a list of records or an object of them."""
    links = response.get(share_path) if isinstance(response, dict) else response
    for record in links if isinstance(links, list) else [links]:
        path = record.get("resolved_path") if isinstance(record, dict) else record
        if isinstance(path, str):
            yield path


def get_captured_at(things: Iterable[Thing]) -> datetime:
    """Return when Arctic Shift saw the last of these texts; its later update is of scores only.

    Records from before 2023 have another field for that time, or none.
    """
    now = capture.utc_now()
    raw_things = [thing["data"] for thing in things if isinstance(thing["data"], dict)]
    for keys in (("retrieved_on", "retrieved_utc"), ("created_utc",)):
        times = (time for raw in raw_things for key in keys if (time := get_datetime(raw, key)))
        if past_times := [time for time in times if time <= now]:
            return max(past_times).replace(microsecond=0)
    return now


def get_stub_ids(stub: Thing) -> list[str]:
    """Return the ids that a stub names."""
    return capture.get_more_ids(stub["data"]) if isinstance(stub["data"], dict) else []


def has_unnamed_comments(stub: Thing) -> bool:
    """Return whether a stub counts more comments than it names."""
    data = stub["data"]
    return isinstance(data, dict) and to_int(data.get("count")) > len(get_stub_ids(stub))


def get_comment_count(post: Iterable[Thing]) -> int:
    """Return the number of comments that a post counts; 0 without a post."""
    return max((to_int(thing["data"].get("num_comments")) for thing in post), default=0)


def get_created_utc(thing: Thing) -> int:
    return to_int(thing["data"].get("created_utc"))


def get_parent_name(thing: Thing) -> str:
    return capture.get_data_str(thing, "parent_id").lower()


def to_int(value: Any) -> int:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and abs(value) < 1e15 else 0


def has_text(thing: Thing) -> bool:
    return get_deletion_reason(thing["kind"], thing["data"]) is None


def is_in_thread(thing: Thing, post_id: str) -> bool:
    """Return whether a thing is this post or a comment of its thread."""
    name = f"t3_{post_id}"
    return name in (capture.get_fullname(thing), capture.get_data_str(thing, "link_id").lower())
