"""Plain text, as a person would type it into a mail: nothing in it is markup."""

from collections.abc import Iterable, Iterator

from reddit_archive.markup import escape, links, media_tokens, tables
from reddit_archive.markup.html_parser import Node

_BLOCKS = frozenset(
    {"p", "div", "blockquote", "ul", "ol", "li", "pre", "table", "hr", "section", "article"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "dl", "dt", "dd", "figure", "details", "summary"}
)
_RULE = "-" * 20
_WIDTH = 78  # of a table; a mail is folded after that


def write(root: Node, base_url: str) -> str:
    """Write the blocks below `root`, with a blank line between them."""
    return _Writer(base_url).blocks(root.children)


class _Writer:
    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def blocks(self, nodes: Iterable[Node | str], between: str = "\n\n") -> str:
        return between.join(text for text in self._blocks(nodes) if text)

    def _blocks(self, nodes: Iterable[Node | str]) -> Iterator[str]:
        loose: list[Node | str] = []
        for node in nodes:
            if isinstance(node, Node) and node.name in _BLOCKS:
                yield self.line(loose)
                loose = []
                yield self._block(node)
            else:
                loose.append(node)
        yield self.line(loose)

    def _block(self, node: Node) -> str:
        match node.name:
            case "blockquote":
                return _prefixed(self.blocks(node.children), "> ", "> ")
            case "ul" | "ol":
                return self._list(node)
            case "pre":
                return _prefixed(_code(node), "    ", "    ")
            case "table":
                return self._table(node)
            case "hr":
                return _RULE
            case _:
                return self.blocks(node.children)

    def _list(self, node: Node) -> str:
        items = []
        is_loose = any(child.name == "p" for item in node.elements() for child in item.elements())
        first = node.attributes.get("start", "1")
        number = int(first) if first.isascii() and first.isdigit() and len(first) < 10 else 1
        shown = (child for child in node.children if isinstance(child, Node) or child.strip())
        for i, item in enumerate(shown):
            marker = f"{number + i}. " if node.name == "ol" else "- "
            nodes = [item] if isinstance(item, str) or item.name != "li" else item.children
            text = self.blocks(nodes, "\n\n" if is_loose else "\n")
            items.append(_prefixed(text, marker, " " * len(marker)) if text else marker.rstrip())
        return ("\n\n" if is_loose else "\n").join(items)

    def _table(self, node: Node) -> str:
        grid = [
            [self.line(cell.children).replace("\n", " ") for cell in row]
            for row in tables.rows(node)
        ]
        if not grid:
            return ""
        grid = [row + [""] * (max(map(len, grid)) - len(row)) for row in grid]
        widths = [max(map(len, column)) for column in zip(*grid, strict=True)]
        if sum(widths) + 3 * len(widths) <= _WIDTH:
            lines = [_aligned(row, widths) for row in grid]
            return "\n".join(
                [lines[0], _aligned(["-" * width for width in widths], widths), *lines[1:]]
            )
        head = grid[0]
        return "\n\n".join("\n".join(map(_named, head, row)) for row in grid[1:] or grid)

    def line(self, nodes: Iterable[Node | str]) -> str:
        """Inline nodes, white space collapsed; each <br> begins a line."""
        lines = "".join(self._inline(node) for node in nodes).split("\n")
        text = "\n".join(escape.clean(line).strip(" ") for line in lines)
        return text.strip("\n")

    def _inline(self, node: Node | str) -> str:
        if isinstance(node, str):
            return escape.clean(node)
        inner = "".join(self._inline(child) for child in node.children)
        if node.name == "a" and any(child.name == "img" for child in node.elements()):
            return inner
        match node.name:
            case "br":
                return "\n"
            case "a":
                return self._link(inner, node.attributes.get("href", ""))
            case "img":
                return self._link(
                    media_tokens.name(node), media_tokens.source(node, self.base_url) or ""
                )
            case "sup":
                return f"^({inner})" if " " in inner else f"^{inner}"
            case "del" | "s" | "strike":
                return f"~~{inner}~~"
            case "span" if "md-spoiler-text" in node.attributes.get("class", "").split():
                return f">!{inner}!<"
            case _:
                return f" {inner} " if node.name in _BLOCKS else inner

    def _link(self, label: str, href: str) -> str:
        url = links.resolve(href, self.base_url)
        bare = label.strip(" ")
        if not url or bare in (url, url.removeprefix("mailto:")):
            return label
        if bare.startswith("/") and links.resolve(bare, self.base_url) == url:
            return label  # a path on Reddit, like /r/x
        return f"{label} <{url}>" if bare else f"<{url}>"


def _code(node: Node) -> str:
    text = node.text().replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    return escape.drop_controls(text).strip("\n")


def _prefixed(text: str, first: str, rest: str) -> str:
    lines = text.split("\n")
    return "\n".join(((rest if i else first) + line).rstrip(" ") for i, line in enumerate(lines))


def _aligned(row: list[str], widths: list[int]) -> str:
    return "   ".join(map(str.ljust, row, widths)).rstrip(" ")


def _named(name: str, value: str) -> str:
    return f"{name}: {value}" if name else value
