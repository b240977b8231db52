"""Parses HTML and resolves what Reddit's own pages show differently from its HTML.

These are media tokens, block spoilers, bidi controls, and addresses that new Reddit's editor
escaped. Conversion, excerpts and citations read the same tree, so they agree about the words and
the addresses.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from reddit_archive.markup import bidi, html_parser, media_tokens
from reddit_archive.markup.node import Node

SPOILER_CLASS = "md-spoiler-text"
_TEXT_BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "li"})
_BLOCKS_IN_ITEMS = frozenset({"p", "ul", "ol", "pre", "blockquote", "table", "hr"})
# New Reddit's editor escapes these characters in addresses, where snudown knows no escapes.
_ESCAPED = re.compile(r"\\([_*~^#])")
_ENCODED_ESCAPE = re.compile(r"(?:%5C|\\)(?=[_*#~]|%7E|%5E)", re.IGNORECASE)


def parse(html: str, media_metadata: Mapping[str, Any] | None) -> Node:
    """Parse HTML into the tree of what Reddit shows. The root is a <body>."""
    root = html_parser.parse(html)
    if bidi.may_have_controls(html):
        bidi.balance_tree(root)
    if media_metadata or media_tokens.may_have_tokens(html):
        media_tokens.link_tokens(root, media_metadata or {})
    if "%" in html and "%5C" in html:
        _unescape_addresses(root)
    if SPOILER_CLASS in html and "<blockquote" in html:
        _hide_block_spoilers(root)
    return root


def is_spoiler(node: Node) -> bool:
    """Return whether Reddit hides this element until the reader clicks on it."""
    return SPOILER_CLASS in node.attributes.get("class", "").split()


def _iter_elements(node: Node) -> Iterator[Node]:
    for child in node.iter_elements():
        yield child
        yield from _iter_elements(child)


def _unescape_addresses(root: Node) -> None:
    r"""Drop the backslashes from typed addresses: `https://example.org/a\_b` leads to `a_b`."""
    for link in _iter_elements(root):
        if link.name != "a" or not all(isinstance(child, str) for child in link.children):
            continue
        text, href = link.get_text(), link.attributes.get("href", "")
        if _ESCAPED.search(text) and text.startswith(("http://", "https://", "www.")):
            link.attributes = {
                **link.attributes,
                "href": _ENCODED_ESCAPE.sub("", href),
            }
            link.children = [_ESCAPED.sub(r"\1", text)]


def _hide_block_spoilers(root: Node) -> None:
    """Put the text of each block in a spoiler block into a spoiler, which all targets write."""
    for blockquote in list(_iter_elements(root)):
        if blockquote.name == "blockquote" and is_spoiler(blockquote):
            _hide_text(blockquote)


def _hide_text(node: Node) -> None:
    if node.name in _TEXT_BLOCKS | {"blockquote"} and node.children:
        _wrap_inline_children(node)
    for child in node.iter_elements():
        if child.name in _TEXT_BLOCKS | _BLOCKS_IN_ITEMS | {"thead", "tbody", "tr"}:
            _hide_text(child)


def _wrap_inline_children(node: Node) -> None:
    """Wrap each run of inline children into a spoiler."""
    children: list[Node | str] = []
    run: list[Node | str] = []
    for child in [*node.children, None]:
        is_block = isinstance(child, Node) and child.name in _BLOCKS_IN_ITEMS | _TEXT_BLOCKS
        if child is not None and not is_block:
            run.append(child)
            continue
        if any(isinstance(each, Node) or each.strip() for each in run):
            is_hidden = len(run) == 1 and isinstance(run[0], Node) and is_spoiler(run[0])
            children += run if is_hidden else [Node("span", {"class": SPOILER_CLASS}, run)]
        else:
            children += run
        run = []
        if child is not None:
            children.append(child)
    node.children = children
