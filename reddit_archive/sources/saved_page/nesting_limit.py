"""Refuse pages that nest so deeply that a parser would need minutes or gigabytes for them.

For many tags, a parser of HTML looks through all open elements, so its time grows with the sum of
the depths of all tags. And it opens the formatting elements that were never closed (`<b>`) again
in each block, so its memory grows with the sum of their numbers. No page that a browser saved
comes near the limits: browsers stop at a depth of 512.
"""

import re
from collections import Counter

from reddit_archive import errors

MAX_DEPTH_SUM = 3_000_000_000
"""A page whose comments nest 5,000 deep has two to three billion: some seconds of parsing."""
MAX_DEPTH = 20_000
MAX_REOPENED = 300_000
MAX_EQUAL_FORMATTING = 3
"""A parser reopens at most so many formatting elements that are equal."""
MAX_TAG_LENGTH = 200
"""Formatting elements count as equal if their tags begin with the same characters."""
MAX_CLOSED = 20
"""An end tag that would close more elements at once is ignored, so the depth is never too small."""
TAG = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(script|style|textarea|title|noscript|iframe|xmp)(?![^\s/<>]).*?(?:</\1|\Z)"
    r"|<(/?)([a-z][^\s/<>]*)",
    re.IGNORECASE | re.DOTALL,
)
"""A comment, an element whose content is no HTML, or the start of a tag."""
VOID_NAMES = frozenset(
    [
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
        *("source", "track", "wbr", "circle", "ellipse", "line", "path", "polygon", "polyline"),
        *("rect", "stop", "use"),
    ]
)
FORMATTING_NAMES = frozenset(
    [
        *("a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike"),
        *("strong", "tt", "u"),
    ]
)
INLINE_NAMES = FORMATTING_NAMES | {
    *("abbr", "cite", "faceplate-tracker", "kbd", "label", "mark", "q", "span", "sub", "sup"),
    *("svg", "time", "var"),
}
CELL_NAMES = frozenset(["td", "th", "tr", "thead", "tbody", "tfoot"])
CLOSED_BY_NEXT = CELL_NAMES | {"p", "li", "dt", "dd"}
"""The next element of the same name closes these, so their end tags can be left out."""
CLOSED_BY_START = INLINE_NAMES | CELL_NAMES | {"p"}
"""Elements that a start tag of CLOSED_BY_NEXT closes together with the previous one."""
BLOCK_NAMES = CELL_NAMES | {
    *("article", "aside", "blockquote", "body", "button", "details", "dl", "div", "fieldset"),
    *("figure", "footer", "form", "header", "li", "main", "nav", "ol", "section", "table", "ul"),
}
CLOSED_BY_BLOCK_END = INLINE_NAMES | CLOSED_BY_NEXT
"""Elements that the end tag of a block closes together with the block."""


def require_parsable(html: str) -> None:
    """Raise an error if the elements of a page nest too deeply.

    Raises:
        NotAThreadError: The page nests too deeply.
    """
    depth_sum, reopened = measure(html)
    if depth_sum > MAX_DEPTH_SUM or reopened > MAX_REOPENED:
        raise errors.NotAThreadError(
            "its elements nest too deeply for a page of Reddit",
            "Open the thread again in a browser, and save the page.",
        )


def measure(html: str) -> tuple[int, int]:
    """Return the sum of the depths of all tags, and how many formatting elements are reopened.

    Stops where one of them exceeds its limit.
    """
    open_names: list[str] = []
    formatting = _Formatting()
    depth_sum = reopened = 0
    for match in TAG.finditer(html):
        if not match[3]:
            continue
        name, is_end = match[3].lower(), bool(match[2])
        depth_sum += len(open_names)
        if name in FORMATTING_NAMES:
            tag = html[match.start() : match.start() + MAX_TAG_LENGTH].partition(">")[0]
            formatting.note(name, "" if is_end else tag)
        elif not is_end:
            reopened += formatting.count
        if name in VOID_NAMES:
            continue
        if is_end and open_names and open_names[-1] == name:
            open_names.pop()
        elif is_end:
            _close(open_names, name, CLOSED_BY_BLOCK_END if name in BLOCK_NAMES else INLINE_NAMES)
        else:
            if name in CLOSED_BY_NEXT:
                _close(open_names, name, CLOSED_BY_START)
            open_names.append(name)
        if len(open_names) > MAX_DEPTH:
            return MAX_DEPTH_SUM + 1, reopened
        if depth_sum > MAX_DEPTH_SUM or reopened > MAX_REOPENED:
            break
    return depth_sum, reopened


def _close(open_names: list[str], name: str, closed_names: frozenset[str]) -> None:
    """Close the last element of a name, if all elements in it have one of certain names."""
    for position in range(len(open_names) - 1, max(len(open_names) - MAX_CLOSED, -1), -1):
        if open_names[position] == name:
            del open_names[position:]
            return
        if open_names[position] not in closed_names:
            return


class _Formatting:
    """The formatting elements without an end tag yet."""

    def __init__(self) -> None:
        self.count = 0
        self._open_tags: dict[str, list[str]] = {}
        self._equal_counts: Counter[str] = Counter()

    def note(self, name: str, start_tag: str) -> None:
        """Note a start tag, or an end tag if it is ""."""
        tags = self._open_tags.setdefault(name, [])
        if not start_tag:
            if tags:
                self._equal_counts[tags.pop()] -= 1
                self.count -= 1
        elif self._equal_counts[start_tag] < MAX_EQUAL_FORMATTING and not (
            tags and name in ("a", "nobr")  # the next link closes a link
        ):
            self._equal_counts[start_tag] += 1
            tags.append(start_tag)
            self.count += 1
