"""Reddit's HTML -> Markdown blocks: a table of converters, as markdownify has one.

They differ in how text is joined. In markdownify a converter gets its children as one string,
stripped and escaped without a look at the neighbours. Here a container holds a list of blocks,
joined by one blank line, and a paragraph is written as a whole (see inline and runs). The only line
end is "\\n", so that the Markdown may stand in a quote of any depth. Blocks that Reddit never
writes, and a saved page may hold, are left to markdownify, which takes long to load.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from functools import cache, lru_cache
from typing import Any

from reddit_archive.markup import escape, inline_collector, tables
from reddit_archive.markup import html_writer as fragment
from reddit_archive.markup.dialects import DEFAULT, Dialect
from reddit_archive.markup.html_parser import Node
from reddit_archive.markup.inline_writer import Place

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LISTS = frozenset({"ul", "ol"})
_LEAVES = frozenset({"pre", "ul", "ol", "table", "hr"})
_CONTAINERS = frozenset(
    {"html", "body", "div", "section", "article", "main", "aside", "header", "footer", "center"}
    | {"details", "summary", "figure", "figcaption", "form", "blockquote", "li", "dl", "dt", "dd"}
)
_BLOCKS = {"p"} | _HEADINGS | _LEAVES | _CONTAINERS
# kramdown: an item, even in the code that an item begins with.
_ITEM = re.compile(r"^ {0,3}(?:[-+*]|[0-9]+\.)[\t |]", re.MULTILINE)
_BULLET = "- "
_SPACES = " \t\n\r\f"  # those that a browser collapses
_NONE: Set[str] = frozenset()
_IN_LIST: Set[str] = frozenset({"li"})
_LANGUAGE = re.compile(r"(?:md-code-)?language-([\w+#.-]{1,40})")


def _language(el: Node) -> str:
    codes = [child for child in el.elements() if child.name == "code"]
    classes = [c for tag in (el, *codes) for c in tag.attributes.get("class", "").split()]
    found = next(filter(None, map(_LANGUAGE.fullmatch, classes)), None)
    return found[1] if found else ""


class Converter:
    """Writes the one Markdown that GitHub, CommonMark, markdown-it and kramdown read alike."""

    def __init__(self, base_url: str, dialect: Dialect) -> None:
        self.base_url = base_url
        self.dialect = dialect
        self.paragraph = Place(base_url, dialect=dialect)
        self.heading = Place(base_url, block=False, dialect=dialect)
        self.cell = Place(base_url, block=False, cell=True, dialect=dialect)

    def process_tag(self, node: Node, parent_tags: Set[str] = _NONE) -> str:
        """One block element: its line or its blocks, given to the converter of its name."""
        if node.name == "p":
            return inline_collector.write(node.children, self.paragraph)
        text = self._text(node, parent_tags)
        if (write := _WRITERS.get(node.name)) is not None:
            return write(self, node, text, parent_tags)
        foreign = _foreign(node.name)
        return foreign(node, text, parent_tags=parent_tags) if foreign else text

    def _text(self, node: Node, tags: Set[str]) -> str:
        if node.name in _LEAVES:
            return ""
        if node.name in _HEADINGS:
            return inline_collector.write(node.children, self.heading)
        return "\n\n".join([text for _, text in self._blocks(node.children, tags)])

    def _blocks(self, nodes: Iterable[Node | str], tags: Set[str]) -> Iterator[tuple[str, str]]:
        """The blocks in an element, each with its tag's name; loose text is a paragraph."""
        last = ""
        for name, text in self._children(nodes, tags):
            if last and self.dialect.must_part(last, name):
                yield "", self.dialect.gap
            if text:
                last = name
                yield name, text

    def _children(self, nodes: Iterable[Node | str], tags: Set[str]) -> Iterator[tuple[str, str]]:
        loose: list[Node | str] = []
        for child in nodes:
            if isinstance(child, Node) and child.name in _BLOCKS:
                if loose:
                    yield "", inline_collector.write(loose, self.paragraph)
                    loose = []
                yield child.name, self.process_tag(child, tags)
            elif loose or isinstance(child, Node) or child.strip(_SPACES):
                loose.append(child)
        if loose:
            yield "", inline_collector.write(loose, self.paragraph)

    def _as_is(self, el: Node, text: str, parent_tags: Set[str]) -> str:
        return text

    def _heading(self, el: Node, text: str, parent_tags: Set[str]) -> str:
        if not text:
            return f"<{el.name}></{el.name}>" if self.dialect.has_html else ""
        return "#" * int(el.name[1]) + " " + self.dialect.closed(text)

    def _rule(self, el: Node, text: str, parent_tags: Set[str]) -> str:
        return "<hr>" if "li" in parent_tags and self.dialect.has_html else "***"

    def _blockquote(self, el: Node, text: str, parent_tags: Set[str]) -> str:
        return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))

    def _listed(self, el: Node, text: str, parent_tags: Set[str]) -> str:
        items = [child for child in el.children if _shows(child)]
        contents = [list(self._blocks(_contents(item), _IN_LIST)) for item in items]
        # A blank line in one item makes paragraphs of the text in all of them.
        is_apart = not self.dialect.indent and any(map(_has_blank, contents))
        tight = not (is_apart or any(map(_has_paragraph, contents)))
        number = _start(el)
        written = []
        for i, blocks in enumerate(contents):
            marker = f"{number + i}. " if el.name == "ol" else _BULLET
            written.append(self._item(blocks, marker, tight))
        last = self.dialect.numbered_from(number) if el.name == "ol" else ""
        return ("\n" if tight else "\n\n").join(written) + last

    def _item(self, blocks: list[tuple[str, str]], marker: str, tight: bool) -> str:
        parts: list[str] = []
        before = ""
        if (
            blocks
            and blocks[0][0] == "pre"
            and _ITEM.search(blocks[0][1])
            and not self.dialect.indent
        ):
            blocks = [("", self.dialect.empty), *blocks]
        for name, block in blocks:
            # After a line of text alone; a rule or a table in HTML goes on until a blank line.
            joins = name in _LISTS and before not in _LISTS | {"hr", "table"}
            if parts or (self.dialect.indent and name in _LISTS):
                parts.append("\n" if joins and (tight or self.dialect.indent) else "\n\n")
            parts.append(block)
            before = name
        indent = "\n" + " " * (self.dialect.indent or len(marker))
        return marker + re.sub(r"\n(?!\n)", indent, "".join(parts) or self.dialect.empty)

    def _code(self, el: Node, text: str, parent_tags: Set[str]) -> str:
        code = escape.drop_controls(el.text().replace("\r\n", "\n").replace("\r", "\n"))
        code = code.removesuffix("\n")
        language = _language(el)
        return self.dialect.code_block(code, language, in_item="li" in parent_tags)

    def _table(self, el: Node, text: str, parent_tags: Set[str]) -> str:
        rows = [
            [tables.Cell(inline_collector.write(cell.children, self.cell), cell) for cell in row]
            for row in tables.rows(el)
        ]
        if not self.dialect.has_tables:
            return fragment.table(el, self.base_url, self.dialect)
        if len(rows) != 1 or not self.dialect.has_bare_heads:
            return tables.write(rows) or fragment.table(el, self.base_url, self.dialect)
        return tables.write([*rows, *rows]).rpartition("\n")[0]  # a head alone


