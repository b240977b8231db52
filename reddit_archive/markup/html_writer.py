"""A clean fragment of HTML: an allow-list of elements, every text escaped, every tag closed."""

from reddit_archive.markup import escape, links, media_tokens, tables
from reddit_archive.markup.dialects import Dialect
from reddit_archive.markup.html_parser import Node

_PLAIN = frozenset(
    {"p", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "sup"}
    | {"table", "thead", "tbody", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6"}
)
_SYNONYMS = {"b": "strong", "i": "em", "s": "del", "strike": "del"}
_EMPTY = frozenset({"br", "hr"})
_CODE = frozenset({"pre", "code"})
_SPOILER = "md-spoiler-text"


def write(root: Node, base_url: str, dialect: Dialect) -> str:
    """Write what stands below `root`; `tree` has cut off all that lies too deep.

    `dialect` knows which pictures are shown, and from where.
    """
    return _Writer(base_url, dialect).inner(root, frozenset()).strip("\n")


def table(node: Node, base_url: str, dialect: Dialect) -> str:
    """Write a table of Markdown's shape, with no blank line, which would end it there."""
    writer = _Writer(base_url, dialect)
    head, *body = [[writer.cell(cell) for cell in row] for row in tables.rows(node)] or [[]]
    if not head:
        return ""
    return "\n".join(
        [f"<table>\n<thead>\n{_row(head)}\n</thead>"]
        + ["<tbody>", *map(_row, body), "</tbody>"] * bool(body)
        + ["</table>"]
    )


def _row(cells: list[str]) -> str:
    return f"<tr>{''.join(cells)}</tr>"


class _Writer:
    """Writes the nodes of one fragment."""

    def __init__(self, base_url: str, dialect: Dialect) -> None:
        self.base_url = base_url
        self.dialect = dialect

    def inner(self, node: Node, inside: frozenset[str]) -> str:
        return "".join(
            _text(child, inside) if isinstance(child, str) else self._element(child, inside)
            for child in node.children
        )

    def cell(self, node: Node) -> str:
        inner = self.inner(node, frozenset({node.name})).replace("\n", " ")
        return f"<{node.name}{_attributes(node)}>{inner}</{node.name}>"

    def _element(self, node: Node, inside: frozenset[str]) -> str:
        name = _SYNONYMS.get(node.name, node.name)
        if name in _EMPTY:
            return f"<{name}>"
        if name == "img":
            return self._image(node, inside)
        inner = self.inner(node, inside | {name})
        if name == "a":
            return inner if name in inside else self._link(node, inner)
        if name == "span" and _SPOILER in node.attributes.get("class", "").split():
            return f'<span class="{_SPOILER}">{inner}</span>'
        if name not in _PLAIN:
            return inner
        return f"<{name}{_attributes(node)}>{inner}</{name}>"

    def _link(self, node: Node, inner: str) -> str:
        url = links.resolve(node.attributes.get("href", ""), self.base_url)
        if url is None or "href" not in node.attributes:
            return inner
        if picture := self.dialect.picture(url, is_shown=False):
            return image(picture, node.text(), node.attributes.get("title", ""))
        return link(inner, url, node.attributes.get("title", ""))

    def _image(self, node: Node, inside: frozenset[str]) -> str:
        url, title = media_tokens.source(node, self.base_url), node.attributes.get("title", "")
        shown = url and self.dialect.picture(url, is_shown=media_tokens.is_shown(node, url))
        if shown:
            return image(shown, node.attributes.get("alt", ""), title)
        label = escape.clean(media_tokens.name(node))
        link = Node("a", {"href": node.attributes.get("src", "")}, [label])
        return escape.raw(label) if "a" in inside else self._link(link, escape.raw(label))


def _text(text: str, inside: frozenset[str]) -> str:
    if inside & _CODE:
        return escape.raw(escape.drop_controls(text.replace("\r\n", "\n").replace("\r", "\n")))
    return escape.raw("\n".join(escape.clean(line) for line in text.split("\n")))


def _attributes(node: Node) -> str:
    align, start = node.attributes.get("align"), node.attributes.get("start", "")
    if node.name in ("td", "th"):
        span = tables.span(node)
        aligned = f' align="{align}"' if align in ("left", "center", "right") else ""
        return aligned + (f' colspan="{span}"' if span > 1 else "")
    if node.name == "ol" and start.isascii() and start.isdigit() and len(start) < 10:
        return f' start="{start}"'
    return ""


def image(url: str, alt: str, title: str = "") -> str:
    name = escape.raw(escape.clean(alt))
    return f'<img src="{escape.raw(url)}" alt="{name}"{_titled(title)}>'


def link(label: str, url: str, title: str = "") -> str:
    """A link; `label` is HTML already."""
    return f'<a href="{escape.raw(url)}"{_titled(title)} rel="nofollow">{label}</a>'


def _titled(title: str) -> str:
    return f' title="{escape.raw(escape.clean(title))}"' if title else ""
