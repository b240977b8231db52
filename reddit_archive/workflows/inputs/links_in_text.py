"""Finds the Reddit threads that a Markdown or HTML page links to, and its quote blocks.

Markdown is not parsed: an address counts anywhere, also in code and comments. Archiving a thread
needlessly costs one request; a thread that is missed may disappear. Time grows linearly with the
length of the page.
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
from reddit_archive.model.reference import Reference
from reddit_archive.quote.blocks.find import QuoteBlock, find_blocks
from reddit_archive.workflows.inputs import entries
from reddit_archive.workflows.inputs.entries import ListEntry, ListProblem

SLASH_PATTERN = r"(?:/|\\/|&#x2f;|&#47;|%2f)"  # also as in scripts, templates and query strings
HOST_PATTERN = re.compile(
    rf"redd(?:(it\.com|it\.app\.link)|\.it)\.?(?::\d{{1,5}})?(?={SLASH_PATTERN})", re.IGNORECASE
)
# The subdomain and scheme, reversed: matching backwards from the host takes one step.
REVERSED_PREFIX_PATTERN = re.compile(
    r"(?:\.[a-z0-9-]{1,63})*"
    r"(?:(?://(?::s?ptth)?|/\\/\\(?::s?ptth)?|;f2x#&;f2x#&(?::s?ptth)?|f2%f2%a3%s?ptth))?"
    r"(?![a-z0-9@.-])",
    re.IGNORECASE,
)
MAX_PREFIX_LENGTH = 90
THREAD_PATH_PATTERN = re.compile(
    r"/?(?:/[a-z]{2}(?:-[a-z]{2})?(?=/))?(?:/(?:r|u|user)/[^/\s]{1,60})?"
    r"/(?:(?:comments|duplicates|tb|poll|gallery|by_id|s|info)/+[\w\\]"
    r"|(?:account/)?(?:login|register|over18|quarantine)/?\?[^\s\"'<>]{0,80}?dest="
    r"|link/\w{2,13}/video|t3_\w|(?=[a-z]*[0-9])[0-9a-z]{5,8}(?![a-z0-9-]|[/._][a-z0-9]))",
    re.IGNORECASE,
)
SHORT_LINK_PATTERN = re.compile(r"/[0-9a-z]{2,13}(?![0-9a-z])", re.IGNORECASE)
# As Reddit's own pages and its users write links. Other sites have pages of comments as well, whose
# numbers are not Reddit ids.
RELATIVE_PATTERN = re.compile(
    r"(?<![a-z0-9./@%?#-])(?=/{1,2}(?:r|u|user)/[\w.-]{1,50}/(?:comments|duplicates|s)/[0-9a-z]"
    r"|/comments/(?=[0-9]*[a-z])(?=[a-z]*[0-9])[0-9a-z]{5,8}(?![0-9a-z]))",
    re.IGNORECASE,
)
MIRROR_PATTERN = re.compile(r"/[rv]/[\w.-]{1,50}/comments/(?=[0-9a-z])", re.IGNORECASE)
"""The path of a thread, perhaps behind the host of another site or the scheme of an app."""
REVERSED_MIRROR_PATTERN = re.compile(
    r"(?:(?:\d{1,5}:)?(?P<host>(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{1,63})(?://(?::s?ptth)?)?"
    r"|/{0,2}(?:tidder(?://)?|):tidder)(?![a-z0-9@./-])",
    re.IGNORECASE,
)
# A path ends where prose, Markdown or HTML ends an address; Reddit uses none of these characters in
# paths. A backslash may escape a character that has a meaning in Markdown.
PATH_PATTERN = re.compile(
    r"(?:\\[-_*~()\[\].#&/]|[,;](?!\s|https?:|//|www\.)|&(?!(?:quot|apos|lt|gt|nbsp|#39|#34);)"
    r"|[^\s<>\"'`{}|^~*\[\]\\,;&\x00-\x20\x7f“”‘’«»、。，；：！？」』）】》])"  # noqa: RUF001
    r"{1,2000}"
)
SCRIPT_TAG_PATTERN = re.compile(r"<(/?)(?:script|style)\b", re.IGNORECASE)
CANONICAL_LINK_PATTERN = re.compile(
    r"<link\b(?=[^<>]{0,400}?\brel\s?=\s?[\"']?canonical\b)"
    r"[^<>]{0,400}?\bhref\s?=\s?[\"']?([^\s\"'<>]{1,2000})",
    re.IGNORECASE,
)
HEAD_LENGTH = 200_000
MAX_LINE_LENGTH = 20_000
"""People write no longer lines; programs do."""

LinkReader = Callable[[str, re.Match[str]], tuple[int, "LinkResult | None"]]
LinkResult = QuoteBlock | Reference | errors.InvalidReferenceError


def read(text: str, name: str, *, is_html: bool = False) -> Iterator[ListEntry | ListProblem]:
    """Yield the threads that a page links to, in its order, each once.

    A saved page of Reddit that shows one thread yields only this thread.
    """
    page_thread = _find_page_thread(text) if is_html else None
    if page_thread is not None:
        yield entries.build_entry(page_thread, f"{name}:1")
        return
    blocks = _find_blocks(text)
    ignored = [(start, block.end) for start, block in blocks if not block.problem]
    ignored += _find_scripts(text) if is_html else []
    ignored_spans = _merge_spans(ignored)
    links_by_kind = [
        _iter_links(text, ignored_spans, *kind)
        for kind in (
            (HOST_PATTERN, _read_absolute),
            (RELATIVE_PATTERN, _read_relative),
            (MIRROR_PATTERN, _read_mirror),
        )
    ]
    results: Iterator[tuple[int, LinkResult]] = heapq.merge(
        blocks, *links_by_kind, key=itemgetter(0)
    )
    yielded: set[Reference | str] = set()
    line, position = 1, 0
    for start, result in results:
        line, position = line + text.count("\n", position, start), start
        if isinstance(result, QuoteBlock):
            yield _read_block(result, f"{name}:{line}")
            continue
        key = result if isinstance(result, Reference) else result.message
        if key not in yielded:
            yielded.add(key)
            yield _read_link(result, f"{name}:{line}")


def _read_link(
    result: Reference | errors.InvalidReferenceError, origin: str
) -> ListEntry | ListProblem:
    if isinstance(result, errors.InvalidReferenceError):
        return entries.build_problem(result, origin)
    return entries.build_entry(result, origin)


def _read_block(block: QuoteBlock, origin: str) -> ListEntry | ListProblem:
    if block.problem:
        return ListProblem(origin, block.problem, "Fix the marker of this quote block.")
    try:
        return entries.parse_thread(block.reference, origin, block.options)
    except errors.InvalidReferenceError as error:
        return entries.build_problem(error, origin)


def _find_blocks(text: str) -> list[tuple[int, QuoteBlock]]:
    """Return the quote blocks of a page, each with the position of its marker's line."""
    if "reddit:" not in text or max(map(len, text.split("\n"))) > MAX_LINE_LENGTH:
        return []
    starts, line, position = [], 1, 0
    blocks = find_blocks(text)
    for block in blocks:
        while line < block.line:
            line, position = line + 1, text.index("\n", position) + 1
        starts.append(position)
    return list(zip(starts, blocks, strict=True))