_WRITERS: dict[str, Callable[[Converter, Node, str, Set[str]], str]] = {
    **dict.fromkeys(("html", "body", "div", "section", "article", "figcaption"), Converter._as_is),
    **dict.fromkeys(("li", "dl", "dt", "dd"), Converter._as_is),
    **dict.fromkeys(_HEADINGS, Converter._heading),
    **dict.fromkeys(_LISTS, Converter._listed),
    "blockquote": Converter._blockquote,
    "hr": Converter._rule,
    "pre": Converter._code,
    "table": Converter._table,
}


@cache
def _foreign(name: str) -> Callable[..., str] | None:
    from markdownify import MarkdownConverter

    converter: Any = MarkdownConverter()  # its type stub leaves most of it out
    found: Callable[..., str] | None = converter.get_conv_fn(name)
    return found


@lru_cache(maxsize=16)
def converter(base_url: str, dialect: Dialect = DEFAULT) -> Converter:
    """A converter, which keeps nothing of what it converts."""
    return Converter(base_url, dialect)


def _shows(node: Node | str) -> bool:
    return isinstance(node, Node) or bool(node.strip(_SPACES))


def _contents(item: Node | str) -> Sequence[Node | str]:
    return item.children if isinstance(item, Node) and item.name == "li" else [item]


def _has_blank(blocks: list[tuple[str, str]]) -> bool:
    return any(name not in _LISTS for name, _ in blocks[1:])


def _has_paragraph(blocks: list[tuple[str, str]]) -> bool:
    return any(name == "p" for name, _ in blocks)


def _start(el: Node) -> int:
    start = el.attributes.get("start", "1")
    return int(start) if start.isascii() and start.isdigit() and len(start) < 10 else 1
