"""Writes a tree as plain text, as a person would type it into a mail. Nothing in it is markup."""

from collections.abc import Iterable, Iterator

from reddit_archive.markup import escape, links, media_tokens, shown_tree, tables
from reddit_archive.markup.node import Node, get_list_start

_BLOCKS = frozenset(
    {"p", "div", "blockquote", "ul", "ol", "li", "pre", "table", "hr", "section", "article"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "dl", "dt", "dd", "figure", "details", "summary"}
)
_THEMATIC_BREAK = "-" * 20
_MAX_TABLE_WIDTH = 78  # mail programs wrap longer lines


def write(root: Node) -> str:
    """Write the children of `root`, with a blank line between blocks."""
    return _write_blocks(root.children)


def _write_blocks(nodes: Iterable[Node | str], separator: str = "\n\n") -> str:
    return separator.join(text for text in _iter_blocks(nodes) if text)


def _iter_blocks(nodes: Iterable[Node | str]) -> Iterator[str]:
    inline_nodes: list[Node | str] = []
    for node in nodes:
        if isinstance(node, Node) and node.name in _BLOCKS:
            yield _write_line(inline_nodes)
            inline_nodes = []
            yield _write_block(node)
        else:
            inline_nodes.append(node)
    yield _write_line(inline_nodes)


def _write_block(node: Node) -> str:
    match node.name:
        case "blockquote":
            return _prefix_lines(_write_blocks(node.children), "> ", "> ")
        case "ul" | "ol":
            return _write_list(node)
        case "pre":
            return _prefix_lines(_get_code(node), "    ", "    ")
        case "table":
            return _write_table(node)
        case "hr":
            return _THEMATIC_BREAK
        case _:
            return _write_blocks(node.children)


def _write_list(node: Node) -> str:
    items = []
    is_loose = any(
        child.name == "p" for item in node.iter_elements() for child in item.iter_elements()
    )
    first_number = get_list_start(node)
    children = (child for child in node.children if isinstance(child, Node) or child.strip())
    for i, item in enumerate(children):
        marker = f"{first_number + i}. " if node.name == "ol" else "- "
        nodes = [item] if isinstance(item, str) or item.name != "li" else item.children
        text = _write_blocks(nodes, "\n\n" if is_loose else "\n")
        items.append(_prefix_lines(text, marker, " " * len(marker)) if text else marker.rstrip())
    return ("\n\n" if is_loose else "\n").join(items)


def _write_table(node: Node) -> str:
    grid = [
        [_write_line(cell.children).replace("\n", " ") for cell in row]
        for row in tables.iter_rows(node)
    ]
    if not grid:
        return ""
    grid = [row + [""] * (max(map(len, grid)) - len(row)) for row in grid]
    widths = [max(map(len, column)) for column in zip(*grid, strict=True)]
    if sum(widths) + 3 * len(widths) <= _MAX_TABLE_WIDTH:
        lines = [_align_row(row, widths) for row in grid]
        return "\n".join(
            [lines[0], _align_row(["-" * width for width in widths], widths), *lines[1:]]
        )
    head = grid[0]
    return "\n\n".join("\n".join(map(_format_field, head, row)) for row in grid[1:] or grid)


def _write_line(nodes: Iterable[Node | str]) -> str:
    """Write inline nodes with collapsed white space. Each <br> starts a new line."""
    lines = "".join(_write_inline(node) for node in nodes).split("\n")
    text = "\n".join(escape.clean(line).strip(" ") for line in lines)
    return text.strip("\n")


def _write_inline(node: Node | str) -> str:
    if isinstance(node, str):
        return escape.clean(node)
    inner = "".join(_write_inline(child) for child in node.children)
    if node.name == "a" and any(child.name == "img" for child in node.iter_elements()):
        labels = [
            _write_inline(child) if isinstance(child, str) else media_tokens.get_image_label(child)
            for child in node.children
            if isinstance(child, str) or child.name == "img"
        ]
        return _write_link("".join(labels), node.attributes.get("href", "")) or inner
    match node.name:
        case "br":
            return "\n"
        case "a":
            return _write_link(inner, node.attributes.get("href", ""))
        case "img":
            return _write_link(
                media_tokens.get_image_label(node),
                media_tokens.get_image_url(node) or "",
            )
        case "sup":
            return f"^({inner})" if " " in inner else f"^{inner}"
        case "del" | "s" | "strike":
            return f"~~{inner}~~"
        case "span" if shown_tree.is_spoiler(node):
            return f">!{inner}!<"
        case _:
            return f" {inner} " if node.name in _BLOCKS else inner


def _write_link(label: str, href: str) -> str:
    url = links.resolve(href)
    stripped = label.strip(" ")
    if not url or stripped in (url, url.removeprefix("mailto:")):
        return label
    if stripped.startswith("/") and links.resolve(stripped) == url:
        return label  # a path on Reddit, like /r/x
    return f"{label} <{url}>" if stripped else f"<{url}>"


def _get_code(node: Node) -> str:
    text = node.get_text().replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    return escape.drop_controls(text).strip("\n")


def _prefix_lines(text: str, first_prefix: str, other_prefix: str) -> str:
    lines = text.split("\n")
    return "\n".join(
        ((other_prefix if i else first_prefix) + line).rstrip(" ") for i, line in enumerate(lines)
    )


def _align_row(row: list[str], widths: list[int]) -> str:
    return "   ".join(map(str.ljust, row, widths)).rstrip(" ")


def _format_field(name: str, value: str) -> str:
    return f"{name}: {value}" if name else value
