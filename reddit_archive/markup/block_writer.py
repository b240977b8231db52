"""Writes a tree of Reddit's HTML as Markdown blocks.

A container is a list of blocks, joined by one blank line. A paragraph is written as a whole, see
`inline_collector` and `inline_writer`. The only line end is "\\n", so the Markdown can stand in a
quote of any depth. Elements that Reddit never writes, but a saved page may hold, are left to
markdownify.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from functools import cache, lru_cache
from typing import Any

from reddit_archive.markup import escape, html_writer, inline_collector, tables
from reddit_archive.markup.dialects import Dialect
from reddit_archive.markup.inline_writer import InlineContext
from reddit_archive.markup.node import Node, get_list_start

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LISTS = frozenset({"ul", "ol"})
_CUSTOM_CONTENT = frozenset({"pre", "ul", "ol", "table", "hr"})
_CONTAINERS = frozenset(
    {"html", "body", "div", "section", "article", "main", "aside", "header", "footer", "center"}
    | {"details", "summary", "figure", "figcaption", "form", "blockquote", "li", "dl", "dt", "dd"}
)
_BLOCKS = {"p"} | _HEADINGS | _CUSTOM_CONTENT | _CONTAINERS
# To kramdown this is a list item, even in code at the start of a list item.
_LIST_ITEM = re.compile(r"^ {0,3}(?:[-+*]|[0-9]+\.)[\t |]", re.MULTILINE)
_BULLET = "- "
_WHITESPACE = " \t\n\r\f"  # what a browser collapses
_NO_TAGS: Set[str] = frozenset()
_LIST_ITEM_TAGS: Set[str] = frozenset({"li"})
_LANGUAGE_CLASS = re.compile(r"(?:md-code-)?language-([\w+#.-]{1,40})")


def _get_language(element: Node) -> str:
    code_elements = [child for child in element.iter_elements() if child.name == "code"]
    classes = [
        class_name
        for tag in (element, *code_elements)
        for class_name in tag.attributes.get("class", "").split()
    ]
    match = next(filter(None, map(_LANGUAGE_CLASS.fullmatch, classes)), None)
    return match[1] if match else ""


class BlockWriter:
    """Writes blocks in one dialect. It keeps no state between calls."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.paragraph_context = InlineContext(dialect=dialect)
        self.heading_context = InlineContext(can_start_block=False, dialect=dialect)
        self.cell_context = InlineContext(can_start_block=False, is_cell=True, dialect=dialect)

    def write_block(self, node: Node, parent_tags: Set[str] = _NO_TAGS) -> str:
        """Write one block element and everything in it."""
        if node.name == "p":
            return inline_collector.write(node.children, self.paragraph_context)
        text = self._write_content(node, parent_tags)
        if (writer := _WRITERS.get(node.name)) is not None:
            return writer(self, node, text, parent_tags)
        markdownify_writer = _get_markdownify_writer(node.name)
        return (
            markdownify_writer(node, text, parent_tags=parent_tags) if markdownify_writer else text
        )

    def _write_content(self, node: Node, parent_tags: Set[str]) -> str:
        if node.name in _CUSTOM_CONTENT:
            return ""
        if node.name in _HEADINGS:
            return inline_collector.write(node.children, self.heading_context)
        return "\n\n".join([text for _, text in self._iter_blocks(node.children, parent_tags)])

    def _iter_blocks(
        self, nodes: Iterable[Node | str], parent_tags: Set[str]
    ) -> Iterator[tuple[str, str]]:
        """Yield the name and the text of each block. Loose text becomes a paragraph named ""."""
        previous_name = ""
        for name, text in self._iter_children(nodes, parent_tags):
            if previous_name and self.dialect.must_separate(previous_name, name):
                yield "", self.dialect.block_separator
            if text:
                previous_name = name
                yield name, text

    def _iter_children(
        self, nodes: Iterable[Node | str], parent_tags: Set[str]
    ) -> Iterator[tuple[str, str]]:
        inline_nodes: list[Node | str] = []
        for child in nodes:
            if isinstance(child, Node) and child.name in _BLOCKS:
                if inline_nodes:
                    yield "", inline_collector.write(inline_nodes, self.paragraph_context)
                    inline_nodes = []
                yield child.name, self.write_block(child, parent_tags)
            elif inline_nodes or isinstance(child, Node) or child.strip(_WHITESPACE):
                inline_nodes.append(child)
        if inline_nodes:
            yield "", inline_collector.write(inline_nodes, self.paragraph_context)

    def _write_unchanged(self, element: Node, text: str, parent_tags: Set[str]) -> str:
        return text

    def _write_heading(self, element: Node, text: str, parent_tags: Set[str]) -> str:
        if not text:
            return f"<{element.name}></{element.name}>" if self.dialect.has_html else ""
        return "#" * int(element.name[1]) + " " + self.dialect.escape_trailing_hash(text)

    def _write_thematic_break(self, element: Node, text: str, parent_tags: Set[str]) -> str:
        return "<hr>" if "li" in parent_tags and self.dialect.has_html else "***"

    def _write_blockquote(self, element: Node, text: str, parent_tags: Set[str]) -> str:
        return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))

    def _write_list(self, element: Node, text: str, parent_tags: Set[str]) -> str:
        items = [child for child in element.children if _is_visible(child)]
        item_blocks = [
            list(self._iter_blocks(_get_item_nodes(item), _LIST_ITEM_TAGS)) for item in items
        ]
        # A blank line in one item turns the text of all items into paragraphs.
        has_blank_lines = not self.dialect.item_indent and any(map(_has_blank_line, item_blocks))
        is_tight = not (has_blank_lines or any(map(_has_paragraph, item_blocks)))
        first_number = get_list_start(element)
        written_items = []
        for i, blocks in enumerate(item_blocks):
            marker = f"{first_number + i}. " if element.name == "ol" else _BULLET
            written_items.append(self._write_item(blocks, marker, is_tight))
        suffix = self.dialect.write_list_start(first_number) if element.name == "ol" else ""
        return ("\n" if is_tight else "\n\n").join(written_items) + suffix

    def _write_item(self, blocks: list[tuple[str, str]], marker: str, is_tight: bool) -> str:
        parts: list[str] = []
        previous_name = ""
        if (
            blocks
            and blocks[0][0] == "pre"
            and _LIST_ITEM.search(blocks[0][1])
            and not self.dialect.item_indent
        ):
            blocks = [("", self.dialect.empty_item), *blocks]
        for name, block in blocks:
            # A list can follow a line of text directly, but <hr> and <table> end at a blank line.
            can_join = name in _LISTS and previous_name not in _LISTS | {"hr", "table"}
            if parts or (self.dialect.item_indent and name in _LISTS):
                parts.append(
                    "\n" if can_join and (is_tight or self.dialect.item_indent) else "\n\n"
                )
            parts.append(block)
            previous_name = name
        indent = "\n" + " " * (self.dialect.item_indent or len(marker))
        return marker + re.sub(r"\n(?!\n)", indent, "".join(parts) or self.dialect.empty_item)

    def _write_code_block(self, element: Node, text: str, parent_tags: Set[str]) -> str:
        code = escape.drop_controls(element.get_text().replace("\r\n", "\n").replace("\r", "\n"))
        code = code.removesuffix("\n")
        language = _get_language(element)
        return self.dialect.write_code_block(code, language, is_in_list_item="li" in parent_tags)

    def _write_table(self, element: Node, text: str, parent_tags: Set[str]) -> str:
        rows = [
            [
                tables.Cell(inline_collector.write(cell.children, self.cell_context), cell)
                for cell in row
            ]
            for row in tables.iter_rows(element)
        ]
        if not self.dialect.has_tables:
            return html_writer.write_table(element, self.dialect)
        if len(rows) != 1 or not self.dialect.has_header_only_tables:
            return tables.write(rows) or html_writer.write_table(element, self.dialect)
        return tables.write([*rows, *rows]).rpartition("\n")[0]  # the header row only


