"""Writes a tree as a clean HTML fragment: allowed elements only, text escaped, tags closed."""

from reddit_archive.markup import dollar_math, escape, links, media_tokens, shown_tree, tables
from reddit_archive.markup.dialects import SPOILER_TAGS, Dialect
from reddit_archive.markup.node import Node

_ALLOWED_ELEMENTS = frozenset(
    {"p", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "sup"}
    | {"table", "thead", "tbody", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6"}
)
_SYNONYMS = {"b": "strong", "i": "em", "s": "del", "strike": "del"}
_VOID_ELEMENTS = frozenset({"br", "hr"})
_CODE_ELEMENTS = frozenset({"pre", "code"})


def write(root: Node, dialect: Dialect) -> str:
    """Write the children of `root`. `html_parser` limits how deep they are nested.

    `dialect` says which images are shown, and from where.
    """
    return _Writer(dialect).write_children(root, frozenset()).strip("\n")


def write_table(node: Node, dialect: Dialect) -> str:
    """Write a table that can stand in Markdown. A blank line would end it, so it has none."""
    writer = _Writer(dialect)
    head, *body = [[writer.write_cell(cell) for cell in row] for row in tables.iter_rows(node)] or [
        []
    ]
    if not head:
        return ""
    return "\n".join(
        [f"<table>\n<thead>\n{_write_row(head)}\n</thead>"]
        + ["<tbody>", *map(_write_row, body), "</tbody>"] * bool(body)
        + ["</table>"]
    )


def _write_row(cells: list[str]) -> str:
    return f"<tr>{''.join(cells)}</tr>"


class _Writer:
    """Writes the nodes of one fragment."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    def write_children(self, node: Node, ancestor_names: frozenset[str]) -> str:
        return "".join(
            [
                self._write_text(child, ancestor_names)
                if isinstance(child, str)
                else self._write_element(child, ancestor_names)
                for child in node.children
            ]
        )

    def write_cell(self, node: Node) -> str:
        inner = self.write_children(node, frozenset({node.name})).replace("\n", " ")
        return f"<{node.name}{_write_attributes(node)}>{inner}</{node.name}>"

    def _write_element(self, node: Node, ancestor_names: frozenset[str]) -> str:
        name = _SYNONYMS.get(node.name, node.name)
        if name in _VOID_ELEMENTS:
            return f"<{name}>"
        if name == "img":
            return self._write_image(node, ancestor_names)
        inner = self.write_children(node, ancestor_names | {name})
        if name == "a":
            return inner if name in ancestor_names else self._write_link(node, inner)
        if name == "span" and shown_tree.is_spoiler(node):
            is_hidden = self.dialect.output == "html" or self.dialect.spoiler_tags is not None
            start, end = SPOILER_TAGS if is_hidden else ("&gt;!", "!&lt;")
            return f"{start}{inner}{end}"
        if name not in _ALLOWED_ELEMENTS:
            return inner
        return f"<{name}{_write_attributes(node)}>{inner}</{name}>"

    def _write_text(self, text: str, ancestor_names: frozenset[str]) -> str:
        if ancestor_names & _CODE_ELEMENTS:
            return escape.escape_html(
                escape.drop_controls(text.replace("\r\n", "\n").replace("\r", "\n"))
            )
        if "\n" in text:
            text = "\n".join([escape.clean_balanced(line) for line in text.split("\n")])
        else:
            text = escape.clean_balanced(text)
        escaped = escape.escape_html(text)
        return escaped.replace("$", dollar_math.HTML_SPAN) if self.dialect.has_math else escaped

    def _write_link(self, node: Node, inner: str) -> str:
        url = links.resolve(node.attributes.get("href", ""))
        if url is None or "href" not in node.attributes:
            return inner
        has_image = any(child.name == "img" for child in node.iter_elements())
        image_source = self.dialect.get_image_source(url, is_shown_by_reddit=False)
        if image_source and not has_image:
            return write_image(image_source, node.get_text(), node.attributes.get("title", ""))
        return links.write_html(inner, url, node.attributes.get("title", ""))

    def _write_image(self, node: Node, ancestor_names: frozenset[str]) -> str:
        url, title = media_tokens.get_image_url(node), node.attributes.get("title", "")
        image_source = url and self.dialect.get_image_source(
            url, is_shown_by_reddit=media_tokens.is_shown_by_reddit(node, url)
        )
        if image_source:
            return write_image(image_source, node.attributes.get("alt", ""), title)
        label = escape.clean(media_tokens.get_image_label(node))
        link_node = Node("a", {"href": node.attributes.get("src", "")}, [label])
        return (
            escape.escape_html(label)
            if "a" in ancestor_names
            else self._write_link(link_node, escape.escape_html(label))
        )


def _write_attributes(node: Node) -> str:
    if not node.attributes:
        return ""
    align, start = node.attributes.get("align"), node.attributes.get("start", "")
    if node.name in ("td", "th"):
        column_span = tables.get_column_span(node)
        align_attribute = f' align="{align}"' if align in ("left", "center", "right") else ""
        return align_attribute + (f' colspan="{column_span}"' if column_span > 1 else "")
    if node.name == "ol" and start.isascii() and start.isdigit() and len(start) < 10:
        return f' start="{start}"'
    return ""


def write_image(url: str, alt: str, title: str = "") -> str:
    """Write an <img> that loads `url`."""
    title_attribute = links.write_title_attribute(title)
    escaped_alt = escape.escape_html(escape.clean(media_tokens.write_alt(alt)))
    return f'<img src="{escape.escape_html(url)}" alt="{escaped_alt}"{title_attribute}>'
