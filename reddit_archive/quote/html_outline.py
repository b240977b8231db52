"""What a reader of an HTML page sees, as a list of lines: where each stands and what it says.

`outline` forgets what does not show: a <p> around the text of a list item, the nesting order of
styles, white space that a browser collapses, comments, the spelling of an entity.
"""

import re
from contextlib import suppress
from html.parser import HTMLParser
from itertools import groupby
from urllib.parse import quote, unquote

_BLOCKS = frozenset(
    {"blockquote", "ul", "ol", "li", "table", "tr", "th", "td", "pre", "p", "hr", "div"}
    | {"h1", "h2", "h3", "h4", "h5", "h6"}
)
_UNSEEN = frozenset({"p", "div"})  # they part lines, and show nothing of their own
_INLINE = frozenset({"em", "strong", "del", "code", "sup", "img"})
_SAME = {"i": "em", "b": "strong", "s": "del", "strike": "del", "tt": "code"}

_IMAGE = ("src", "alt", "title")

Line = tuple[tuple[str, ...], tuple[tuple[str, frozenset[str]], ...]]


def outline(html: str) -> list[Line]:
    """(path of blocks, runs of (text, styles)) for every line, rule and empty block."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_line()
    return reader.lines


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Line] = []
        self.path: list[str] = []
        self.counts: list[int] = [0]
        self.styles: list[str] = []
        self.line: list[tuple[str, frozenset[str]]] = []
        self.shown = [True]
        self.spans: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = _SAME.get(tag, tag)
        values = {name: value or "" for name, value in attrs}
        if tag in _BLOCKS:
            self.end_line()
            self._open(tag, values)
        elif tag == "br":
            self._strip()
            self.line.append(("\n", frozenset()))
        elif tag == "a":
            self._leave("a")  # a link ends where another begins
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
            self.styles[-1] = " ".join([tag, *map(_shown, _IMAGE, map(values.get, _IMAGE))])
            self._add("\ufffc")
            self.styles.pop()

    def _open(self, tag: str, values: dict[str, str]) -> None:
        if tag == "hr":
            self.lines.append((*self._here("hr"), ()))
        elif tag not in _UNSEEN:
            style = values.get("style", "").replace(" ", "").partition("text-align:")[2]
            align = values.get("align", "") or style
            start = values.get("start", "")
            self.path.append(f"{tag} {self.counts[-1]} {align}{start if start != '1' else ''}")
            self.counts[-1] += 1
            self.counts.append(0)
            self.shown.append(False)
            self.spans.append(values.get("colspan", ""))

    def _here(self, tag: str) -> tuple[tuple[str, ...]]:
        self.counts[-1] += 1
        self.shown = [True] * len(self.shown)
        return ((*self.path, tag),)

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.end_line()
            while any(step.partition(" ")[0] == tag for step in self.path):
                if self._close() == tag:
                    break
        elif tag not in ("br", "img", "thead", "tbody", "input"):
            self._leave(_SAME.get(tag, tag))

    def _close(self) -> str:
        self.counts.pop()
        if not self.shown.pop():
            self.lines.append((tuple(self.path), ()))
            self.shown = [True] * len(self.shown)
        tag = self.path.pop().partition(" ")[0]
        span = self.spans.pop()
        for _ in range(1, int(span) if span.isdigit() else 1):
            self.lines.append(((*self.path, f"{tag} {self.counts[-1]} "), ()))
            self.counts[-1] += 1
        return tag

    def _leave(self, tag: str) -> None:
        for i in reversed(range(len(self.styles))):
            if self.styles[i].partition(" ")[0] == tag:
                if self.styles.pop(i) == "span spoiler":
                    self._add("!<")
                return

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
        if self.path and self.path[-1][:2] in ("td", "th") and [("\xa0", frozenset())] == self.line:
            self.line = []  # kramdown's empty cell
        runs = [
            ("".join(part for part, _ in group), styles)
            for styles, group in groupby(self.line, key=lambda item: item[1])
        ]
        self.line = []
        if runs:
            self.lines.append((tuple(self.path), tuple(runs)))
            self.shown = [True] * len(self.shown)


def _shown(name: str, value: str | None) -> str:
    return _url(value or "") if name == "src" else value or ""


def _url(href: str) -> str:
    if href.startswith("//"):
        href = "https:" + href
    elif href.startswith("/"):
        href = "https://www.reddit.com" + href
    elif href.startswith("#"):
        href = "https://www.reddit.com/" + href
    found = re.fullmatch(r"(https?://)([^/?#]+)(.*)", href, re.DOTALL | re.IGNORECASE)
    scheme, host, rest = found.groups() if found else ("", "", href)
    with suppress(UnicodeError):
        host = unquote(host).encode("idna").decode()
    return scheme + host + quote(rest, safe="%/:?#@!$&'()*+,;=~-._")
