"""Clean the HTML that Reddit's web pages make of rich text into the form that Reddit's API has.

Only what an author can write is kept: blocks, styles, links, pictures, spoilers, tables. Classes,
buttons, icons, hidden parts, what extensions put in, and Reddit's own search links go. Reading and
writing takes time in proportion to the size of the text, however deep it is nested.
"""

import re
from collections.abc import Iterable, Iterator

from reddit_archive.markup import links
from reddit_archive.markup.node import Node
from reddit_archive.sources.saved_page import dom
from reddit_archive.sources.saved_page.rich_text import html_media
from reddit_archive.sources.saved_page.rich_text.html_media import MEDIA_ELEMENTS
from reddit_archive.sources.saved_page.rich_text.html_writer import write_blocks

MAX_DEPTH = 100
"""Only the text of deeper elements is kept. Reddit nests 16 deep."""
_SPOILER = {"class": "md-spoiler-text"}
_ELEMENT_NAMES = {
    **{name: name for name in ("p", "blockquote", "pre", "ul", "ol", "li", "hr", "br", "table")},
    **{name: name for name in ("thead", "tbody", "tr", "th", "td", "sup", "code", "figure")},
    **{name: name for name in ("h1", "h2", "h3", "h4", "h5", "h6", "figcaption")},
    **dict.fromkeys(("div", "section", "article"), "div"),
    **dict.fromkeys(("strong", "b"), "strong"),
    **dict.fromkeys(("em", "i"), "em"),
    **dict.fromkeys(("del", "s", "strike"), "del"),
}
_SPOILER_HREFS = frozenset({"/s", "/spoiler", "#s", "#spoiler"})
"""Before 2017 a spoiler was a link with the text in its title."""
_DROPPED_ELEMENTS = frozenset(
    {"script", "style", "template", "noscript", "svg", "button", "iframe", "object", "embed"}
    | {"input", "textarea", "select", "form", "dialog", "head", "title", "audio"}
    | {"faceplate-screen-reader-content", "faceplate-loader", "faceplate-partial"}
    | {"faceplate-progress", "rpl-tooltip", "shreddit-comment", "shreddit-post"}
)
_DROPPED_PREFIXES = ("shreddit-comment-", "shreddit-ad-", "grammarly-", "plasmo-", "deepl-")
# RES, un-delete extensions and translators put such elements into a text.
_FOREIGN_CLASS = re.compile(
    r"undeleted|res-.*|RESUser.*|keyNavAnnotation|expando-button|toolbox-.*|gr-media-placeholder"
    r"|immersive-translate-target-.*"
)
_FOREIGN_STYLE = re.compile(r"outline:[^;]*\bsalmon\b")
_ALIGNMENT = re.compile(r"text-align:\s*(left|center|right)\b", re.IGNORECASE)
_ALIGNMENTS = frozenset({"left", "center", "right"})
_REDDIT_SEARCH = re.compile(
    r"(?:https?://(?:[a-z]+\.)?reddit\.com)?(?:/r/\w+)?/search(?:[/?#]|$)", re.IGNORECASE
)


def clean(node: dom.Node) -> str:
    """Return the text below an element as Reddit's API would; "" if there is none.

    Args:
        node: The element around a text in rich text (rtjson), without any comment below it.
    """
    html = write_blocks(_copy_children(node, 0))
    return f'<div class="md">{html}\n</div>' if html else ""


def _copy_children(node: dom.Node, depth: int) -> list[Node | str]:
    """Return what is kept of an element's content. Elements without a meaning are unwrapped."""
    items: list[Node | str] = []
    child = node.first_child
    while child is not None:
        if child.is_text_node:
            items.append(child.text_content or "")
        elif child.is_element_node and not is_foreign(child):
            items += _copy_element(child, depth + 1)
        child = child.next
    return items


