"""Tables on a terminal, written by rich."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

COLUMN_GAP = 2
"""Spaces between two columns of a table."""


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, folding: int) -> None:
    """Print rows of printable cells as a table, or each row on two lines if it would cut words.

    The last `folding` fields may wrap.
    """
    console = Console()
    if _is_cut(columns, rows, console.width, folding):
        for *cells, last in rows:
            console.print(Text("  ".join(filter(None, cells))))
            if last:
                console.print(Padding(Text(last), (0, 0, 0, 2)))
        return
    rich_table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        rich_table.add_column(column, overflow="fold")  # never cut off a path
    for row in rows:
        rich_table.add_row(*(Text(cell) for cell in row))
    console.print(rich_table)


def _is_cut(
    columns: Sequence[str], rows: Sequence[Sequence[str]], width: int, folding: int
) -> bool:
    """Return whether a table would cut a word, such as an id, in a field that may not wrap.

    Rich narrows the widest columns first, to a common width.
    """
    fields = list(zip(columns, *rows, strict=True))
    sorted_widths = sorted(max(map(cell_len, field)) for field in fields)
    remaining_width = width - COLUMN_GAP * (len(fields) - 1)
    for index, column_width in enumerate(sorted_widths):
        if column_width * (len(sorted_widths) - index) > remaining_width:
            common_width = remaining_width // (len(sorted_widths) - index)
            unwrapped = fields[: len(fields) - folding]
            words = (word for field in unwrapped for cell in field[1:] for word in cell.split())
            return any(cell_len(word) > common_width for word in words)
        remaining_width -= column_width
    return False
