"""Records of some threads, each thread's together, and the captures that they make."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from reddit_archive.files import fast_json
from reddit_archive.model import completeness
from reddit_archive.model.capture import Capture, fullname
from reddit_archive.sources import saved_json
from reddit_archive.sources.importers import detect, pushshift
from reddit_archive.sources.importers.detect import Found
from reddit_archive.sources.saved_json import Page
from reddit_archive.sources.saved_json.joiner import evened, said

LOOK = timedelta(days=1)
"""Pages of a thread that were saved within this time are one look at it."""

Origin = tuple[str, datetime]
"""A file's name, and when it was last changed."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Threads with all of their records, in the order in which they came.

    A record begins with the number of its origin. `is_dated` where others were left out by date.
    `damaged` are the origins in which data of an unknown thread can't be read.
    """

    origins: Mapping[int, Origin]
    threads: Sequence[tuple[str, list[bytes]]]
    is_dated: bool
    damaged: frozenset[int]
    size_bytes: int

    def captures(self) -> Iterator[Capture]:
        """Give the captures of one thread after the other, each from its own source."""
        for thread_id, records in self.threads:
            yield from self._of(thread_id, records)

    def _of(self, thread_id: str, records: list[bytes]) -> Iterator[Capture]:
        pages: dict[str, list[Page]] = {}
        parts = {pushshift.NAME} if self.damaged else set()
        for record in records:
            number, _, text = record.partition(b" ")
            shown, at = self.origins[int(number)]
            found = _unpacked(thread_id, fast_json.loads(text))
            if found.things:
                pages.setdefault(found.source, []).append(Page(shown, at, found.things))
            if found.is_part or int(number) in self.damaged:
                parts.add(found.source)
        for source, several in pages.items():
            is_part = self.is_dated or source in parts
            for taken in _captures(thread_id, source, several, is_part=is_part):
                marks = {completeness.FILTERED: True} if is_part else {}
                yield replace(taken, request={**taken.request, **marks})


def portions(
    threads: Iterator[tuple[str, list[bytes]]],
    origins: Sequence[Origin],
    *,
    is_dated: bool,
    damaged: frozenset[int],
    least_bytes: int,
) -> Iterator[Portion]:
    """Part threads into portions, each as small as may be and no smaller than that."""
    part: list[tuple[str, list[bytes]]] = []
    size = 0
    for thread_id, records in threads:
        part.append((thread_id, records))
        size += sum(map(len, records))
        if size >= least_bytes:
            yield Portion(_named(part, origins), part, is_dated, damaged, size)
            part, size = [], 0
    if part:
        yield Portion(_named(part, origins), part, is_dated, damaged, size)


def _named(part: list[tuple[str, list[bytes]]], origins: Sequence[Origin]) -> dict[int, Origin]:
    """The origins that records name; of many files that is a few."""
    numbers = {int(record[: record.index(b" ")]) for _, records in part for record in records}
    return {number: origins[number] for number in numbers}


def _unpacked(thread_id: str, value: Any) -> Found:
    """Read a record back: a line as it came, or what was found in a file."""
    if isinstance(value, list):
        source, is_part, things = value
        return Found(thread_id, source, tuple(things), is_part)
    found = detect.recognize_single(value)
    assert found is not None  # it was one before
    return found


def _captures(
    thread_id: str, source: str, pages: Sequence[Page], *, is_part: bool
) -> Iterator[Capture]:
    if source == pushshift.NAME:
        yield from pushshift.captures(thread_id, pages, is_part=is_part)
        return
    for look in looks(pages):
        taken = saved_json.join(thread_id, source, look)
        yield replace(taken, request={**taken.request, "whole": False}) if is_part else taken


def looks(pages: Sequence[Page]) -> list[list[Page]]:
    """Part pages into looks, oldest first: what was saved much later, or says otherwise, is new.

    So no text is lost because a later one stands in another file.
    """
    found: list[list[Page]] = []
    known: dict[str, tuple[str, ...]] = {}
    for page in sorted(evened(pages), key=lambda page: (page.at, page.shown)):
        texts = {
            name: said(thing)
            for thing in page.things
            if thing["kind"] in ("t1", "t3") and (name := fullname(thing))
        }
        is_late = bool(found) and page.at - found[-1][0].at > LOOK
        if (
            not found
            or is_late
            or any(known.get(each, text) != text for each, text in texts.items())
        ):
            found.append([])
            known = {}
        found[-1].append(page)
        known |= texts
    return found
