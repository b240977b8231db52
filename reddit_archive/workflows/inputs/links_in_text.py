"""Every Reddit thread that a Markdown or HTML page links to, once; its quote blocks with options.

No Markdown is parsed: an address counts wherever it stands, in code and in comments too, for what
is archived in vain costs a request, and what is missed may be lost. Time grows with the page's
length and no faster, whatever it holds.
"""

import heapq
import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from operator import itemgetter
from urllib.parse import unquote

from reddit_archive import errors
from reddit_archive.model import reference
from reddit_archive.model.reference import Reference
from reddit_archive.quote import blocks as quote_blocks
from reddit_archive.quote.blocks import QuoteBlock
from reddit_archive.workflows.inputs import entries
from reddit_archive.workflows.inputs.entries import ListEntry, ListProblem

SLASH = r"(?:/|\\/|&#x2f;|&#47;|%2f)"  # as scripts, templates and addresses in addresses write it
HOST = re.compile(
    rf"redd(?:(it\.com|it\.app\.link)|\.it)\.?(?::\d{{1,5}})?(?={SLASH})", re.IGNORECASE
)
# What stands before the host, from its end to its beginning: so it is found in one step.
BEFORE = re.compile(
    r"(?:\.[a-z0-9-]{1,63})*"
    r"(?:(?://(?::s?ptth)?|/\\/\\(?::s?ptth)?|;f2x#&;f2x#&(?::s?ptth)?|f2%f2%a3%s?ptth))?"
    r"(?![a-z0-9@.-])",
    re.IGNORECASE,
)
BEFORE_LONGEST = 90
THREAD = re.compile(
    r"(?:/[a-z]{2}(?:-[a-z]{2})?(?=/))?(?:/(?:r|u|user)/[^/\s]{1,60})?"
    r"/(?:comments|duplicates|tb|poll|gallery|by_id|s|over18)\b",
    re.IGNORECASE,
)
SHORT = re.compile(r"/[0-9a-z]{2,13}(?![0-9a-z])", re.IGNORECASE)
# As Reddit's own pages link, and its users write. Other sites have pages of comments as well, whose
# numbers are no ids of Reddit's.
RELATIVE = re.compile(
    r"(?<![a-z0-9./@%?#-])(?=/(?:r|u|user)/[\w-]{1,50}/(?:comments|duplicates|s)/[0-9a-z]"
    r"|/comments/(?=[0-9]*[a-z])(?=[a-z]*[0-9])[0-9a-z]{5,8}(?![0-9a-z]))",
    re.IGNORECASE,
)
# What ends an address in prose, Markdown or HTML. Reddit writes none of these into a path itself;
# a backslash may stand before a mark that Markdown would else read.
REST = re.compile(
    r"(?:\\[-_*~()\[\].#&/]|[,;](?!\s|https?:|//|www\.)|&(?!(?:quot|apos|lt|gt|nbsp|#39|#34);)"
    r"|[^\s<>\"'`{}|^~*\[\]\\,;&\x00-\x20\x7f“”‘’«»、。，；：！？」』）】》])"  # noqa: RUF001
    r"{1,2000}"
)
SCRIPT = re.compile(r"<(/?)(?:script|style)\b", re.IGNORECASE)
CANONICAL = re.compile(
    r"<link\b(?=[^<>]{0,400}?\brel\s?=\s?[\"']?canonical\b)"
    r"[^<>]{0,400}?\bhref\s?=\s?[\"']?([^\s\"'<>]{1,2000})",
    re.IGNORECASE,
)
HEAD = 200_000
LONGEST_LINE = 20_000
"""No line of a page that people write has more; lines of one that a program wrote may."""

ReadAt = Callable[[str, re.Match[str]], tuple[int, "Found | None"]]
Found = QuoteBlock | Reference | errors.InvalidReferenceError


def read(text: str, name: str, *, is_html: bool = False) -> Iterator[ListEntry | ListProblem]:
    """Give what a page links to, in its order, no address a second time.

    A page of Reddit's own that shows one thread is that thread, whatever else it links to.
    """
    own = _own(text) if is_html else None
    if own is not None:
        yield entries.item(own, f"{name}:1")
        return
    blocks = _blocks(text)
    hidden = [(start, block.end) for start, block in blocks if not block.problem]
    hidden += _scripts(text) if is_html else []
    spans = _merged(hidden)
    links = [_addresses(text, spans, *kind) for kind in ((HOST, _absolute), (RELATIVE, _relative))]
    places: Iterator[tuple[int, Found]] = heapq.merge(blocks, *links, key=itemgetter(0))
    seen: set[Reference] = set()
    line, at = 1, 0
    for start, found in places:
        line, at = line + text.count("\n", at, start), start
        if not isinstance(found, Reference):
            yield _other(found, f"{name}:{line}")
        elif found not in seen:
            seen.add(found)
            yield entries.item(found, f"{name}:{line}")


