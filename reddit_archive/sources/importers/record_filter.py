"""Filter the posts and comments of an export, and the lines of a dump."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from reddit_archive.files import fast_json
from reddit_archive.model.capture import Thing
from reddit_archive.model.json_fields import get_datetime
from reddit_archive.sources.importers import detect, ndjson_files
from reddit_archive.sources.importers.detect import DetectedThread

COMPLETE_LINE_ENDS = (b"}", b"]", b",")
"""The ends of a complete line. A truncated line may belong to any thread."""

MAX_NESTING = 500


@dataclass(frozen=True, slots=True)
class ImportFilter:
    """Selects posts and comments; by default all.

    `subreddits` are lower case, without r/. `since` and `until` limit the creation time.
    """

    subreddits: frozenset[str] = frozenset()
    thread_ids: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def has_date_limits(self) -> bool:
        return self.since is not None or self.until is not None

    @property
    def prefilter(self) -> list[bytes]:
        """Strings of which a matching line contains at least one; [] if any line may match."""
        if self.thread_ids:
            forms = ('"{0}"', '"t3_{0}"', "/comments/{0}/", "{1}")
            return [form.format(i, int(i, 36)).encode() for i in self.thread_ids for form in forms]
        return [f'"{name}"'.encode(errors="surrogateescape") for name in self.subreddits]

    def apply(self, detected: DetectedThread) -> DetectedThread | None:
        """Return the matching part of a thread, or None."""
        if self.thread_ids and detected.thread_id not in self.thread_ids:
            return None
        if self.subreddits and not self.subreddits & _subreddits(detected.things):
            return None
        if not self.has_date_limits:
            return detected
        things = tuple(filter(self._is_in_date_range, detected.things))
        if not any(thing["kind"] in ("t1", "t3") for thing in things):
            return None
        return replace(
            detected, things=things, is_partial=detected.is_partial or things != detected.things
        )

    def _is_in_date_range(self, thing: Thing) -> bool:
        if thing["kind"] not in ("t1", "t3"):
            return True
        created_at = get_datetime(thing["data"], "created_utc")
        is_early = self.since is not None and (created_at is None or created_at < self.since)
        return not is_early and (
            self.until is None or (created_at is not None and created_at <= self.until)
        )


def _subreddits(things: Iterable[Thing]) -> set[str]:
    return {str(thing["data"].get("subreddit")).lower() for thing in things}


@dataclass(frozen=True, slots=True)
class FilteredBlock:
    """The matching records of a block of lines.

    Attributes:
        line_count: All lines.
        skipped_lines: Lines that are neither post nor comment.
        skipped_nested_count: Values within posts and comments that are neither.
        item_count: Posts and comments in `records`.
        records: Encoded records, each with its thread.
        damaged_threads: Threads of lines that are not JSON; "" for a line that names none.
    """

    line_count: int
    skipped_lines: int
    skipped_nested_count: int
    item_count: int
    records: list[tuple[str, bytes]]
    damaged_threads: frozenset[str]


def filter_block(
    import_filter: ImportFilter, max_values: int | None, block: bytes
) -> FilteredBlock:
    """Filter the lines of a block. A line with more than `max_values` values counts as damaged."""
    prefilter = import_filter.prefilter
    records: list[tuple[str, bytes]] = []
    damaged_threads: set[str] = set()
    line_count = skipped_lines = skipped_nested_count = item_count = 0
    for line in ndjson_files.split_lines(block):
        line_count += 1
        if (
            prefilter
            and line.endswith(COMPLETE_LINE_ENDS)
            and not _contains_any(line.lower(), prefilter)
        ):
            continue
        is_bomb = max_values is not None and fast_json.count_values(line) > max_values
        value = None if is_bomb else ndjson_files.parse_line(line)
        if value is None and line != b"null":
            damaged_threads.add(ndjson_files.find_thread_id(line))
        single = detect.detect_single_item(value)
        threads: tuple[DetectedThread, ...] = (single,) if single else ()
        if single is None and isinstance(value, dict | list):
            detection = detect.detect_threads(value)
            threads = detection.threads
            skipped_nested_count += detection.skipped_count if threads else 0
        skipped_lines += not threads
        for detected in filter(None, map(import_filter.apply, threads)):
            try:
                record = line if single and _is_raw(line) else encode_record(detected)
            except RecursionError:
                skipped_lines += 1
                continue
            item_count += 1 if single else detect.count_items(detected)
            records.append((detected.thread_id, record))
    return FilteredBlock(
        line_count,
        skipped_lines,
        skipped_nested_count,
        item_count,
        records,
        frozenset(damaged_threads),
    )


def _is_raw(line: bytes) -> bool:
    """Return whether a line is a JSON object by itself, so that it can be stored as it is."""
    is_object = line.startswith(b"{") and line.endswith(b"}")
    return is_object and line.count(b"{") < MAX_NESTING and line.count(b"[") < MAX_NESTING


def encode_record(detected: DetectedThread) -> bytes:
    """Return a record of a thread's things. Raises RecursionError if a field nests too deep."""
    captured_at = detected.captured_at.isoformat() if detected.captured_at else None
    record = [detected.source, detected.is_partial, detected.things, captured_at, detected.request]
    return json.dumps(record, separators=(",", ":")).encode()


def _contains_any(line: bytes, parts: list[bytes]) -> bool:
    return any(part in line for part in parts)
