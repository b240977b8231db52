"""What a reader of an HTML page sees, as a list of lines: where each stands and what it says.

`outline` forgets what does not show: a <p> around the text of a list item, the nesting order of
styles, white space that a browser collapses, comments, the spelling of an entity.
"""

import re
from html.parser import HTMLParser
from itertools import groupby
from urllib.parse import quote

_BLOCKS = frozenset(
    {"blockquote", "ul", "ol", "li", "table", "tr", "th", "td", "pre", "p", "hr", "div"}
    | {"h1", "h2", "h3", "h4", "h5", "h6"}
)
_UNSEEN = frozenset({"p", "div"})  # they part lines, and show nothing of their own
_INLINE = frozenset({"em", "strong", "del", "code", "sup", "img"})
_SYNONYMS = {"i": "em", "b": "strong", "s": "del", "strike": "del"}

Line = tuple[tuple[str, ...], tuple[tuple[str, frozenset[str]], ...]]


def outline(html: str) -> list[Line]:
    """(path of blocks, runs of (text, styles)) for every line, rule and empty block."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_line()
    return reader.lines


def text(html: str) -> str:
    """The characters of a page alone."""
    return "\n".join("".join(part for part, _ in runs) for _, runs in outline(html))


def quoted(markdown: str, depth: int) -> str:
    """Put Markdown in nested block quotes."""
    return "\n".join("> " * depth + line for line in markdown.split("\n"))


def unquoted(lines: list[Line], depth: int) -> list[Line] | None:
    """The lines inside of `depth` quotes; None if one of them escaped, or stands in another."""
    quotes = {path[:depth] for path, _ in lines}
    if len(quotes) > 1 or not all(s.startswith("blockquote") for path in quotes for s in path):
        return None
    return [(path[depth:], runs) for path, runs in lines]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Line] = []
        self.path: list[str] = []
        self.counts: list[int] = [0]
        self.styles: list[str] = []
        self.line: list[tuple[str, frozenset[str]]] = []
        self.shown = [True]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = _SYNONYMS.get(tag, tag)
        values = {name: value or "" for name, value in attrs}
        if tag in _BLOCKS:
            self.end_line()
            self._open(tag, values)
        elif tag == "br":
            self._strip()
            self.line.append(("\n", frozenset()))
        elif tag == "a":
            self.styles.append(f"a {_url(values.get('href', ''))} {values.get('title', '')}")
        elif tag in _INLINE:
            self.styles.append(tag)
        elif tag == "span":
            spoiler = values.get("class") == "md-spoiler-text"
            self.styles.append("span" + " spoiler" * spoiler)
            self._add(">!" * spoiler)
        elif tag not in ("thead", "tbody", "input"):
            self.styles.append(tag)
            self._add("\ufffc")  # an element that has no business here shows
        if tag == "img":
            self.styles.pop()
            self._add("\ufffc")

    def _open(self, tag: str, values: dict[str, str]) -> None:
        if tag == "hr":
            self.lines.append((*self._here("hr"), ()))
        elif tag not in _UNSEEN:
            align = values.get("align", "") or _aligned(values.get("style", ""))
            start = values.get("start", "")
            self.path.append(f"{tag} {self.counts[-1]} {align}{start if start != '1' else ''}")
            self.counts[-1] += 1
            self.counts.append(0)
            self.shown.append(False)

    def _here(self, tag: str) -> tuple[tuple[str, ...]]:
        self.counts[-1] += 1
        self.shown = [True] * len(self.shown)
        return ((*self.path, tag),)

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.end_line()
            if tag not in _UNSEEN and tag != "hr":
                self.counts.pop()
                if not self.shown.pop():
                    self.lines.append((tuple(self.path), ()))
                    self.shown = [True] * len(self.shown)
                self.path.pop()
        elif self.styles and tag not in ("br", "img", "thead", "tbody", "input"):
            if self.styles[-1] == "span spoiler":
                self._add("!<")
            self.styles.pop()

    def handle_data(self, data: str) -> None:
        if any(step.startswith("pre") for step in self.path):
            self.line.append((data, frozenset()))
            return
        for part in re.findall(r"[ \t\n\r\f]+|[^ \t\n\r\f]+", data):
            self._add(" " if part[0] in " \t\n\r\f" else part)

    def _add(self, part: str) -> None:
        if part == " ":
            if self.line and self.line[-1][0][-1] not in " \n":
                self.line.append((" ", frozenset()))
        elif part:
            styles = frozenset(style for style in self.styles if not style.startswith("span"))
            self.line.append((part, styles))

    def _strip(self) -> None:
        if self.line and self.line[-1][0] == " ":
            self.line.pop()

    def end_line(self) -> None:
        if any(step.startswith("pre") for step in self.path):
            code = "".join(part for part, _ in self.line).removesuffix("\n")
            self.line = [(code, frozenset())] if code else []
        else:
            self._strip()
            if self.line and self.line[-1][0] == "\n":
                self.line.pop()
        runs = [
            ("".join(part for part, _ in group), styles)
            for styles, group in groupby(self.line, key=lambda item: item[1])
        ]
        self.line = []
        if runs:
            self.lines.append((tuple(self.path), tuple(runs)))
            self.shown = [True] * len(self.shown)


def _aligned(style: str) -> str:
    match = re.search(r"text-align:\s*(\w+)", style)
    return match[1] if match else ""


def _url(href: str) -> str:
    if href.startswith("//"):
        href = "https:" + href
    elif href.startswith("/"):
        href = "https://www.reddit.com" + href
    return quote(href, safe="%/:?#@!$&'()*+,;=~-._")