def _other(
    found: QuoteBlock | errors.InvalidReferenceError, origin: str
) -> ListEntry | ListProblem:
    if isinstance(found, errors.InvalidReferenceError):
        return entries.failed(found, origin)
    if found.problem:
        return ListProblem(origin, found.problem, "Fix the marker of this quote block.")
    try:
        return entries.thread(found.reference, origin, found.options)
    except errors.InvalidReferenceError as error:
        return entries.failed(error, origin)


def _blocks(text: str) -> list[tuple[int, QuoteBlock]]:
    """The quote blocks of a page, and where the line of each one's marker begins."""
    if "reddit:" not in text or max(map(len, text.split("\n"))) > LONGEST_LINE:
        return []
    starts, line, at = [], 1, 0
    found = quote_blocks.find_blocks(text)
    for block in found:
        while line < block.line:
            line, at = line + 1, text.index("\n", at) + 1
        starts.append(at)
    return list(zip(starts, found, strict=True))


def _addresses(
    text: str, hidden: Sequence[tuple[int, int]], anchors: re.Pattern[str], read_at: ReadAt
) -> Iterator[tuple[int, Found]]:
    """The addresses of threads in a text and where each is, but for what is hidden."""
    end = 0
    for anchor in anchors.finditer(text):
        if anchor.start() >= end and not _is_in(anchor.start(), hidden):
            end, found = read_at(text, anchor)
            if found is not None:
                yield anchor.start(), found


def _is_in(position: int, spans: Sequence[tuple[int, int]]) -> bool:
    before = bisect_right(spans, position, key=lambda span: span[0])
    return before > 0 and position < spans[before - 1][1]


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _absolute(text: str, anchor: re.Match[str]) -> tuple[int, Found | None]:
    """The address that has its host here; an address in the query of another is its own."""
    begins = _plain(text[anchor.end() : anchor.end() + BEFORE_LONGEST])
    is_app = anchor[1] is not None and anchor[1].lower() != "it.com"
    if not is_app and not (THREAD if anchor[1] else SHORT).match(begins):
        return 0, None
    before = BEFORE.match(text[max(0, anchor.start() - BEFORE_LONGEST) : anchor.start()][::-1])
    if before is None:
        return 0, None
    rest = _rest(text, anchor.end())
    return anchor.end() + len(rest), _reference(before[0][::-1] + anchor[0] + rest)


def _relative(text: str, anchor: re.Match[str]) -> tuple[int, Found | None]:
    rest = _rest(text, anchor.end())
    return anchor.end() + len(rest), _reference(rest)


def _reference(written: str) -> Found | None:
    """Understand an address as it is written in a page; None where it is no thread's."""
    address = _plain(written)
    try:
        found = reference.parse(address)
    except errors.InvalidReferenceError as error:
        return error if ".app.link/" in address.lower() else None
    return found if found.file is None else None


def _plain(written: str) -> str:
    """An address without what HTML, Markdown, a script or another address escapes in it."""
    plain = re.sub(r"\\(?![A-Za-z0-9\s])", "", html.unescape(written))
    if re.match(r"[^/?]*%2f", plain, re.IGNORECASE):
        plain = unquote(plain.partition("&")[0])
    return plain


def _rest(text: str, start: int) -> str:
    """What follows a host, up to the parenthesis that closes what stands around it."""
    found = REST.match(text, start)
    rest = found[0] if found else ""
    depth = 0
    for mark in re.finditer(r"[()]", rest):
        depth += 1 if mark[0] == "(" else -1
        if depth < 0:
            return rest[: mark.start()]
    return rest


def _scripts(text: str) -> list[tuple[int, int]]:
    """Where a page's scripts and styles stand: what they name, nobody sees."""
    tags = [(found.start(), bool(found[1])) for found in SCRIPT.finditer(text)]
    return [(a, b) for (a, closes), (b, ends) in pairwise(tags) if ends and not closes]


def _own(text: str) -> Reference | None:
    """The thread that a page of Reddit shows, by the address that it calls its own."""
    found = CANONICAL.search(text, 0, HEAD)
    pointed = _reference(found[1]) if found else None
    return (
        Reference(pointed.post_id) if isinstance(pointed, Reference) and pointed.post_id else None
    )
