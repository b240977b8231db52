"""Finds the blocks of a page: which start marker belongs to which end marker.

A block whose markers are ambiguous has a `problem` and is never written.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from reddit_archive import errors
from reddit_archive.quote.blocks import markers, options
from reddit_archive.quote.blocks.markers import Marker
from reddit_archive.quote.blocks.options import DEFAULT_OPTIONS, QuoteOptions

END_MARKER = "<!-- /reddit -->"
_MISTAKE_MESSAGES = (
    "this start marker has a mistake. Write it like <!-- reddit: URL --> on one line",
    f"this end marker has a mistake. Write it like {END_MARKER} on one line",
)


@dataclass(frozen=True, slots=True)
class QuoteBlock:
    """A block of a page.

    Attributes:
        line: The line of the start marker, counted from 1.
        reference: The thread, as the user typed it.
        content: The text between the markers, byte for byte.
        options: The options in the start marker.
        problem: Why the block can't be updated, "" if it can. The other fields may be empty then.
        start: The offset of the content in the page.
        end: The offset of the end of the content.
        indent: The indentation of the start marker.
        newline: The line ending of the start marker.
        end_marker: The line that ends the block.
        digest: The digest in the end marker, "" if there is none.
        ambiguity: Why the content may contain the user's own text even if the digest matches.
    """

    line: int
    reference: str = ""
    options: QuoteOptions = DEFAULT_OPTIONS
    content: str = ""
    problem: str = ""
    start: int = 0
    end: int = 0
    indent: str = ""
    newline: str = "\n"
    end_marker: str = ""
    digest: str = ""
    ambiguity: str = ""


def find_blocks(text: str) -> list[QuoteBlock]:
    """Return the blocks of a page in order, including those with a problem."""
    return sorted(_MarkerPairing(text).iter_blocks(), key=lambda block: block.line)


class _MarkerPairing:
    """Pairs the markers of one page.

    Attributes:
        open_markers: The start markers that have no end marker yet.
        is_nested: Whether a block started inside the open one.
        broken_marker: The first start marker with a mistake since the last block ended.
        unclosed_marker: The first marker whose HTML comment continues on the next line.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.open_markers: list[Marker] = []
        self.is_nested = False
        self.broken_marker: Marker | None = None
        self.unclosed_marker: Marker | None = None

    def iter_blocks(self) -> Iterator[QuoteBlock]:
        for marker in markers.find_markers(self.text):
            if marker.is_unclosed and self.unclosed_marker is None:
                self.unclosed_marker = marker
            if marker.is_broken:
                yield _build_problem(marker, _MISTAKE_MESSAGES[marker.is_end])
            yield from self._handle_end(marker) if marker.is_end else self._handle_start(marker)
        if self.open_markers:
            yield _build_problem(self.open_markers[0], f"it is not closed by {END_MARKER}")

    def _handle_start(self, marker: Marker) -> Iterator[QuoteBlock]:
        if marker.is_broken:
            self.broken_marker = self.broken_marker or marker
            return
        if self.open_markers:
            self.is_nested = True
            yield _build_problem(
                marker, f"it starts inside the block of line {self.open_markers[0].line}"
            )
        else:
            self.broken_marker = None
        self.open_markers.append(marker)

    def _handle_end(self, marker: Marker) -> Iterator[QuoteBlock]:
        if self.open_markers:
            start_marker = self.open_markers[0]
            self.open_markers.pop()
            if self.open_markers:
                return
            yield from self._close_block(start_marker, marker)
        elif self.broken_marker is None and not marker.is_broken:
            yield _build_problem(marker, f"{END_MARKER} closes no block")
        self.is_nested, self.broken_marker = False, None

    def _close_block(self, start_marker: Marker, end_marker: Marker) -> Iterator[QuoteBlock]:
        if self.unclosed_marker is not None:
            line = self.unclosed_marker.line
            yield _build_problem(start_marker, f"the marker in line {line} above it is not closed")
        elif not self.is_nested and not end_marker.is_broken:
            broken_marker = self.broken_marker
            ambiguity = (
                f"line {broken_marker.line} inside it is a marker with a mistake"
                if broken_marker
                else ""
            )
            yield replace(_build_block(self.text, start_marker, end_marker), ambiguity=ambiguity)


def _build_problem(marker: Marker, problem: str) -> QuoteBlock:
    return QuoteBlock(marker.line, problem=problem)


def _build_block(text: str, start_marker: Marker, end_marker: Marker) -> QuoteBlock:
    try:
        reference, quote_options = options.parse(start_marker.options)
    except errors.ArchiveError as error:
        return _build_problem(start_marker, f"{error.message}. {error.hint}".rstrip(" "))
    return QuoteBlock(
        start_marker.line,
        reference,
        quote_options,
        text[start_marker.end : end_marker.start],
        start=start_marker.end,
        end=end_marker.start,
        indent=start_marker.indent,
        newline=start_marker.newline,
        end_marker=text[end_marker.start : end_marker.end],
        digest=end_marker.digest,
    )
