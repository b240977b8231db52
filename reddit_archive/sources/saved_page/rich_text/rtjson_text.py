"""Reads the texts, links and pictures in a paragraph of Reddit's rich-text JSON."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from reddit_archive.markup import links
from reddit_archive.markup.node import Node
from reddit_archive.model.json_fields import Raw, get_dict, get_int, get_str

MAX_DEPTH = 30
"""Only the text of deeper nodes is kept. Reddit nests 16 deep."""
MEDIA_NODES = frozenset({"img", "gif", "video"})

_CODE = 64
# Underlined text (4) and subscript (16) have no element in Reddit's HTML and stay plain text.
_FORMAT_TAGS = {32: "sup", 8: "del", 2: "em", 1: "strong", _CODE: "code"}
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_NAME = re.compile(r"[\w-]{1,50}", re.ASCII)
_MENTION_PREFIXES = {"r/": "r/", "u/": "u/", "@": "u/"}
_INLINE_NODES = frozenset({"text", "raw", "link", "spoilertext", *_MENTION_PREFIXES})
_VIDEO_MANIFEST = re.compile(r"/link/([0-9a-z]{1,13})/asset/([0-9a-z]{1,30})/")

Piece = tuple[str, int]
"""A part of a text, and the bits of its formats."""


def build_inline(content: object, media: Raw, depth: int) -> list[Node | str]:
    """Return the content of a paragraph, heading or cell as HTML nodes.

    Args:
        content: The content of a node: a list of nodes, or a text.
        media: The text's `mediaMetadata`, by media id.
        depth: How many nodes are around the content.
    """
    if depth > MAX_DEPTH:
        return [collect_text(content)]
    return [item for node in as_nodes(content) for item in _build_item(node, media, depth)]


def as_nodes(content: object) -> list[Raw]:
    """Return the nodes of a content. A text counts as a node; anything else is left out."""
    parts = content if isinstance(content, list) else [content]
    return [
        part if isinstance(part, dict) else {"e": "raw", "t": part}
        for part in parts
        if isinstance(part, dict | str)
    ]


def clean(text: str) -> str:
    """Return a text without the characters that HTML can't contain."""
    return _SURROGATES.sub("\ufffd", _CONTROLS.sub("", text))


def collect_text(content: object) -> str:
    """Return the texts of all nodes. Does not recurse."""
    texts: list[str] = []
    todo = [content]
    while todo:
        match todo.pop():
            case str() as text:
                texts.append(text)
            case list() as nodes:
                todo.extend(reversed(nodes))
            case dict() as node:
                is_inline = get_str(node, "e") in _INLINE_NODES
                todo += ["" if is_inline else " ", node.get("c"), node.get("h"), node.get("t")]
    return clean("".join(texts)).strip()


def _build_item(node: Raw, media: Raw, depth: int) -> list[Node | str]:
    kind = get_str(node, "e")
    if kind == "br":
        return [Node("br", {}, [])]
    if kind == "link":
        url = get_str(node, "u")
        label = build_text(get_str(node, "t"), node.get("f")) or [clean(url)]
        return build_link(url, label, get_str(node, "a"))
    if kind in _MENTION_PREFIXES:
        return _build_mention(_MENTION_PREFIXES[kind], node)
    if kind in ("c/", "p/"):
        return build_link(get_str(node, "t"), [clean(get_str(node, "t"))])
    if kind in MEDIA_NODES:
        return build_media(node, media)
    if kind == "table":  # Reddit has none inside of a paragraph
        return [collect_text(node)]
    content = build_inline(node.get("c"), media, depth + 1)
    if kind == "spoilertext":
        return hide(content)
    return build_text(get_str(node, "t"), node.get("f")) + content


def hide(content: list[Node | str]) -> list[Node | str]:
    """Return a content as a spoiler. One without words hides nothing."""
    hidden = Node("span", {"class": "md-spoiler-text"}, content)
    return [hidden] if hidden.get_text().strip() else content


def build_link(url: str, label: list[Node | str], title: str = "") -> list[Node | str]:
    """Return a link if Reddit would link the URL; otherwise only its label."""
    if links.resolve(url) is None:
        return label
    title_attribute = {"title": clean(title)} if title else {}
    return [Node("a", {"href": clean(links.clean_url(url)), **title_attribute}, label)]


