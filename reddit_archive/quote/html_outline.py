"""Extracts what a reader of an HTML page sees, to compare two pages.

It ignores differences that do not show: a <p> around the text of a list item, the nesting order of
styles, white space that a browser collapses, comments, the spelling of a character reference.
"""

import re
from contextlib import suppress
from html.parser import HTMLParser
from itertools import groupby
from urllib.parse import quote, unquote

_BLOCK_TAGS = frozenset(
    {"blockquote", "ul", "ol", "li", "table", "tr", "th", "td", "pre", "p", "hr", "div"}
    | {"h1", "h2", "h3", "h4", "h5", "h6"}
)
_INVISIBLE_BLOCK_TAGS = frozenset({"p", "div"})  # they only separate lines
_INLINE_TAGS = frozenset({"em", "strong", "del", "code", "sup", "img"})
_TAG_ALIASES = {"i": "em", "b": "strong", "s": "del", "strike": "del", "tt": "code"}

_IMAGE_ATTRIBUTES = ("src", "alt", "title")

OutlineLine = tuple[tuple[str, ...], tuple[tuple[str, frozenset[str]], ...]]
"""The path of blocks around a line, and its runs of (text, styles)."""


def extract_lines(html: str) -> list[OutlineLine]:
    """Return every line, thematic break and empty block."""
    parser = _OutlineParser()
    parser.feed(html)
    parser.close()
    parser.end_line()
    return parser.lines


class _OutlineParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[OutlineLine] = []
        self.block_path: list[str] = []
        self.child_counts: list[int] = [0]
        self.open_styles: list[str] = []
        self.current_line: list[tuple[str, frozenset[str]]] = []
        self.has_content = [True]
        self.colspans: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = _TAG_ALIASES.get(tag, tag)
        attributes = {name: value or "" for name, value in attrs}
        if tag in _BLOCK_TAGS:
            self.end_line()
            self._open_block(tag, attributes)
        elif tag == "br":
            self._strip_trailing_space()
            self.current_line.append(("\n", frozenset()))
        elif tag == "a":
            self._close_style("a")  # a link ends where another begins
            self.open_styles.append(
                f"a {_normalize_url(attributes.get('href', ''))} {attributes.get('title', '')}"
            )
        elif tag in _INLINE_TAGS:
            self.open_styles.append(tag)
        elif tag == "span":
            is_spoiler = attributes.get("class") == "md-spoiler-text"
            self.open_styles.append("span" + " spoiler" * is_spoiler)
            self._add_text(">!" * is_spoiler)
        elif tag not in ("thead", "tbody", "input"):
            self.open_styles.append(tag)
            self._add_text("\ufffc")  # makes an unexpected element visible
        if tag == "img":
            self.open_styles[-1] = " ".join(
                [
                    tag,
                    *map(
                        _normalize_attribute,
                        _IMAGE_ATTRIBUTES,
                        map(attributes.get, _IMAGE_ATTRIBUTES),
                    ),
                ]
            )
            self._add_text("\ufffc")
            self.open_styles.pop()

    def _open_block(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "hr":
            self.lines.append((*self._add_leaf("hr"), ()))
        elif tag not in _INVISIBLE_BLOCK_TAGS:
            style = attributes.get("style", "").replace(" ", "").partition("text-align:")[2]
            align = attributes.get("align", "") or style
            start = attributes.get("start", "")
            self.block_path.append(
                f"{tag} {self.child_counts[-1]} {align}{start if start != '1' else ''}"
            )
            self.child_counts[-1] += 1
            self.child_counts.append(0)
            self.has_content.append(False)
            self.colspans.append(attributes.get("colspan", ""))

    def _add_leaf(self, tag: str) -> tuple[tuple[str, ...]]:
        self.child_counts[-1] += 1
        self.has_content = [True] * len(self.has_content)
        return ((*self.block_path, tag),)

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCK_TAGS:
            self.end_line()
            while any(block.partition(" ")[0] == tag for block in self.block_path):
                if self._close_block() == tag:
                    break
        elif tag not in ("br", "img", "thead", "tbody", "input"):
            self._close_style(_TAG_ALIASES.get(tag, tag))

    def _close_block(self) -> str:
        self.child_counts.pop()
        if not self.has_content.pop():
            self.lines.append((tuple(self.block_path), ()))
            self.has_content = [True] * len(self.has_content)
        tag = self.block_path.pop().partition(" ")[0]
        colspan = self.colspans.pop()
        for _ in range(1, int(colspan) if colspan.isdigit() else 1):
            self.lines.append(((*self.block_path, f"{tag} {self.child_counts[-1]} "), ()))
            self.child_counts[-1] += 1
        return tag

    def _close_style(self, tag: str) -> None:
        for i in reversed(range(len(self.open_styles))):
            if self.open_styles[i].partition(" ")[0] == tag:
                if self.open_styles.pop(i) == "span spoiler":
                    self._add_text("!<")
                return

    def handle_data(self, data: str) -> None:
        if any(block.startswith("pre") for block in self.block_path):
            self.current_line.append((data, frozenset()))
            return
        for part in re.findall(r"[ \t\n\r\f]+|[^ \t\n\r\f]+", data):
            self._add_text(" " if part[0] in " \t\n\r\f" else part)

    def _add_text(self, text: str) -> None:
        if text == " ":
            if self.current_line and self.current_line[-1][0][-1] not in " \n":
                self.current_line.append((" ", frozenset()))
        elif text:
            styles = frozenset(style for style in self.open_styles if not style.startswith("span"))
            self.current_line.append((text, styles))

    def _strip_trailing_space(self) -> None:
        if self.current_line and self.current_line[-1][0] == " ":
            self.current_line.pop()

    def end_line(self) -> None:
        if any(block.startswith("pre") for block in self.block_path):
            code = "".join(part for part, _ in self.current_line).removesuffix("\n")
            self.current_line = [(code, frozenset())] if code else []
        else:
            self._strip_trailing_space()
            if self.current_line and self.current_line[-1][0] == "\n":
                self.current_line.pop()
        if (
            self.block_path
            and self.block_path[-1][:2] in ("td", "th")
            and [("\xa0", frozenset())] == self.current_line
        ):
            self.current_line = []  # how kramdown writes an empty cell
        runs = [
            ("".join(part for part, _ in group), styles)
            for styles, group in groupby(self.current_line, key=lambda item: item[1])
        ]
        self.current_line = []
        if runs:
            self.lines.append((tuple(self.block_path), tuple(runs)))
            self.has_content = [True] * len(self.has_content)


def _normalize_attribute(name: str, value: str | None) -> str:
    return _normalize_url(value or "") if name == "src" else value or ""


def _normalize_url(url: str) -> str:
    if url.startswith("//"):
        url = "https:" + url
    elif url.startswith("/"):
        url = "https://www.reddit.com" + url
    elif url.startswith("#"):
        url = "https://www.reddit.com/" + url
    match = re.fullmatch(r"(https?://)([^/?#]+)(.*)", url, re.DOTALL | re.IGNORECASE)
    scheme, host, rest = match.groups() if match else ("", "", url)
    with suppress(UnicodeError):
        host = unquote(host).encode("idna").decode()
    return scheme + host + quote(rest, safe="%/:?#@!$&'()*+,;=~-._")
