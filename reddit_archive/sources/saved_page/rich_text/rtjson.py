"""Renders Reddit's rich-text JSON to the HTML that the API has for the same text.

The pages of new Reddit (2018 to 2024) hold texts as a tree of nodes: `e` is the kind of a node,
`c` its content, `t` its text, `f` its formats. Text is escaped, and links lead only to http, https,
mailto or Reddit. Unknown nodes keep their text.
"""

from collections.abc import Sequence
from itertools import groupby

from reddit_archive.markup.node import Node
from reddit_archive.model.json_fields import Raw, get_int, get_str
from reddit_archive.sources.saved_page.rich_text import rtjson_text
from reddit_archive.sources.saved_page.rich_text.html_writer import write_blocks
from reddit_archive.sources.saved_page.rich_text.rtjson_text import MEDIA_NODES, as_nodes

_BLOCKS = frozenset(
    {"par", "h", "hr", "blockquote", "code", "list", "li", "table", "embed", *MEDIA_NODES}
)
_TEXT_ELEMENTS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th"})
_ALIGNMENTS = {"L": {"align": "left"}, "C": {"align": "center"}, "R": {"align": "right"}}

HtmlNodes = list[Node | str]


def render(content: object, media: object = None) -> str:
    """Render a text as a `<div class="md">`, like `body_html`; "" if it is empty.

    Args:
        content: `richtextContent`, an object with a list of nodes as `document`.
        media: The text's `mediaMetadata`, for the addresses of pictures and videos.
    """
    media = media if isinstance(media, dict) else {}
    html = write_blocks(_build_blocks(_get_document(content), media, 0))
    return f'<div class="md">{html}\n</div>' if html else ""


def get_text(content: object) -> str:
    """Return the words of a text, for example to recognize "[deleted]"."""
    return rtjson_text.collect_text(_get_document(content))


def _get_document(content: object) -> object:
    return content.get("document") if isinstance(content, dict) else None


def _build_blocks(content: object, media: Raw, depth: int) -> HtmlNodes:
    """Return the HTML of nodes; texts between blocks become paragraphs."""
    if depth > rtjson_text.MAX_DEPTH:
        return [Node("p", {}, [rtjson_text.collect_text(content)])]
    blocks: HtmlNodes = []
    for is_block, nodes in groupby(as_nodes(content), key=_is_block):
        if is_block:
            blocks += [item for node in nodes for item in _build_block(node, media, depth)]
        else:
            blocks.append(Node("p", {}, rtjson_text.build_inline(list(nodes), media, depth)))
    return blocks


def _is_block(node: Raw, depth: int = 0) -> bool:
    """Return whether a node is a block. Unknown nodes and spoilers are if they contain one."""
    return get_str(node, "e") in _BLOCKS or (
        depth < rtjson_text.MAX_DEPTH
        and any(_is_block(child, depth + 1) for child in as_nodes(node.get("c")))
    )


def _build_block(node: Raw, media: Raw, depth: int) -> HtmlNodes:
    content = node.get("c")
    match get_str(node, "e"):
        case "par":
            return [Node("p", {}, rtjson_text.build_inline(content, media, depth))]
        case "h":
            level = get_int(node, "l")
            tag = "p" if level is None else f"h{min(max(level, 1), 6)}"
            heading = Node(tag, {}, rtjson_text.build_inline(content, media, depth))
            return [heading] if heading.get_text().strip() else []
        case "hr":
            return [Node("hr", {}, [])]
        case "code":
            lines = "\n".join(get_str(line, "t") for line in as_nodes(content))
            return [Node("pre", {}, [Node("code", {}, [rtjson_text.clean(lines)])])]
        case "list":
            items: HtmlNodes = [_build_item(item, media, depth) for item in as_nodes(content)]
            return [Node("ol" if node.get("o") is True else "ul", {}, items)]
        case "table":
            return [_build_table(node, media, depth)]
        case "blockquote":
            return [Node("blockquote", {}, _build_blocks(content, media, depth + 1))]
        case "embed":
            url = get_str(node, "u")
            return [Node("p", {}, rtjson_text.build_link(url, [rtjson_text.clean(url)]))]
        case kind if kind in MEDIA_NODES:
            return [Node("p", {}, rtjson_text.build_media(node, media))]
        case kind:
            text: HtmlNodes = [Node("p", {}, [rtjson_text.clean(get_str(node, "t"))])]
            blocks = text + _build_blocks(content, media, depth + 1)
            return _hide(blocks) if kind == "spoilertext" else blocks


def _hide(blocks: HtmlNodes) -> HtmlNodes:
    """Return blocks whose texts are spoilers. Code can't be one."""
    return [_hide_node(block) if isinstance(block, Node) else block for block in blocks]


def _hide_node(node: Node) -> Node:
    if node.name in _TEXT_ELEMENTS:
        return Node(node.name, node.attributes, rtjson_text.hide(node.children))
    return node if node.name == "pre" else Node(node.name, node.attributes, _hide(node.children))


def _build_item(node: Raw, media: Raw, depth: int) -> Node:
    content = node.get("c") if get_str(node, "e") == "li" else [node]
    return Node("li", {}, _build_blocks(content, media, depth + 1))


def _build_table(node: Raw, media: Raw, depth: int) -> Node:
    header, rows = as_nodes(node.get("h")), node.get("c")
    alignments = [_ALIGNMENTS.get(get_str(cell, "a"), {}) for cell in header]
    body: HtmlNodes = [
        _build_row("td", as_nodes(row), alignments, media, depth)
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, list)
    ]
    head: HtmlNodes = [_build_row("th", header, alignments, media, depth)]
    return Node("table", {}, [Node("thead", {}, head), Node("tbody", {}, body)])


def _build_row(
    tag: str, cells: Sequence[Raw], alignments: Sequence[dict[str, str]], media: Raw, depth: int
) -> Node:
    row: HtmlNodes = [
        Node(
            tag,
            alignments[i] if i < len(alignments) else {},
            rtjson_text.build_inline(cell.get("c"), media, depth),
        )
        for i, cell in enumerate(cells)
    ]
    return Node("tr", {}, row)
