"""Write a cleaned tree of rich text as the HTML that Reddit's own renderer makes of Markdown."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reddit_archive.markup.node import Node

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = frozenset({"p", "div", "blockquote", "pre", "ul", "ol", "li", "hr", "table", *_HEADINGS})
_TABLE_PARTS = frozenset({"thead", "tbody", "tr", "th", "td"})
_CONTAINERS = frozenset({"div", "li", "figcaption", *_TABLE_PARTS})  # where they stand alone
_LISTS = frozenset({"ul", "ol"})
_WHITESPACE = re.compile(r"[ \t\n\r\f]+")  # what a browser collapses: not the non-breaking space
_LINE_BREAK = re.compile(r" *<br/> *")
_LEADING_BREAKS = re.compile(r"(?: |<br/>)*")
_LEADING_BLANK_LINES = re.compile(r"(?:[ \t]*\n)*")


@dataclass(frozen=True, slots=True)
class _Block:
    """A written block. `inner` is the content of a paragraph, without its tags."""

    name: str
    html: str
    inner: str = ""


def write_blocks(items: Iterable[Node | str]) -> str:
    """Write blocks with a blank line between them. Loose text becomes a paragraph."""
    return "\n\n".join(block.html for block in _iter_blocks(items))


def _iter_blocks(items: Iterable[Node | str]) -> Iterator[_Block]:
    inline: list[Node | str] = []
    for item in items:
        if isinstance(item, str) or not _is_block(item):
            inline.append(item)
            continue
        yield from _iter_paragraphs(inline)
        inline = []
        yield from _iter_element_blocks(item)
    yield from _iter_paragraphs(inline)


def _is_block(node: Node) -> bool:
    """Return whether a node is a block, or a style around blocks."""
    if node.name in _BLOCKS or node.name in _CONTAINERS:
        return True
    return any(child.name in _BLOCKS for child in node.iter_elements())


def _iter_paragraphs(items: Sequence[Node | str]) -> Iterator[_Block]:
    if inner := _write_inline(items):
        yield _Block("p", f"<p>{inner}</p>", inner)


def _iter_element_blocks(node: Node) -> Iterator[_Block]:
    name = node.name
    if name == "p":
        yield from (
            _iter_blocks(node.children)
            if _is_block_inside(node)
            else _iter_paragraphs(node.children)
        )
    elif name in _CONTAINERS:
        yield from _iter_blocks(node.children)
    elif name in _HEADINGS:
        yield _Block(name, f"<{name}>{_write_inline(node.children)}</{name}>")
    elif name == "hr":
        yield _Block(name, "<hr/>")
    elif name == "blockquote":
        yield _Block(name, f"<blockquote>\n{write_blocks(node.children)}\n</blockquote>")
    elif name == "pre":
        yield _Block(name, f"<pre><code>{_escape(_get_code(node))}\n</code></pre>")
    elif name in _LISTS:
        yield from _iter_list(node)
    elif name == "table":
        yield from _iter_table(node)
    else:
        yield from _iter_blocks(_push_style_down(node))


def _is_block_inside(node: Node) -> bool:
    return any(_is_block(child) for child in node.iter_elements())


def _push_style_down(node: Node) -> Iterator[Node | str]:
    """Yield the children of a style around blocks, each with the style inside it."""
    for child in node.children:
        if isinstance(child, Node) and _is_block(child):
            inner = Node(node.name, node.attributes, child.children)
            yield Node(child.name, child.attributes, [inner])
        else:
            yield Node(node.name, node.attributes, [child])


def _iter_list(node: Node) -> Iterator[_Block]:
    items = [[*_iter_blocks(nodes)] for nodes in map(_get_item_nodes, node.children) if nodes]
    # Rich text has a paragraph in every item. Reddit's renderer has none in lists without gaps.
    is_tight = all(_is_tight(blocks) for blocks in items)
    written = [_write_item(blocks, is_tight=is_tight) for blocks in items]
    if written:
        start = _write_attributes(node.attributes)
        yield _Block(node.name, "\n".join([f"<{node.name}{start}>", *written, f"</{node.name}>"]))


def _get_item_nodes(child: Node | str) -> Sequence[Node | str]:
    """Return the content of a list item; nothing for the white space between items."""
    if isinstance(child, str):
        return [child] if child.strip() else []
    return child.children or [""] if child.name == "li" else [child]


def _is_tight(blocks: Sequence[_Block]) -> bool:
    return all(block.name in _LISTS for block in blocks[1:])


def _write_item(blocks: Sequence[_Block], *, is_tight: bool) -> str:
    parts = [block.inner if is_tight and block.name == "p" else block.html for block in blocks]
    return "<li>" + "\n\n".join(parts) + "</li>"


def _iter_table(node: Node) -> Iterator[_Block]:
    rows = [*_iter_rows(node)]
    if not rows:
        return
    head, *body = rows
    written_body = "\n".join(_write_row(row, "td") for row in body)
    html = f"<table><thead>\n{_write_row(head, 'th')}\n</thead>"
    yield _Block("table", f"{html}<tbody>\n{written_body}\n</tbody></table>")


def _iter_rows(node: Node) -> Iterator[list[Node]]:
    for child in node.iter_elements():
        if child.name == "tr":
            yield [cell for cell in child.iter_elements() if cell.name in ("th", "td")]
        elif child.name in ("thead", "tbody"):
            yield from _iter_rows(child)


def _write_row(cells: Iterable[Node], name: str) -> str:
    written = [
        f"<{name}{_write_attributes(cell.attributes)}>{_write_inline(cell.children)}</{name}>"
        for cell in cells
    ]
    return "\n".join(["<tr>", *written, "</tr>"])


def _get_code(node: Node) -> str:
    """Return the text of a code block: white space counts in it, but not around <code>."""
    code_elements = [child for child in node.iter_elements() if child.name == "code"]
    texts = [_get_lines(element) for element in code_elements or [node]]
    code = "".join(texts).replace("\r", "")
    stripped = code.rstrip(" \t\n")
    last_line_end = code[len(stripped) :].partition("\n")[0]
    return _LEADING_BLANK_LINES.sub("", stripped, count=1) + last_line_end


def _get_lines(node: Node) -> str:
    return "".join(
        child if isinstance(child, str) else "\n" if child.name == "br" else _get_lines(child)
        for child in node.children
    )


def _write_inline(items: Iterable[Node | str]) -> str:
    """Write inline nodes without white space at the ends and around line breaks."""
    html = _WHITESPACE.sub(" ", "".join(_iter_inline(items)))
    return _LINE_BREAK.sub("<br/>\n", _strip_breaks(html))


def _strip_breaks(html: str) -> str:
    """Drop spaces and line breaks at both ends."""
    match = _LEADING_BREAKS.match(html)
    start, end = match.end() if match else 0, len(html)
    while end > start and (html[end - 1] == " " or html.endswith("<br/>", start, end)):
        end -= 1 if html[end - 1] == " " else len("<br/>")
    return html[start:end]


def _iter_inline(items: Iterable[Node | str]) -> Iterator[str]:
    for item in items:
        if isinstance(item, str):
            yield _escape(item)
        elif item.name in ("br", "img"):
            yield f"<{item.name}{_write_attributes(item.attributes)}/>"
        elif item.name == "code":
            yield f"<code>{_escape(item.get_text())}</code>"
        elif item.name in _BLOCKS or item.name in _CONTAINERS:
            yield from (" ", *_iter_inline(item.children), " ")
        elif inner := "".join(_iter_inline(item.children)):
            yield f"<{item.name}{_write_attributes(item.attributes)}>{inner}</{item.name}>"


def _write_attributes(attributes: Mapping[str, str]) -> str:
    return "".join(f' {name}="{_escape(value)}"' for name, value in attributes.items())


def _escape(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("'", "&#39;")
