"""A node of a tree: plain Python, which is quicker to walk than what a parser keeps."""

from collections.abc import Iterator


class Node:
    """An element: its name, its attributes, and its children, elements and strings."""

    __slots__ = ("attributes", "children", "name")

    def __init__(self, name: str, attributes: dict[str, str], children: "list[Node | str]") -> None:
        self.name = name
        self.attributes = attributes
        self.children = children

    def get_text(self) -> str:
        """All text below, in order."""
        return "".join(self.iter_strings())

    def iter_strings(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child.iter_strings()

    def iter_elements(self) -> "Iterator[Node]":
        return (child for child in self.children if isinstance(child, Node))
