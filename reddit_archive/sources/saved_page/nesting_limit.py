"""Refuse pages that nest so deeply that a parser would need minutes or gigabytes for them.

For many tags, a parser of HTML looks through all open elements, so its time grows with the sum of
the depths of all tags. And it opens the formatting elements that were never closed (`<b>`) again
in each block, so its memory grows with the sum of their numbers. No page that a browser saved
comes near the limits: browsers stop at a depth of 512.
"""

import math
import re

from reddit_archive import errors

MAX_DEPTH_SUM = 3_000_000_000
"""A page whose comments nest 5,000 deep has two to three billion: some seconds of parsing."""
MAX_DEPTH = 20_000
LIST_ITEM_WEIGHT = 2
"""A parser looks through the open elements so many times for an item of a list."""
MAX_REOPENED = 300_000
TAG = re.compile(r"<(!--|/?[a-z][^\s/<>]*)", re.IGNORECASE)
RAW_TEXT_NAMES = ("script", "style", "textarea", "title", "noscript", "iframe", "xmp")
RAW_TEXT_END = {name: re.compile(f"</{name}", re.IGNORECASE) for name in RAW_TEXT_NAMES}
MAX_ATTRIBUTES_LENGTH = 200
"""Formatting elements are taken as equal if this beginning of their attributes is."""
VOID_NAMES = frozenset(
    [
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
        *("source", "track", "wbr", "circle", "ellipse", "line", "path", "polygon", "polyline"),
        *("rect", "stop", "use"),
    ]
)
IMPLIED_END_NAMES = frozenset(
    [
        *("html", "head", "body", "p", "li", "dt", "dd", "option", "optgroup", "rp", "rt"),
        *("tr", "td", "th", "thead", "tbody", "tfoot", "colgroup"),
    ]
)
FORMATTING_NAMES = frozenset(
    [
        *("a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike"),
        *("strong", "tt", "u"),
    ]
)
INLINE_NAMES = FORMATTING_NAMES | frozenset(
    [
        *("abbr", "cite", "faceplate-tracker", "kbd", "label", "mark", "q", "span", "sub"),
        *("sup", "svg", "time", "var"),
    ]
)
"""An end tag of these closes nothing beyond the block in which it stands."""
CLOSED_BY_NEXT = ("a", "nobr")
LIGHT_NAMES = INLINE_NAMES | IMPLIED_END_NAMES
LIST_ITEM_NAMES = ("li", "dt", "dd")
MAX_EQUAL_FORMATTING = 3
"""A parser reopens at most so many formatting elements that are equal."""


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
    open_elements, formatting = _OpenElements(), _Formatting()
    depth_sum = reopened = 0
    skip_until = 0.0
    for match in TAG.finditer(html):
        if match.start() < skip_until:
            continue
        name = match[1].lower()
        if name == "!--":
            skip_until = _find_end(html.find("-->", match.end()))
            continue
        is_end = name[0] == "/"
        if is_end:
            name = name[1:]
        elif name in RAW_TEXT_END:
            end = RAW_TEXT_END[name].search(html, match.end())
            skip_until = _find_end(end.end() if end else -1)
            continue
        depth_sum += open_elements.depth * (LIST_ITEM_WEIGHT if name in LIST_ITEM_NAMES else 1)
        if name in FORMATTING_NAMES:
            formatting.note(name, html, match.end(), is_end=is_end)
        elif not is_end:
            reopened += formatting.count
        if name not in VOID_NAMES:
            open_elements.note(name, is_end=is_end)
        if depth_sum > MAX_DEPTH_SUM or reopened > MAX_REOPENED:
            break
        if open_elements.depth > MAX_DEPTH:
            return MAX_DEPTH_SUM + 1, reopened
    return depth_sum, reopened


def _find_end(position: int) -> float:
    """Return the end of a comment or script. One without an end hides the rest of the page."""
    return position if position >= 0 else math.inf


class _OpenElements:
    """The elements that are open at a position of a page, roughly as a browser counts them."""

    def __init__(self) -> None:
        self.depth = 0
        self._names: list[str] = []
        self._block_counts: dict[str, int] = {}

    def note(self, name: str, *, is_end: bool) -> None:
        """Note a start or end tag. An end tag closes the elements in between, too."""
        if is_end and self._names and self._names[-1] == name:
            self._close_last()
        elif name in IMPLIED_END_NAMES:
            self._close_near(name, LIGHT_NAMES)
        elif is_end and name in INLINE_NAMES:
            self._close_near(name, INLINE_NAMES)
        elif is_end:
            while self._block_counts.get(name) and self._close_last() != name:
                pass
        if not is_end:
            self._names.append(name)
            if name not in LIGHT_NAMES:
                self._block_counts[name] = self._block_counts.get(name, 0) + 1
        self.depth = len(self._names)

    def _close_last(self) -> str:
        name = self._names.pop()
        if name not in LIGHT_NAMES:
            self._block_counts[name] -= 1
        return name

    def _close_near(self, name: str, passed_names: frozenset[str]) -> None:
        """Close an element, if only elements of certain names were opened after it."""
        for position in range(len(self._names) - 1, max(len(self._names) - 20, -1), -1):
            if self._names[position] == name:
                del self._names[position:]
                return
            if self._names[position] not in passed_names:
                return


class _Formatting:
    """The formatting elements without an end tag yet."""

    def __init__(self) -> None:
        self.count = 0
        self._tags: dict[str, dict[str, int]] = {}

    def note(self, name: str, html: str, position: int, *, is_end: bool) -> None:
        """Note a start or end tag, whose attributes begin at a position of the page."""
        tags = self._tags.setdefault(name, {})
        if is_end and tags:
            last = next(reversed(tags))
            tags[last] -= 1
            self.count -= 1
            if not tags[last]:
                del tags[last]
        elif not is_end and not (tags and name in CLOSED_BY_NEXT):
            attributes = html[position : position + MAX_ATTRIBUTES_LENGTH].partition(">")[0]
            if tags.get(attributes, 0) == MAX_EQUAL_FORMATTING:
                return
            tags[attributes] = tags.get(attributes, 0) + 1
            self.count += 1
