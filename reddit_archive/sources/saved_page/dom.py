"""Parse a whole web page, and read attributes and texts of its elements."""

import re
from collections.abc import Callable, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from reddit_archive.sources.saved_page import nesting_limit

Node = LexborNode
Document = LexborHTMLParser


def parse(html: str) -> Document:
    """Parse a page as a browser does. Names of tags and attributes are in lower case.

    Raises:
        NotAThreadError: The page nests so deeply that parsing it would take minutes.
    """
    nesting_limit.require_parsable(html)
    return LexborHTMLParser(html)


def get(node: Node, name: str) -> str:
    """Return an attribute, or "" if it is missing or has no value."""
    return node.attributes.get(name) or ""


def has(node: Node, name: str) -> bool:
    """Return whether an attribute is there, with or without a value."""
    return name in node.attributes


def get_classes(node: Node) -> list[str]:
    """Return the classes of an element."""
    return get(node, "class").split()


def iter_children(node: Node) -> Iterator[Node]:
    """Yield the child elements."""
    child = node.first_child
    while child is not None:
        if child.is_element_node:
            yield child
        child = child.next


def iter_descendants(
    root: Node, is_boundary: Callable[[Node], bool] = lambda node: False
) -> Iterator[Node]:
    """Yield the elements below a node, in the order of the page.

    Elements below a boundary are left out. The boundaries are not.
    """
    todo = [root.first_child]
    while todo:
        if (node := todo.pop()) is None:
            continue
        todo.append(node.next)
        if node.is_element_node:
            yield node
            if not is_boundary(node):
                todo.append(node.first_child)


def get_ancestor(node: Node, matches: Callable[[Node], bool]) -> Node | None:
    """Return the nearest ancestor that matches, or None."""
    ancestor = node.parent
    while ancestor is not None and not (ancestor.is_element_node and matches(ancestor)):
        ancestor = ancestor.parent
    return ancestor


def get_text(node: Node) -> str:
    """Return the text of an element with single spaces."""
    return collapse_spaces(node.text())


def collapse_spaces(text: str) -> str:
    """Return a text with single spaces in place of any white space."""
    return re.sub(r"\s+", " ", text).strip()
