"""Writes tables as plain text: aligned columns, or one field on each line if they are too wide."""

from reddit_archive.markup import text_wrap
from reddit_archive.markup.display_width import measure, pad

_GAP = "   "
_MAX_WIDTH = 78
"""Mail programs wrap longer lines."""


def write(rows: list[list[str]], aligns: list[str], width: int) -> str:
    """Write a table; the first row is its header.

    Args:
        rows: The texts of the cells, one line each.
        aligns: How each column is aligned: "left", "right", "center", or "" for the left.
        width: The columns that it may take; 0 for 78.
    """
    if not rows:
        return ""
    count = max(map(len, rows))
    rows = [row + [""] * (count - len(row)) for row in rows]
    aligns = aligns + [""] * (count - len(aligns))
    widths = [max(map(measure, column)) for column in zip(*rows, strict=True)]
    if sum(widths) + len(_GAP) * (count - 1) <= (width or _MAX_WIDTH):
        lines = [_write_row(row, widths, aligns) for row in rows]
        rule = _GAP.join("-" * column_width for column_width in widths)
        return "\n".join([lines[0], rule.rstrip(" "), *lines[1:]])
    head = rows[0]
    return "\n\n".join(_write_record(head, row, width) for row in rows[1:] or rows)


def _write_row(row: list[str], widths: list[int], aligns: list[str]) -> str:
    return _GAP.join(map(pad, row, widths, aligns)).rstrip(" ")


def _write_record(names: list[str], values: list[str], width: int) -> str:
    fields = (
        f"{name}: {value}" if name else value for name, value in zip(names, values, strict=True)
    )
    return "\n".join(
        text_wrap.wrap(field, width and width - 2).replace("\n", "\n  ") for field in fields
    )
