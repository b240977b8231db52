"""Writes a tree as plain text, as a person would type it into a mail. Nothing in it is markup."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from reddit_archive.markup import (
    bidi,
    escape,
    links,
    media_tokens,
    shown_tree,
    tables,
    text_tables,
    text_wrap,
)
from reddit_archive.markup.node import Node, get_list_start

_BLOCKS = frozenset(
    {"p", "div", "blockquote", "ul", "ol", "li", "pre", "table", "hr", "section", "article"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "dl", "dt", "dd", "figure", "details", "summary"}
)
_THEMATIC_BREAK = "-" * 20
_INK = re.compile(
    r"[^\s\x85\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    r"\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
"""A character that shows something. People type `&#x200B;` or `&nbsp;` for a blank line."""


def write(root: Node, width: int = 0) -> str:
    """Write the children of `root`, with a blank line between blocks.

    Args:
        root: The tree.
        width: The columns at which paragraphs are wrapped; 0 for no wrapping.
    """
    return _write_blocks(root.children, width)


def _write_blocks(nodes: Iterable[Node | str], width: int, separator: str = "\n\n") -> str:
    return separator.join(text for text in _iter_blocks(nodes, width) if text)


def _iter_blocks(nodes: Iterable[Node | str], width: int) -> Iterator[str]:
    inline_nodes: list[Node | str] = []
    for node in nodes:
        if isinstance(node, str) or node.name not in _BLOCKS:
            inline_nodes.append(node)
            continue
        if inline_nodes:
            yield text_wrap.wrap(_write_line(inline_nodes), width)
            inline_nodes = []
        yield _write_block(node, width)
    if inline_nodes:
        yield text_wrap.wrap(_write_line(inline_nodes), width)


def _write_block(node: Node, width: int) -> str:
    match node.name:
        case "blockquote":
            text = _write_blocks(node.children, _narrow(width, 2))
            return text and _prefix_lines(text, "> ", "> ")
        case "ul" | "ol":
            return _write_list(node, width)
        case "pre":
            return _prefix_lines(_get_code(node), "    ", "    ")
        case "table":
            return _write_table(node, width)
        case "hr":
            return _THEMATIC_BREAK
        case _:
            return _write_blocks(node.children, width)


def _narrow(width: int, columns: int) -> int:
    """Return the width that is left beside a prefix; 0 stays 0."""
    return width and max(width - columns, text_wrap.MIN_WIDTH)


def _write_list(node: Node, width: int) -> str:
    items = []
    is_loose = any(
        child.name == "p" for item in node.iter_elements() for child in item.iter_elements()
    )
    first_number = get_list_start(node)
    children = (child for child in node.children if isinstance(child, Node) or child.strip())
    for i, item in enumerate(children):
        marker = f"{first_number + i}. " if node.name == "ol" else "- "
        nodes = [item] if isinstance(item, str) or item.name != "li" else item.children
        text = _write_blocks(nodes, _narrow(width, len(marker)), "\n\n" if is_loose else "\n")
        items.append(_prefix_lines(text, marker, " " * len(marker)) if text else marker.rstrip())
    return ("\n\n" if is_loose else "\n").join(items)


def _write_table(node: Node, width: int) -> str:
    rows: list[list[str]] = []
    aligns: list[str] = []
    for row in tables.iter_rows(node):
        cells = []
        for cell in row:
            blanks = [""] * (tables.get_column_span(cell) - 1)
            cells += [_write_line(cell.children).replace("\n", " "), *blanks]
            if not rows:
                aligns += [cell.attributes.get("align", ""), *blanks]
        rows.append(cells)
    return text_tables.write(rows, aligns, width)


def _write_line(nodes: Iterable[Node | str]) -> str:
    """Write inline nodes with collapsed white space. Each <br> starts a new line.

    Nodes that show nothing are written as "".
    """
    text = "".join([_write_inline(node) for node in nodes])
    if "\n" in text:
        lines = [escape.clean_balanced(line).strip(" ") for line in text.split("\n")]
        text = "\n".join(bidi.balance_lines(lines)).strip("\n")
    else:
        text = escape.clean_balanced(text).strip(" ")
    return text if _INK.search(text) else ""


def _write_inline(node: Node | str) -> str:
    if isinstance(node, str):
        return escape.clean_balanced(node)
    inner = "".join([_write_inline(child) for child in node.children])
    if node.name == "a" and any(child.name == "img" for child in node.iter_elements()):
        labels = [
            _write_inline(child) if isinstance(child, str) else _get_image_label(child)
            for child in node.children
            if isinstance(child, str) or child.name == "img"
        ]
        return _write_link("".join(labels), node.attributes.get("href", "")) or inner
    match node.name:
        case "br":
            return "\n"
        case "a":
            href, title = (node.attributes.get(name, "") for name in ("href", "title"))
            is_spoiler = links.hides_title(href) and title.strip()
            return f"{inner} >!{escape.clean(title)}!<" if is_spoiler else _write_link(inner, href)
        case "img":
            return _write_link(_get_image_label(node), media_tokens.get_image_url(node) or "")
        case "sup":
            return f"^({inner})" if " " in inner else f"^{inner}"
        case "del" | "s" | "strike":
            return f"~~{inner}~~"
        case "span" if shown_tree.is_spoiler(node):
            return f">!{inner}!<"
        case _:
            return f" {inner} " if node.name in _BLOCKS else inner


def _get_image_label(node: Node) -> str:
    return escape.clean(media_tokens.get_image_label(node))


def _write_link(label: str, href: str) -> str:
    url = links.resolve(href)
    stripped = label.strip(" ")
    if not url or _shows_url(stripped, url):
        return label
    if stripped.startswith("/") and links.resolve(stripped) == url:
        return label  # a path on Reddit, like /r/x
    return f"{label} <{url}>" if stripped else f"<{url}>"


def _shows_url(label: str, url: str) -> bool:
    """Return whether a label shows its URL, which may lack the scheme or be percent-encoded."""
    return label in (url, url.removeprefix("mailto:")) or (
        "." in label and label in (unquote(url), re.sub(r"^https?://(?=www\.)", "", unquote(url)))
    )


def _get_code(node: Node) -> str:
    text = node.get_text().replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    return escape.drop_controls(text).strip("\n")


def _prefix_lines(text: str, first_prefix: str, other_prefix: str) -> str:
    lines = text.split("\n")
    return "\n".join(
        ((other_prefix if i else first_prefix) + line).rstrip(" ") for i, line in enumerate(lines)
    )