def is_foreign(element: dom.Node) -> bool:
    """Return whether an element is no part of the text: the page's controls, or an extension's."""
    name = element.tag or ""
    if name in _DROPPED_ELEMENTS or name.startswith(_DROPPED_PREFIXES):
        return True
    attributes = element.attributes
    # The content of a slot of this name shows when the pointer rests on a name.
    is_hidden = "hidden" in attributes or attributes.get("slot") == "content"
    return is_hidden or is_inserted(element)


def is_inserted(element: dom.Node) -> bool:
    """Return whether an extension of the browser put an element into the page."""
    return any(map(_FOREIGN_CLASS.fullmatch, dom.get_classes(element))) or bool(
        _FOREIGN_STYLE.search(dom.get(element, "style")[:500])
    )


def _copy_element(element: dom.Node, depth: int) -> list[Node | str]:
    if depth >= MAX_DEPTH:
        return [*_iter_texts(element)]
    name = element.tag or ""
    if name in MEDIA_ELEMENTS:
        return html_media.copy_media(element)
    children = _copy_children(element, depth)
    if name == "a":
        return _copy_link(element, children)
    if name == "figure":
        return [html_media.build_figure(children)]
    if _is_spoiler(element):
        return [Node("span", _SPOILER, children)]
    kept_name = _ELEMENT_NAMES.get(name)
    return [Node(kept_name, _get_attributes(element), children)] if kept_name else children


def _iter_texts(element: dom.Node) -> Iterator[str]:
    """Yield the texts of an element that is nested too deep, without recursion."""
    todo: list[dom.Node | None] = [element.first_child]
    while todo:
        node = todo.pop()
        if node is None:
            continue
        todo.append(node.next)
        if node.is_text_node:
            yield node.text_content or ""
        elif node.is_element_node and not is_foreign(node):
            todo.append(node.first_child)


def _is_spoiler(element: dom.Node) -> bool:
    if element.tag == "shreddit-spoiler":
        return True
    if element.tag != "span":
        return False
    if "md-spoiler-text" in dom.get_classes(element):
        return True
    label = f"{dom.get(element, 'title')} {dom.get(element, 'aria-label')}".lower()
    return dom.get(element, "role") == "button" and "spoiler" in label


def _get_attributes(element: dom.Node) -> dict[str, str]:
    if element.tag == "ol" and (start := dom.get(element, "start")).isdecimal():
        return {"start": start} if start.isascii() and start != "1" else {}
    if element.tag in ("th", "td") and (alignment := _get_alignment(element)):
        return {"align": alignment}
    return {}


def _get_alignment(cell: dom.Node) -> str:
    """Return how a cell is aligned: by its attribute, its style or a class."""
    if (alignment := dom.get(cell, "align").lower()) in _ALIGNMENTS:
        return alignment
    if match := _ALIGNMENT.search(dom.get(cell, "style")):
        return match[1].lower()
    named = (name.removeprefix("text-") for name in dom.get_classes(cell) if "text-" in name)
    return next((name for name in named if name in _ALIGNMENTS), "")


def _copy_link(element: dom.Node, children: list[Node | str]) -> list[Node | str]:
    href = dom.get(element, "href").strip()
    text = dom.collapse_spaces("".join(_iter_strings(children)))
    # Reddit marks the links of authors as content of users ("ugc").
    is_from_reddit = _REDDIT_SEARCH.match(href) and "ugc" not in dom.get(element, "rel").split()
    if links.resolve(href) is None or (is_from_reddit and "/search" not in text):
        return children
    if any(isinstance(child, Node) and child.name == "a" for child in children):
        children = [html_media.get_video_label(href)]
    title = dom.get(element, "title")
    attributes = {"href": href} | ({"title": title} if title and href in _SPOILER_HREFS else {})
    return [Node("a", attributes, children)]


def _iter_strings(items: Iterable[Node | str]) -> Iterator[str]:
    for item in items:
        if isinstance(item, str):
            yield item
        else:
            yield from item.iter_strings()
