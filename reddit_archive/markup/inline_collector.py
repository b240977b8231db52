"""A line of inline HTML -> runs: the tree is flattened, its styles and links noted on the text."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from reddit_archive.markup import escape, inline_writer, links, media_tokens, unpaired_delimiters
from reddit_archive.markup.emphasis import DEL, EM, STRONG
from reddit_archive.markup.html_parser import Node
from reddit_archive.markup.inline_writer import Link, Place, Run

_STYLES = {"em": EM, "i": EM, "strong": STRONG, "b": STRONG, "del": DEL, "s": DEL, "strike": DEL}
_BLOCKS = frozenset(
    {"p", "div", "li", "ul", "ol", "blockquote", "pre", "table", "tr", "td", "th", "hr"}
    | {"h1", "h2", "h3", "h4", "h5", "h6"}
)
# Before 2017 a spoiler was a link that a subreddit's style sheet hid, its text in the title.
_SPOILER_LINKS = frozenset({"/s", "/spoiler", "#s", "#spoiler"})


def write(nodes: Sequence[Node | str], place: Place) -> str:
    """Write inline nodes as one paragraph, heading, cell or label."""
    if len(nodes) == 1 and isinstance(nodes[0], str):  # most paragraphs
        return place.escape(escape.clean(nodes[0]).strip(" "), unpaired_delimiters.ALL)
    flat = _Flat(place)
    flat.add(nodes)
    return inline_writer.write(flat.runs, place)


class _Flat:
    """The runs of a tree, in order."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.runs: list[Run] = []
        self.link: Link | None = None

    def add(self, nodes: Iterable[Node | str], style: int = 0) -> None:
        for node in nodes:
            if isinstance(node, str):
                self._text(node, style)
            else:
                self._tag(node, style)

    def _text(self, text: str, style: int) -> None:
        self.runs.append(Run(escape.clean(text), style, self.link))

    def _atom(self, done: str, style: int) -> None:
        self.runs.append(Run(escape.ATOM, style, self.link, done))

    def _tag(self, tag: Node, style: int) -> None:
        name = tag.name
        if name == "br":
            self.runs.append(Run(inline_writer.BREAK, style, self.link))
        elif name == "code":
            self._code(tag.text(), style)
        elif name == "sup":
            self._superscript(tag, style)
        elif name == "img":
            self._image(tag, style)
        elif name == "a" and not self.place.label:
            self._anchor(tag, style)
        elif name == "span" and "md-spoiler-text" in tag.attributes.get("class", "").split():
            self._spoiler(tag.children, style)
        elif name in _BLOCKS:
            self._around(" ", tag, " ", style)
        else:
            self.add(tag.children, style | _STYLES.get(name, 0))

    def _code(self, text: str, style: int) -> None:
        dialect = self.place.dialect
        # What looks like the definition of a link is one, even if it ends in code.
        is_safe = "]:" not in text
        text = escape.drop_controls(text.replace("\r", "").replace("\n", " "))
        done = dialect.code(text, cell=self.place.cell) if is_safe else dialect.code_apart(text)
        if done:
            self._atom(done, style)

    def _spoiler(self, nodes: Iterable[Node | str], style: int) -> None:
        is_live = self.place.dialect.has_spoilers
        mark = self._atom if is_live else self._text
        mark(">!", style)
        self.add(nodes, style)
        mark("!<", style)

    def _around(self, before: str, tag: Node, after: str, style: int) -> None:
        self._text(before, style)
        self.add(tag.children, style)
        self._text(after, style)

    def _superscript(self, tag: Node, style: int) -> None:
        place = replace(
            self.place,
            block=False,
            label=self.place.label or self.link is not None,
            before=">",
            after="<",
            within=self.place.within | style,
        )
        text = tag.text()
        for space in (text[:1], None, text[-1:]):
            if space is None:
                inner = write(tag.children, place)
                is_inside = self.place.before == ">"
                self._atom(self.place.dialect.superscript(inner, is_inside=is_inside), style)
            elif space in "\n\t ":
                self._text(space, style)

    def _anchor(self, tag: Node, style: int) -> None:
        """A link ends where a link in it begins, as in every browser."""
        href, title = tag.attributes.get("href", ""), tag.attributes.get("title", "")
        url = links.resolve(href, self.place.base_url) if "href" in tag.attributes else None
        # The title shows its text here, too; but not that of an empty link, which none can touch.
        spoiler = bool(title) and href in _SPOILER_LINKS and not self._is_seen(tag)
        self.link = None if url is None or spoiler else Link(url, title)
        start = len(self.runs)
        self.add(tag.children, style)
        if self.link and all(run.done is None and run.text.isspace() for run in self.runs[start:]):
            self._atom("", style)
        self.link = None
        if spoiler:
            self._text(" ", style)
            self._spoiler([title], style)

    def _is_seen(self, tag: Node) -> bool:
        return bool(tag.text().strip()) and not self.place.dialect.has_spoilers

    def _image(self, tag: Node, style: int) -> None:
        """A picture, or a link to it; in the text of a link only the picture's name."""
        url, title = media_tokens.source(tag, self.place.base_url), tag.attributes.get("title", "")
        shown = url and self.place.dialect.picture(url, is_shown=media_tokens.is_shown(tag, url))
        if shown:
            name = replace(self.place, block=False, label=True, before="[", after="]")
            label = name.escape(escape.clean(tag.attributes.get("alt", "")))
            picture = "!" + self.place.dialect.link(label, shown, title)
            self._atom(picture, style)
            return
        is_link = url and self.link is None and not self.place.label
        self.link = Link(url, title) if url and is_link else self.link
        self._text(media_tokens.name(tag), style)
        self.link = None if is_link else self.link
