"""Files of any known form, taken in together and given back thread by thread."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from reddit_archive import errors
from reddit_archive.capture import Capture, Thing
from reddit_archive.fields import moment, whole_number
from reddit_archive.sources import saved
from reddit_archive.sources.exports import dumps, kinds, lines
from reddit_archive.sources.exports.buckets import Buckets
from reddit_archive.sources.exports.kinds import Found
from reddit_archive.sources.saved import Page, files
from reddit_archive.sources.saved.pages import evened, said

LOOK = timedelta(days=1)
"""Pages of a thread that were saved within this time are one look at it."""
SHOWN_EVERY = 20_000
MOST_BYTES = 2**28
"""Of a file that is one JSON value, unpacked; 100,000 comments take about as much."""
HINT = (
    "It takes JSON of threads as a browser saves it, of BDFR, of gallery-dl, dumps with a post or "
    "comment on each line (also .zst), and bags."
)


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


class Intake:
    """Takes files, one after the other, and gives captures of the threads in them.

    `folder` is for what does not fit in memory. `left_out` counts the lines that were no post and
    no comment, by file; `taken` the posts and comments that were wanted.
    """

    def __init__(self, folder: Path, wanted: Wanted) -> None:
        self._wanted = wanted
        self._buckets = Buckets(folder)
        self._origins: list[tuple[str, datetime]] = []
        self.left_out: dict[str, int] = {}
        self.taken = 0

    def take(self, path: Path, *, show: Callable[[int], None] = lambda _: None) -> None:
        """Take what is wanted of a file in. Raises NotAThread, and StoreError for a full disk.

        Of a file that is damaged somewhere, what came before that is taken. `show` is told now and
        then how many lines were read.
        """
        start = lines.head(path)
        self._origins.append((str(path), files.changed_at(path)))
        if lines.has_lines(start):
            self._take_lines(path, show)
        else:
            self._take_whole(path)

    def captures(self) -> Iterator[Capture]:
        """Give the captures of one thread after the other, each from its own source."""
        for thread_id, records in self._buckets.drain():
            pages: dict[str, list[Page]] = {}
            parts: set[str] = set()
            for record in records:
                number, _, text = record.partition(b" ")
                shown, at = self._origins[int(number)]
                found = _unpacked(thread_id, json.loads(text.decode()))
                pages.setdefault(found.source, []).append(Page(shown, at, found.things))
                parts |= {found.source} if found.is_part else set()
            for source, several in pages.items():
                is_part = self._wanted.is_dated or source in parts
                yield from _captures(thread_id, source, several, is_part=is_part)

    def close(self) -> None:
        self._buckets.close()

    def _take_lines(self, path: Path, show: Callable[[int], None]) -> None:
        needles = self._wanted.needles
        with lines.opened(path) as file:
            for number, line in enumerate(lines.read(file)):
                if number % SHOWN_EVERY == 0:
                    show(number)
                if needles and not _holds(line.lower(), needles):
                    continue
                value = lines.parse(line)
                found = kinds.recognise_line(value)
                if found is None:
                    self.left_out[str(path)] = self.left_out.get(str(path), 0) + 1
                elif wanted := self._wanted.of(found):
                    self._put(wanted, line.strip())

    def _take_whole(self, path: Path) -> None:
        with lines.opened(path) as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise errors.NotAThread(
                f"{path} is too large, and has no post on a line of its own", HINT
            )
        several = kinds.recognise(files.parse(data, str(path), what="known export", hint=HINT))
        if not several:
            raise errors.NotAThread(f"{path} holds no thread of Reddit", HINT)
        for found in several:
            if wanted := self._wanted.of(found):
                self._put(wanted, _packed(wanted, path))

    def _put(self, found: Found, record: bytes) -> None:
        self.taken += sum(thing["kind"] in ("t1", "t3") for thing in found.things)
        self._buckets.put(found.thread_id, b"%d %b" % (len(self._origins) - 1, record))


def _holds(line: bytes, needles: list[bytes]) -> bool:
    return any(needle in line for needle in needles)


def _packed(found: Found, path: Path) -> bytes:
    record = [found.source, found.is_part, found.things]
    try:
        return json.dumps(record, separators=(",", ":")).encode()
    except RecursionError:
        raise errors.NotAThread(f"{path} is no known export: it nests too deep", HINT) from None


def _unpacked(thread_id: str, value: Any) -> Found:
    """Read a record back: a line as it came, or what was found in a file."""
    if isinstance(value, list):
        source, is_part, things = value
        return Found(thread_id, source, tuple(things), is_part)
    found = kinds.recognise_line(value)
    assert found is not None  # it was one before
    return found


def _captures(
    thread_id: str, source: str, pages: Sequence[Page], *, is_part: bool
) -> Iterator[Capture]:
    if source == dumps.NAME:
        yield from dumps.captures(thread_id, pages, is_part=is_part)
        return
    for look in looks(pages):
        taken = saved.join(thread_id, source, look)
        if is_part or (source != saved.NAME and _is_short(taken)):
            taken = replace(taken, request={**taken.request, "whole": False})
        yield taken


def _is_short(taken: Capture) -> bool:
    """Tell whether comments are missing: other tools leave out some, and no stub in their place."""
    posts = [thing["data"] for thing in taken.things if thing["kind"] == "t3"]
    counts = [whole_number(data, "num_comments") or 0 for data in posts]
    return not posts or max(counts) > sum(thing["kind"] == "t1" for thing in taken.things)


def looks(pages: Sequence[Page]) -> list[list[Page]]:
    """Part pages into looks, oldest first: what was saved much later, or says otherwise, is new.

    So no text is lost because a later one stands in another file.
    """
    found: list[list[Page]] = []
    known: dict[tuple[str, Any], tuple[str, ...]] = {}
    for page in sorted(evened(pages), key=lambda page: (page.at, page.shown)):
        texts = {
            (thing["kind"], thing["data"].get("id")): said(thing)
            for thing in page.things
            if thing["kind"] in ("t1", "t3")
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
