"""A part of a text, cut out of its HTML.

The cut is made in the tree, so that links, lists, tables and code around the words stay what they
are, and every element is closed.
"""

from collections.abc import Mapping
from html import escape
from typing import Any

from reddit_archive.markup import find_text, html_parser
from reddit_archive.markup import media_tokens as tokens
from reddit_archive.markup.html_parser import Node

_VOID = frozenset({"br", "hr", "img", "wbr", "input"})
_FRAME = frozenset({"thead", "td", "th"})
_ATTRIBUTES = frozenset({"href", "title", "src", "alt", "class", "align", "start", "colspan"})


def cut(html: str, wanted: str, *, mark: str, media: Mapping[str, Any] | None = None) -> str:
    """Give the HTML of the part that some words name; for these see words.find.

    `mark` stands for what is left out before and after. Raises WordsNotFound.
    """
    root = html_parser.parse(html)
    if media:
        tokens.place(root, media)
    text = find_text.read(root)
    start, end = find_text.find(text, wanted)
    kept = _Cutter(start, end).node(root, 0)[0]
    assert kept is not None
    if mark and text.shown[end:].strip():
        _mark(kept, mark, is_end=True, is_inside=_goes_on(root, end - 1, end, len(text.shown)))
    if mark and text.shown[:start].strip():
        _mark(kept, mark, is_end=False, is_inside=_goes_on(root, start, 0, start))
    return "".join(map(written, kept.children))


class _Cutter:
    """Copies what stands between two places of the text, with all the elements around it."""

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end

    def node(self, node: Node, at: int) -> tuple[Node | None, int]:
        """The copy, or None where nothing of it is kept; and the place where the node ends."""
        children: list[Node | str] = []
        is_kept, dropped, first = False, 0, at
        for child in node.children:
            if isinstance(child, str):
                kept: Node | str | None = child[max(0, self.start - at) : max(0, self.end - at)]
                at += len(child)
            else:
                kept, at = self.node(child, at)
            if kept:
                is_kept = True
                children.append(kept)
            elif isinstance(child, Node) and child.name in _FRAME:
                children.append(_emptied(child))
            elif isinstance(child, Node) and not is_kept:
                dropped += child.name == "li"
        if not is_kept and (at > first or not self.start < at < self.end):
            return None, at
        return Node(node.name, _numbered(node, dropped), children), at


def _emptied(node: Node) -> Node:
    """The head or a cell of a table, which keeps its shape without what it says."""
    return Node(
        node.name,
        node.attributes,
        [_emptied(child) for child in node.elements() if child.name in _FRAME | {"tr"}],
    )


def _numbered(node: Node, dropped: int) -> dict[str, str]:
    """A list goes on with the number that the item had."""
    start = node.attributes.get("start", "1")
    if node.name != "ol" or not dropped or not (start.isascii() and start.isdigit()):
        return node.attributes
    return {**node.attributes, "start": str(int(start[:9]) + dropped)}


def _goes_on(root: Node, at: int, start: int, end: int) -> bool:
    """Whether the innermost block around a place has more text between two others."""
    block, begin = _innermost(root, at, 0)
    text = block.text()
    return bool(text[max(0, start - begin) : max(0, end - begin)].strip())


def _innermost(node: Node, at: int, begin: int) -> tuple[Node, int]:
    """The innermost block around a place of the text, and where its own text begins."""
    here = begin
    for child in node.children:
        length = len(child) if isinstance(child, str) else len(child.text())
        if isinstance(child, Node) and here <= at < here + length:
            found, where = _innermost(child, at, here)
            return (found, where) if found.name in find_text.BLOCKS else (node, begin)
        here += length
    return node, begin


def _mark(root: Node, mark: str, *, is_end: bool, is_inside: bool) -> None:
    """Put the mark beside the words, or as a paragraph where their block is whole or code."""
    block = _edge(root, is_end=is_end)
    place: Node | str = f" {mark}" if is_end else f"{mark} "
    if not is_inside or block.name == "pre":
        block, place = root, Node("p", {}, [mark])
    block.children.insert(len(block.children) if is_end else 0, place)


def _edge(root: Node, *, is_end: bool) -> Node:
    """The innermost block at an edge of what is kept."""
    shown = len(root.text())
    return _innermost(root, shown - 1 if is_end else 0, 0)[0]


def written(node: Node | str) -> str:
    """Write a node as HTML, with the attributes that mean something to a quote."""
    if isinstance(node, str):
        return escape(node, quote=False)
    kept = ((name, value) for name, value in node.attributes.items() if name in _ATTRIBUTES)
    values = "".join(f' {name}="{escape(value)}"' for name, value in kept)
    if node.name in _VOID:
        return f"<{node.name}{values}>"
    inner = "".join(map(written, node.children))
    if not node.name.isalnum():
        return inner
    gap = "\n" if node.name == "pre" and inner[:1] == "\n" else ""  # a parser drops the first
    return f"<{node.name}{values}>{gap}{inner}</{node.name}>"
