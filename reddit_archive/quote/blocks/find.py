"""Find the blocks of a page: which start marker belongs to which end marker.

A block whose markers are ambiguous has a `problem` and is never written.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from reddit_archive import errors
from reddit_archive.quote.blocks import markers, options
from reddit_archive.quote.blocks.markers import Marker
from reddit_archive.quote.blocks.options import DEFAULT, Options

END = "<!-- /reddit -->"
_MISTAKES = (
    "this start marker has a mistake. Write it like <!-- reddit: URL --> on one line",
    f"this end marker has a mistake. Write it like {END} on one line",
)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a page.

    Attributes:
        line: The line of the start marker, counted from 1.
        reference: The thread, as the user typed it.
        content: The text between the markers, byte for byte.
        problem: Why the block can't be renewed, "" if it can. The other fields may be empty then.
        start: The offset of the content in the page.
        end: The offset of the end of the content.
        end_marker: The line that ends the block.
        digest: The digest in the end marker, "" if there is none.
        doubt: Why the content may contain the user's own text even if the digest matches.
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
    end_marker: str = ""
    digest: str = ""
    doubt: str = ""


def blocks(text: str) -> list[Block]:
    """Return the blocks of a page in order, including those with a problem."""
    return sorted(_Pairing(text).blocks(), key=lambda found: found.line)


class _Pairing:
    """Pairs the markers of one page.

    Attributes:
        opened: The start markers that have no end marker yet.
        mistake: The first start marker with a mistake since the last block ended.
        unclosed: The first marker whose HTML comment continues on the next line.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.opened: list[Marker] = []
        self.is_nested = False
        self.mistake: Marker | None = None
        self.unclosed: Marker | None = None

    def blocks(self) -> Iterator[Block]:
        for marker in markers.markers(self.text):
            if marker.is_unclosed and self.unclosed is None:
                self.unclosed = marker
            if marker.is_broken:
                yield _problem(marker, _MISTAKES[marker.is_end])
            yield from self._end(marker) if marker.is_end else self._start(marker)
        if self.opened:
            yield _problem(self.opened[0], f"it is not closed by {END}")

    def _start(self, marker: Marker) -> Iterator[Block]:
        if marker.is_broken:
            self.mistake = self.mistake or marker
            return
        if self.opened:
            self.is_nested = True
            yield _problem(marker, f"it starts inside the block of line {self.opened[0].line}")
        else:
            self.mistake = None
        self.opened.append(marker)

    def _end(self, marker: Marker) -> Iterator[Block]:
        if self.opened:
            first = self.opened[0]
            self.opened.pop()
            if self.opened:
                return
            yield from self._closed(first, marker)
        elif self.mistake is None and not marker.is_broken:
            yield _problem(marker, f"{END} closes no block")
        self.is_nested, self.mistake = False, None

    def _closed(self, first: Marker, marker: Marker) -> Iterator[Block]:
        if self.unclosed is not None:
            line = self.unclosed.line
            yield _problem(first, f"the marker in line {line} above it is not closed")
        elif not self.is_nested and not marker.is_broken:
            mistake = self.mistake
            doubt = f"line {mistake.line} inside it is a marker with a mistake" if mistake else ""
            yield replace(_block(self.text, first, marker), doubt=doubt)


def _problem(marker: Marker, problem: str) -> Block:
    return Block(marker.line, problem=problem)


def _block(text: str, opening: Marker, closing: Marker) -> Block:
    try:
        reference, chosen = options.parse(opening.options)
    except errors.ArchiveError as error:
        return _problem(opening, f"{error.message}. {error.hint}".rstrip(" "))
    return Block(
        opening.line,
        reference,
        chosen,
        text[opening.end : closing.start],
        start=opening.end,
        end=closing.start,
        indent=opening.indent,
        newline=opening.newline,
        end_marker=text[closing.start : closing.end],
        digest=closing.digest,
    )
