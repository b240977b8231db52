"""Cuts an excerpt out of the HTML of a text.

The tree is cut, so links, lists, tables and code around the words are kept, and every element is
closed.
"""

from collections.abc import Mapping
from html import escape
from typing import Any

from reddit_archive.markup import find_text, shown_tree
from reddit_archive.markup.node import Node

_VOID_ELEMENTS = frozenset({"br", "hr", "img", "wbr", "input"})
_TABLE_PARTS = frozenset({"thead", "td", "th"})
_ALLOWED_ATTRIBUTES = frozenset(
    {"href", "title", "src", "alt", "class", "align", "start", "colspan"}
)


def cut_excerpt(
    html: str, excerpt: str, *, omission_mark: str, media_metadata: Mapping[str, Any] | None = None
) -> str:
    """Return the HTML of an excerpt, with a mark for the text that is left out around it.

    Args:
        html: The HTML of the whole text.
        excerpt: The words to cut out; see `find_text.find_excerpt`.
        omission_mark: The mark; "" for none.
        media_metadata: The text's `media_metadata`, to replace its media tokens by links.

    Raises:
        ExcerptNotFoundError: The words are not in the text, or more than once.
    """
    root = shown_tree.parse(html, media_metadata)
    visible_text = find_text.extract_text(root)
    start, end = find_text.find_excerpt(visible_text, excerpt)
    excerpt_root = _NodeSlicer(start, end).slice_node(root, 0)[0]
    assert excerpt_root is not None
    if omission_mark and visible_text.visible[end:].strip():
        _insert_omission_mark(
            excerpt_root,
            omission_mark,
            is_end=True,
            is_inline=_has_more_text(root, end - 1, end, len(visible_text.visible)),
        )
    if omission_mark and visible_text.visible[:start].strip():
        _insert_omission_mark(
            excerpt_root,
            omission_mark,
            is_end=False,
            is_inline=_has_more_text(root, start, 0, start),
        )
    return "".join(map(write_html, excerpt_root.children))


class _NodeSlicer:
    """Copies the part between two positions of the text, with all elements around it."""

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end

    def slice_node(self, node: Node, position: int) -> tuple[Node | None, int]:
        """Return the copy, None if nothing of the node is kept, and the position where it ends."""
        children: list[Node | str] = []
        has_content, dropped_items, node_start = False, 0, position
        for child in node.children:
            if isinstance(child, str):
                part: Node | str | None = child[
                    max(0, self.start - position) : max(0, self.end - position)
                ]
                position += len(child)
            else:
                part, position = self.slice_node(child, position)
            if part:
                has_content = True
                children.append(part)
            elif isinstance(child, Node) and child.name in _TABLE_PARTS:
                children.append(_copy_without_text(child))
            elif isinstance(child, Node) and not has_content:
                dropped_items += child.name == "li"
        if not has_content and (position > node_start or not self.start < position < self.end):
            return None, position
        return Node(node.name, _renumber_list(node, dropped_items), children), position


def _copy_without_text(node: Node) -> Node:
    """Copy a header or a cell of a table without its text, to keep the shape of the table."""
    return Node(
        node.name,
        node.attributes,
        [
            _copy_without_text(child)
            for child in node.iter_elements()
            if child.name in _TABLE_PARTS | {"tr"}
        ],
    )


def _renumber_list(node: Node, dropped_items: int) -> dict[str, str]:
    """Return the attributes of a list, with the start adjusted so that items keep their numbers."""
    start = node.attributes.get("start", "1")
    if node.name != "ol" or not dropped_items or not (start.isascii() and start.isdigit()):
        return node.attributes
    return {**node.attributes, "start": str(int(start[:9]) + dropped_items)}


def _has_more_text(root: Node, position: int, start: int, end: int) -> bool:
    """Return whether the innermost block around `position` has text between `start` and `end`."""
    block, block_start = _find_innermost_block(root, position, 0)
    text = block.get_text()
    return bool(text[max(0, start - block_start) : max(0, end - block_start)].strip())


def _find_innermost_block(node: Node, position: int, node_start: int) -> tuple[Node, int]:
    """Return the innermost block around a position of the text, and where the block begins."""
    child_start = node_start
    for child in node.children:
        length = len(child) if isinstance(child, str) else len(child.get_text())
        if isinstance(child, Node) and child_start <= position < child_start + length:
            block, block_start = _find_innermost_block(child, position, child_start)
            return (block, block_start) if block.name in find_text.BLOCKS else (node, node_start)
        child_start += length
    return node, node_start


def _insert_omission_mark(root: Node, omission_mark: str, *, is_end: bool, is_inline: bool) -> None:
    """Insert the mark beside the words, or as a paragraph if their block is complete or code."""
    block = _find_edge_block(root, is_end=is_end)
    insertion: Node | str = f" {omission_mark}" if is_end else f"{omission_mark} "
    if not is_inline or block.name == "pre":
        block, insertion = root, Node("p", {}, [omission_mark])
    block.children.insert(len(block.children) if is_end else 0, insertion)


def _find_edge_block(root: Node, *, is_end: bool) -> Node:
    """Return the innermost block at the start or the end of the excerpt."""
    length = len(root.get_text())
    return _find_innermost_block(root, length - 1 if is_end else 0, 0)[0]


def write_html(node: Node | str) -> str:
    """Write a node as HTML, with the attributes that matter in a quote."""
    if isinstance(node, str):
        return escape(node, quote=False)
    attributes = (
        (name, value) for name, value in node.attributes.items() if name in _ALLOWED_ATTRIBUTES
    )
    attributes_html = "".join(f' {name}="{escape(value)}"' for name, value in attributes)
    if node.name in _VOID_ELEMENTS:
        return f"<{node.name}{attributes_html}>"
    inner = "".join(map(write_html, node.children))
    if not node.name.isalnum():
        return inner
    # A parser drops the first newline of <pre>.
    leading_newline = "\n" if node.name == "pre" and inner[:1] == "\n" else ""
    return f"<{node.name}{attributes_html}>{leading_newline}{inner}</{node.name}>"
