"""Reads a page of new Reddit (2018 to 2024) without its state: saved by SingleFile, for example.

Rows with an id stand in a flat list. The vertical lines left of a row name its ancestors. There are
no exact times and scores. Class names change with each release of Reddit, so none but the few that
are words is read.
"""

import re
from collections.abc import Iterator
from typing import Any

from reddit_archive.errors import OtherPageError
from reddit_archive.model.capture import Thing
from reddit_archive.model.completeness.coverage import UNKNOWN_PARENT_KEY
from reddit_archive.sources.saved_page import deleted_texts, dom, field_values
from reddit_archive.sources.saved_page.dom import Document, Node
from reddit_archive.sources.saved_page.field_values import match_thread_path
from reddit_archive.sources.saved_page.new_reddit import post_reader, row_reader
from reddit_archive.sources.saved_page.new_reddit.post_reader import KIND
from reddit_archive.sources.saved_page.new_reddit.row_reader import Row
from reddit_archive.sources.saved_page.page import PAGE_KIND_KEY, ThreadPage
from reddit_archive.sources.saved_page.rich_text import html_cleaner

_DELETED_WORDS = (
    ("comment deleted by user", "[deleted]"),
    ("comment removed by moderator", "[removed]"),
)


def read(document: Document, url: str = "") -> ThreadPage:
    """Return the thread that a page shows.

    Args:
        document: The page.
        url: Its address, if the file says. The page of a single comment does not show its parent.

    Raises:
        OtherPageError: The page shows no thread.
    """
    rows = [row for element in document.css(row_reader.ROWS) if (row := row_reader.read(element))]
    post = post_reader.read(document, [row.permalink for row in rows])
    if post is None:
        is_listing = len(document.css('a[data-click-id="comments"]')) > 1
        kind = "a list of posts" if is_listing else "a page without a post"
        hint = "Open one thread in the browser and save its own page."
        raise OtherPageError(f"This is {kind} on Reddit, not a thread.", hint, kind)
    top_parent = None if post_reader.is_of_single_comment(document, url) else post["name"]
    rows = _select_rows(rows, post["id"])
    things = [_build_thing(row, post, _find_parent(row, top_parent)) for row in rows]
    collapsed_count = sum(
        row.is_collapsed and "body" not in thing["data"]
        for row, thing in zip(rows, things, strict=True)
    )
    return ThreadPage(
        KIND, post["id"], ({"kind": "t3", "data": post}, *things), warnings=_warn(collapsed_count)
    )


def _select_rows(rows: list[Row], post_id: str) -> list[Row]:
    """Return the rows of the post's thread, each comment once.

    A stub is in the thread of the comment before it.
    """
    selected: dict[str, Row] = {}
    is_of_thread = True
    for position, row in enumerate(rows):
        if row.kind == "comment":
            is_of_thread = _is_of_thread(row, post_id)
        if is_of_thread:
            selected.setdefault(row.id if row.kind == "comment" else f"stub {position}", row)
    return [*selected.values()]


def _is_of_thread(row: Row, post_id: str) -> bool:
    """Return whether a comment is on the post. A page can contain comments on other posts."""
    match = match_thread_path(row.permalink)
    return match is None or match[3] == post_id


def _find_parent(row: Row, top_parent: str | None) -> str:
    """Return the parent's fullname, or "" if the page does not tell it."""
    parent = row_reader.find_parent(row)
    return (top_parent if parent == "" else parent) or ""


def _build_thing(row: Row, post: dict[str, Any], parent: str) -> Thing:
    if row.kind == "comment":
        return {"kind": "t1", "data": _build_comment(row, post, parent)}
    if row.kind == "continue":
        data: dict[str, Any] = {"parent_id": f"t1_{row.id}", "children": [], "count": 0}
        return {"kind": "more", "data": data}
    count = max(field_values.find_number(dom.get_text(row.element)), 1)
    data = {"parent_id": parent or post["name"], "children": [row.id], "count": count}
    return {"kind": "more", "data": data if parent else {**data, UNKNOWN_PARENT_KEY: True}}


def _build_comment(row: Row, post: dict[str, Any], parent: str) -> dict[str, Any]:
    text_fields = _build_text_fields(row)
    author = row.author or ("[deleted]" if row.is_deleted or "body" in text_fields else "")
    match = match_thread_path(row.permalink)
    is_own = match is not None and match[5] == row.id
    return {
        "id": row.id,
        "name": f"t1_{row.id}",
        "link_id": post["name"],
        **({"parent_id": parent} if parent and parent != f"t1_{row.id}" else {}),
        **({"author": author} if author else {}),
        **text_fields,
        **_build_header_fields(row),
        **_build_flair_field(row),
        **({"distinguished": row.role} if row.role else {}),
        **_build_submitter_field(row, author, post.get("author", "")),
        **{key: post[key] for key in ("subreddit", "subreddit_name_prefixed") if key in post},
        **({"permalink": match[0]} if match and is_own else {}),
        PAGE_KIND_KEY: KIND,
    }


def _build_submitter_field(row: Row, author: str, post_author: str) -> dict[str, bool]:
    if row.is_submitter:
        return {"is_submitter": True}
    is_known = "[deleted]" not in (author, post_author) and author and post_author
    return {"is_submitter": author == post_author} if is_known else {}


def _build_text_fields(row: Row) -> dict[str, str]:
    """Return the text, or Reddit's placeholder if it is deleted."""
    placeholder = ""
    if row.body is not None:
        text, author = dom.get_text(row.body), row.author or None
        if deleted_texts.is_withheld(text, author):
            return {}
        placeholder = deleted_texts.find_placeholder(text, author)
        html = "" if placeholder else html_cleaner.clean(row.body)
        if html:
            return {"body_html": html}
    elif row.header is not None and (row.is_deleted or not row.author):
        words = dom.get_text(row.header).lower()
        placeholder = next((text for word, text in _DELETED_WORDS if words.startswith(word)), "")
    return deleted_texts.build_fields(placeholder, "body") if placeholder else {}


def _build_header_fields(row: Row) -> dict[str, Any]:
    """Return what the line above the text says: that it was edited, stickied or locked."""
    fields: dict[str, Any] = {}
    for element in _iter_later_siblings(row.time):
        text = dom.get_text(element).lower()
        if element.tag == "span" and (text.startswith("edited") or re.search(r"\d", text)):
            fields["edited"] = True  # Reddit only says how long ago
        elif element.tag == "span" and text == "stickied comment":
            fields["stickied"] = True
        elif element.tag == "i" and "icon-lock" in dom.get(element, "class"):
            fields["locked"] = True
    return fields


def _build_flair_field(row: Row) -> dict[str, str]:
    """Return the author's flair, the second line of the header, if it contains no emojis."""
    lines = list(dom.iter_children(row.header)) if row.header is not None else []
    is_flair = len(lines) == 2 and all(line.tag == "span" for line in lines)
    text = dom.get_text(lines[1]) if is_flair and lines[1].css_first("img") is None else ""
    return {"author_flair_text": text} if text else {}


def _iter_later_siblings(node: Node | None) -> Iterator[Node]:
    sibling = node.next if node is not None else None
    while sibling is not None:
        if sibling.is_element_node:
            yield sibling
        sibling = sibling.next


def _warn(count: int) -> tuple[str, ...]:
    """Return a sentence about a number of comments whose texts are not on the page."""
    if count == 0:
        return ()
    who, what = ("comments are", "their texts are") if count > 1 else ("comment is", "its text is")
    return (f"{count} {who} collapsed on the page, so {what} not in the file.",)
