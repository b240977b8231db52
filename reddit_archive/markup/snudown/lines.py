"""Recognizes what a single line of Reddit's Markdown starts."""

import re
from collections.abc import Sequence
from typing import overload

from markdown_it.rules_block import StateBlock

THEMATIC_BREAK = re.compile(r" {0,3}([*_-])(?: *\1){2,} *")
HEADING = re.compile(r"(#{1,6}) *(.*)", re.DOTALL)
SETEXT_UNDERLINE = re.compile(r"(=+|-+) *")
QUOTE_MARKER = re.compile(r" {0,3}>(?!!) ?")
SPOILER_MARKER = re.compile(r" {0,3}>(!) ?")
FENCE = re.compile(r" {0,3}(?:`{3,}+|~{3,}+) *(\{[^}]*\}|[^ `]*) *")
BULLET_MARKER = re.compile(r" {0,3}[*+-] ")
NUMBER_MARKER = re.compile(r" {0,3}[0-9]+\. ")
BLOCK_START = re.compile(r" {0,3}[#>*_+`~0-9-]|    |[^|]*\|")
"""Matches every line that could start a block that is no paragraph, and some other lines."""


class LineView(Sequence[str]):
    """The lines from `start` to `end`, sliced from the source on access."""

    def __init__(self, state: StateBlock, start: int, end: int) -> None:
        self._state, self._start, self._end = state, start, end

    def __len__(self) -> int:
        return self._end - self._start

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if index >= len(self):
            raise IndexError(index)
        line_number = self._start + index
        return self._state.src[self._state.bMarks[line_number] : self._state.eMarks[line_number]]

    def get_start(self, index: int) -> int:
        """Return the position of a line in the source."""
        return self._state.bMarks[self._start + index]


def is_blank(line: str) -> bool:
    return not line.strip(" ")


def ends_paragraph(line: str) -> bool:
    """Return whether a line ends a paragraph without a blank line before it."""
    return (
        line.startswith("#")
        or is_thematic_break(line)
        or any((QUOTE_MARKER.match(line), FENCE.fullmatch(line)))
    )


def is_thematic_break(line: str) -> bool:
    return THEMATIC_BREAK.fullmatch(line) is not None


def is_setext_underline(line: str) -> bool:
    return SETEXT_UNDERLINE.fullmatch(line) is not None


def match_list_item(lines: Sequence[str], index: int, offset: int = 0) -> tuple[str, int] | None:
    """Return the kind of list item that a line starts, "ul" or "ol", and the width of its marker.

    A line above a setext underline is always a heading.
    """
    if index + 1 < len(lines) and is_setext_underline(lines[index + 1]):
        return None
    return match_list_marker(lines[index], offset)


def match_list_marker(line: str, offset: int = 0) -> tuple[str, int] | None:
    """Return the kind and width of a list item's marker, without looking at the next line."""
    for tag, pattern in (("ul", BULLET_MARKER), ("ol", NUMBER_MARKER)):
        if match := pattern.match(line, offset):
            return tag, match.end() - offset
    return None
