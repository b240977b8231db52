"""Group records by thread into chunks, and build captures from them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from reddit_archive.files import fast_json
from reddit_archive.model import completeness
from reddit_archive.model.capture import Capture, get_fullname
from reddit_archive.model.source_info import SAVED_PAGE
from reddit_archive.sources import saved_json
from reddit_archive.sources.importers import detect, pushshift
from reddit_archive.sources.importers.detect import DetectedThread
from reddit_archive.sources.saved_json import SavedPage
from reddit_archive.sources.saved_json.joiner import get_content_fields, normalize_escaping
from reddit_archive.sources.saved_page.page import build_capture

MAX_OBSERVATION_SPAN = timedelta(days=1)
"""Pages of a thread that were saved within this time become one capture."""

Origin = tuple[str, datetime]
"""A file's name and modification time."""


@dataclass(frozen=True, slots=True)
class ThreadChunk:
    """Threads with all of their records, in the order of the records.

    Attributes:
        origins: The files of the records, by number. Each record starts with this number.
        is_date_filtered: Other posts and comments were left out by date.
        damaged_origins: Files with unreadable data of an unknown thread.
    """

    origins: Mapping[int, Origin]
    threads: Sequence[tuple[str, list[bytes]]]
    is_date_filtered: bool
    damaged_origins: frozenset[int]
    size_bytes: int

    def iter_captures(self) -> Iterator[Capture]:
        """Yield the captures of each thread, at least one per source. This works once.

        The records of a thread are freed when they are parsed: a thread of a million comments would
        need 230 MB more.
        """
        for thread_id, records in self.threads:
            yield from self._iter_thread_captures(thread_id, records)

    def _iter_thread_captures(self, thread_id: str, records: list[bytes]) -> Iterator[Capture]:
        pages_by_source: dict[str, list[SavedPage]] = {}
        partial_sources = {pushshift.NAME} if self.damaged_origins else set()
        for record in records:
            number, _, text = record.partition(b" ")
            display_name, modified_at = self.origins[int(number)]
            detected = _decode_record(thread_id, fast_json.loads(text))
            if detected.things:
                time = detected.captured_at or modified_at
                page = SavedPage(display_name, time, detected.things, request=detected.request)
                pages_by_source.setdefault(detected.source, []).append(page)
            if detected.is_partial or int(number) in self.damaged_origins:
                partial_sources.add(detected.source)
        records.clear()
        for source, pages in pages_by_source.items():
            is_partial = self.is_date_filtered or source in partial_sources
            for capture in _iter_source_captures(thread_id, source, pages, is_partial=is_partial):
                filter_flag = {completeness.FILTERED_KEY: True} if is_partial else {}
                yield replace(capture, request={**capture.request, **filter_flag})


def split_into_chunks(
    threads: Iterator[tuple[str, list[bytes]]],
    origins: Sequence[Origin],
    *,
    is_date_filtered: bool,
    damaged_origins: frozenset[int],
    min_bytes: int,
) -> Iterator[ThreadChunk]:
    """Split threads into chunks of at least `min_bytes`."""
    for group, size in _group_by_size(threads, min_bytes):
        group_origins = _select_origins(group, origins)
        yield ThreadChunk(group_origins, group, is_date_filtered, damaged_origins, size)


def _group_by_size(
    threads: Iterator[tuple[str, list[bytes]]], min_bytes: int
) -> Iterator[tuple[list[tuple[str, list[bytes]]], int]]:
    """Yield groups of threads, each with its size in bytes."""
    group: list[tuple[str, list[bytes]]] = []
    size = 0
    for thread_id, records in threads:
        group.append((thread_id, records))
        size += sum(map(len, records))
        if size >= min_bytes:
            yield group, size
            group, size = [], 0
    if group:
        yield group, size


def _select_origins(
    chunk_threads: list[tuple[str, list[bytes]]], origins: Sequence[Origin]
) -> dict[int, Origin]:
    """Return the origins that the records name."""
    numbers = {
        int(record[: record.index(b" ")]) for _, records in chunk_threads for record in records
    }
    return {number: origins[number] for number in numbers}


def _decode_record(thread_id: str, value: Any) -> DetectedThread:
    """Decode a record: an unchanged line, or the output of `encode_record`."""
    if isinstance(value, list):
        source, is_partial, things, captured_at, request = value
        time = datetime.fromisoformat(captured_at) if captured_at else None
        return DetectedThread(thread_id, source, tuple(things), is_partial, time, request)
    detected = detect.detect_single_item(value)
    assert detected is not None  # the filter detected it, too
    return detected


def _iter_source_captures(
    thread_id: str, source: str, pages: Sequence[SavedPage], *, is_partial: bool
) -> Iterator[Capture]:
    if source == pushshift.NAME:
        yield from pushshift.build_captures(thread_id, pages, is_partial=is_partial)
        return
    if source == SAVED_PAGE:
        for page in sorted(pages, key=lambda page: (page.modified_at, page.display_name)):
            yield build_capture(thread_id, page)
        return
    for observation_pages in group_by_observation(pages):
        capture = saved_json.join_pages(thread_id, source, observation_pages)
        yield (
            replace(capture, request={**capture.request, "whole": False}) if is_partial else capture
        )


def group_by_observation(pages: Sequence[SavedPage]) -> list[list[SavedPage]]:
    """Group pages into observations, oldest first, so that no version of a text is lost.

    A page that was saved much later, or has another version of a text, starts a new observation.
    """
    groups: list[list[SavedPage]] = []
    previous_texts: dict[str, tuple[str, ...]] = {}
    for page in sorted(
        normalize_escaping(pages), key=lambda page: (page.modified_at, page.display_name)
    ):
        texts = {
            name: get_content_fields(thing)
            for thing in page.things
            if thing["kind"] in ("t1", "t3") and (name := get_fullname(thing))
        }
        is_late = (
            bool(groups) and page.modified_at - groups[-1][0].modified_at > MAX_OBSERVATION_SPAN
        )
        if (
            not groups
            or is_late
            or any(
                previous_texts.get(thing_name, text) != text for thing_name, text in texts.items()
            )
        ):
            groups.append([])
            previous_texts = {}
        groups[-1].append(page)
        previous_texts |= texts
    return groups
