"""Balances the controls of bidirectional text, so that they can't reorder the text around them.

Hebrew and Arabic texts need these controls. An embedding, an override or an isolate that is open
at the end of its paragraph is closed there. A control that closes nothing is dropped. UAX #9 says
which control closes which.
"""

import re

from reddit_archive.markup.node import Node

_CONTROL_CHARACTERS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
CONTROLS = re.compile(f"[{_CONTROL_CHARACTERS}]")
_REFERENCE = re.compile(r"&#(?:x0*(?:202[a-e]|206[6-9])|0*(?:823[4-8]|829[4-7]))", re.IGNORECASE)
_POP_FORMATTING, _POP_ISOLATE = "\u202c", "\u2069"
_OVERRIDES = "\u202d\u202e"
_ISOLATES = "\u2066\u2067\u2068"
_MAX_OPEN = 60  # renderers ignore what is nested deeper than 125
_CODE = frozenset({"pre", "code"})
_BLOCKS = frozenset(
    {
        "body",
        "div",
        "p",
        "pre",
        "ul",
        "ol",
        "li",
        "blockquote",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
    }
    | {"td", "th", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "dl", "dt", "dd", "section", "article"}
    | {"figure", "figcaption", "details", "summary", "center", "main", "aside", "header", "footer"}
)

_CONTAINERS = frozenset({"ul", "ol", "table", "thead", "tbody", "tfoot", "tr"})
"""Each child of these is a paragraph or more of its own."""


def may_have_controls(html: str) -> bool:
    """Return whether HTML holds such a control, also as a character reference."""
    # Nearly no text has any. Checked this way, it takes 0.5 instead of 1.1 µs to see that.
    if not html.isascii() and any(control in html for control in _CONTROL_CHARACTERS):
        return True
    return "#" in html and _REFERENCE.search(html) is not None


def balance(text: str) -> str:
    """Balance the controls of one paragraph of plain text."""
    if text.isascii() or not CONTROLS.search(text):
        return text
    balancer = _Balancer()
    return balancer.add(text) + balancer.suspend(0)


def drop(text: str) -> str:
    """Drop the controls of a text that is cut later, or compared."""
    return CONTROLS.sub("", text)


def balance_lines(lines: list[str]) -> list[str]:
    """Balance each line of a paragraph that was broken into lines.

    What is open at the end of a line is closed there, and opened again in the next one.
    """
    if not any(CONTROLS.search(line) for line in lines):
        return lines
    balancer = _Balancer()
    return [balancer.add(line) + balancer.suspend(0) for line in lines]


def balance_tree(root: Node) -> None:
    """Balance the controls of each paragraph below `root`, and drop those in code."""
    _balance_block(root)


def _balance_block(node: Node) -> None:
    if node.name in _CODE:
        _drop_in(node)
        return
    if node.name in _CONTAINERS:
        for child in node.iter_elements():
            _balance_block(child)
        node.children = [
            balance(child) if isinstance(child, str) else child for child in node.children
        ]
        return
    balancer = _Balancer()
    _balance_children(node, balancer)
    if closing := balancer.suspend(0):
        node.children.append(closing)


def _balance_children(node: Node, balancer: "_Balancer") -> None:
    children: list[Node | str] = []
    for child in node.children:
        if isinstance(child, str):
            children.append(balancer.add(child))
            continue
        is_block = child.name in _BLOCKS
        if is_block or child.name == "br":
            children.append(balancer.suspend(0))
        if is_block:
            balancer.suspended.clear()
        if is_block or child.name in _CODE:
            _balance_block(child)
        else:
            _balance_children(child, balancer)
        children.append(child)
    node.children = [child for child in children if child != ""]


def _drop_in(node: Node) -> None:
    for i, child in enumerate(node.children):
        if isinstance(child, str):
            node.children[i] = drop(child)
        else:
            _drop_in(child)


class _Balancer:
    """Balances the strings of a paragraph in order.

    An override never extends beyond its string: a writer may put an address between two strings.

    Attributes:
        stack: What is open.
        suspended: What was closed at the end of a string, and continues in the next one.
    """

    def __init__(self) -> None:
        self.stack: list[str] = []
        self.suspended: list[str] = []

    def add(self, text: str) -> str:
        """Return a string of the paragraph with the controls that it needs."""
        if not text or not (self.suspended or CONTROLS.search(text)):
            return text
        reopened = "".join(self.suspended)
        self.stack += self.suspended
        self.suspended = []
        balanced = reopened + CONTROLS.sub(self._replace, text)
        first_override = next(
            (i for i, control in enumerate(self.stack) if control in _OVERRIDES), len(self.stack)
        )
        return balanced + self.suspend(first_override)

    def suspend(self, start: int) -> str:
        """Return the closing controls for what is open from `start` on, until the next string."""
        self.suspended = self.stack[start:] + self.suspended
        return self._close(start)

    def _close(self, start: int) -> str:
        closed = self.stack[start:]
        del self.stack[start:]
        return "".join(
            _POP_ISOLATE if control in _ISOLATES else _POP_FORMATTING
            for control in reversed(closed)
        )

    def _replace(self, match: re.Match[str]) -> str:
        control = match[0]
        if control == _POP_FORMATTING:
            is_open = bool(self.stack) and self.stack[-1] not in _ISOLATES
            return self._close(len(self.stack) - 1) if is_open else ""
        if control == _POP_ISOLATE:
            positions = [i for i, opened in enumerate(self.stack) if opened in _ISOLATES]
            return self._close(positions[-1]) if positions else ""
        if len(self.stack) >= _MAX_OPEN:
            return ""
        self.stack.append(control)
        return control
