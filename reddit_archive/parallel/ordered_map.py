"""Work in pieces, done by any `concurrent.futures.Executor`, or here where there is none.

Results come in the order of what was given, and so few pieces are under way that memory stays
bounded. What a worker had when it died is done again.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from itertools import chain, islice
from typing import Generic, TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")

log = logging.getLogger(__name__)

WORKERS = 4
"""So many an executor is taken to have that does not tell."""
AHEAD = 4
"""So many pieces are under way for each worker, so that none waits while results are written."""
MOST_BYTES = 8 * 2**20
"""What is larger is done here, for on its way to a worker it is in memory three times."""
TRIES = 2
FEW_THREADS, FEW_MEGABYTES = 39, 8
"""So much is read or stored here before another process has begun."""


def each(
    work: Callable[[Item], Made],
    items: Iterable[Item],
    executor: Executor | None = None,
    *,
    at_once: int = 1,
    few: int = 0,
    weigh: Callable[[Item], int] = lambda _: 0,
) -> Iterator[Made]:
    """Give what comes of each item, in their order; `at_once` so many make a piece.

    Work and items must be picklable where the executor is of other processes, for which `few` items
    are not enough. `weigh` tells an item's bytes. When `items` raises, it does so after what
    comes of those before.
    """
    items = iter(items)
    begun = list(islice(items, few + 1)) if executor is not None else []
    items = chain(begun, items)
    if executor is None or len(begun) <= few:
        yield from map(work, items)
        return
    failed: list[Exception] = []
    parts = _parted(_until(items, failed), at_once)
    for made in _Spread(work, executor, weigh).run(parts):
        yield from made
    if failed:
        raise failed[0]


def _until(items: Iterator[Item], failed: list[Exception]) -> Iterator[Item]:
    try:
        yield from items
    except Exception as error:
        failed.append(error)


def _parted(items: Iterator[Item], at_once: int) -> Iterator[list[Item]]:
    while part := list(islice(items, at_once)):
        yield part


def _all(work: Callable[[Item], Made], part: list[Item]) -> list[Made]:
    return [work(item) for item in part]


class _Spread(Generic[Item, Made]):
    """Keeps an executor busy, and not busier; does itself what nobody else can."""

    def __init__(
        self, work: Callable[[Item], Made], executor: Executor, weigh: Callable[[Item], int]
    ) -> None:
        self._work, self._executor, self._weigh = work, executor, weigh
        self._is_gone = False

    def run(self, parts: Iterator[list[Item]]) -> Iterator[list[Made]]:
        ahead = AHEAD * int(getattr(self._executor, "workers", WORKERS)) + 2
        begun: deque[tuple[list[Item], Future[list[Made]] | None]] = deque()
        try:
            for part in parts:
                begun.append((part, self._begin(part)))
                if len(begun) >= ahead:
                    yield self._end(*begun.popleft())
            while begun:
                yield self._end(*begun.popleft())
        finally:  # where nobody wants the rest, nobody does it
            for _, future in begun:
                if future is not None:
                    future.cancel()

    def _begin(self, part: list[Item]) -> Future[list[Made]] | None:
        if self._is_gone or sum(map(self._weigh, part)) > MOST_BYTES:
            return None
        try:
            return self._executor.submit(_all, self._work, part)
        except Exception as error:
            if not _is_loss(error):
                raise
            log.warning("no worker is left (%s); the rest is done here", _named(error))
            self._is_gone = True
            return None

    def _end(self, part: list[Item], future: Future[list[Made]] | None) -> list[Made]:
        tries = 1
        while future is not None:
            try:
                return future.result()
            except (Exception, CancelledError) as error:
                if not _is_loss(error):
                    raise
                log.info("a worker is gone (%s); its work is done again", _named(error))
            future = self._begin(part) if tries < TRIES else None
            tries += 1
        return _all(self._work, part)


def _named(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _is_loss(error: BaseException) -> bool:
    """Tell the loss of a worker from a failure of its work, which never raises Dask's errors."""
    is_lost = isinstance(error, BrokenExecutor | CancelledError)
    return is_lost or type(error).__module__.partition(".")[0] == "distributed"
