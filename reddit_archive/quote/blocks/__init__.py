"""Markdown pages that quote Reddit: find the quote blocks, write them, and renew them in place.

A block is the text between `<!-- reddit: URL OPTIONS -->` and `<!-- /reddit sha256:DIGEST -->`,
each on a line of its own. The digest tells a quote that this program wrote from one that somebody
changed. Version 1.0 wrote `<!-- /reddit -->`. Everything else in a page stays, to the byte.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from reddit_archive import errors
from reddit_archive.quote import shape
from reddit_archive.quote.blocks import digest, markers, options
from reddit_archive.quote.blocks.find import END, Block, blocks
from reddit_archive.quote.blocks.options import Options
from reddit_archive.quote.style import Style

__all__ = [
    "Block",
    "Options",
    "block",
    "blocks",
    "decode",
    "encode",
    "foreign_text",
    "front_matter",
    "is_current",
    "is_shown",
    "renew",
]


def renew(text: str, quotes: Mapping[Block, str]) -> str:
    """Put new quotes into blocks that `blocks` found in the same text; the rest stays.

    Raises:
        Unfaithful: The page would not show a quote as the content of its block.
        ValueError: A block has a problem or belongs to another text.
    """
    found = blocks(text)
    if any(each.problem for each in quotes) or not quotes.keys() <= set(found):
        raise ValueError("not a whole block of this text")
    parts: list[str] = []
    expected: list[Block] = []
    replaced = range(0)
    end = 0
    for each in found:
        if each in quotes:
            content = _content(quotes[each], each.indent, each.newline)
            signature = digest.compute(content)
            end_marker = _signed(each.end_marker, signature)
            parts += [text[end : each.start], content, end_marker]
            end = each.end + len(each.end_marker)
            replaced = range(each.line, each.line + len(digest.trimmed(each.content)))
            each = replace(each, content=content, end_marker=end_marker, digest=signature, doubt="")
        if each.line not in replaced or not each.problem:
            expected.append(each)
    written = "".join([*parts, text[end:]])
    if [*map(_same, expected)] != [*map(_same, blocks(written))]:
        raise errors.Unfaithful(
            "a quote would change where the blocks of its page begin and end",
            "Quote it for another target, or in a page of its own.",
        )
    return written


def _signed(end_marker: str, signature: str) -> str:
    """Set the digest in an end marker; an empty block has none."""
    written = f"/reddit sha256:{signature}" if signature else "/reddit"
    return re.sub(r"/reddit(?:\s+sha256:\w+)?", written, end_marker, count=1)


def is_shown(block: Block, quote: str) -> bool:
    """Return whether a block shows this quote, apart from line endings and trailing spaces."""
    content = _content(quote, block.indent, block.newline)
    return digest.trimmed(block.content) == digest.trimmed(content)


def is_current(block: Block, quote: str) -> bool:
    """Return whether a block shows this quote and has its digest, so that nothing must change."""
    return is_shown(block, quote) and digest.matches(block.content, block.digest)


def foreign_text(block: Block, quote: str, styles: Iterable[Style] = ()) -> str:
    """Return why the text of a block must be kept; "" if this program wrote it.

    `styles` are the styles of config.yaml, which matter only for blocks without a digest.
    """
    lines = digest.lines(block.content)
    if not any(lines) or lines == digest.lines(_content(quote, "", "\n")):
        return ""
    if block.doubt:
        return block.doubt
    if block.digest:
        is_own = digest.matches(block.content, block.digest)
        return "" if is_own else "the quote was changed by hand"
    number = shape.foreign_line(lines, styles)
    if number is None:
        return ""
    before = next(i for i, line in enumerate(digest.trimmed(block.content)) if line)
    return f"line {block.line + 1 + before + number} is not part of a quote"


def _same(block: Block) -> Block:
    """Return a block without its position, which depends on the length of earlier blocks."""
    problem, doubt = (re.sub(r"\d+", "N", words) for words in (block.problem, block.doubt))
    return replace(block, line=0, start=0, end=0, problem=problem, doubt=doubt)


def _content(quote: str, indent: str, newline: str) -> str:
    """A quote between blank lines: to kramdown, a line right below would belong to it."""
    quote = quote.encode("utf-8", "replace").decode().strip("\n")
    lines = ["", *quote.split("\n"), ""] if quote else [""]
    return "".join(f"{indent}{line}{newline}" if line else newline for line in lines)


def block(url: str, chosen: Options, quote: str) -> str:
    """Write a quote with the markers around it, to be pasted into a page."""
    words = " ".join(filter(None, [options.quoted(url), options.write(chosen)]))
    content = _content(quote, "", "\n")
    end_marker = _signed(END, digest.compute(content))
    return f"<!-- reddit: {words} -->\n{content}{end_marker}\n"


def front_matter(text: str) -> str:
    """Give the YAML at the top of a page, "" for none."""
    return markers.front_matter(text)[0]


def decode(content: bytes) -> str:
    """Read a page; bytes that are no UTF-8 come back from `encode` as they were."""
    return content.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Write a page; the other way round of `decode`."""
    return text.encode("utf-8", "surrogateescape")
