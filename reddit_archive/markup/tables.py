"""Tables, in the only shape that Markdown has: one head row, one line a row."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reddit_archive.markup.html_parser import Node

_RULES = {"left": ":---", "right": "---:", "center": ":---:"}
_SPANS = frozenset(str(n) for n in range(1, 101))
_DELIMITERS_ONLY = re.compile(r"[-:=+]+")


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    tag: Node

    @property
    def align(self) -> str:
        return self.tag.attributes.get("align", "")

    @property
    def span(self) -> int:
        return span(self.tag)


def span(cell: Node) -> int:
    """The columns that a cell stands in."""
    columns = cell.attributes.get("colspan", "1")
    return int(columns) if columns in _SPANS else 1


def rows(table: Node) -> Iterator[list[Node]]:
    """The cells of every row that has any."""
    for part in _tags_in(table, "thead", "tbody", "tfoot", "tr"):
        for row in [part] if part.name == "tr" else _tags_in(part, "tr"):
            if cells := list(_tags_in(row, "td", "th")):
                yield cells


def _tags_in(tag: Node, *names: str) -> Iterator[Node]:
    return (child for child in tag.elements() if child.name in names)


def write(grid: list[list[Cell]]) -> str:
    """A pipe table, or "" where there are no body rows: kramdown has no table of a head alone."""
    if grid and grid[0][0].tag.name == "td":
        grid = [[Cell("", cell.tag) for cell in grid[0]], *grid]
    if len(grid) < 2:
        return ""
    width = max(sum(cell.span for cell in row) for row in grid)
    rules = [_RULES.get(cell.align, "---") for cell in grid[0]]
    rules += ["---"] * (width - len(rules))
    lines = [_line(_texts(row), width) for row in grid]
    return "\n".join([lines[0], _line(rules, width), *lines[1:]])


def _texts(row: list[Cell]) -> list[str]:
    texts = []
    for cell in row:
        bare = _DELIMITERS_ONLY.fullmatch(cell.text)
        texts += ["\\" + cell.text if bare else cell.text] + [""] * (cell.span - 1)
    return texts


def _line(texts: list[str], width: int) -> str:
    padded = texts + [""] * (width - len(texts))
    return "| " + " | ".join(padded) + " |"
