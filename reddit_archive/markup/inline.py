"""One line of inline HTML -> Markdown: flatten the tree to runs of text, tidy their white space, write them.

A run is a stretch of text with its styles and its link. Code, superscripts and, later, whole links are
atoms: Markdown that is finished and only has to be put in its place.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from posixpath import basename
from urllib.parse import urlsplit

from bs4 import NavigableString, PageElement, Tag

from reddit_archive.markup import emphasis, escape, links
from reddit_archive.markup.emphasis import DEL, EM, STRONG

MAX_DEPTH = 40  # Reddit nests 16 deep; the rest of a tree keeps its text alone
_STYLES = {"em": EM, "i": EM, "strong": STRONG, "b": STRONG, "del": DEL, "s": DEL, "strike": DEL}
_APART = frozenset("p div li ul ol blockquote pre table tr td th h1 h2 h3 h4 h5 h6 hr".split())
_SPOILER_LINKS = frozenset({"/s", "/spoiler", "#s", "#spoiler"})
_BREAK = "\n"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands: what may start there, and which characters it stands between."""

    base_url: str
    block: bool = True  # a paragraph: its lines could start a block, and it may be broken into lines
    cell: bool = False
    label: bool = False
    before: str = " "
    after: str = " "
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    title: str


@dataclass(slots=True)
class Run:
    """Clean text, or the place holder of `done` Markdown, or a break."""

    text: str
    style: int = 0
    link: Link | None = None
    done: str | None = None


def write(nodes: Iterable[PageElement], place: Place) -> str:
    """Write inline nodes as one paragraph, heading, cell or label."""
    nodes = list(nodes)
    if len(nodes) == 1 and type(nodes[0]) is NavigableString:  # most paragraphs
        text = escape.clean(nodes[0]).strip(" ")
        return escape.line(text, block=place.block, label=place.label, cell=place.cell)
    flat = _Flat(place)
    for node in nodes:
        flat.add(node, 0, place.depth)
    return _write(flat.runs, place)


def _write(runs: list[Run], place: Place) -> str:
    runs = _merge(_link(_tidy(runs, place), place))
    if not runs:
        return ""
    raw = escape.EDGE.join(run.text for run in runs)
    parts = escape.line(raw, block=place.block, label=place.label, cell=place.cell).split(escape.EDGE)
    done = [
        (part.replace("\n", "  \n") if run.done is None else run.done, run.style)
        for run, part in zip(runs, parts, strict=True)
    ]
    return emphasis.write(done, place.before, place.after)


