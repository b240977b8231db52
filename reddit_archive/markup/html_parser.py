"""Parses HTML as a browser does, into a tree of `Node` objects.

The parser, Lexbor, follows the HTML standard, so the tree is what Reddit's page showed. Its nodes
are copied, because walking them from Python is slower.
"""

import re
from typing import TYPE_CHECKING

from reddit_archive.markup import fast_parser
from reddit_archive.markup.node import Node

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

MAX_DEPTH = 100
"""Only the text of deeper elements is kept. Reddit nests 16 deep."""
_MAX_OPEN_ELEMENTS = 500  # the parser's time grows with the square of the depth
_TAG = re.compile(r"<(/?)([a-z][^\s/>]*)[^>]*>", re.IGNORECASE)
_VOID_ELEMENTS = frozenset({"br", "hr", "img", "input", "wbr"})
_INVISIBLE_ELEMENTS = frozenset(
    {"script", "style", "template", "title", "noscript", "textarea", "iframe"}
)
_NO_ATTRIBUTES: dict[str, str] = {}


def parse(html: str) -> Node:
    """Parse a fragment without its invisible elements. The root is a <body>."""
    if not html.isascii():
        html = html.encode("utf-8", "ignore").decode("utf-8")  # drops lone surrogates
    if (root := fast_parser.try_parse(html)) is not None:
        return root
    from selectolax.lexbor import LexborHTMLParser  # 5 ms, and few quotes need it

    if html.count("<") > _MAX_OPEN_ELEMENTS:
        html = drop_deep_tags(html)
    # Without a doctype a paragraph could contain a table; without <body>, scripts would move.
    body = LexborHTMLParser(f"<!DOCTYPE html><body>{html}").body
    return _copy_node(body, "body", 0) if body else Node("body", _NO_ATTRIBUTES, [])


def drop_deep_tags(html: str) -> str:
    """Drop the tags of elements that are nested too deep, and keep their text."""
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
