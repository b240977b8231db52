"""Flattens inline HTML into runs: pieces of text with their styles and links."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import dropwhile

from reddit_archive.markup import (
    escape,
    escape_rules,
    inline_writer,
    links,
    media_tokens,
    shown_tree,
)
from reddit_archive.markup.emphasis import DEL, EM, STRONG
from reddit_archive.markup.inline_writer import InlineContext, Link, Run
from reddit_archive.markup.node import Node

_STYLES = {"em": EM, "i": EM, "strong": STRONG, "b": STRONG, "del": DEL, "s": DEL, "strike": DEL}
_BLOCKS = frozenset(
    {"p", "div", "li", "ul", "ol", "blockquote", "pre", "table", "tr", "td", "th", "hr"}
    | {"h1", "h2", "h3", "h4", "h5", "h6"}
)


def write(nodes: Sequence[Node | str], context: InlineContext) -> str:
    """Write inline nodes as one paragraph, heading, cell or label."""
    # Most paragraphs. Without this shortcut, converting a text takes 52 instead of 44 µs.
    if len(nodes) == 1 and isinstance(nodes[0], str):
        return inline_writer.write_plain(escape.clean_balanced(nodes[0]), context)
    collector = _RunCollector(context)
    collector.add(nodes)
    return inline_writer.write(collector.runs, context)


class _RunCollector:
    """Collects the runs of a tree in order."""

    def __init__(self, context: InlineContext) -> None:
        self.context = context
        self.runs: list[Run] = []
        self.link: Link | None = None

    def add(self, nodes: Iterable[Node | str], style: int = 0) -> None:
        for node in nodes:
            if isinstance(node, str):
                self._add_text(node, style)
            else:
                self._add_element(node, style)

    def _add_text(self, text: str, style: int) -> None:
        self.runs.append(Run(escape.clean_balanced(text), style, self.link))

    def _add_atom(self, markdown: str, style: int) -> None:
        self.runs.append(Run(escape_rules.ATOM, style, self.link, markdown))

    def _add_element(self, element: Node, style: int) -> None:
        name = element.name
        if name == "br":
            self.runs.append(Run(inline_writer.HARD_BREAK, style, self.link))
        elif name == "code":
            self._add_code(element.get_text(), style)
        elif name == "sup":
            self._add_superscript(element, style)
        elif name == "img":
            self._add_image(element, style)
        elif name == "a" and not self.context.is_label:
            self._add_link(element, style)
        elif name == "span" and shown_tree.is_spoiler(element):
            self._add_spoiler(element.children, style)
        elif name in _BLOCKS:
            self._add_surrounded(" ", element, " ", style)
        else:
            self.add(element.children, style | _STYLES.get(name, 0))

    def _add_code(self, text: str, style: int) -> None:
        dialect = self.context.dialect
        # A line that looks like a link definition is one, even if it ends in code.
        is_safe = "]:" not in text
        text = escape.drop_controls(text.replace("\r", "").replace("\n", " "))
        markdown = (
            dialect.write_code_span(text, is_cell=self.context.is_cell)
            if is_safe
            else dialect.write_isolated_code(text)
        )
        if markdown:
            self._add_atom(markdown, style)

    def _add_spoiler(self, nodes: Iterable[Node | str], style: int) -> None:
        dialect = self.context.dialect
        has_syntax = dialect.has_spoilers or dialect.spoiler_tags is not None
        add_marker = self._add_atom if has_syntax else self._add_text
        start, end = dialect.spoiler_tags or (">!", "!<")
        add_marker(start, style)
        # A tag alone in the first line of a paragraph would start a block of HTML.
        self.add(dropwhile(_is_break, nodes) if dialect.spoiler_tags else nodes, style)
        add_marker(end, style)

    def _add_surrounded(self, prefix: str, element: Node, suffix: str, style: int) -> None:
        self._add_text(prefix, style)
        self.add(element.children, style)
        self._add_text(suffix, style)

    def _add_superscript(self, element: Node, style: int) -> None:
        context = replace(
            self.context,
            can_start_block=False,
            is_label=self.context.is_label or self.link is not None,
            char_before=">",
            char_after="<",
            outer_styles=self.context.outer_styles | style,
        )
        text = element.get_text()
        for edge in (text[:1], None, text[-1:]):
            if edge is None:
                inner = write(element.children, context)
                is_nested = self.context.char_before == ">"
                self._add_atom(
                    self.context.dialect.write_superscript(inner, is_nested=is_nested), style
                )
            elif edge in "\n\t ":
                self._add_text(edge, style)

    def _add_link(self, element: Node, style: int) -> None:
        """Add a link. It ends where a link inside it begins, as in every browser."""
        href, title = element.attributes.get("href", ""), element.attributes.get("title", "")
        url = links.resolve(href) if "href" in element.attributes else None
        is_spoiler = bool(title) and links.hides_title(href) and not self._can_hover(element)
        self.link = None if url is None or is_spoiler else Link(url, title)
        start = len(self.runs)
        self.add(element.children, style)
        if self.link and all(
            run.markdown is None and run.text.isspace() for run in self.runs[start:]
        ):
            self._add_atom("", style)
        self.link = None
        if is_spoiler:
            self._add_text(" ", style)
            self._add_spoiler([escape.clean(title)], style)

    def _can_hover(self, element: Node) -> bool:
        """Return whether the link stays a link with text, which shows its title on hover."""
        return bool(element.get_text().strip()) and not self.context.dialect.has_spoilers

    def _add_image(self, element: Node, style: int) -> None:
        """Add an image, or a link to it; inside a link, only the label of the image."""
        url, title = media_tokens.get_image_url(element), element.attributes.get("title", "")
        image_source = url and self.context.dialect.get_image_source(
            url, is_shown_by_reddit=media_tokens.is_shown_by_reddit(element, url)
        )
        if image_source:
            alt = escape.clean(media_tokens.write_alt(element.attributes.get("alt", "")))
            label = self.context.for_label().escape(alt)
            image = "!" + self.context.dialect.write_link(label, image_source, title)
            self._add_atom(image, style)
            return
        is_link = url and self.link is None and not self.context.is_label
        self.link = Link(url, title) if url and is_link else self.link
        self._add_text(escape.clean(media_tokens.get_image_label(element)), style)
        self.link = None if is_link else self.link


def _is_break(node: Node | str) -> bool:
    return not node.strip() if isinstance(node, str) else node.name == "br"