class _Flat:
    """The runs of a tree, in order."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.runs: list[Run] = []
        self.link: Link | None = None

    def add(self, node: PageElement, style: int = 0, depth: int = 0) -> None:
        if type(node) is NavigableString:
            self._text(node, style)
        elif isinstance(node, Tag):
            self._tag(node, style, depth)

    def _text(self, text: str, style: int) -> None:
        self.runs.append(Run(escape.clean(text), style, self.link))

    def _atom(self, done: str, style: int) -> None:
        self.runs.append(Run(escape.ATOM, style, self.link, done))

    def _tag(self, tag: Tag, style: int, depth: int) -> None:
        name = tag.name
        if depth > MAX_DEPTH:
            self._text("".join(tag.strings), style)
        elif name == "br":
            self.runs.append(Run(_BREAK, style, self.link))
        elif name == "code":
            self._atom(code(tag.get_text()), style)
        elif name == "sup":
            self._superscript(tag, style, depth)
        elif name == "img":
            self._image(tag, style)
        elif name == "a" and not self.place.label:
            self._anchor(tag, style, depth)
        elif name == "span" and "md-spoiler-text" in (tag.get("class") or ()):
            self._around(">!", tag, "!<", style, depth)
        elif name in _APART:
            self._around(" ", tag, " ", style, depth)
        else:
            self._children(tag, style | _STYLES.get(name, 0), depth)

    def _children(self, tag: Tag, style: int, depth: int) -> None:
        for child in tag.children:
            self.add(child, style, depth + 1)

    def _around(self, before: str, tag: Tag, after: str, style: int, depth: int) -> None:
        self._text(before, style)
        self._children(tag, style, depth)
        self._text(after, style)

    def _superscript(self, tag: Tag, style: int, depth: int) -> None:
        label = self.place.label or self.link is not None
        place = replace(self.place, block=False, label=label, before=">", after="<", depth=depth + 1)
        text = tag.get_text()
        for space in (text[:1], None, text[-1:]):
            if space is None:
                self._atom(f"<sup>{write(tag.children, place)}</sup>", style)
            elif space in "\n\t ":
                self._text(space, style)

    def _anchor(self, tag: Tag, style: int, depth: int) -> None:
        """A link ends where a link in it begins, as in every browser."""
        href, title = str(tag.get("href") or ""), str(tag.get("title") or "")
        url = links.resolve(href, self.place.base_url) if tag.has_attr("href") else None
        spoiler = bool(title) and href in _SPOILER_LINKS
        self.link = None if url is None or spoiler else Link(url, title)
        start = len(self.runs)
        self._children(tag, style, depth)
        if self.link and start == len(self.runs):
            self._atom("", style)
        self.link = None
        if spoiler:
            self._text(f" >!{title}!<", style)

    def _image(self, tag: Tag, style: int) -> None:
        source = str(tag.get("src") or "")
        name = str(tag.get("alt") or "") or basename(urlsplit(source).path) or "image"
        url = links.resolve(source, self.place.base_url)
        alone = self.link is None and url is not None and not self.place.label
        if alone and url:
            self.link = Link(url, str(tag.get("title") or ""))
        self._text(name, style)
        if alone:
            self.link = None


def code(text: str) -> str:
    """A code span, or `<code>` where a span would lose something in one of the renderers."""
    text = escape.drop_controls(text.replace("\r", "").replace("\n", " "))
    if not text.strip(" ") or text[0] in " `" or text[-1] in " `" or re.search(r"\||\{[{%]", text):
        return f"<code>{escape.literal(text)}</code>"
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence}{text}{fence}"


def _tidy(runs: list[Run], place: Place) -> list[Run]:
    """Leave one space between words, outside of every style and link; decide how breaks are written."""
    out: list[Run] = []
    space = False
    for run in runs:
        core = run.text if run.text == _BREAK or run.done is not None else run.text.strip(" ")
        if core == _BREAK:
            space = False
        elif not core and run.done is None:
            space = space or bool(run.text)
            continue
        space = space or (run.done is None and run.text[:1] == " ")
        if space and out and core != _BREAK and out[-1].text != _BREAK:
            out.append(_between(" ", out[-1], run))
        space = run.done is None and core != _BREAK and run.text[-1:] == " "
        out.append(Run(core, run.style, run.link, run.done))
    if out and out[-1].text == _BREAK:
        out.pop()  # shows nothing at the end of a block
    return _breaks(out, place)


def _between(text: str, left: Run, right: Run) -> Run:
    """What belongs to a style only if both its neighbours do."""
    return Run(text, left.style & right.style, left.link if left.link is right.link else None)


def _breaks(runs: list[Run], place: Place) -> list[Run]:
    out = list(runs)
    for i, run in enumerate(runs):
        if run.text != _BREAK:
            continue
        left, right = runs[i - 1] if i else run, runs[i + 1] if i + 1 < len(runs) else run
        plain = _BREAK not in (left.text, right.text) and place.block and run.link is None
        out[i] = _between(_BREAK, left, right)
        if not plain:
            out[i].text, out[i].done = escape.ATOM, "<br>"
    return out


def _link(runs: list[Run], place: Place) -> list[Run]:
    """Make an atom of every link."""
    out: list[Run] = []
    for _, group in groupby(runs, key=lambda run: id(run.link)):
        linked = list(group)
        out += linked if linked[0].link is None else [_linked(linked, linked[0].link, place)]
    for left, run, right in zip(out, out[1:], out[2:], strict=False):
        if run.text == " ":
            run.style = left.style & right.style
    return out


def _linked(runs: list[Run], link: Link, place: Place) -> Run:
    style = runs[0].style
    for run in runs:
        style &= run.style
    text = "".join(run.text for run in runs)
    plain = len(runs) == 1 and runs[0].done is None and not link.title
    if plain and (done := links.automatic(text, link.url)):
        return Run(escape.ATOM, style, None, done)
    inner = [Run(run.text, run.style & ~style, None, run.done) for run in runs]
    label = _write(inner, replace(place, block=False, label=True, before="[", after="]"))
    return Run(escape.LINK, style, None, links.write(label, link.url, link.title))


def _merge(runs: list[Run]) -> list[Run]:
    """Join neighbours of one style, and keep code spans apart, which would grow together."""
    out: list[Run] = []
    for (style, atom), group in groupby(runs, key=lambda run: (run.style, run.done is not None)):
        if atom:
            out += group
        else:
            out.append(Run("".join(run.text for run in group), style))
    for left, right in zip(out, out[1:], strict=False):
        if (left.done or "")[-1:] == "`" == (right.done or "")[:1]:
            right.done = f"<code>{escape.literal((right.done or '').strip('`'))}</code>"
    return out
