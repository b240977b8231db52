"""Write the HTML of a text as Reddit's API has it, without what browser extensions added."""

import html
import re

from reddit_archive.sources.saved_page.dom import Node, get, get_classes, has

KEPT_TAGS = frozenset(
    [
        *(
            "p",
            "a",
            "strong",
            "em",
            "b",
            "i",
            "u",
            "del",
            "s",
            "strike",
            "sup",
            "sub",
            "span",
            "br",
        ),
        *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "blockquote", "pre", "code", "ul", "ol", "li"),
        *("table", "thead", "tbody", "tfoot", "tr", "th", "td", "img"),
    ]
)
"""What Reddit's Markdown makes."""
DROPPED_TAGS = frozenset(
    [
        *("div", "section", "article", "aside", "nav", "figure", "details", "dialog", "form"),
        *("button", "input", "select", "textarea", "script", "style", "template", "noscript"),
        *("iframe", "object", "embed", "video", "audio", "canvas", "svg", "link", "meta"),
    ]
)
"""Elements that extensions put in, with all that is in them, as those with a hyphen in their name.

Of all others, for example `<font>` and `<mark>`, the content is Reddit's.
"""
VOID_TAGS = frozenset(["hr", "br", "img"])
KEPT_ATTRIBUTES = {
    "a": ("href", "title"),
    "img": ("src", "alt", "title", "width", "height"),
    "ol": ("start",),
    "th": ("align", "colspan", "rowspan"),
    "td": ("align", "colspan", "rowspan"),
}
SPOILER_CLASS = "md-spoiler-text"
FOREIGN_CLASS_PATTERN = re.compile(
    r"expando-button|keynavannotation|noctrlf|og|showoriginal|undelete.*|loading-indicator|"
    r"immersive-translate-target.*|res-.*|RESUserTag|madevisible|tb-.*",
    re.IGNORECASE,
)
"""Classes of Reddit Enhancement Suite, Unedit, Reddit Uncensored, Immersive Translate, Toolbox."""


def write_html(md: Node) -> str | None:
    """Return `<div class="md">…</div>` with the text of an element of class `md`.

    Returns None if another comment stands in it, because then the page is damaged.
    """
    parts = ['<div class="md">']
    todo: list[Node | str | None] = [md.first_child]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            parts.append(item)
        elif item is not None:
            todo.append(item.next)
            if item.is_text_node:
                parts.append(html.escape(item.text_content or "", quote=False))
            elif item.is_element_node:
                if "thing" in get_classes(item):
                    return None
                todo.extend(_open_element(item, parts))
    return "".join(parts).rstrip() + "\n</div>"


def _open_element(node: Node, parts: list[str]) -> list[Node | str | None]:
    """Write a start tag, and return what remains to be written of the element, last first."""
    name = (node.tag or "").lower()
    if is_foreign(node) or name in DROPPED_TAGS or "-" in name:
        return []
    if name not in KEPT_TAGS or (name == "span" and SPOILER_CLASS not in get_classes(node)):
        return [node.first_child]
    parts.append(f"<{name}{_format_attributes(node, name)}>")
    return [] if name in VOID_TAGS else [f"</{name}>", node.first_child]


def is_foreign(node: Node) -> bool:
    """Return whether an extension put the element into Reddit's text."""
    return has(node, "undeleted") or any(
        FOREIGN_CLASS_PATTERN.fullmatch(name) for name in get_classes(node)
    )


def _format_attributes(node: Node, name: str) -> str:
    if name == "span":
        return f' class="{SPOILER_CLASS}"'
    return "".join(
        f' {attribute}="{html.escape(get(node, attribute))}"'
        for attribute in KEPT_ATTRIBUTES.get(name, ())
        if has(node, attribute)
    )
