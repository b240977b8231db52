"""Markdown pages that quote Reddit: their blocks found, written and renewed in place.

A block is what stands between `<!-- reddit: URL OPTIONS -->` and `<!-- /reddit -->`, each on a line
of its own. Everything else in a page stays as it is, to the byte.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from reddit_archive import errors
from reddit_archive.page import options, scan
from reddit_archive.page.options import DEFAULT, Options
from reddit_archive.page.scan import Marker

__all__ = [
    "Block",
    "Options",
    "block",
    "blocks",
    "decode",
    "encode",
    "front_matter",
    "is_shown",
    "renew",
]

_END = "<!-- /reddit -->"


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a page, or the place of one that has a `problem` and is left alone.

    `line` is that of its marker, from 1. `reference` names the thread, as it was typed. `content`
    is all between the markers, byte for byte; `start` and `end` are where that stands.
    """

    line: int
    reference: str = ""
    options: Options = DEFAULT
    content: str = ""
    problem: str = ""
    start: int = 0
    end: int = 0
    indent: str = ""
    newline: str = "\n"


def blocks(text: str) -> list[Block]:
    """Find the blocks of a page in order, those with a problem included."""
    return sorted(_blocks(text), key=lambda found: found.line)


def _blocks(text: str) -> Iterator[Block]:
    opened: list[Marker] = []
    is_nested = False
    for marker in scan.markers(text):
        if marker.kind == "broken":
            yield _wrong(marker, "a marker is not written like <!-- reddit: URL --> on one line")
        elif marker.kind == "opening":
            if opened:
                is_nested = True
                yield _wrong(marker, f"it begins inside of the block of line {opened[0].line}")
            opened.append(marker)
        elif not opened:
            yield _wrong(marker, f"{_END} closes no block")
        else:
            first = opened[0]
            opened.pop()
            if not opened and not is_nested:
                yield _block(text, first, marker)
            is_nested = is_nested and bool(opened)
    if opened:
        yield _wrong(opened[0], f"it is not closed by {_END}")


def _wrong(marker: Marker, problem: str) -> Block:
    return Block(marker.line, problem=problem)


def _block(text: str, opening: Marker, closing: Marker) -> Block:
    try:
        reference, chosen = options.parse(opening.options)
    except errors.ArchiveError as error:
        return _wrong(opening, f"{error.message}. {error.hint}".rstrip(" "))
    return Block(
        opening.line,
        reference,
        chosen,
        text[opening.end : closing.start],
        start=opening.end,
        end=closing.start,
        indent=opening.indent,
        newline=opening.newline,
    )


def renew(text: str, quotes: Mapping[Block, str]) -> str:
    """Put new quotes into blocks that `blocks` found in the same text; the rest stays.

    Raises Unfaithful where the page would not show a quote as a block's content afterwards, and
    ValueError for a block with a problem or of another text.
    """
    found = blocks(text)
    if any(each.problem for each in quotes) or not quotes.keys() <= set(found):
        raise ValueError("not a whole block of this text")
    parts: list[str] = []
    wanted: list[Block] = []
    end = 0
    for each in found:
        if each in quotes:
            content = _content(quotes[each], each.indent, each.newline)
            parts += [text[end : each.start], content]
            end = each.end
            each = replace(each, content=content)
        wanted.append(each)
    written = "".join([*parts, text[end:]])
    if [*map(_same, wanted)] != [*map(_same, blocks(written))]:
        raise errors.Unfaithful(
            "a quote would change where the blocks of its page begin and end",
            "Quote it for another target, or in a page of its own.",
        )
    return written


def is_shown(block: Block, quote: str) -> bool:
    """Tell whether a block holds a quote already, so that `renew` would change nothing."""
    return block.content == _content(quote, block.indent, block.newline)


def _same(block: Block) -> Block:
    """A block without its place, which moves with the length of those before it."""
    return replace(block, line=0, start=0, end=0, problem=re.sub(r"\d+", "N", block.problem))


def _content(quote: str, indent: str, newline: str) -> str:
    """A quote between blank lines: to kramdown, a line right below would belong to it."""
    quote = quote.encode("utf-8", "replace").decode().strip("\n")
    lines = ["", *quote.split("\n"), ""] if quote else [""]
    return "".join(f"{indent}{line}{newline}" if line else newline for line in lines)


def block(url: str, chosen: Options, quote: str) -> str:
    """Write a quote with the markers around it, to be pasted into a page."""
    words = " ".join(filter(None, [options.quoted(url), options.write(chosen)]))
    content = _content(quote, "", "\n")
    return f"<!-- reddit: {words} -->\n{content}{_END}\n"


def front_matter(text: str) -> str:
    """Give the YAML at the top of a page, "" for none."""
    return scan.front_matter(text)[0]


def decode(content: bytes) -> str:
    """Read a page; bytes that are no UTF-8 come back from `encode` as they were."""
    return content.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Write a page; the other way round of `decode`."""
    return text.encode("utf-8", "surrogateescape")
