"""Parses the HTML that Reddit's own renderer writes, without a full HTML parser.

It accepts only well-formed HTML, where every element is closed in order and contains only what it
may contain. A browser would correct nothing in such HTML. Everything else, including tables, is
left to `html_parser`.

Parsing takes 11 instead of 36 µs, and converting to Markdown 44 instead of 77 µs. This is the mean
of 9,000 recorded comments and posts (440 characters of HTML each) on Python 3.11 and one core of an
AMD EPYC. 99.4 % of these texts are accepted.
"""

import re

from reddit_archive.markup.node import Node

# Most texts are paragraphs without any markup. Without this shortcut, parsing takes 13 instead of
# 11 µs. It also drops the newlines between paragraphs, so HTML quotes depend on it.
_TEXT = r"[^<&\r\0]*+(?:&(?:amp|lt|gt|quot|#39);[^<&\r\0]*+)*+"
_PARAGRAPHS_ONLY = re.compile(
    rf'(?:<!-- SC_OFF -->)?<div class="md">(?:<p>{_TEXT}</p>\n*+)++</div>(?:<!-- SC_ON -->)?\s*+'
)
_PARAGRAPH = re.compile("<p>([^<]*)</p>")
_MAX_DEPTH = 40
_TAG = re.compile("(<[^<>]*>)")
_OPENING_TAG = re.compile(r'<([a-z]+)((?: [a-z]+="[^"<]*")+)>')
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
_CHARACTER_REFERENCES = {
    "&#39;": "'",
    "&quot;": '"',
    "&lt;": "<",
    "&gt;": ">",
    "&nbsp;": "\xa0",
    "&#x200B;": "\u200b",
    "&#32;": " ",
    "&amp;": "&",  # the last one, because its `&` could start another reference
}
_ONLY_KNOWN_REFERENCES = re.compile(rf"[^&]*+(?:(?:{'|'.join(_CHARACTER_REFERENCES)})[^&]*+)*+")
_HTML_COMMENTS = frozenset({"<!-- SC_OFF -->", "<!-- SC_ON -->"})
_INLINE_ELEMENTS = frozenset({"a", "em", "strong", "del", "code", "sup", "span"})
_TEXT_BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})
_LISTS = frozenset({"ul", "ol"})
_FLOW_ELEMENTS = _INLINE_ELEMENTS | _TEXT_BLOCKS | _LISTS | {"blockquote", "pre", "br", "hr"}
# The children that each element may have.
_ALLOWED_CHILDREN = {
    "body": _FLOW_ELEMENTS | {"div"},
    **dict.fromkeys(("div", "blockquote", "li"), _FLOW_ELEMENTS),
    **dict.fromkeys(_TEXT_BLOCKS | _INLINE_ELEMENTS, _INLINE_ELEMENTS | {"br"}),
    **dict.fromkeys(_LISTS, frozenset({"li"})),
    "pre": frozenset({"code"}),
}
_NO_TEXT_ELEMENTS = _LISTS | {"pre"}
_VOID_ELEMENTS = frozenset({"br", "hr"})
_TAGS_WITHOUT_ATTRIBUTES = {f"<{name}>": name for name in (*_ALLOWED_CHILDREN, *_VOID_ELEMENTS)} | {
    f"<{name}/>": name for name in _VOID_ELEMENTS
}
_NO_ATTRIBUTES: dict[str, str] = {}


def try_parse(html: str) -> Node | None:
    """Return the <body> that a browser would build; None if that is not certain."""
    if _PARAGRAPHS_ONLY.fullmatch(html):
        texts = [_decode_references(text) for text in _PARAGRAPH.findall(html)]
        paragraphs: list[Node | str] = [
            Node("p", _NO_ATTRIBUTES, [text] if text else []) for text in texts
        ]
        return Node("body", _NO_ATTRIBUTES, paragraphs)
    if "\0" in html or "\r" in html:
        return None
    *pieces, trailing_text = _TAG.split(html)  # a text, a tag, a text, and so on
    node = Node("body", _NO_ATTRIBUTES, [])
    ancestors: list[Node] = []
    for text, tag in zip(pieces[::2], pieces[1::2], strict=True):
        if text and not _append_text(node, text):
            return None
        if tag[1] == "/":
            if tag[2:-1] != node.name or not ancestors:
                return None
            node = ancestors.pop()
        elif tag not in _HTML_COMMENTS:
            child = _open_element(tag, node, ancestors)
            if child is None:
                return None
            node.children.append(child)
            if child.name not in _VOID_ELEMENTS:
                ancestors.append(node)
                node = child
    if ancestors or trailing_text.strip(" \n"):
        return None
    if trailing_text:
        node.children.append(trailing_text)
    return node


def _decode_references(text: str) -> str:
    """Replace the character references; the text contains only those that are known."""
    if "&" in text:
        for reference, character in _CHARACTER_REFERENCES.items():
            text = text.replace(reference, character)
    return text


def _append_text(node: Node, text: str) -> bool:
    """Append a text to an element. Return False if it may not stand there."""
    if "<" in text or (
        node.name in _NO_TEXT_ELEMENTS and (node.name == "pre" or text.strip(" \n"))
    ):
        return False
    if "&" in text:
        if not _ONLY_KNOWN_REFERENCES.fullmatch(text):
            return False
        text = _decode_references(text)
    node.children.append(text)
    return True


def _open_element(tag: str, node: Node, ancestors: list[Node]) -> Node | None:
    """Return the element that a tag opens; None if it may not stand there."""
    name = _TAGS_WITHOUT_ATTRIBUTES.get(tag)
    attributes = _NO_ATTRIBUTES
    if name is None:
        match = _OPENING_TAG.fullmatch(tag)
        if not match or ("&" in tag and not _ONLY_KNOWN_REFERENCES.fullmatch(tag)):
            return None
        name, pairs = match[1], _ATTRIBUTE.findall(match[2])
        attributes = {key: _decode_references(value) for key, value in pairs}
        if len(attributes) < len(pairs):
            return None
    if name not in _ALLOWED_CHILDREN[node.name] or len(ancestors) > _MAX_DEPTH:
        return None
    if name in _INLINE_ELEMENTS and (
        name == node.name or name in [ancestor.name for ancestor in ancestors]
    ):
        return None
    return Node(name, attributes, [])
