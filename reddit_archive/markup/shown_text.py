"""Compare what two HTML texts show: their blocks and words, not their tags.

Reddit writes one text as HTML in several ways. Its API and its old pages have the HTML of snudown,
its newer pages the HTML of "rich text". Two texts show the same if they have the same words in the
same paragraphs, list items, headings, quotes, code blocks and table cells. Formatting, addresses of
links, white space, characters of no width and pictures do not count.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from reddit_archive.markup import html_parser, media_hosts
from reddit_archive.markup.node import Node, get_list_start

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | {
    *("p", "div", "blockquote", "ul", "ol", "li", "pre", "hr", "section", "article", "figure"),
    *("table", "thead", "tbody", "tr", "th", "td", "details", "summary", "figcaption"),
}
_KINDS = {**dict.fromkeys(_HEADINGS, "heading"), "pre": "code", "td": "cell", "th": "cell"}
_PARAGRAPH, _ITEM = "paragraph", "item"
_NO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufe0e\ufe0f\ufeff]")
_LEADING_SLASH = re.compile(r"(?<![\w/.:])/(?=[ru]/\w)")
"""Snudown keeps the first slash of `/r/x`, rich text drops it."""
_EMOTE = re.compile(r":[\w|+-]+:|!\[(?:img|gif|emote)\]\([\w|-]+\)", re.ASCII)
"""How an emote or GIF is written where it is not shown as a picture."""
_PICTURE_LABEL = re.compile(r"\s*(?:https?://\S*|<?(?:image|img|gif|video|emote)>?)?\s*", re.I)
_VIDEO_PATH = re.compile(r"https?://(?:www\.)?reddit\.com/link/\w+/video/\w+/player", re.I)
_PICTURE_ID = re.compile(r"//(?:i|preview)\.redd\.it/(?:[^/?#]*-)?(\w{8,20})\.\w+", re.ASCII)
_INNER_MARKS = re.compile(r"\*\*|~~|>!|!<|\\|`+")
_NUMBER_MARK = re.compile(r"(\d{1,4})[.)]", re.ASCII)


class _Block(NamedTuple):
    """A block that shows words.

    Attributes:
        quote_depth: Number of quotes around it.
        kind: "paragraph", "item", "heading", "code" or "cell".
        words: Its words.
        number: Its number in an ordered list, or 0.
    """

    quote_depth: int
    kind: str
    words: tuple[str, ...]
    number: int


@dataclass(slots=True)
class _ShownText:
    """The blocks of a text, and the ids of its pictures ("" if unknown)."""

    blocks: list[_Block] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)


def shows_same_text(html: str, other_html: str) -> bool:
    """Return whether two texts, as HTML, show the same words in the same blocks.

    The renderers disagree about unusual Markdown: one shows a list where the other shows the typed
    marks. If one text shows such marks, its words decide alone, without any marks.
    """
    if html == other_html:
        return True
    text, other = _extract(html), _extract(other_html)
    if _have_different_pictures(text.pictures, other.pictures):
        return False
    blocks, other_blocks = text.blocks, other.blocks
    if len(text.pictures) != len(other.pictures):
        blocks, other_blocks = _drop_emotes(blocks), _drop_emotes(other_blocks)
    if _list_comparable(blocks) == _list_comparable(other_blocks):
        return True
    if not (_has_marks(blocks) or _has_marks(other_blocks)):
        return False
    return [*_iter_plain_words(blocks)] == [*_iter_plain_words(other_blocks)]


@lru_cache(maxsize=64)  # each text of a timeline is compared with the next and the previous one
def _extract(html: str) -> _ShownText:
    extractor = _Extractor()
    extractor.add_children(html_parser.parse(html))
    extractor.end_block()
    return extractor.text


class _Extractor:
    """Collects blocks. The text of an element belongs to the innermost block."""

    def __init__(self) -> None:
        self.text = _ShownText()
        self.parts: list[str] = []
        self.quote_depth = 0
        self.kind = _PARAGRAPH
        self.number = 0

    def add_children(self, node: Node) -> None:
        for position, child in enumerate(node.children):
            if isinstance(child, str):
                self.parts.append(child)
            elif child.name in _BLOCKS:
                self.end_block()
                self._add_block(child, node, position)
                self.end_block()
            else:
                self._add_inline(child)

    def _add_block(self, node: Node, parent: Node, position: int) -> None:
        outer_kind = self.kind
        self.kind = _KINDS.get(node.name, self.kind)
        if node.name == "li":
            self.kind = _ITEM
            self.number = _get_number(parent, position) if parent.name == "ol" else 0
        self.quote_depth += node.name == "blockquote"
        self.add_children(node)
        self.end_block()
        self.quote_depth -= node.name == "blockquote"
        if node.name == "li":
            self.kind, self.number = _PARAGRAPH, 0
        elif node.name in _KINDS:
            self.kind = outer_kind

    def _add_inline(self, node: Node) -> None:
        if node.name == "br":
            self.parts.append("\n")
        elif node.name == "img":
            self.text.pictures.append(_get_picture_id(node.attributes.get("src", "")))
        elif node.name == "a" and _is_picture_link(node):
            self.text.pictures.append(_get_picture_id(node.attributes.get("href", "")))
        else:
            self.add_children(node)

    def end_block(self) -> None:
        """End the current block. One without words is left out."""
        words = tuple(_split_words("".join(self.parts)))
        self.parts.clear()
        if words:
            self.text.blocks.append(_Block(self.quote_depth, self.kind, words, self.number))
            if self.kind == _ITEM:  # only its first block has the mark of the list
                self.kind, self.number = _PARAGRAPH, 0


def _split_words(text: str) -> list[str]:
    if not text.isascii():
        text = _NO_WIDTH.sub("", text)
    return _LEADING_SLASH.sub("", text).split()


def _get_number(ordered_list: Node, position: int) -> int:
    items = (
        child
        for child in ordered_list.children[:position]
        if isinstance(child, Node) and child.name == "li"
    )
    return get_list_start(ordered_list) + sum(1 for _ in items)


def _is_picture_link(node: Node) -> bool:
    """Return whether a link stands for a picture or video that Reddit may show in its place."""
    url = node.attributes.get("href", "")
    if not (media_hosts.is_on_image_host(url) or _VIDEO_PATH.match(url)):
        return False
    return bool(_PICTURE_LABEL.fullmatch(node.get_text()))


def _get_picture_id(url: str) -> str:
    match = _PICTURE_ID.search(url)
    return match[1].lower() if match else ""


def _have_different_pictures(pictures: list[str], other_pictures: list[str]) -> bool:
    """Return whether both texts have the same number of pictures, and one pair surely differs."""
    return len(pictures) == len(other_pictures) and any(
        one and other and one != other for one, other in zip(pictures, other_pictures, strict=True)
    )


def _drop_emotes(blocks: Iterable[_Block]) -> list[_Block]:
    """Return the blocks without emotes that are written as text."""
    return [
        block._replace(words=words)
        for block in blocks
        if (words := tuple(word for word in block.words if not _EMOTE.fullmatch(word)))
    ]


def _list_comparable(blocks: Iterable[_Block]) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(block.quote_depth, block.kind, block.words) for block in blocks]


def _has_marks(blocks: Iterable[_Block]) -> bool:
    """Return whether a text shows characters that may be marks of Markdown."""
    return any(
        _remove_marks(word) != word or _NUMBER_MARK.fullmatch(word)
        for block in blocks
        if block.kind != "code"
        for word in block.words
    )


def _iter_plain_words(blocks: Iterable[_Block]) -> Iterator[str]:
    """Yield the words of a text without marks. The number of a list item is a word, too."""
    for block in blocks:
        if block.number:
            yield f"{block.number}."
        for word in block.words:
            if number := _NUMBER_MARK.fullmatch(word):
                yield f"{number[1]}."
            elif plain_word := _remove_marks(word):
                yield plain_word


def _remove_marks(word: str) -> str:
    """Remove the marks of emphasis, code, quotes, headings, tables, spoilers and lists."""
    plain_word = _INNER_MARKS.sub("", word).lstrip("#>^").strip("*_|")
    return "" if not plain_word.strip("-+*\u2022=:|") else plain_word
