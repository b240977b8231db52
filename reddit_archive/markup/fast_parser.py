"""HTML as Reddit's own renderer writes it, read without a parser: nearly all comments are such.

Every element is closed in its turn and holds only what may stand in it, so that a browser would
find nothing to mend. What is not certain to be like that, a table too, is left to the parser.
"""

import re

from reddit_archive.markup.node import Node

# Most comments of all: paragraphs of text alone.
_TEXT = r"[^<&\r\0]*+(?:&(?:amp|lt|gt|quot|#39);[^<&\r\0]*+)*+"
_PLAIN = re.compile(
    rf'(?:<!-- SC_OFF -->)?<div class="md">(?:<p>{_TEXT}</p>\n*+)++</div>(?:<!-- SC_ON -->)?\s*+'
)
_PARAGRAPH = re.compile("<p>([^<]*)</p>")
_DEEPEST = 40
_TAG = re.compile("(<[^<>]*>)")
_OPENING = re.compile(r'<([a-z]+)((?: [a-z]+="[^"<]*")+)>')
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
_CHARACTERS = {
    "&#39;": "'",
    "&quot;": '"',
    "&lt;": "<",
    "&gt;": ">",
    "&nbsp;": "\xa0",
    "&#x200B;": "\u200b",
    "&#32;": " ",
    "&amp;": "&",  # the last, for what it becomes could begin another one
}
_REFERENCES = re.compile(rf"[^&]*+(?:(?:{'|'.join(_CHARACTERS)})[^&]*+)*+")
_UNSEEN = frozenset({"<!-- SC_OFF -->", "<!-- SC_ON -->"})
_INLINE = frozenset({"a", "em", "strong", "del", "code", "sup", "span"})
_LINES = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})
_LISTS = frozenset({"ul", "ol"})
_BLOCKS = _INLINE | _LINES | _LISTS | {"blockquote", "pre", "br", "hr"}
# What may stand in what.
_WITHIN = {
    "body": _BLOCKS | {"div"},
    **dict.fromkeys(("div", "blockquote", "li"), _BLOCKS),
    **dict.fromkeys(_LINES | _INLINE, _INLINE | {"br"}),
    **dict.fromkeys(_LISTS, frozenset({"li"})),
    "pre": frozenset({"code"}),
}
_TEXTLESS = _LISTS | {"pre"}
_VOID = frozenset({"br", "hr"})
_BARE = {f"<{name}>": name for name in (*_WITHIN, *_VOID)} | {f"<{name}/>": name for name in _VOID}
_NONE: dict[str, str] = {}


def read(html: str) -> Node | None:
    """Give the <body> that a browser would build, or None where that is not certain."""
    if _PLAIN.fullmatch(html):
        texts = [_read(text) for text in _PARAGRAPH.findall(html)]
        return Node("body", _NONE, [Node("p", _NONE, [text] if text else []) for text in texts])
    if "\0" in html or "\r" in html:
        return None
    *pieces, last = _TAG.split(html)  # a text, a tag, a text, and so on
    node = Node("body", _NONE, [])
    around: list[Node] = []
    for text, tag in zip(pieces[::2], pieces[1::2], strict=True):
        if text and not _took(node, text):
            return None
        if tag[1] == "/":
            if tag[2:-1] != node.name or not around:
                return None
            node = around.pop()
        elif tag not in _UNSEEN:
            child = _opened(tag, node, around)
            if child is None:
                return None
            node.children.append(child)
            if child.name not in _VOID:
                around.append(node)
                node = child
    if around or last.strip(" \n"):
        return None
    if last:
        node.children.append(last)
    return node


def _read(text: str) -> str:
    """Put the characters where their references are, of which it has no others."""
    if "&" in text:
        for reference, character in _CHARACTERS.items():
            text = text.replace(reference, character)
    return text


def _took(node: Node, text: str) -> bool:
    """Put a text into an element, if it may stand there."""
    if "<" in text or (node.name in _TEXTLESS and (node.name == "pre" or text.strip(" \n"))):
        return False
    if "&" in text:
        if not _REFERENCES.fullmatch(text):
            return False
        text = _read(text)
    node.children.append(text)
    return True


def _opened(tag: str, node: Node, around: list[Node]) -> Node | None:
    """Give the element that a tag opens, if it may stand there."""
    name = _BARE.get(tag)
    attributes = _NONE
    if name is None:
        found = _OPENING.fullmatch(tag)
        if not found or not _REFERENCES.fullmatch(tag):
            return None
        name, pairs = found[1], _ATTRIBUTE.findall(found[2])
        attributes = {key: _read(value) for key, value in pairs}
        if len(attributes) < len(pairs):
            return None
    if name not in _WITHIN[node.name] or len(around) > _DEEPEST:
        return None
    if name in _INLINE and (name == node.name or any(name == each.name for each in around)):
        return None
    return Node(name, attributes, [])
