"""BDFR's JSON, the bulk downloader's `archive`: a post with its comments, or a comment alone.

It writes raw text and no HTML, no `link_id`, and "DELETED" for an author who is none. What Reddit
calls otherwise stands beside it under Reddit's name.
"""

import re
from collections.abc import Iterator
from typing import Any

from reddit_archive.capture import Thing

NAME = "bdfr"
NOBODY = {"DELETED": "[deleted]"}


def is_post(value: dict[str, Any]) -> bool:
    return "title" in value and "permalink" in value and isinstance(value.get("comments"), list)


def is_comment(value: dict[str, Any]) -> bool:
    return "body" in value and "submission" in value and isinstance(value.get("replies"), list)


def things(value: dict[str, Any]) -> Iterator[Thing]:
    """Give the post and its comments, or a comment and those below it, in reading order."""
    link = f"t3_{value.get('id' if is_post(value) else 'submission')}"
    if is_post(value):
        data = {key: part for key, part in value.items() if key != "comments"}
        yield {"kind": "t3", "data": _plain(data) | _subreddit(value)}
    todo = [value] if is_comment(value) else list(reversed(value["comments"]))
    while todo:
        comment = todo.pop()
        if not isinstance(comment, dict):
            continue
        data = {key: part for key, part in comment.items() if key != "replies"}
        flair = {"author_flair_text": data["author_flair"]} if "author_flair" in data else {}
        yield {"kind": "t1", "data": _plain(data) | {"link_id": link} | flair}
        replies = comment.get("replies")
        todo.extend(reversed(replies) if isinstance(replies, list) else ())


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    """Mark text as unescaped: without HTML beside it nobody could tell `&amp;` that was typed."""
    author = data.get("author")
    nobody = {"author": NOBODY[author]} if author in NOBODY else {}
    return data | nobody | {"_escaped": False}


def _subreddit(value: dict[str, Any]) -> dict[str, str]:
    """Take the subreddit's name, which BDFR writes to comments alone, from the post's address."""
    match = re.match(r"/r/(\w+)/comments/", str(value["permalink"]))
    return {"subreddit": match[1]} if match else {}
