"""The lines of a Markdown page that are markers: `<!-- reddit: … -->` and `<!-- /reddit -->`.

Front matter, code and other comments contain no markers. This module knows the Markdown containers
that matter for that: fences, indented code, list items, raw HTML. It reports markers with mistakes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_FENCE = re.compile(r"(`{3,})[^`]*\Z|(~{3,})")
_ITEM = re.compile(r"([-+*]|[0-9]{1,9}[.)])([ \t]+|\Z)")
_RAW = re.compile(r"<(pre|script|style|textarea)(?=[\s>]|\Z)", re.IGNORECASE)
_RAW_END = re.compile(r"</(?:pre|script|style|textarea)>", re.IGNORECASE)
_COMMENT, _COMMENT_END = re.compile("<!--"), re.compile("-->")
_OPENING = re.compile(r"<!--\s*reddit:((?:(?!-->\s*<!--).)*?)-->\s*\Z")
_CLOSING = re.compile(r"<!--\s*/reddit(?:\s+sha256:([0-9a-f]{16,64}))?\s*-->\s*\Z")
# A marker that a person, an editor or a word processor wrote differently: other dashes or capitals,
# spaces, a missing exclamation mark, colon or end.
_SPACE = r"\s\u200b-\u200f\u2060\ufeff"
_DASH = r"\-\u2010-\u2015\u2212"
_NEARLY = re.compile(
    rf"<(?=[{_SPACE}]*[!{_DASH}])[{_SPACE}!{_DASH}]*(?:(?P<slash>[/\\])[{_SPACE}]*)?reddit(?P<rest>.*)",
    re.IGNORECASE,
)
_COLON = re.compile(rf"[{_SPACE}]*[:;=\uff1a]")
_EXACT_START = re.compile(r"<!--\s*reddit:")
_OPTION = re.compile(r"(?:\A|\s)(?:--?[a-z])")
_FRONT = re.compile(r"\ufeff?(---|\+\+\+)[ \t]*(?:\r\n|\r|\n)")
_CODE = 4  # columns that make a line code
_TELLING = frozenset("-+*0123456789`~<")
"""What an item, a fence, raw HTML or a comment begins with; most lines are none of them."""


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
    """Yield the markers of a page in order, including those with a mistake."""
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
        after = 0
        while item := _ITEM.match(rest, after):
            after = item.end()
            column += _width(item)
            items.append(column)
        is_item = after > 0
        rest = rest[after:]
        if mark := _FENCE.match(rest):
            fence = _Fence(mark[1] or mark[2], items[-1] if items else 0)
        elif _RAW.match(rest):
            until = None if _RAW_END.search(rest) else _RAW_END
        else:
            if _COMMENT.match(rest):
                until = None if _COMMENT_END.search(rest, 4) else _COMMENT_END
            marker = None if is_item else _marker(rest, number, found, indent)
            if marker is not None:
                yield replace(marker, is_unclosed=until is not None)


def _lines(text: str) -> Iterator[re.Match[str]]:
    """Every line with its end; no other character ends one."""
    return (found for found in _LINE.finditer(text) if found[0])


def _width(item: re.Match[str]) -> int:
    """The columns from a list item's marker to its text; code may follow the marker at once."""
    spaces = len(item[2].expandtabs(4))
    return len(item[1]) + (spaces if 0 < spaces <= _CODE else 1)


def _marker(rest: str, number: int, found: re.Match[str], indent: str) -> Marker | None:
    near = _NEARLY.match(rest)
    if near is None:
        return None
    is_end = bool(near["slash"])
    marker = Marker(is_end, number, found.start(), found.end(), indent, found[2])
    if opening := _OPENING.match(rest):
        return replace(marker, options=opening[1].strip())
    if closing := _CLOSING.match(rest):
        return replace(marker, digest=closing[1] or "")
    is_meant = _is_end(near["rest"]) if is_end else _is_start(rest, near["rest"])
    return replace(marker, is_broken=True) if is_meant else None


def _is_end(rest: str) -> bool:
    """Return whether this is an end marker with a mistake, not one like `<!-- /reddit-box -->`."""
    return re.match(r"\w|-\w", rest) is None


def _is_start(line: str, rest: str) -> bool:
    """Return whether this is a start marker with a mistake, not a comment that mentions Reddit."""
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
