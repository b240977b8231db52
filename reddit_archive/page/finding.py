"""The blocks of a page: which start marker belongs to which end marker.

A block that can't be told for sure has a `problem` and is never written.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from reddit_archive import errors
from reddit_archive.page import options, scan
from reddit_archive.page.options import DEFAULT, Options
from reddit_archive.page.scan import Marker

END = "<!-- /reddit -->"
_MISTAKES = (
    "this start marker has a mistake. Write it like <!-- reddit: URL --> on one line",
    f"this end marker has a mistake. Write it like {END} on one line",
)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a page, or the place of one that has a `problem` and is not renewed.

    `line` is the line of its start marker, from 1. `reference` names the thread, as it was typed.
    `content` is the text between the markers, byte for byte; `start` and `end` are its offsets.
    `end_marker` is the line that ends the block; `digest` is the digest in it, "" for none.
    `doubt` says why the content may hold text of the user, apart from what the digest tells.
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
    """Find the blocks of a page in order, those with a problem included."""
    return sorted(_Pairing(text).blocks(), key=lambda found: found.line)


class _Pairing:
    """Pairs the markers of one page.

    `opened` are the start markers without an end marker so far. `slip` is the first start marker
    with a mistake since the last block ended, `unclosed` the first marker whose comment goes on.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.opened: list[Marker] = []
        self.is_nested = False
        self.slip: Marker | None = None
        self.unclosed: Marker | None = None

    def blocks(self) -> Iterator[Block]:
        for marker in scan.markers(self.text):
            if marker.is_unclosed and self.unclosed is None:
                self.unclosed = marker
            if marker.is_broken:
                yield _wrong(marker, _MISTAKES[marker.is_end])
            yield from self._end(marker) if marker.is_end else self._start(marker)
        if self.opened:
            yield _wrong(self.opened[0], f"it is not closed by {END}")

    def _start(self, marker: Marker) -> Iterator[Block]:
        if marker.is_broken:
            self.slip = self.slip or marker
            return
        if self.opened:
            self.is_nested = True
            yield _wrong(marker, f"it starts inside of the block of line {self.opened[0].line}")
        else:
            self.slip = None
        self.opened.append(marker)

    def _end(self, marker: Marker) -> Iterator[Block]:
        if self.opened:
            first = self.opened[0]
            self.opened.pop()
            if self.opened:
                return
            yield from self._closed(first, marker)
        elif self.slip is None and not marker.is_broken:
            yield _wrong(marker, f"{END} closes no block")
        self.is_nested, self.slip = False, None

    def _closed(self, first: Marker, marker: Marker) -> Iterator[Block]:
        if self.unclosed is not None:
            line = self.unclosed.line
            yield _wrong(first, f"the marker in line {line} above it is not closed")
        elif not self.is_nested and not marker.is_broken:
            slip = self.slip
            doubt = f"line {slip.line} inside of it is a marker with a mistake" if slip else ""
            yield replace(_block(self.text, first, marker), doubt=doubt)


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
        end_marker=text[closing.start : closing.end],
        digest=closing.digest,
    )