def _build_mention(prefix: str, node: Raw) -> list[Node | str]:
    """Return a link to `r/name` or `u/name`, with a leading slash if the author typed one."""
    name = get_str(node, "t")
    label = clean(f"{'/' if node.get('l') is True else ''}{prefix}{name}")
    return build_link(f"/{prefix}{name}", [label]) if _NAME.fullmatch(name) else [label]


def build_media(node: Raw, media: Raw) -> list[Node | str]:
    """Return a picture, GIF, emote or video; its caption or token if its URL is unknown."""
    media_id, caption = get_str(node, "id"), get_str(node, "c")
    url = get_media_url(get_dict(media, media_id))
    if not url:
        return [clean(caption or (f"![{get_str(node, 'e')}]({media_id})" if media_id else ""))]
    if media_id.startswith("emote|"):
        return [Node("img", {"src": clean(url), "width": "20", "height": "20"}, [])]
    if media_id.startswith("giphy|"):
        page = get_str(get_dict(media, media_id), "ext")
        return build_link(page, [Node("img", {"src": clean(url)}, [])])
    return build_link(url, [clean(caption or url)])


def get_media_url(entry: Raw) -> str:
    """Return the address of an entry of `mediaMetadata`, or "" if it has none."""
    source = get_dict(entry, "s")
    video = _VIDEO_MANIFEST.search(get_str(entry, "dashUrl"))
    page = f"https://reddit.com/link/{video[1]}/video/{video[2]}/player" if video else ""
    urls = (*(get_str(source, key) for key in ("u", "gif", "mp4")), page)
    return next((url for url in urls if links.is_allowed(url)), "")


def build_text(text: str, ranges: object) -> list[Node | str]:
    """Return a text with its formats.

    Args:
        text: The text of a node.
        ranges: A list of [bits of the formats, start, length], in code points.
    """
    return _nest(list(_split(text, ranges)))


def _nest(pieces: Sequence[Piece]) -> list[Node | str]:
    """Return elements around the pieces. Recurses once for each format."""
    items: list[Node | str] = []
    i = 0
    while i < len(pieces):
        text, bits = pieces[i]
        if bits == 0:
            items.append(clean(text))
            i += 1
            continue
        lengths = {bit: _measure_run(pieces, i, bit) for bit in _FORMAT_TAGS if bits & bit}
        # The longest run is outermost, as the author typed it. Code contains no other element.
        bit = max(lengths, key=lambda bit: (bit != _CODE, lengths[bit]))
        end = i + lengths[bit]
        inner = [(part, part_bits & ~bit) for part, part_bits in pieces[i:end]]
        items.append(Node(_FORMAT_TAGS[bit], {}, _nest(inner)))
        i = end
    return items


def _measure_run(pieces: Sequence[Piece], start: int, bit: int) -> int:
    """Return how many pieces from `start` on have a format."""
    end = start
    while end < len(pieces) and pieces[end][1] & bit and (bit != _CODE or pieces[end][1] == bit):
        end += 1
    return max(end - start, 1)


def _split(text: str, ranges: object) -> Iterator[Piece]:
    """Split a text where its formats change."""
    changes: dict[int, list[tuple[int, int]]] = {0: [], len(text): []}
    for bits, start, end in _iter_ranges(ranges, len(text)):
        changes.setdefault(start, []).append((bits, 1))
        changes.setdefault(end, []).append((bits, -1))
    counts = dict.fromkeys(_FORMAT_TAGS, 0)
    for start, end in pairwise(sorted(changes)):
        for bits, change in changes[start]:
            for bit in counts:
                counts[bit] += change if bits & bit else 0
        yield text[start:end], sum(bit for bit, count in counts.items() if count > 0)


def _iter_ranges(ranges: object, text_length: int) -> Iterator[tuple[int, int, int]]:
    """Yield (bits, start, end) of each valid range that covers a part of the text."""
    for item in ranges if isinstance(ranges, list) else []:
        if not (isinstance(item, list) and len(item) == 3):
            continue
        bits, start, length = (get_int({"": value}, "") for value in item)
        if bits is None or start is None or length is None or start < 0:
            continue
        end = min(start + length, text_length)
        if start < end:
            yield bits, start, end
