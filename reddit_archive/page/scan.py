"""The lines of a Markdown page that are markers: `<!-- reddit: … -->` and `<!-- /reddit -->`.

What stands in front matter, in code of any kind or in another comment is none. Of Markdown this
knows the containers that decide that: fences, indented code, list items, raw HTML.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_FENCE = re.compile(r"(`{3,})[^`]*\Z|(~{3,})")
_ITEM = re.compile(r"([-+*]|[0-9]{1,9}[.)])([ \t]+|\Z)")
_RAW = re.compile(r"<(pre|script|style|textarea)(?=[\s>]|\Z)", re.IGNORECASE)
_RAW_END = re.compile(r"</(?:pre|script|style|textarea)>", re.IGNORECASE)
_COMMENT, _COMMENT_END = re.compile("<!--"), re.compile("-->")
_OPENING = re.compile(r"<!--\s*reddit:(.*?)-->\s*\Z")
_CLOSING = re.compile(r"<!--\s*/reddit\s*-->\s*\Z")
_NEARLY = re.compile(r"<!--\s*(?:reddit:|/reddit(?![\w-]))")
_FRONT = re.compile(r"\ufeff?(---|\+\+\+)[ \t]*(?:\r\n|\r|\n)")
_CODE = 4  # columns that make a line code
_TELLING = frozenset("-+*0123456789`~<")
"""What an item, a fence, raw HTML or a comment begins with; most lines are none of them."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A line that opens a block (with its `options`), closes one, or tries to.

    `line` counts from 1; `start` and `end` are where it begins and the next line begins.
    """

    kind: str
    line: int
    start: int
    end: int
    indent: str
    newline: str
    options: str = ""


@dataclass(frozen=True, slots=True)
class _Fence:
    mark: str
    offset: int  # columns from the left at which the list item around it begins

    def is_closed_by(self, line: str) -> bool:
        bare = line.rstrip(" \t")
        return bare == self.mark[0] * len(bare) and len(bare) >= len(self.mark)


def front_matter(text: str) -> tuple[str, int]:
    """Give the YAML of a page's front matter, "" for none, and where the page itself begins."""
    opening = _FRONT.match(text)
    if opening is None:
        return "", 0
    ends = "---|\\.\\.\\." if opening[1] == "---" else "\\+\\+\\+"
    closing = re.compile(rf"(?:(?<=\n)|(?<=\r))(?:{ends})[ \t]*(?:\r\n|\r|\n|\Z)").search(
        text, opening.end()
    )
    if closing is None:
        return "", 0
    is_yaml = opening[1] == "---"
    return text[opening.end() : closing.start()] * is_yaml, closing.end()


def markers(text: str) -> Iterator[Marker]:
    """Give the markers of a page in order, with those that are not written as they should be."""
    begins = front_matter(text)[1]
    items: list[int] = []
    fence: _Fence | None = None
    until: re.Pattern[str] | None = None
    for number, found in enumerate(_lines(text), 1):
        line = found[1].removeprefix("\ufeff") if number == 1 else found[1]
        rest = line.lstrip(" \t")
        if found.start() < begins or not rest:
            continue
        if until is not None:
            until = None if until.search(line) else until
            continue
        indent = line[: len(line) - len(rest)]
        column = len(indent.expandtabs(4))
        if fence is not None and column >= fence.offset:
            is_closing = column - fence.offset < _CODE and fence.is_closed_by(rest)
            fence = None if is_closing else fence
            continue
        fence = None
        while items and column < items[-1]:
            items.pop()
        if column - (items[-1] if items else 0) >= _CODE or rest[0] not in _TELLING:
            continue
        is_item = False
        while item := _ITEM.match(rest):
            is_item = True
            rest = rest[item.end() :]
            column += _width(item)
            items.append(column)
        if mark := _FENCE.match(rest):
            fence = _Fence(mark[1] or mark[2], items[-1] if items else 0)
        elif _RAW.match(rest):
            until = None if _RAW_END.search(rest) else _RAW_END
        elif _COMMENT.match(rest):
            until = None if _COMMENT_END.search(rest, 4) else _COMMENT_END
            if not is_item and _NEARLY.match(rest):
                yield _marker(rest, number, found, indent)


def _lines(text: str) -> Iterator[re.Match[str]]:
    """Every line with its end; no other character ends one."""
    return (found for found in _LINE.finditer(text) if found[0])


def _width(item: re.Match[str]) -> int:
    """The columns from a list item's marker to its text; code may follow the marker at once."""
    spaces = len(item[2].expandtabs(4))
    return len(item[1]) + (spaces if 0 < spaces <= _CODE else 1)


def _marker(rest: str, number: int, found: re.Match[str], indent: str) -> Marker:
    kind, options = "broken", ""
    if opening := _OPENING.match(rest):
        kind, options = "opening", opening[1].strip()
    elif _CLOSING.match(rest):
        kind = "closing"
    return Marker(kind, number, found.start(), found.end(), indent, found[2], options)