_WRITERS: dict[str, Callable[[BlockWriter, Node, str, Set[str]], str]] = {
    **dict.fromkeys(
        ("html", "body", "div", "section", "article", "figcaption"), BlockWriter._write_unchanged
    ),
    **dict.fromkeys(("li", "dl", "dt", "dd"), BlockWriter._write_unchanged),
    **dict.fromkeys(_HEADINGS, BlockWriter._write_heading),
    **dict.fromkeys(_LISTS, BlockWriter._write_list),
    "blockquote": BlockWriter._write_blockquote,
    "hr": BlockWriter._write_thematic_break,
    "pre": BlockWriter._write_code_block,
    "table": BlockWriter._write_table,
}


@cache
def _get_markdownify_writer(name: str) -> Callable[..., str] | None:
    from markdownify import MarkdownConverter  # 75 ms, and hardly any text needs it

    markdownify_converter: Any = MarkdownConverter()  # the stubs lack most methods
    writer: Callable[..., str] | None = markdownify_converter.get_conv_fn(name)
    return writer


@lru_cache(maxsize=16)  # without it, converting a text takes 48 instead of 44 µs
def get_block_writer(dialect: Dialect) -> BlockWriter:
    """Return the writer of a dialect."""
    return BlockWriter(dialect)


def _is_visible(node: Node | str) -> bool:
    return isinstance(node, Node) or bool(node.strip(_WHITESPACE))


def _get_item_nodes(item: Node | str) -> Sequence[Node | str]:
    return item.children if isinstance(item, Node) and item.name == "li" else [item]


def _has_blank_line(blocks: list[tuple[str, str]]) -> bool:
    return any(name not in _LISTS for name, _ in blocks[1:])


def _has_paragraph(blocks: list[tuple[str, str]]) -> bool:
    return any(name == "p" for name, _ in blocks)
