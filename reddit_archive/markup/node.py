"""A node of an HTML tree, as a plain Python object: faster to walk than the parser's nodes."""

from collections.abc import Iterator


class Node:
    """An element with its attributes and its children, which are elements and strings."""

    __slots__ = ("attributes", "children", "name")

    def __init__(self, name: str, attributes: dict[str, str], children: "list[Node | str]") -> None:
        self.name = name
        self.attributes = attributes
        self.children = children

    def get_text(self) -> str:
        """Return the text of the element and all its descendants."""
        return "".join(self.iter_strings())

    def iter_strings(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child.iter_strings()

    def iter_elements(self) -> "Iterator[Node]":
        return (child for child in self.children if isinstance(child, Node))


def get_list_start(element: Node) -> int:
    """Return the number of a list's first item."""
    start = element.attributes.get("start", "1")
    return int(start) if start.isascii() and start.isdigit() and len(start) < 10 else 1
