"""Files of any known form, taken in together and given back thread by thread."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

from reddit_archive import errors, pieces
from reddit_archive.capture import Capture
from reddit_archive.sources.exports import kinds, lines
from reddit_archive.sources.exports.buckets import Buckets
from reddit_archive.sources.exports.kinds import Found
from reddit_archive.sources.exports.portion import Origin, Portion, portions
from reddit_archive.sources.exports.sorting import Wanted, counted, sort
from reddit_archive.sources.saved import files

MOST_BYTES = 2**28
"""Of a file that is one JSON value, unpacked; 100,000 comments take about as much."""
HINT = (
    "It takes JSON of threads as a browser saves it, of BDFR, of gallery-dl, dumps with a post or "
    "comment on each line (also .zst), and bags."
)


class Intake:
    """Takes files, one after the other, and gives captures of the threads in them.

    `folder` is for what does not fit in memory. `left_out` counts the lines that were no post and
    no comment, by file; `taken` the posts and comments that were wanted.
    """

    def __init__(self, folder: Path, wanted: Wanted) -> None:
        self._wanted = wanted
        self._buckets = Buckets(folder)
        self._origins: list[Origin] = []
        self.left_out: dict[str, int] = {}
        self.taken = 0

    def take(
        self,
        path: Path,
        *,
        show: Callable[[int], None] = lambda _: None,
        executor: Executor | None = None,
    ) -> None:
        """Take what is wanted of a file in. Raises NotAThread, and StoreError for a full disk.

        Of a file that is damaged somewhere, what came before that is taken. `show` is told now and
        then how many lines were read. An `executor` sorts them.
        """
        start = lines.head(path)
        self._origins.append((str(path), files.changed_at(path)))
        if lines.has_lines(start):
            self._take_lines(path, show, executor)
        else:
            self._take_whole(path)

    def captures(self) -> Iterator[Capture]:
        """Give the captures of one thread after the other."""
        for portion in self.portions():
            yield from portion.captures()

    def portions(self, *, least_bytes: int = 0) -> Iterator[Portion]:
        """Give one thread after the other, or small ones together, to make captures of them."""
        threads, is_dated = self._buckets.drain(), self._wanted.is_dated
        return portions(threads, self._origins, is_dated=is_dated, least_bytes=least_bytes)

    def close(self) -> None:
        self._buckets.close()

    def _take_lines(
        self, path: Path, show: Callable[[int], None], executor: Executor | None
    ) -> None:
        number = left_out = 0
        with lines.opened(path) as file:
            work, few = partial(sort, self._wanted), pieces.FEW_MEGABYTES
            for found in pieces.each(work, lines.blocks(file), executor, few=few, weigh=len):
                for thread_id, line in found.records:
                    self._put(thread_id, line)
                self.taken += found.said
                if found.left_out:
                    left_out += found.left_out
                    self.left_out[str(path)] = left_out
                number += found.lines
                show(number)

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
                self.taken += counted(wanted)
                self._put(wanted.thread_id, _packed(wanted, path))

    def _put(self, thread_id: str, record: bytes) -> None:
        self._buckets.put(thread_id, b"%d %b" % (len(self._origins) - 1, record))


def _packed(found: Found, path: Path) -> bytes:
    record = [found.source, found.is_part, found.things]
    try:
        return json.dumps(record, separators=(",", ":")).encode()
    except RecursionError:
        raise errors.NotAThread(f"{path} is no known export: it nests too deep", HINT) from None
