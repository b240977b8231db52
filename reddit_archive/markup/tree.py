"""HTML -> a tree of plain Python objects, parsed as a browser would.

Lexbor, the parser, follows the HTML standard: what it reads is what Reddit's page showed. Its nodes
are copied, since walking them from Python is slower than walking these.
"""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_DEPTH = 120  # Reddit nests 16 deep; what lies deeper keeps its text alone
_UNENCODABLE = re.compile("[\ud800-\udfff]+")


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


def parse(html: str) -> Node:
    """Parse a fragment; comments are left out, and lone surrogates, which no page can hold."""
    parsed = LexborHTMLParser(f"<div>{_UNENCODABLE.sub('', html)}</div>")
    assert parsed.body is not None
    return _copied(parsed.body, 0)


def _copied(node: LexborNode, depth: int) -> Node:
    children: list[Node | str] = []
    child = node.first_child
    while child is not None:
        name = child.tag
        if name == "-text":
            children.append(child.text_content or "")
        elif depth >= MAX_DEPTH:
            children.append(child.text())
        elif name and name[0] != "-":
            children.append(_copied(child, depth + 1))
        child = child.next
    attributes = {key: value or "" for key, value in node.attributes.items()}
    return Node(node.tag or "", attributes, children)
