"""HTML -> a tree of plain Python objects, parsed as a browser would.

Lexbor, the parser, follows the HTML standard: what it reads is what Reddit's page showed. Its nodes
are copied, since walking them from Python is slower than walking these.
"""

import re
from typing import TYPE_CHECKING

from reddit_archive.markup import fast_parser
from reddit_archive.markup.node import Node

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

__all__ = ["Node", "parse"]

MAX_DEPTH = 100  # Reddit nests 16 deep; what lies deeper keeps its text alone
_MOST_OPEN = 500  # a browser has such a limit, too: the parser's time grows with the square of it
_TAG = re.compile(r"<(/?)([a-z][^\s/>]*)[^>]*>", re.IGNORECASE)
_VOID = frozenset({"br", "hr", "img", "input", "wbr"})
_UNENCODABLE = re.compile("[\ud800-\udfff]")
_UNSEEN = frozenset({"script", "style", "template", "title", "noscript", "textarea", "iframe"})
_NONE: dict[str, str] = {}


def parse(html: str) -> Node:
    """Parse a fragment, with all that no page shows left out; the root is its <body>."""
    if not html.isascii():
        html = _UNENCODABLE.sub("", html)
    if (read := fast_parser.read(html)) is not None:
        return read
    if html.count("<") > _MOST_OPEN:
        html = _shallow(html)
    from selectolax.lexbor import LexborHTMLParser  # which most texts do without

    # Without a doctype a paragraph could hold a table, without a body scripts would move.
    body = LexborHTMLParser(f"<!DOCTYPE html><body>{html}").body
    return _copied(body, "body", 0) if body else Node("body", _NONE, [])


def _shallow(html: str) -> str:
    """Drop the tags of elements that stand too deep, and keep their text."""
    depth = 0

    def kept(tag: re.Match[str]) -> str:
        nonlocal depth
        if tag[2].lower() in _VOID:
            return tag[0]
        depth = max(0, depth - 1) if tag[1] else depth + 1
        return tag[0] if depth + bool(tag[1]) <= _MOST_OPEN else ""

    return _TAG.sub(kept, html)


def _copied(node: "LexborNode", name: str, depth: int) -> Node:
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


def _attributes(node: "LexborNode") -> dict[str, str]:
    found = node.attributes
    return {key: value or "" for key, value in found.items()} if found else _NONE
