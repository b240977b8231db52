"""Reads tables from a tree, and writes them in Markdown: one header row, one line for each row."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reddit_archive.markup.node import Node

_DELIMITER_CELLS = {"left": ":---", "right": "---:", "center": ":---:"}
_VALID_SPANS = frozenset(str(n) for n in range(1, 101))
_DELIMITERS_ONLY = re.compile(r"[-:=+]+")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its finished Markdown and its element."""

    text: str
    element: Node

    @property
    def align(self) -> str:
        return self.element.attributes.get("align", "")

    @property
    def column_span(self) -> int:
        return get_column_span(self.element)


def get_column_span(cell: Node) -> int:
    """Return how many columns a cell spans."""
    colspan = cell.attributes.get("colspan", "1")
    return int(colspan) if colspan in _VALID_SPANS else 1


def iter_rows(table: Node) -> Iterator[list[Node]]:
    """Yield the cells of every row that has cells."""
    for section in _iter_children(table, "thead", "tbody", "tfoot", "tr"):
        for row in [section] if section.name == "tr" else _iter_children(section, "tr"):
            if cells := list(_iter_children(row, "td", "th")):
                yield cells


def _iter_children(element: Node, *names: str) -> Iterator[Node]:
    return (child for child in element.iter_elements() if child.name in names)


def write(grid: list[list[Cell]]) -> str:
    """Write a pipe table; "" without body rows, which a table needs in kramdown."""
    if grid and grid[0][0].element.name == "td":
        grid = [[Cell("", cell.element) for cell in grid[0]], *grid]
    if len(grid) < 2:
        return ""
    column_count = max(sum(cell.column_span for cell in row) for row in grid)
    delimiter_row = [_DELIMITER_CELLS.get(cell.align, "---") for cell in grid[0]]
    delimiter_row += ["---"] * (column_count - len(delimiter_row))
    lines = [_write_row(_expand_cells(row), column_count) for row in grid]
    return "\n".join([lines[0], _write_row(delimiter_row, column_count), *lines[1:]])


def _expand_cells(row: list[Cell]) -> list[str]:
    cells = []
    for cell in row:
        is_delimiter_like = _DELIMITERS_ONLY.fullmatch(cell.text)
        cells += ["\\" + cell.text if is_delimiter_like else cell.text] + [""] * (
            cell.column_span - 1
        )
    return cells


def _write_row(cells: list[str], column_count: int) -> str:
    padded = cells + [""] * (column_count - len(cells))
    return "| " + " | ".join(padded) + " |"
