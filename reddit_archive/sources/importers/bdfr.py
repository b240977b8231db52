"""BDFR's JSON, the bulk downloader's `archive`: a post with its comments, or a comment alone.

It writes raw text and no HTML, no `link_id`, and "DELETED" for an author who is none. What Reddit
calls otherwise stands beside it under Reddit's name.
"""

import re
from collections.abc import Iterable
from typing import Any

from reddit_archive.model.capture import Thing

NAME = "bdfr"
NOBODY = {"DELETED": "[deleted]"}


def is_post(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("comments"), list):
        return False
    return "title" in value and "permalink" in value


def is_comment(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("replies"), list):
        return False
    return "body" in value and "submission" in value


def things(value: Any, found: Iterable[Thing]) -> list[Thing]:
    """Rename the fields of BDFR's JSON to those of Reddit."""
    posts = [each for each in (value if isinstance(value, list) else [value]) if is_post(each)]
    subreddits = {str(post.get("id")): _subreddit(post) for post in posts}
    return [_renamed(thing, subreddits) for thing in found]


def _renamed(thing: Thing, subreddits: dict[str, dict[str, str]]) -> Thing:
    data = thing["data"]
    more = subreddits.get(str(data.get("id")), {}) if thing["kind"] == "t3" else {}
    if thing["kind"] == "t1" and "author_flair" in data:
        more = {"author_flair_text": data["author_flair"]}
    return {"kind": thing["kind"], "data": _plain(data) | more}


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    """Mark text as unescaped: without HTML beside it nobody could tell `&amp;` that was typed."""
    author = data.get("author")
    is_nobody = isinstance(author, str) and author in NOBODY
    nobody = {"author": NOBODY[str(author)]} if is_nobody else {}
    return data | nobody | {"_escaped": False}


def _subreddit(value: dict[str, Any]) -> dict[str, str]:
    """Take the subreddit's name, which BDFR writes to comments alone, from the post's address."""
    match = re.match(r"/r/(\w+)/comments/", str(value["permalink"]))
    return {"subreddit": match[1]} if match else {}
