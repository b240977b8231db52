"""Load a thread from Reddit's responses, saved by a browser or recorded."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .thread import JsonObject, Thread


def load(*answers: Any) -> Thread:
    """Join a page and other responses into one thread.

    The first response must be a page. Later pages, morechildren responses and /api/info listings
    add new comments. HTML-escaped responses are unescaped.
    """
    plain = [unescape(answer) if _is_escaped(answer) else answer for answer in answers]
    thread = Thread(post=dict(plain[0][0]["data"]["children"][0]["data"]))
    for answer in plain:
        for comment in _comments(answer):
            thread.add(comment)
    # A saved permalink page starts below a comment that it does not hold.
    fullnames = {thread.name} | {f"t1_{comment_id}" for comment_id in thread.comments}
    for parent in [parent for parent in thread.replies if parent not in fullnames]:
        orphans = thread.replies.pop(parent)
        thread.replies.setdefault(thread.name, []).extend(orphans)
        for orphan in orphans:
            thread.comments[orphan]["parent_id"] = thread.name
    return thread


def load_session(folder: Path) -> Thread:
    """Join the responses of a recorded session (session.json names them) into one thread."""
    session = json.loads((folder / "session.json").read_text(encoding="utf-8"))
    files = [request["file"] for request in session["requests"]]
    answers = [json.loads((folder / name).read_text(encoding="utf-8")) for name in files]
    pages = [answer for answer in answers if isinstance(answer, list)]
    return load(*pages[:1], *answers)


def unescape(value: Any) -> Any:
    """Undo Reddit's escaping (only of `&`, `<` and `>`) in every string."""
    if isinstance(value, str):
        return value.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    if isinstance(value, list):
        return [unescape(item) for item in value]
    if isinstance(value, dict):
        return {key: unescape(item) for key, item in value.items()}
    return value


def _comments(answer: Any) -> Iterator[JsonObject]:
    if isinstance(answer, list):
        things = answer[1]["data"]["children"]
    elif "json" in answer:
        things = answer["json"]["data"]["things"]
    else:
        things = answer.get("data", {}).get("children", [])
    stack = list(reversed(things))
    while stack:
        thing = stack.pop()
        if thing["kind"] == "t1":
            yield thing["data"]
            replies = thing["data"].get("replies")
            stack.extend(reversed(replies["data"]["children"] if replies else []))


def _is_escaped(value: Any) -> bool:
    if isinstance(value, list):
        return any(_is_escaped(item) for item in value)
    if isinstance(value, dict):
        html = value.get("body_html") or value.get("selftext_html")
        if isinstance(html, str):
            return html.startswith("&lt;")
        return any(_is_escaped(item) for item in value.values())
    return False
