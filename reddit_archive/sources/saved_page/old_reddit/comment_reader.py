"""Read the comments on a page of old Reddit, and the stubs of those that it leaves out."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from reddit_archive.model.capture import Thing
from reddit_archive.sources.saved_page.dom import Document, Node, get, get_classes, get_text
from reddit_archive.sources.saved_page.old_reddit import parent_finder
from reddit_archive.sources.saved_page.old_reddit.entry_reader import Entry, find_id, read_entry
from reddit_archive.sources.saved_page.old_reddit.parent_finder import ParentFinder, ParentHints
from reddit_archive.sources.saved_page.old_reddit.thing_fields import (
    Data,
    get_permalink,
    read_common_fields,
    read_exact_score,
    read_number,
    read_text,
)

COMMENT, MORE, DEEP = "comment", "morechildren", "morerecursion"
MORE_CHILDREN_PATTERN = re.compile(
    r"morechildren\s*\(\s*this\s*,\s*'(?P<post>[^']*)'\s*,\s*'[^']*'\s*,\s*'(?P<ids>[^']*)'"
)
THREAD_PATTERN = re.compile(r"[^?#]*/comments/([0-9a-z]{1,13})(?:[/?#]|$)", re.IGNORECASE)
CHILD_PATTERN = re.compile(r"\s*(?:\w{1,13}:)?([0-9a-z]{1,13})\s*")
"""Some pages of 2024 and later have a word before the id: `c1:abc123`."""


@dataclass(frozen=True, slots=True)
class Item:
    """A comment or stub on the page. `name` is its fullname, "" for a stub."""

    kind: str
    node: Node
    entry: Entry
    name: str
    hints: ParentHints


@dataclass(slots=True)
class PageComments:
    """The comments and stubs of a page, and counts of what the page does not tell.

    Attributes:
        things: The comments and stubs, in the order of the page.
        without_id_count: Comments without an id, which are not stored.
        without_text_count: Comments without a text that are not known to be deleted.
        without_parent_count: Comments whose parent the page does not tell.
        foreign_text_count: Comments whose text an extension put in.
        is_single_thread: The page shows the thread of a single comment.
    """

    things: list[Thing] = field(default_factory=list)
    without_id_count: int = 0
    without_text_count: int = 0
    without_parent_count: int = 0
    foreign_text_count: int = 0
    is_single_thread: bool = False


def read_comments(
    document: Document, nodes: Iterable[Node], post_node: Node, post_name: str
) -> PageComments:
    """Return the comments and stubs among the things of a page."""
    all_items = [_read_item(kind, node) for node in nodes if (kind := _get_kind(node))]
    items = [item for item in all_items if _find_thread(item) in ("", post_name)]
    result = PageComments(is_single_thread=parent_finder.is_single_thread(document, post_name))
    names = {item.node.mem_id: item.name for item in items if item.name}
    finder = ParentFinder(
        names | {post_node.mem_id: post_name},
        post_name,
        is_single_thread=result.is_single_thread,
    )
    parents = finder.find_parents([item.node for item in items], [item.hints for item in items])
    seen = set()
    for item, parent in zip(items, parents, strict=True):
        if item.kind != COMMENT:
            result.things.extend(_build_stubs(item, parent))
        elif not item.name:
            result.without_id_count += 1
        elif item.name not in seen:
            seen.add(item.name)
            _add_comment(result, item, parent, post_name)
    return result


def _get_kind(node: Node) -> str:
    names = {*get_classes(node), get(node, "data-type")}
    return next((kind for kind in (MORE, DEEP, COMMENT) if kind in names), "")


def _read_item(kind: str, node: Node) -> Item:
    entry = read_entry(node)
    comment_id = find_id(node, entry, "t1") if kind == COMMENT else ""
    name = f"t1_{comment_id}" if comment_id else ""
    read_hints = parent_finder.read_deep_link if kind == DEEP else parent_finder.read_hints
    return Item(kind, node, entry, name, read_hints(entry))


def _find_thread(item: Item) -> str:
    """Return the fullname of the thread to which an item says that it belongs, or "".

    Extensions add the next thread below, and some pages are two that were joined.
    """
    if item.kind == MORE:
        matches = map(MORE_CHILDREN_PATTERN.search, _iter_scripts(item))
        return next((match["post"].lower() for match in matches if match), "")
    match = THREAD_PATTERN.match(get_permalink(item.node, item.entry))
    return f"t3_{match[1].lower()}" if match else ""


def _iter_scripts(item: Item) -> Iterator[str]:
    return (get(link, "onclick") for link in item.entry.links)


def _add_comment(result: PageComments, item: Item, parent: str, post_name: str) -> None:
    """Add a comment, and count what it lacks."""
    data: Data = {"id": item.name[3:], "name": item.name, "link_id": post_name}
    if parent:
        data["parent_id"] = parent
    data |= read_common_fields(item.node, item.entry)
    data |= _read_score(item)
    data |= read_text(item.node, item.entry, data, "body")
    result.things.append({"kind": "t1", "data": data})
    result.without_parent_count += not parent
    result.foreign_text_count += item.entry.has_foreign_text
    result.without_text_count += "body_html" not in data and not item.entry.has_foreign_text


def _read_score(item: Item) -> Data:
    score = read_exact_score(item.entry.tagline)
    is_hidden = "score-hidden" in get_classes(item.node) or any(
        "score-hidden" in part.classes for part in item.entry.tagline
    )
    data: Data = {"controversiality": 1} if "controversial" in get_classes(item.node) else {}
    if score is not None:
        return {**data, "score": score, "score_hidden": False}
    return {**data, "score_hidden": True} if is_hidden else data


def _build_stubs(item: Item, parent: str) -> list[Thing]:
    """Return the stub of "load more comments" or "continue this thread"."""
    if item.kind == DEEP:
        return [_build_stub(parent, [], 0)] if parent else []
    ids = _read_more_ids(item)
    count = next(filter(None, (read_number(get_text(link)) for link in item.entry.links)), 0)
    if not ids and not (count and parent):
        return []
    return [_build_stub(parent, ids, max(count, len(ids)))]


def _build_stub(parent: str, ids: list[str], count: int) -> Thing:
    parent_data: Data = {"parent_id": parent} if parent else {}
    return {"kind": "more", "data": {**parent_data, "children": ids, "count": count}}


def _read_more_ids(item: Item) -> list[str]:
    """Return the ids that the link names; without its script, the first one, which the stub has."""
    for script in _iter_scripts(item):
        if match := MORE_CHILDREN_PATTERN.search(script):
            parts = map(CHILD_PATTERN.fullmatch, match["ids"].split(","))
            return list(dict.fromkeys(part[1] for part in parts if part))
    first_id = find_id(item.node, item.entry, "t1")
    return [first_id] if first_id else []
