"""HTML -> a tree of plain Python objects, parsed as a browser would.

Lexbor, the parser, follows the HTML standard: what it reads is what Reddit's page showed. Its nodes
are copied, since walking them from Python is slower than walking these.
"""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_DEPTH = 120  # Reddit nests 16 deep; what lies deeper keeps its text alone
_UNENCODABLE = re.compile("[\ud800-\udfff]+")
_UNSEEN = frozenset({"script", "style", "template", "title", "noscript", "textarea", "iframe"})
_NONE: dict[str, str] = {}


class Node:
    """An element: its name, its attributes, and its children, elements and strings."""

    __slots__ = ("attributes", "children", "name")

    def __init__(self, name: str, attributes: dict[str, str], children: "list[Node | str]") -> None:
        self.name = name
        self.attributes = attributes
        self.children = children

    def text(self) -> str:
        """All text below, in order."""
        return "".join(self.strings())

    def strings(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child.strings()

    def elements(self) -> "Iterator[Node]":
        return (child for child in self.children if isinstance(child, Node))


def parse(html: str) -> Node:
    """Parse a fragment, with all that no page shows left out; the root is its <body>."""
    if _UNENCODABLE.search(html):
        html = _UNENCODABLE.sub("", html)
    # Without a doctype a paragraph could hold a table, without a body scripts would move.
    body = LexborHTMLParser(f"<!DOCTYPE html><body>{html}").body
    return _copied(body, "body", 0) if body else Node("body", _NONE, [])


def _copied(node: LexborNode, name: str, depth: int) -> Node:
    children: list[Node | str] = []
    child = node.first_child
    while child is not None:
        tag = child.tag or "-"
        if tag == "-text":
            children.append(child.text_content or "")
        elif tag[0] == "-" or tag in _UNSEEN:
            pass
        elif depth >= MAX_DEPTH:
            children.append(child.text())
        else:
            children.append(_copied(child, tag, depth + 1))
        child = child.next
    return Node(name, _attributes(node), children)


def _attributes(node: LexborNode) -> dict[str, str]:
    found = node.attributes
    return {key: value or "" for key, value in found.items()} if found else _NONE
