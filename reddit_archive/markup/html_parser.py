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
_MAX_OPEN_ELEMENTS = (
    500  # a browser has such a limit, too: the parser's time grows with the square of it
)
_TAG = re.compile(r"<(/?)([a-z][^\s/>]*)[^>]*>", re.IGNORECASE)
_VOID_ELEMENTS = frozenset({"br", "hr", "img", "input", "wbr"})
_SURROGATES = re.compile("[\ud800-\udfff]")
_INVISIBLE_ELEMENTS = frozenset(
    {"script", "style", "template", "title", "noscript", "textarea", "iframe"}
)
_NO_ATTRIBUTES: dict[str, str] = {}


def parse(html: str) -> Node:
    """Parse a fragment, with all that no page shows left out; the root is its <body>."""
    if not html.isascii():
        html = _SURROGATES.sub("", html)
    if (root := fast_parser.try_parse(html)) is not None:
        return root
    if html.count("<") > _MAX_OPEN_ELEMENTS:
        html = _drop_deep_tags(html)
    from selectolax.lexbor import LexborHTMLParser  # which most texts do without

    # Without a doctype a paragraph could hold a table, without a body scripts would move.
    body = LexborHTMLParser(f"<!DOCTYPE html><body>{html}").body
    return _copy_node(body, "body", 0) if body else Node("body", _NO_ATTRIBUTES, [])


def _drop_deep_tags(html: str) -> str:
    """Drop the tags of elements that stand too deep, and keep their text."""
    depth = 0

    def replace_tag(match: re.Match[str]) -> str:
        nonlocal depth
        if match[2].lower() in _VOID_ELEMENTS:
            return match[0]
        depth = max(0, depth - 1) if match[1] else depth + 1
        return match[0] if depth + bool(match[1]) <= _MAX_OPEN_ELEMENTS else ""

    return _TAG.sub(replace_tag, html)


def _copy_node(node: "LexborNode", name: str, depth: int) -> Node:
    children: list[Node | str] = []
    child = node.first_child
    while child is not None:
        tag = child.tag or "-"
        if tag == "-text":
            children.append(child.text_content or "")
        elif tag[0] == "-" or tag in _INVISIBLE_ELEMENTS:
            pass
        elif depth >= MAX_DEPTH:
            children.append(child.text())
        else:
            children.append(_copy_node(child, tag, depth + 1))
        child = child.next
    return Node(name, _get_attributes(node), children)


def _get_attributes(node: "LexborNode") -> dict[str, str]:
    attributes = node.attributes
    return {key: value or "" for key, value in attributes.items()} if attributes else _NO_ATTRIBUTES
