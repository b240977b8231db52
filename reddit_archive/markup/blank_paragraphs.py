"""Drops the paragraphs that show nothing. People type `&#x200B;` or `&nbsp;` for a blank line, and
blocks have one between them anyway.
"""

import re

from reddit_archive.markup.node import Node

_CHARACTERS = (
    r"\x85\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    r"\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"
)
_INVISIBLE = re.compile(f"[{_CHARACTERS}]")
_INK = re.compile(rf"[^\s{_CHARACTERS}]")
_REFERENCE = re.compile(
    r"&(?:#(?!(?:39|34|32|x27|x2F|47);)|(?!amp;|lt;|gt;|quot;)[A-Za-z]*"
    r"(?:zwn?j|lrm|rlm|shy|sp|[Ss]pace|NoBreak);)"
)
TYPED = re.compile(
    r"(?:\A\s*?|\n[> \r]*\n)[> ]*"
    rf"(?:(?:&(?:#x200b|#8203|nbsp|#160|#xa0|zwn?j);|[{_CHARACTERS}]) *)+(?=[\r\n]|\Z)",
    re.IGNORECASE,
)
"""A paragraph, in Reddit's Markdown, whose first line shows nothing."""
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})
_WITHOUT_CONTENT = frozenset({"em", "strong", "b", "i", "del", "s", "sup", "span", "br"})


def may_be_needed(html: str) -> bool:
    """Return whether a text may hold such a paragraph, or controls of bidirectional text.

    Without this check, each tree would be walked.
    """
    if not html.isascii() and _INVISIBLE.search(html):
        return True
    return ("&" in html and _REFERENCE.search(html) is not None) or "<p></p>" in html


def drop(root: Node) -> None:
    """Drop the paragraphs and headings below `root` that show nothing, and quotes of only such."""
    if any(isinstance(child, Node) for child in root.children):
        root.children = [child for child in root.children if not _is_dropped(child)]


def _is_dropped(node: Node | str) -> bool:
    if isinstance(node, str) or node.name == "pre":
        return False
    if node.name in _PARAGRAPHS:
        return not _shows_something(node)
    had_children = any(isinstance(child, Node) for child in node.children)
    drop(node)
    is_quote = node.name == "blockquote" and had_children
    return is_quote and not any(isinstance(child, Node) or child.strip() for child in node.children)


def _shows_something(node: Node) -> bool:
    return any(
        bool(_INK.search(child))
        if isinstance(child, str)
        else child.name not in _WITHOUT_CONTENT or _shows_something(child)
        for child in node.children
    )
