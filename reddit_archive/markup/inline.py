"""A line of inline HTML -> runs: the tree is flattened, its styles and links noted on the text."""

import re
from collections.abc import Iterable
from dataclasses import replace

from reddit_archive.markup import escape, links, runs
from reddit_archive.markup.emphasis import DEL, EM, STRONG
from reddit_archive.markup.runs import Link, Place, Run
from reddit_archive.markup.tree import Node

MAX_DEPTH = 40  # Reddit nests 16 deep; what lies deeper keeps its text alone
_STYLES = {"em": EM, "i": EM, "strong": STRONG, "b": STRONG, "del": DEL, "s": DEL, "strike": DEL}
_BLOCKS = frozenset(
    {"p", "div", "li", "ul", "ol", "blockquote", "pre", "table", "tr", "td", "th", "hr"}
    | {"h1", "h2", "h3", "h4", "h5", "h6"}
)
# Before 2017 a spoiler was a link that a subreddit's style sheet hid, its text in the title.
_SPOILER_LINKS = frozenset({"/s", "/spoiler", "#s", "#spoiler"})


def write(nodes: Iterable[Node | str], place: Place) -> str:
    """Write inline nodes as one paragraph, heading, cell or label."""
    nodes = list(nodes)
    if len(nodes) == 1 and isinstance(nodes[0], str):  # most paragraphs
        return place.escape(escape.clean(nodes[0]).strip(" "))
    flat = _Flat(place)
    for node in nodes:
        flat.add(node, 0, place.depth)
    return runs.write(flat.runs, place)


class _Flat:
    """The runs of a tree, in order."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.runs: list[Run] = []
        self.link: Link | None = None

    def add(self, node: Node | str, style: int = 0, depth: int = 0) -> None:
        if isinstance(node, str):
            self._text(node, style)
        else:
            self._tag(node, style, depth)

    def _text(self, text: str, style: int) -> None:
        self.runs.append(Run(escape.clean(text), style, self.link))

    def _atom(self, done: str, style: int) -> None:
        self.runs.append(Run(escape.ATOM, style, self.link, done))

    def _tag(self, tag: Node, style: int, depth: int) -> None:
        name = tag.name
        if depth > MAX_DEPTH:
            self._text(tag.text(), style)
        elif name == "br":
            self.runs.append(Run(runs.BREAK, style, self.link))
        elif name == "code":
            self._atom(code(tag.text()), style)
        elif name == "sup":
            self._superscript(tag, style, depth)
        elif name == "img":
            self._image(tag, style)
        elif name == "a" and not self.place.label:
            self._anchor(tag, style, depth)
        elif name == "span" and "md-spoiler-text" in tag.attributes.get("class", "").split():
            self._around(">!", tag, "!<", style, depth)
        elif name in _BLOCKS:
            self._around(" ", tag, " ", style, depth)
        else:
            self._children(tag, style | _STYLES.get(name, 0), depth)

    def _children(self, tag: Node, style: int, depth: int) -> None:
        for child in tag.children:
            self.add(child, style, depth + 1)

    def _around(self, before: str, tag: Node, after: str, style: int, depth: int) -> None:
        self._text(before, style)
        self._children(tag, style, depth)
        self._text(after, style)

    def _superscript(self, tag: Node, style: int, depth: int) -> None:
        place = replace(
            self.place,
            block=False,
            label=self.place.label or self.link is not None,
            before=">",
            after="<",
            depth=depth + 1,
            within=self.place.within | style,
        )
        text = tag.text()
        for space in (text[:1], None, text[-1:]):
            if space is None:
                self._atom(f"<sup>{write(tag.children, place)}</sup>", style)
            elif space in "\n\t ":
                self._text(space, style)

    def _anchor(self, tag: Node, style: int, depth: int) -> None:
        """A link ends where a link in it begins, as in every browser."""
        href, title = tag.attributes.get("href", ""), tag.attributes.get("title", "")
        url = links.resolve(href, self.place.base_url) if "href" in tag.attributes else None
        spoiler = bool(title) and href in _SPOILER_LINKS
        self.link = None if url is None or spoiler else Link(url, title)
        start = len(self.runs)
        self._children(tag, style, depth)
        if self.link and all(run.done is None and run.text.isspace() for run in self.runs[start:]):
            self._atom("", style)
        self.link = None
        if spoiler:
            self._text(f" >!{title}!<", style)

    def _image(self, tag: Node, style: int) -> None:
        source = tag.attributes.get("src", "")
        name = tag.attributes.get("alt", "") or re.split(r"[?#]", source)[0].split("/")[-1] or "image"
        url = links.resolve(source, self.place.base_url)
        alone = self.link is None and url is not None and not self.place.label
        if alone and url:
            self.link = Link(url, tag.attributes.get("title", ""))
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
