"""Reddit's HTML -> Markdown blocks, on top of markdownify: its table of converters.

What is replaced is how markdownify joins text. There, a converter gets its children as one string,
stripped and escaped without a look at the neighbours. Here a container holds a list of blocks,
joined by one blank line, and a paragraph is written as a whole (see inline and runs). The only line
end is "\\n", so that the Markdown may stand in a quote of any depth.
"""

import copy
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from markdownify import MarkdownConverter

from reddit_archive.markup import escape, inline, tables, tree
from reddit_archive.markup.runs import Place
from reddit_archive.markup.tree import Node

_LINES = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})
_LEAVES = frozenset({"pre", "ul", "ol", "table", "hr"})
_CONTAINERS = frozenset(
    {"html", "body", "div", "section", "article", "main", "aside", "header", "footer", "center"}
    | {"details", "summary", "figure", "figcaption", "form", "blockquote", "li", "dl", "dt", "dd"}
)
_BLOCKS = _LINES | _LEAVES | _CONTAINERS
_COMMENT = "<!-- -->"  # shows nothing, and keeps two lists apart
_LANGUAGE = re.compile(r"(?:md-code-)?language-([\w+#.-]{1,40})")


def _language(el: Node) -> str:
    codes = [child for child in el.elements() if child.name == "code"]
    classes = [c for tag in (el, *codes) for c in tag.attributes.get("class", "").split()]
    found = next(filter(None, map(_LANGUAGE.fullmatch, classes)), None)
    return found[1] if found else ""


class Converter(MarkdownConverter):
    """Writes the one Markdown that GitHub, CommonMark, markdown-it and kramdown read alike."""

    class Options:
        bullets = "-"
        code_language_callback = staticmethod(_language)

    base_url = ""
    depth = 0

    # What markdownify's type stub leaves out.
    options: dict[str, Any]
    get_conv_fn_cached: Callable[[str], Callable[..., str] | None]
    convert_fn_cache: dict[str, Callable[..., str] | None]

    def convert(self, html: str) -> str:
        return self.process_tag(tree.parse(html))

    def process_tag(self, node: Node, parent_tags: set[str] | None = None) -> str:
        """One block element: its line or its blocks, given to the converter of its name."""
        tags = (parent_tags or set()) | {node.name}
        if self.depth == inline.MAX_DEPTH:
            return self._line([" ".join(node.strings())])
        self.depth += 1
        text = self._text(node, tags)
        convert = self.get_conv_fn_cached(node.name)
        text = convert(node, text, parent_tags=tags) if convert else text
        self.depth -= 1
        return text

    def _text(self, node: Node, tags: set[str]) -> str:
        if node.name in _LEAVES:
            return ""
        if node.name in _LINES:
            return self._line(node.children, block=node.name == "p")
        return "\n\n".join(text for _, text in self._blocks(node.children, tags))

    def _line(self, nodes: Iterable[Node | str], *, block: bool = True, cell: bool = False) -> str:
        return inline.write(nodes, Place(self.base_url, block=block, cell=cell))

    def _blocks(self, nodes: Iterable[Node | str], tags: set[str]) -> Iterator[tuple[str, str]]:
        """The blocks in an element, each with its tag's name; loose text is a paragraph."""
        last = ""
        for name, text in self._children(nodes, tags):
            if name == last and name in ("ul", "ol"):
                yield "", _COMMENT
            if text:
                last = name
                yield name, text

    def _children(self, nodes: Iterable[Node | str], tags: set[str]) -> Iterator[tuple[str, str]]:
        loose: list[Node | str] = []
        for child in nodes:
            if isinstance(child, Node) and child.name in _BLOCKS:
                if loose:
                    yield "", self._line(loose)
                    loose = []
                yield child.name, self.process_tag(child, tags)
            else:
                loose.append(child)
        yield "", self._line(loose)

    def convert_p(self, el: Node, text: str, parent_tags: set[str]) -> str:
        return text

    convert_div = convert_article = convert_section = convert_p
    convert_figcaption = convert_dl = convert_dt = convert_dd = convert_body = convert_p

    def convert_hN(self, n: int, el: Node, text: str, parent_tags: set[str]) -> str:
        if not text:
            return f"<h{n}></h{n}>"
        if text.endswith("#"):
            text = text[:-1] + "\\#"  # kramdown drops it, as the end of `## x ##`
        return "#" * n + " " + text

    def convert_hr(self, el: Node, text: str, parent_tags: set[str]) -> str:
        return "<hr>" if "li" in parent_tags else "***"

    def convert_blockquote(self, el: Node, text: str, parent_tags: set[str]) -> str:
        return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))

    def convert_li(self, el: Node, text: str, parent_tags: set[str]) -> str:
        return text

    def convert_list(self, el: Node, text: str, parent_tags: set[str]) -> str:
        items = [child for child in el.children if _shows(child)]
        tight = not any(_has_paragraph(item) for item in items)
        number = _start(el)
        written = []
        for i, item in enumerate(items):
            marker = f"{number + i}. " if el.name == "ol" else f"{self.options['bullets']} "
            written.append(self._item(item, marker, tight, parent_tags | {"li"}))
        return ("\n" if tight else "\n\n").join(written)

    convert_ul = convert_ol = convert_list

    def _item(self, item: Node | str, marker: str, tight: bool, tags: set[str]) -> str:
        nodes = item.children if isinstance(item, Node) and item.name == "li" else [item]
        parts: list[str] = []
        for name, block in self._blocks(nodes, tags):
            if parts:
                parts.append("\n" if tight and name in ("ul", "ol") else "\n\n")
            parts.append(block)
        indent = "\n" + " " * len(marker)
        return marker + re.sub(r"\n(?!\n)", indent, "".join(parts) or _COMMENT)

    def convert_pre(self, el: Node, text: str, parent_tags: set[str]) -> str:
        code = escape.drop_controls(el.text().replace("\r\n", "\n").replace("\r", "\n"))
        code = code.removesuffix("\n")
        if not code or re.search(r"\{[{%]", code):
            return f"<pre><code>{escape.raw(code)}\n</code></pre>"
        language = self.options["code_language_callback"](el)
        longest = max((len(run) for run in re.findall("`{3,}", code)), default=2)
        fence = "`" * (longest + 1)
        return f"{fence}{language}\n{code}\n{fence}"

    def convert_table(self, el: Node, text: str, parent_tags: set[str]) -> str:
        rows = [
            [tables.Cell(self._line(cell.children, block=False, cell=True), cell) for cell in row]
            for row in tables.rows(el)
        ]
        return tables.write(rows) or tables.html(rows, self.base_url)


@cache
def _prepared() -> Converter:
    return Converter()


def converter(base_url: str) -> Converter:
    """A converter of one's own; markdownify is slow to read its options, so that is done once."""
    own = copy.copy(_prepared())
    own.convert_fn_cache = {}  # it holds bound methods
    own.base_url = base_url
    return own


def _shows(node: Node | str) -> bool:
    return isinstance(node, Node) or not node.isspace()


def _has_paragraph(item: Node | str) -> bool:
    children = item.children if isinstance(item, Node) else ()
    return any(isinstance(child, Node) and child.name == "p" for child in children)


def _start(el: Node) -> int:
    start = el.attributes.get("start", "1")
    return int(start) if start.isascii() and start.isdigit() and len(start) < 10 else 1
