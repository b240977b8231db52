"""Convert JSON of BDFR (`bdfr archive`): a post with its comments, or a single comment.

BDFR writes raw text without HTML, no `link_id`, and "DELETED" for a deleted author. Fields with
other names than Reddit's are kept, and added under Reddit's name.
"""

import re
from collections.abc import Iterable
from typing import Any

from reddit_archive.model.capture import Thing

NAME = "bdfr"
AUTHOR_PLACEHOLDERS = {"DELETED": "[deleted]"}


def is_post(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("comments"), list):
        return False
    return "title" in value and "permalink" in value


def is_comment(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("replies"), list):
        return False
    return "body" in value and "submission" in value


def convert_things(value: Any, things: Iterable[Thing]) -> list[Thing]:
    """Rename the fields of BDFR's JSON to those of Reddit."""
    posts = [item for item in (value if isinstance(value, list) else [value]) if is_post(item)]
    subreddits = {str(post.get("id")): _find_subreddit(post) for post in posts}
    return [_convert_thing(thing, subreddits) for thing in things]


def _convert_thing(thing: Thing, subreddits: dict[str, dict[str, str]]) -> Thing:
    data = thing["data"]
    extra_fields = subreddits.get(str(data.get("id")), {}) if thing["kind"] == "t3" else {}
    if thing["kind"] == "t1" and "author_flair" in data:
        extra_fields = {"author_flair_text": data["author_flair"]}
    return {"kind": thing["kind"], "data": _normalize_data(data) | extra_fields}


def _normalize_data(data: dict[str, Any]) -> dict[str, Any]:
    """Mark text as unescaped, because without HTML a typed `&amp;` is ambiguous."""
    author = data.get("author")
    is_placeholder = isinstance(author, str) and author in AUTHOR_PLACEHOLDERS
    author_field = {"author": AUTHOR_PLACEHOLDERS[str(author)]} if is_placeholder else {}
    return data | author_field | {"_escaped": False}


def _find_subreddit(value: dict[str, Any]) -> dict[str, str]:
    """Return the subreddit from the post's permalink: BDFR writes it only to comments."""
    match = re.match(r"/r/(\w+)/comments/", str(value["permalink"]))
    return {"subreddit": match[1]} if match else {}
