"""A clean fragment of HTML: an allow-list of elements, every text escaped, every tag closed."""

from reddit_archive.markup import escape, links, media
from reddit_archive.markup.tree import Node

_PLAIN = frozenset(
    {"p", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "sup"}
    | {"table", "thead", "tbody", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6"}
)
_SYNONYMS = {"b": "strong", "i": "em", "s": "del", "strike": "del"}
_EMPTY = frozenset({"br", "hr"})
_CODE = frozenset({"pre", "code"})
_SPOILER = "md-spoiler-text"


def write(root: Node, base_url: str) -> str:
    """Write what stands below `root`; `tree` has cut off all that lies too deep."""
    return _inner(root, base_url, frozenset()).strip("\n")


def _inner(node: Node, base_url: str, inside: frozenset[str]) -> str:
    return "".join(
        _text(child, inside) if isinstance(child, str) else _element(child, base_url, inside)
        for child in node.children
    )


def _text(text: str, inside: frozenset[str]) -> str:
    if inside & _CODE:
        return escape.raw(escape.drop_controls(text.replace("\r\n", "\n").replace("\r", "\n")))
    return escape.raw("\n".join(escape.clean(line) for line in text.split("\n")))


def _element(node: Node, base_url: str, inside: frozenset[str]) -> str:
    name = _SYNONYMS.get(node.name, node.name)
    if name in _EMPTY:
        return f"<{name}>"
    if name == "img":
        return _image(node, base_url, inside)
    inner = _inner(node, base_url, inside | {name})
    if name == "a":
        return inner if name in inside else _link(node, inner, base_url)
    if name == "span" and _SPOILER in node.attributes.get("class", "").split():
        return f'<span class="{_SPOILER}">{inner}</span>'
    if name not in _PLAIN:
        return inner
    return f"<{name}{_attributes(node)}>{inner}</{name}>"


def _attributes(node: Node) -> str:
    align, start = node.attributes.get("align"), node.attributes.get("start", "")
    if node.name in ("td", "th") and align in ("left", "center", "right"):
        return f' align="{align}"'
    if node.name == "ol" and start.isascii() and start.isdigit() and len(start) < 10:
        return f' start="{start}"'
    return ""


def _link(node: Node, inner: str, base_url: str) -> str:
    url = links.resolve(node.attributes.get("href", ""), base_url)
    if url is None or "href" not in node.attributes:
        return inner
    return link(inner, url, node.attributes.get("title", ""))


def _image(node: Node, base_url: str, inside: frozenset[str]) -> str:
    """A link: a picture would tell its server who reads the page."""
    label = escape.raw(escape.clean(media.name(node)))
    link = Node("a", {"href": node.attributes.get("src", "")}, [])
    return label if "a" in inside else _link(link, label, base_url)


def link(label: str, url: str, title: str = "") -> str:
    """A link; `label` is HTML already."""
    shown = f' title="{escape.raw(escape.clean(title))}"' if title else ""
    return f'<a href="{escape.raw(url)}"{shown} rel="nofollow">{label}</a>'