def _iter_links(
    text: str,
    ignored_spans: Sequence[tuple[int, int]],
    anchors: re.Pattern[str],
    read_link: LinkReader,
) -> Iterator[tuple[int, LinkResult]]:
    """Yield the position of each link to a thread outside the ignored spans."""
    end = 0
    for anchor in anchors.finditer(text):
        if anchor.start() >= end and not _is_in(anchor.start(), ignored_spans):
            end, result = read_link(text, anchor)
            if result is not None:
                yield anchor.start(), result


def _is_in(position: int, spans: Sequence[tuple[int, int]]) -> bool:
    before = bisect_right(spans, position, key=lambda span: span[0])
    return before > 0 and position < spans[before - 1][1]


def _merge_spans(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _read_absolute(text: str, anchor: re.Match[str]) -> tuple[int, LinkResult | None]:
    """Read the address around a host; an address in another's query counts separately."""
    start_of_path = _unescape(text[anchor.end() : anchor.end() + MAX_PREFIX_LENGTH])
    is_app = anchor[1] is not None and anchor[1].lower() != "it.com"
    if not is_app and not (THREAD_PATH_PATTERN if anchor[1] else SHORT_LINK_PATTERN).match(
        start_of_path
    ):
        return 0, None
    reversed_prefix = REVERSED_PREFIX_PATTERN.match(
        text[max(0, anchor.start() - MAX_PREFIX_LENGTH) : anchor.start()][::-1]
    )
    if reversed_prefix is None:
        return 0, None
    path = _read_path(text, anchor.end())
    return anchor.end() + len(path), _parse_link(reversed_prefix[0][::-1] + anchor[0] + path)


def _read_relative(text: str, anchor: re.Match[str]) -> tuple[int, LinkResult | None]:
    path = _read_path(text, anchor.end())
    return anchor.end() + len(path), _parse_link(path)


def _read_mirror(text: str, anchor: re.Match[str]) -> tuple[int, LinkResult | None]:
    """Read the address around a path. Hosts of Reddit are left to `_read_absolute`."""
    before = text[max(0, anchor.start() - MAX_PREFIX_LENGTH) : anchor.start()][::-1]
    prefix = REVERSED_MIRROR_PATTERN.match(before)
    if prefix is None or (prefix["host"] or "").lower().startswith(("moc.tidder", "ti.dder")):
        return 0, None
    path = _read_path(text, anchor.start())
    return anchor.start() + len(path), _parse_link(prefix[0][::-1] + path)


def _parse_link(link: str) -> LinkResult | None:
    """Parse an address as it is written in a page; see `entries.parse_address`."""
    return entries.parse_address(_unescape(link))


def _unescape(link: str) -> str:
    """Remove the escapes of HTML, Markdown, scripts and query strings from an address."""
    plain = re.sub(r"\\(?![A-Za-z0-9\s])", "", html.unescape(link))
    if re.match(r"[^/?]*%2f", plain, re.IGNORECASE):
        plain = unquote(plain.partition("&")[0])
    return plain


def _read_path(text: str, start: int) -> str:
    """Return the path after a host, up to a parenthesis that closes one before the address."""
    match = PATH_PATTERN.match(text, start)
    path = match[0] if match else ""
    depth = 0
    for parenthesis in re.finditer(r"[()]", path):
        depth += 1 if parenthesis[0] == "(" else -1
        if depth < 0:
            return path[: parenthesis.start()]
    return path


def _find_scripts(text: str) -> list[tuple[int, int]]:
    """Return the spans of scripts and styles, whose addresses no reader sees."""
    tags = [(found.start(), bool(found[1])) for found in SCRIPT_TAG_PATTERN.finditer(text)]
    return [(a, b) for (a, closes), (b, ends) in pairwise(tags) if ends and not closes]


def _find_page_thread(text: str) -> Reference | None:
    """Return the thread that a saved page of Reddit shows, from its canonical address."""
    match = CANONICAL_LINK_PATTERN.search(text, 0, HEAD_LENGTH)
    parsed = _parse_link(match[1]) if match else None
    return Reference(parsed.post_id) if isinstance(parsed, Reference) and parsed.post_id else None
