"""Refuse pages that nest so deeply that a parser would need minutes or gigabytes for them.

For many tags, a parser of HTML looks through all open elements, so its time grows with the sum of
the depths of all tags. And it opens the formatting elements that were never closed (`<b>`) again
in each block, so its memory grows with the sum of their numbers. No page that a browser saved
comes near the limits: browsers stop at a depth of 512.
"""

import re

from reddit_archive import errors

MAX_DEPTH_SUM = 1_000_000_000
"""A thread whose comments nest 5,000 deep needs about half of it, which takes two seconds."""
MAX_REOPENED = 300_000
TAG = re.compile(r"<(?:(!--)|(/?)([a-z][^\s/<>]*)([^<>]*))", re.IGNORECASE)
RAW_TEXT_END = {
    name: re.compile(f"</{name}", re.IGNORECASE)
    for name in ("script", "style", "textarea", "title", "noscript", "iframe", "xmp")
}
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
    depth_sum = reopened = position = 0
    while depth_sum <= MAX_DEPTH_SUM and reopened <= MAX_REOPENED:
        if (match := TAG.search(html, position)) is None:
            break
        position = match.end()
        is_comment, slash, name, attributes = match.groups()
        if is_comment:
            position = html.find("-->", position)
            if position < 0:
                break
            continue
        name = name.lower()
        depth_sum += open_elements.depth
        if name in FORMATTING_NAMES:
            formatting.note(name, attributes, is_end=bool(slash))
        elif not slash:
            reopened += formatting.count
        if slash:
            open_elements.close(name)
        elif raw_text_end := RAW_TEXT_END.get(name):
            end = raw_text_end.search(html, position)
            position = end.end() if end else len(html)
        elif name not in VOID_NAMES and name not in IMPLIED_END_NAMES:
            open_elements.open(name)
    return depth_sum, reopened


class _OpenElements:
    """The elements that are open at a position of a page, roughly as a browser counts them.

    Elements whose end tag is optional do not count: they can't nest without a block between them.
    """

    def __init__(self) -> None:
        self.depth = 0
        self._blocks: list[tuple[str, list[str]]] = [("", [])]  # with the open inline elements
        self._block_counts: dict[str, int] = {}

    def open(self, name: str) -> None:
        """Note a start tag."""
        self.depth += 1
        if name in INLINE_NAMES:
            self._blocks[-1][1].append(name)
        else:
            self._blocks.append((name, []))
            self._block_counts[name] = self._block_counts.get(name, 0) + 1

    def close(self, name: str) -> None:
        """Note an end tag, which closes the elements in between, too."""
        if name in INLINE_NAMES:
            open_names = self._blocks[-1][1]
            if name in open_names[-20:]:
                while open_names.pop() != name:
                    self.depth -= 1
                self.depth -= 1
            return
        while self._block_counts.get(name):
            closed, inline_names = self._blocks.pop()
            self._block_counts[closed] -= 1
            self.depth -= 1 + len(inline_names)
            if closed == name:
                break


class _Formatting:
    """The formatting elements without an end tag yet."""

    def __init__(self) -> None:
        self.count = 0
        self._tags: dict[str, dict[str, int]] = {}

    def note(self, name: str, attributes: str, *, is_end: bool) -> None:
        """Note a start or end tag."""
        tags = self._tags.setdefault(name, {})
        if is_end and tags:
            last = next(reversed(tags))
            tags[last] -= 1
            self.count -= 1
            if not tags[last]:
                del tags[last]
        elif not is_end and tags.get(attributes, 0) < MAX_EQUAL_FORMATTING:
            if name in ("a", "nobr") and tags:
                return  # the next one closes the one before
            tags[attributes] = tags.get(attributes, 0) + 1
            self.count += 1
