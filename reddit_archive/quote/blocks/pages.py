"""Find, write and update the quote blocks in Markdown pages.

A block is the text between `<!-- reddit: URL OPTIONS -->` and `<!-- /reddit sha256:DIGEST -->`,
each on a line of its own. The digest shows whether somebody edited the quote. Version 1.0 wrote no
digest. The rest of a page is kept byte for byte.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from reddit_archive import errors
from reddit_archive.quote import shape
from reddit_archive.quote.blocks import digest, markers, options
from reddit_archive.quote.blocks.find import END_MARKER, QuoteBlock, find_blocks
from reddit_archive.quote.blocks.options import QuoteOptions
from reddit_archive.quote.style import Style


def replace_quotes(text: str, quotes: Mapping[QuoteBlock, str]) -> str:
    """Put new quotes into blocks that `find_blocks` found in the same text.

    Raises:
        RenderMismatchError: The page would not show a quote as the content of its block.
        ValueError: A block has a problem or belongs to another text.
    """
    page_blocks = find_blocks(text)
    if any(block.problem for block in quotes) or not quotes.keys() <= set(page_blocks):
        raise ValueError("the block has a problem or belongs to another text")
    parts: list[str] = []
    expected: list[QuoteBlock] = []
    replaced_lines = range(0)
    end = 0
    for block in page_blocks:
        if block in quotes:
            content = _build_content(quotes[block], block.indent, block.newline)
            content_digest = digest.compute(content)
            end_marker = _set_digest(block.end_marker, content_digest)
            parts += [text[end : block.start], content, end_marker]
            end = block.end + len(block.end_marker)
            replaced_lines = range(block.line, block.line + len(digest.trim_lines(block.content)))
            block = replace(
                block, content=content, end_marker=end_marker, digest=content_digest, ambiguity=""
            )
        if block.line not in replaced_lines or not block.problem:
            expected.append(block)
    new_text = "".join([*parts, text[end:]])
    if [*map(_remove_position, expected)] != [*map(_remove_position, find_blocks(new_text))]:
        raise errors.RenderMismatchError(
            "a quote would change where the blocks of its page begin and end",
            "Quote it for another target, or in a page of its own.",
        )
    return new_text


def _set_digest(end_marker: str, content_digest: str) -> str:
    """Set the digest in an end marker; an empty block has none."""
    marker_text = f"/reddit sha256:{content_digest}" if content_digest else "/reddit"
    return re.sub(r"/reddit(?:\s+sha256:\w+)?", marker_text, end_marker, count=1)


def has_quote(block: QuoteBlock, quote: str) -> bool:
    """Return whether a block shows this quote, apart from line endings and trailing spaces."""
    content = _build_content(quote, block.indent, block.newline)
    return digest.trim_lines(block.content) == digest.trim_lines(content)


def is_current(block: QuoteBlock, quote: str) -> bool:
    """Return whether a block shows this quote and has its digest, so that nothing must change."""
    return has_quote(block, quote) and digest.matches(block.content, block.digest)


def explain_foreign_text(block: QuoteBlock, quote: str, styles: Iterable[Style] = ()) -> str:
    """Return why the text of a block must be kept; "" if this program wrote it.

    `styles` are the styles of config.yaml, which matter only for blocks without a digest.
    """
    lines = digest.normalize_lines(block.content)
    if not any(lines) or lines == digest.normalize_lines(_build_content(quote, "", "\n")):
        return ""
    if block.ambiguity:
        return block.ambiguity
    if block.digest:
        is_unchanged = digest.matches(block.content, block.digest)
        return "" if is_unchanged else "the quote was changed by hand"
    foreign_index = shape.find_foreign_line(lines, styles)
    if foreign_index is None:
        return ""
    leading_blank_lines = next(i for i, line in enumerate(digest.trim_lines(block.content)) if line)
    return f"line {block.line + 1 + leading_blank_lines + foreign_index} is not part of a quote"


def _remove_position(block: QuoteBlock) -> QuoteBlock:
    """Return a block without its position, which depends on the length of earlier blocks."""
    problem, ambiguity = (
        re.sub(r"\d+", "N", message) for message in (block.problem, block.ambiguity)
    )
    return replace(block, line=0, start=0, end=0, problem=problem, ambiguity=ambiguity)


def _build_content(quote: str, indent: str, newline: str) -> str:
    """Put a quote between blank lines. To kramdown, a line right below would belong to it."""
    quote = quote.encode("utf-8", "replace").decode().strip("\n")
    lines = ["", *quote.split("\n"), ""] if quote else [""]
    return "".join(f"{indent}{line}{newline}" if line else newline for line in lines)


def write_block(url: str, quote_options: QuoteOptions, quote: str) -> str:
    """Write a quote with its markers, ready to paste into a page."""
    arguments = " ".join(filter(None, [options.quote_word(url), options.serialize(quote_options)]))
    content = _build_content(quote, "", "\n")
    end_marker = _set_digest(END_MARKER, digest.compute(content))
    return f"<!-- reddit: {arguments} -->\n{content}{end_marker}\n"


def read_front_matter(text: str) -> str:
    """Return the YAML front matter of a page; "" for none."""
    return markers.split_front_matter(text)[0]


def decode(content: bytes) -> str:
    """Decode a page. `encode` restores bytes that are not valid UTF-8."""
    return content.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Encode a page; the inverse of `decode`."""
    return text.encode("utf-8", "surrogateescape")
