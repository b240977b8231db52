"""The stretch of a text in which the words stand that were searched for. Pure."""

from dataclasses import dataclass

from reddit_archive.archive.index import search_query
from reddit_archive.archive.index.search_query import Query

BEFORE, WIDTH = 60, 240
MORE = "…"


@dataclass(frozen=True, slots=True)
class Snippet:
    """A line of a text, and where in it the words are that were searched for."""

    text: str
    places: tuple[tuple[int, int], ...]


def cut(wanted: Query, *texts: str) -> Snippet:
    """Cut a line out of the first text that has the words, around where most of them stand."""
    lines = [" ".join(text.split()) for text in texts]
    found = [(line, search_query.places(wanted, line)) for line in lines]
    line, places = max(found, key=lambda each: _kinds(*each))
    start = max(0, _best(line, places) - BEFORE) if places else 0
    if start:
        start = line.find(" ", start, start + BEFORE // 2) + 1 or start
    end = start + WIDTH
    if end < len(line):
        end = line.rfind(" ", end - BEFORE, end) if " " in line[end - BEFORE : end] else end
    lead = f"{MORE} " if start else ""
    shown = f"{lead}{line[start:end]}{f' {MORE}' if end < len(line) else ''}"
    moved = len(lead) - start
    inside = [(a + moved, min(b, end) + moved) for a, b in places if start <= a < end]
    return Snippet(shown, tuple(inside))


def _kinds(line: str, places: list[tuple[int, int]]) -> int:
    return len({line[a:b].lower() for a, b in places})


def _best(line: str, places: list[tuple[int, int]]) -> int:
    """Where the stretch begins that shows the most of the words."""

    def shown(start: int) -> int:
        near = [(a, b) for a, b in places if start <= a < start + WIDTH - BEFORE]
        return _kinds(line, near)

    starts = [start for start, _ in places[:50]]
    return max(starts, key=shown)  # the first one of those that are as good
