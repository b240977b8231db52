"""Parses tables: a header row, a row of dashes, and all following lines with a bar."""

import re

from markdown_it.rules_block import StateBlock

from reddit_archive.markup.snudown import lines
from reddit_archive.markup.snudown.nesting import nested, push_inline

MAX_COLUMNS = 64
DELIMITER_CELL = re.compile(r" *(:?)-*(:?) *")
ALIGNMENTS = {
    (False, False): "",
    (True, False): "left",
    (False, True): "right",
    (True, True): "center",
}


def table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a table."""
    source_lines = lines.LineView(state, start, end)
    if not source_lines or "|" not in source_lines[0]:
        return False
    alignments = _parse_alignments(
        source_lines[0], source_lines[1] if len(source_lines) > 1 else ""
    )
    if alignments is None:
        return False
    stop = min(2, len(source_lines))
    while stop < len(source_lines) and "|" in source_lines[stop]:
        stop += 1
    state.line = start + stop
    state.push("table_open", "table", 1)
    with nested(state.env, 2):
        _push_rows(state, source_lines[:1], alignments, "thead", "th")
        if stop > 2:
            _push_rows(state, source_lines[2:stop], alignments, "tbody", "td")
    state.push("table_close", "table", -1)
    return True


def _parse_alignments(header_row: str, delimiter_row: str) -> list[str] | None:
    """Return the alignment of each column; None if the lines do not start a table.

    A lone bar starts a table without columns. The line below it is not shown.
    """
    column_count = (
        header_row.count("|")
        + 1
        - header_row.startswith("|")
        - header_row.rstrip(" ").endswith("|")
    )
    cells = delimiter_row.removeprefix("|").split("|")[:column_count]
    if len(cells) < column_count or column_count > MAX_COLUMNS:
        return None
    matches = [DELIMITER_CELL.fullmatch(cell) for cell in cells]
    if not all(match and set(match[0]) & {":", "-"} for match in matches):
        return None
    return [ALIGNMENTS[bool(match[1]), bool(match[2])] for match in matches if match]


def _push_rows(
    state: StateBlock, rows: list[str], alignments: list[str], section: str, tag: str
) -> None:
    state.push("part_open", section, 1)
    for row in rows:
        state.push("row_open", "tr", 1)
        _push_cells(state, row, alignments, tag)
        state.push("row_close", "tr", -1)
    state.push("part_close", section, -1)


def _push_cells(state: StateBlock, row: str, alignments: list[str], tag: str) -> None:
    """Write the cells of a row. A bar can't be escaped. Missing cells become one empty cell."""
    row = row.removeprefix("|")
    cells = row.removesuffix("|").split("|") if row else []
    for cell, align in zip(cells, alignments, strict=False):
        _push_cell(state, cell.strip(" "), tag, {"align": align} if align else {})
    missing_count = len(alignments) - len(cells)
    if missing_count > 0:
        align = alignments[len(cells)]
        colspan = {"colspan": str(missing_count)} if missing_count > 1 else {}
        _push_cell(state, "", tag, colspan | ({"align": align} if align else {}))


def _push_cell(state: StateBlock, text: str, tag: str, attributes: dict[str, str]) -> None:
    state.push("cell_open", tag, 1).attrs = dict(attributes)
    with nested(state.env, 2):
        push_inline(state, text)
    state.push("cell_close", tag, -1)
