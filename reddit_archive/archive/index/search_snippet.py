"""Cut the snippet out of a text that shows where a query matches. Pure."""

from dataclasses import dataclass

from reddit_archive.archive.index import search_query
from reddit_archive.archive.index.search_query import Query

LEAD_CHARS, MAX_CHARS = 60, 240
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Snippet:
    """A part of a text on one line, and the start and end of each match in it."""

    text: str
    spans: tuple[tuple[int, int], ...]


def build_snippet(query: Query, *texts: str) -> Snippet:
    """Cut a snippet out of the text with the most distinct matches, the first of equal ones."""
    lines = [" ".join(text.split()) for text in texts]
    candidates = [(line, search_query.find_spans(query, line)) for line in lines]
    line, spans = max(candidates, key=lambda candidate: _count_distinct_words(*candidate))
    start = max(0, _find_best_start(line, spans) - LEAD_CHARS) if spans else 0
    if start:
        start = line.find(" ", start, start + LEAD_CHARS // 2) + 1 or start
    end = start + MAX_CHARS
    if end < len(line):
        end = line.rfind(" ", end - LEAD_CHARS, end) if " " in line[end - LEAD_CHARS : end] else end
    prefix = f"{ELLIPSIS} " if start else ""
    snippet_text = f"{prefix}{line[start:end]}{f' {ELLIPSIS}' if end < len(line) else ''}"
    offset = len(prefix) - start
    visible_spans = [(a + offset, min(b, end) + offset) for a, b in spans if start <= a < end]
    return Snippet(snippet_text, tuple(visible_spans))


def _count_distinct_words(line: str, spans: list[tuple[int, int]]) -> int:
    return len({line[a:b].lower() for a, b in spans})


def _find_best_start(line: str, spans: list[tuple[int, int]]) -> int:
    """Return the start of the part that shows the most distinct matches."""

    def count_visible_words(start: int) -> int:
        visible_spans = [(a, b) for a, b in spans if start <= a < start + MAX_CHARS - LEAD_CHARS]
        return _count_distinct_words(line, visible_spans)

    starts = [start for start, _ in spans[:50]]
    return max(starts, key=count_visible_words)
