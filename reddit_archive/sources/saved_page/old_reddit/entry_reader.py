"""Find the parts of a post or comment on a page of old Reddit, each element visited once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from reddit_archive.sources.saved_page.dom import (
    Node,
    get,
    get_classes,
    has,
    iter_children,
    iter_descendants,
)

PROMOTED_CLASSES = frozenset(["promotedlink", "promoted"])
FOREIGN_STYLE_PATTERN = re.compile(r"\b(?:border|outline)\b", re.IGNORECASE)
"""Reddit gives its texts no style. Reddit Uncensored frames what it puts in."""
FULLNAME_PATTERN = re.compile(r"(t[13])_([0-9a-z]{1,13})", re.IGNORECASE)


class Part(NamedTuple):
    """An element with its classes, which are read once."""

    node: Node
    tag: str
    classes: list[str]


@dataclass(slots=True)
class Entry:
    """The parts of one post or comment, without those of others in it.

    Attributes:
        tagline: The elements of the line with author, score and time.
        title: The elements of the line with the title.
        links: The links below the text, "load more comments" and "continue this thread".
        md: The element with the text.
        expando: The element with the text and the pictures of a post.
        crosspost_preview: The element with the post that this one is a crosspost of.
        report_classes: The classes of the form for reports.
        anchor_name: The name of the comment's anchor.
        is_taken_down: Reddit's administrators removed it.
        has_foreign_text: An extension put in a text that Reddit does not show.
        is_found: The thing has an element for these parts. It lacks it only in damaged pages.
    """

    tagline: list[Part] = field(default_factory=list)
    title: list[Part] = field(default_factory=list)
    links: list[Node] = field(default_factory=list)
    md: Node | None = None
    expando: Node | None = None
    crosspost_preview: Node | None = None
    report_classes: list[str] = field(default_factory=list)
    anchor_name: str = ""
    is_taken_down: bool = False
    has_foreign_text: bool = False
    is_found: bool = False


def is_thing(node: Node) -> bool:
    """Return whether an element is a post, a comment, or a stub."""
    return "thing" in get_classes(node) or (has(node, "data-fullname") and has(node, "data-type"))


def is_promoted(node: Node) -> bool:
    """Return whether a post is an advertisement."""
    return not PROMOTED_CLASSES.isdisjoint(get_classes(node)) or (
        get(node, "data-promoted").lower() == "true"
    )


def read_entry(thing: Node) -> Entry:
    """Return the parts of a post or comment. Only its first child of class `entry` counts."""
    entry = Entry(has_foreign_text=is_undeleted(thing))
    body = None
    for child in iter_children(thing):
        classes = get_classes(child)
        if "parent" in classes and not entry.anchor_name:
            entry.anchor_name = next((get(a, "name") for a in iter_children(child)), "")
        elif "entry" in classes and body is None:
            body = child
    if body is not None:
        entry.is_found = True
        _read_body(entry, body)
    if entry.md is not None and _is_text_foreign(entry.md):
        entry.has_foreign_text = True
    return entry


def find_id(thing: Node, entry: Entry, prefix: str) -> str:
    """Return the id of a post ("t3") or comment ("t1"), or "" if the page does not tell it.

    A removed comment has it only in the class of its form for reports. If the page gives two
    different ids, it is damaged, and none of them counts.
    """
    candidates = [get(thing, "data-fullname")]
    candidates += [name[3:] for name in get_classes(thing) if name.startswith("id-")]
    candidates.append(get(thing, "id").removeprefix("thing_"))
    candidates.append(f"{prefix}_{entry.anchor_name}")
    candidates += [name[7:] for name in entry.report_classes if name.startswith("report-")]
    matches = map(FULLNAME_PATTERN.fullmatch, candidates)
    ids = {match[2].lower() for match in matches if match and match[1].lower() == prefix}
    return ids.pop() if len(ids) == 1 else ""


def is_undeleted(node: Node) -> bool:
    """Return whether an extension marked an element because it put in a deleted text or name."""
    return "undeleted" in get_classes(node) or has(node, "undeleted")


def iter_parts(root: Node) -> Iterator[Part]:
    """Yield the elements below a node that belong to no other post or comment."""
    for node in iter_descendants(root, is_thing):
        yield Part(node, node.tag or "", get_classes(node))


def _read_body(entry: Entry, body: Node) -> None:
    """Sort the elements of the body into the parts."""
    todo = [body.first_child]
    while todo:
        if (node := todo.pop()) is None:
            continue
        todo.append(node.next)
        if node.is_element_node and _sort_in(entry, Part(node, node.tag or "", get_classes(node))):
            todo.append(node.first_child)


def _sort_in(entry: Entry, part: Part) -> bool:
    """Note what part of the entry an element is. Return whether to go on below it."""
    node, tag, classes = part
    if not classes:
        entry.has_foreign_text |= has(node, "undeleted")
        if tag == "a":
            entry.links.append(node)
        return not has(node, "data-fullname")
    if "thing" in classes or is_thing(node):
        return False
    if is_undeleted(node) or "loading-indicator" in classes:
        entry.has_foreign_text = True
    entry.is_taken_down |= "admin_takedown" in classes
    if "tagline" in classes:
        entry.tagline = entry.tagline or list(iter_parts(node))
        return False
    if tag == "p" and "title" in classes:
        entry.title = entry.title or list(iter_parts(node))
        return False
    if "md" in classes:
        if entry.md is None and not _is_editor(node.parent):
            entry.md = node
        return False
    if tag == "a":
        entry.links.append(node)
    elif "expando" in classes:
        entry.expando = entry.expando or node
    elif "reportform" in classes:
        entry.report_classes = entry.report_classes or classes
    elif any(name.startswith("crosspost-preview") for name in classes):
        entry.crosspost_preview = entry.crosspost_preview or node
        return False
    return True


def _is_editor(node: Node | None) -> bool:
    return node is not None and "usertext-edit" in get_classes(node)


def _is_text_foreign(md: Node) -> bool:
    return bool(FOREIGN_STYLE_PATTERN.search(get(md, "style"))) or any(
        is_undeleted(node) for node in iter_descendants(md, is_thing)
    )
