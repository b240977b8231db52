"""Parse a whole web page, and read attributes and texts of its elements."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

Node = LexborNode
Document = LexborHTMLParser


def parse(html: str) -> Document:
    """Parse a page as a browser does. Names of tags and attributes are in lower case."""
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


def get_text(node: Node) -> str:
    """Return the text of an element with single spaces."""
    return collapse_spaces(node.text())


def collapse_spaces(text: str) -> str:
    """Return a text with single spaces in place of any white space."""
    return re.sub(r"\s+", " ", text).strip()
