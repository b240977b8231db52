"""Records as other tools export them, and functions that write them to files."""

import json
import os
from pathlib import Path
from typing import Any

NEW = 1_770_000_000
"""The time of the newest records, in seconds."""


def comment(number: int, thread: str = "aaa", **more: Any) -> dict[str, Any]:
    """Build a record of a dump of comments."""
    return {
        "author": f"baker{number}",
        "body": f"loaf number {number}",
        "created_utc": NEW + number,
        "id": f"c{number}",
        "link_id": f"t3_{thread}",
        "parent_id": f"t3_{thread}",
        "retrieved_on": NEW + number + 60,
        "score": number,
        "subreddit": "breadlog",
        **more,
    }


def post(thread: str = "aaa", **more: Any) -> dict[str, Any]:
    return {
        "author": "miller",
        "created_utc": NEW,
        "id": thread,
        "num_comments": 2,
        "permalink": f"/r/breadlog/comments/{thread}/rye/",
        "retrieved_on": NEW + 9,
        "selftext": "Which one rises?",
        "subreddit": "breadlog",
        "title": "Rye",
        **more,
    }


def bdfr_comment(number: int, *replies: Any, **more: Any) -> dict[str, Any]:
    return {
        "author": f"baker{number}",
        "author_flair": "crusty",
        "body": f"if (a &lt; {number}) bake()",
        "created_utc": NEW + number,
        "id": f"c{number}",
        "is_submitter": False,
        "parent_id": "t3_aaa",
        "replies": list(replies),
        "score": 1,
        "submission": "aaa",
        **more,
    }


def bdfr_post(*comments: Any) -> dict[str, Any]:
    data = {**post(), "name": "t3_aaa", "comments": list(comments), "num_comments": 3}
    return {key: value for key, value in data.items() if key not in ("subreddit", "retrieved_on")}


def gallery_record(number: int, comment_of: Any = None) -> dict[str, Any]:
    of_file = {"category": "reddit", "subcategory": "submission", "num": number}
    names = {"filename": f"p{number}", "extension": "jpg", "date": "2026-02-02 02:40:00"}
    return {**post(selftext_html=None), **of_file, **names, "comment": comment_of}


def write(path: Path, value: Any, at: int = NEW) -> Path:
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    os.utime(path, (at, at))
    return path


def write_lines(path: Path, *values: Any, at: int = NEW) -> Path:
    return write(path, "".join(f"{json.dumps(value)}\n" for value in values), at)
