"""Tables: a row of heads, a row of dashes, and all rows below that hold a bar."""

import re

from markdown_it.rules_block import StateBlock

from reddit_archive.markup.snudown import lines
from reddit_archive.markup.snudown.nesting import deeper, read_line

MOST_COLUMNS = 64
DASHES = re.compile(r" *(:?)-*(:?) *")
ALIGN = {(False, False): "", (True, False): "left", (False, True): "right", (True, True): "center"}


def table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    text = lines.Lines(state, start, end)
    if len(text) < 2 or "|" not in text[0]:
        return False
    columns = _columns(text[0], text[1])
    if not columns:
        return False
    after = 2
    while after < len(text) and "|" in text[after]:
        after += 1
    state.line = start + after
    state.push("table_open", "table", 1)
    with deeper(state.env, 2):
        _rows(state, text[:1], columns, "thead", "th")
        if after > 2:
            _rows(state, text[2:after], columns, "tbody", "td")
    state.push("table_close", "table", -1)
    return True


def _columns(head: str, dashes: str) -> list[str]:
    """Give the alignment of each column; none where the two lines are no head of a table."""
    number = head.count("|") + 1 - head.startswith("|") - head.rstrip(" ").endswith("|")
    parts = dashes.removeprefix("|").split("|")[:number]
    if len(parts) < number or number > MOST_COLUMNS:
        return []
    found = [DASHES.fullmatch(part) for part in parts]
    if not all(match and set(match[0]) & {":", "-"} for match in found):
        return []
    return [ALIGN[bool(match[1]), bool(match[2])] for match in found if match]


def _rows(state: StateBlock, rows: list[str], columns: list[str], part: str, tag: str) -> None:
    state.push("part_open", part, 1)
    for row in rows:
        state.push("row_open", "tr", 1)
        _cells(state, row, columns, tag)
        state.push("row_close", "tr", -1)
    state.push("part_close", part, -1)


def _cells(state: StateBlock, row: str, columns: list[str], tag: str) -> None:
    """Write a row's cells; nothing hides a bar. What is missing is one empty cell."""
    row = row.removeprefix("|")
    cells = row.removesuffix("|").split("|") if row else []
    for cell, align in zip(cells, columns, strict=False):
        _cell(state, cell.strip(" "), tag, {"align": align} if align else {})
    left = len(columns) - len(cells)
    if left > 0:
        align = columns[len(cells)]
        span = {"colspan": str(left)} if left > 1 else {}
        _cell(state, "", tag, span | ({"align": align} if align else {}))


def _cell(state: StateBlock, text: str, tag: str, attributes: dict[str, str]) -> None:
    state.push("cell_open", tag, 1).attrs = dict(attributes)
    with deeper(state.env, 2):
        read_line(state, text)
    state.push("cell_close", tag, -1)
