"""What is wanted of an export, and the lines of a dump sorted by their threads."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from reddit_archive.files import fast_json
from reddit_archive.model.capture import Thing
from reddit_archive.model.json_fields import moment
from reddit_archive.sources.importers import detect, ndjson_files
from reddit_archive.sources.importers.detect import Found

ENDS = (b"}", b"]", b",")
"""How a complete line ends. A line that is cut off may be of any thread."""

MAX_NESTING = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to keep of all that is there; by default everything.

    `subreddits` are lower case, without r/. `since` and `until` are of when something was written.
    """

    subreddits: frozenset[str] = frozenset()
    threads: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_dated(self) -> bool:
        return self.since is not None or self.until is not None

    @property
    def needles(self) -> list[bytes]:
        """What a line must hold one of, in lower case, to be wanted; [] where any may be."""
        if self.threads:
            forms = ('"{0}"', '"t3_{0}"', "/comments/{0}/", "{1}")
            return [form.format(i, int(i, 36)).encode() for i in self.threads for form in forms]
        return [f'"{name}"'.encode(errors="surrogateescape") for name in self.subreddits]

    def of(self, found: Found) -> Found | None:
        """Give what is wanted of it, or None."""
        if self.threads and found.thread_id not in self.threads:
            return None
        if self.subreddits and not self.subreddits & _subreddits(found.things):
            return None
        if not self.is_dated:
            return found
        things = tuple(filter(self._is_dated_so, found.things))
        if not any(thing["kind"] in ("t1", "t3") for thing in things):
            return None
        return replace(found, things=things, is_part=found.is_part or things != found.things)

    def _is_dated_so(self, thing: Thing) -> bool:
        if thing["kind"] not in ("t1", "t3"):
            return True
        at = moment(thing["data"], "created_utc")
        is_early = self.since is not None and (at is None or at < self.since)
        return not is_early and (self.until is None or (at is not None and at <= self.until))


def _subreddits(things: Iterable[Thing]) -> set[str]:
    return {str(thing["data"].get("subreddit")).lower() for thing in things}


@dataclass(frozen=True, slots=True)
class Sorted:
    """What was wanted of some `lines`, each with its thread.

    `count` is the number of posts and comments, `left_out` of lines that are neither, and
    `nested_left_out` of values inside posts and comments that are neither. `damaged` has the
    threads of lines that are not JSON, "" for a line that names none.
    """

    lines: int
    left_out: int
    nested_left_out: int
    count: int
    records: list[tuple[str, bytes]]
    damaged: frozenset[str]


def sort(wanted: Wanted, max_values: int | None, block: bytes) -> Sorted:
    """Sort the lines of a block. A line with more than `max_values` values counts as damaged."""
    needles = wanted.needles
    records: list[tuple[str, bytes]] = []
    damaged: set[str] = set()
    number = left_out = nested_left_out = count = 0
    for line in ndjson_files.split(block):
        number += 1
        if needles and line.endswith(ENDS) and not _holds(line.lower(), needles):
            continue
        is_bomb = max_values is not None and fast_json.count_values(line) > max_values
        value = None if is_bomb else ndjson_files.parse_line(line)
        if value is None and line != b"null":
            damaged.add(ndjson_files.thread_named(line))
        single = detect.recognize_single(value)
        several: tuple[Found, ...] = (single,) if single else ()
        if single is None and isinstance(value, dict | list):
            recognized = detect.recognize(value)
            several = recognized.found
            nested_left_out += recognized.left_out if several else 0
        left_out += not several
        for kept in filter(None, map(wanted.of, several)):
            try:
                record = line if single and _is_raw(line) else packed(kept)
            except RecursionError:
                left_out += 1
                continue
            count += 1 if single else detect.count(kept)
            records.append((kept.thread_id, record))
    return Sorted(number, left_out, nested_left_out, count, records, frozenset(damaged))


def _is_raw(line: bytes) -> bool:
    """Return whether a line is a JSON object by itself, so that it can be stored as it is."""
    is_object = line.startswith(b"{") and line.endswith(b"}")
    return is_object and line.count(b"{") < MAX_NESTING and line.count(b"[") < MAX_NESTING


def packed(found: Found) -> bytes:
    """Return a record of a thread's things. Raises RecursionError if a field nests too deep."""
    record = [found.source, found.is_part, found.things]
    return json.dumps(record, separators=(",", ":")).encode()


def _holds(line: bytes, needles: list[bytes]) -> bool:
    return any(needle in line for needle in needles)
