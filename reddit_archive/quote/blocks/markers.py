"""Finds the marker lines of a Markdown page: `<!-- reddit: … -->` and `<!-- /reddit -->`.

Front matter, code and other comments contain no markers. This module knows the Markdown containers
that matter here: fences, indented code, list items, raw HTML. It reports markers with mistakes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_FENCE = re.compile(r"(`{3,})[^`]*\Z|(~{3,})")
_LIST_ITEM = re.compile(r"([-+*]|[0-9]{1,9}[.)])([ \t]+|\Z)")
_RAW_HTML = re.compile(r"<(pre|script|style|textarea)(?=[\s>]|\Z)", re.IGNORECASE)
_RAW_HTML_END = re.compile(r"</(?:pre|script|style|textarea)>", re.IGNORECASE)
_COMMENT, _COMMENT_END = re.compile("<!--"), re.compile("-->")
_START_MARKER = re.compile(r"<!--\s*reddit:((?:(?!-->\s*<!--).)*?)-->\s*\Z")
_END_MARKER = re.compile(r"<!--\s*/reddit(?:\s+sha256:([0-9a-f]{16,64}))?\s*-->\s*\Z")
# A marker that a person, an editor or a word processor wrote differently: other dashes or capitals,
# spaces, a missing exclamation mark, colon or end.
_SPACE = r"\s\u200b-\u200f\u2060\ufeff"
_DASH = r"\-\u2010-\u2015\u2212"
_MARKER_LIKE = re.compile(
    rf"<(?=[{_SPACE}]*[!{_DASH}])[{_SPACE}!{_DASH}]*(?:(?P<slash>[/\\])[{_SPACE}]*)?reddit(?P<rest>.*)",
    re.IGNORECASE,
)
_COLON = re.compile(rf"[{_SPACE}]*[:;=\uff1a]")
_EXACT_START = re.compile(r"<!--\s*reddit:")
_OPTION = re.compile(r"(?:\A|\s)(?:--?[a-z])")
_FRONT_MATTER = re.compile(r"\ufeff?(---|\+\+\+)[ \t]*(?:\r\n|\r|\n)")
_CODE_INDENT = 4  # columns that make a line code
_FIRST_CHARACTERS = frozenset("-+*0123456789`~<")
"""The first characters of list items, fences, raw HTML and comments. Other lines are skipped."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker line: the start of a block with its `options`, or the end with its `digest`.

    `line` counts from 1. `start` and `end` are the offsets of this line and of the next line.
    `is_broken` means that the line looks like a marker with a mistake. `is_unclosed` means that its
    HTML comment does not end on the line, so that it is unclear what follows.
    """

    is_end: bool
    line: int
    start: int
    end: int
    indent: str
    newline: str
    options: str = ""
    digest: str = ""
    is_broken: bool = False
    is_unclosed: bool = False


@dataclass(frozen=True, slots=True)
class _Fence:
    delimiter: str
    item_column: int  # the column where the list item around it begins

    def is_closed_by(self, line: str) -> bool:
        stripped = line.rstrip(" \t")
        return stripped == self.delimiter[0] * len(stripped) and len(stripped) >= len(
            self.delimiter
        )


def split_front_matter(text: str) -> tuple[str, int]:
    """Return the YAML front matter of a page, "" for none, and the offset of the text after it."""
    opening = _FRONT_MATTER.match(text)
    if opening is None:
        return "", 0
    end_delimiter = "---|\\.\\.\\." if opening[1] == "---" else "\\+\\+\\+"
    closing = re.compile(rf"(?:(?<=\n)|(?<=\r))(?:{end_delimiter})[ \t]*(?:\r\n|\r|\n|\Z)").search(
        text, opening.end()
    )
    if closing is None:
        return "", 0
    is_yaml = opening[1] == "---"
    return text[opening.end() : closing.start()] * is_yaml, closing.end()


def find_markers(text: str) -> Iterator[Marker]:
    """Yield the markers of a page in order, including those with a mistake."""
    body_start = split_front_matter(text)[1]
    item_columns: list[int] = []
    fence: _Fence | None = None
    end_pattern: re.Pattern[str] | None = None
    for number, line_match in enumerate(_iter_lines(text), 1):
        line = line_match[1].removeprefix("\ufeff") if number == 1 else line_match[1]
        rest = line.lstrip(" \t")
        if line_match.start() < body_start or not rest:
            continue
        if end_pattern is not None:
            end_pattern = None if end_pattern.search(line) else end_pattern
            continue
        indent = line[: len(line) - len(rest)]
        column = len(indent.expandtabs(4))
        if fence is not None and column >= fence.item_column:
            is_closing = column - fence.item_column < _CODE_INDENT and fence.is_closed_by(rest)
            fence = None if is_closing else fence
            continue
        fence = None
        while item_columns and column < item_columns[-1]:
            item_columns.pop()
        if (
            column - (item_columns[-1] if item_columns else 0) >= _CODE_INDENT
            or rest[0] not in _FIRST_CHARACTERS
        ):
            continue
        item_end = 0
        while item := _LIST_ITEM.match(rest, item_end):
            item_end = item.end()
            column += _measure_item(item)
            item_columns.append(column)
        is_item = item_end > 0
        rest = rest[item_end:]
        if fence_match := _FENCE.match(rest):
            fence = _Fence(
                fence_match[1] or fence_match[2], item_columns[-1] if item_columns else 0
            )
        elif _RAW_HTML.match(rest):
            end_pattern = None if _RAW_HTML_END.search(rest) else _RAW_HTML_END
        else:
            if _COMMENT.match(rest):
                end_pattern = None if _COMMENT_END.search(rest, 4) else _COMMENT_END
            marker = None if is_item else _parse_marker(rest, number, line_match, indent)
            if marker is not None:
                yield replace(marker, is_unclosed=end_pattern is not None)


def _iter_lines(text: str) -> Iterator[re.Match[str]]:
    """Yield a match for each line. Only CR, LF and CRLF end a line."""
    return (match for match in _LINE.finditer(text) if match[0])


def _measure_item(item: re.Match[str]) -> int:
    """Return the columns from the marker of a list item to its text, which may be indented code."""
    spaces = len(item[2].expandtabs(4))
    return len(item[1]) + (spaces if 0 < spaces <= _CODE_INDENT else 1)


def _parse_marker(rest: str, number: int, line_match: re.Match[str], indent: str) -> Marker | None:
    marker_match = _MARKER_LIKE.match(rest)
    if marker_match is None:
        return None
    is_end = bool(marker_match["slash"])
    marker = Marker(is_end, number, line_match.start(), line_match.end(), indent, line_match[2])
    if opening := _START_MARKER.match(rest):
        return replace(marker, options=opening[1].strip())
    if closing := _END_MARKER.match(rest):
        return replace(marker, digest=closing[1] or "")
    is_mistake = (
        _is_broken_end(marker_match["rest"])
        if is_end
        else _is_broken_start(rest, marker_match["rest"])
    )
    return replace(marker, is_broken=True) if is_mistake else None


def _is_broken_end(rest: str) -> bool:
    """Return whether this is an end marker with a mistake, unlike `<!-- /reddit-box -->`."""
    return re.match(r"\w|-\w", rest) is None


def _is_broken_start(line: str, rest: str) -> bool:
    """Return whether this is a start marker with a mistake, unlike a comment about Reddit."""
    if _EXACT_START.match(line):
        return True
    colon = _COLON.match(rest)
    if colon is None and not re.match(r"\s", rest):
        return False  # "redditors"
    rest = rest[colon.end() :] if colon else rest
    words = re.split(rf"[{_DASH}]*!?>", rest)[0].split()
    if not words:
        return False
    is_reference = bool(re.search(r"[0-9/]", words[0]))
    return is_reference or bool(_OPTION.search(rest)) or (colon is not None and len(words) == 1)
