"""What is wanted of an export, and the lines of a dump sorted by their threads."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from reddit_archive.capture import Thing
from reddit_archive.fields import moment
from reddit_archive.sources.exports import kinds, lines
from reddit_archive.sources.exports.kinds import Found


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
            return [f'"{start}{i}"'.encode() for i in self.threads for start in ("", "t3_")]
        return [f'"{name}"'.encode() for name in self.subreddits]

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

    `said` counts the posts and comments in it, `left_out` the lines that were neither.
    """

    lines: int
    left_out: int
    said: int
    records: list[tuple[str, bytes]]


def sort(wanted: Wanted, block: bytes) -> Sorted:
    """Sort the lines of a block."""
    needles = wanted.needles
    records: list[tuple[str, bytes]] = []
    number = left_out = said = 0
    for line in lines.split(block):
        number += 1
        if needles and not _holds(line.lower(), needles):
            continue
        found = kinds.recognise_line(lines.parse(line))
        if found is None:
            left_out += 1
        elif kept := wanted.of(found):
            said += counted(kept)
            records.append((kept.thread_id, line.strip()))
    return Sorted(number, left_out, said, records)


def counted(found: Found) -> int:
    """Count its posts and comments."""
    return sum(thing["kind"] in ("t1", "t3") for thing in found.things)


def _holds(line: bytes, needles: list[bytes]) -> bool:
    return any(needle in line for needle in needles)
