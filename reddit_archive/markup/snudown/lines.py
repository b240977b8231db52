"""What a line of Reddit's Markdown begins, seen by itself."""

import re
from collections.abc import Sequence
from typing import overload

from markdown_it.rules_block import StateBlock

RULE = re.compile(r" {0,3}([*_-])(?: *\1){2,} *")
HEADING = re.compile(r"(#{1,6}) *(.*)", re.DOTALL)
UNDERLINE = re.compile(r"(=+|-+) *")
QUOTE = re.compile(r" {0,3}>(?!!) ?")
SPOILER = re.compile(r" {0,3}>! ?(?!.*!<)")
FENCE = re.compile(r" {0,3}(?:`{3,}+|~{3,}+) *(\{[^}]*\}|[^ `]*) *")
BULLET = re.compile(r" {0,3}[*+-] ")
NUMBER = re.compile(r" {0,3}[0-9]+\. ")


class Lines(Sequence[str]):
    """The lines of a block from one on, cut out when they are looked at."""

    def __init__(self, state: StateBlock, start: int, end: int) -> None:
        self._state, self._start, self._end = state, start, end

    def __len__(self) -> int:
        return self._end - self._start

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        if at >= len(self):
            raise IndexError(at)
        number = self._start + at
        return self._state.src[self._state.bMarks[number] : self._state.eMarks[number]]


def is_empty(line: str) -> bool:
    return not line.strip(" ")


def ends_paragraph(line: str) -> bool:
    """Tell whether a line starts something else although no empty line is before it."""
    return (
        line.startswith("#")
        or is_rule(line)
        or any((QUOTE.match(line), SPOILER.match(line), FENCE.fullmatch(line)))
    )


def is_rule(line: str) -> bool:
    return RULE.fullmatch(line) is not None


def is_underline(line: str) -> bool:
    return UNDERLINE.fullmatch(line) is not None


def item(lines: Sequence[str], at: int, offset: int = 0) -> tuple[str, int] | None:
    """The kind of list, "ul" or "ol", of which this line begins an item, and its marker's width.

    A line above an underline is a heading, whatever it begins with.
    """
    if at + 1 < len(lines) and is_underline(lines[at + 1]):
        return None
    for tag, pattern in (("ul", BULLET), ("ol", NUMBER)):
        if found := pattern.match(lines[at], offset):
            return tag, found.end() - offset
    return None
