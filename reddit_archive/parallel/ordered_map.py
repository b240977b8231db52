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
Result = TypeVar("Result")

log = logging.getLogger(__name__)

DEFAULT_WORKERS = 4
"""So many an executor is taken to have that does not tell."""
PENDING_PER_WORKER = 4
"""So many pieces are under way for each worker, so that none waits while results are written."""
MAX_CHUNK_BYTES = 8 * 2**20
"""What is larger is done here, for on its way to a worker it is in memory three times."""
MAX_TRIES = 2
MAX_LOCAL_THREADS, MAX_LOCAL_MEGABYTES = 39, 8
"""So much is read or stored here before another process has begun."""


def map_ordered(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    executor: Executor | None = None,
    *,
    chunk_size: int = 1,
    max_local_items: int = 0,
    count_bytes: Callable[[Item], int] = lambda _: 0,
) -> Iterator[Result]:
    """Give what comes of each item, in their order; `at_once` so many make a piece.

    Work and items must be picklable where the executor is of other processes, for which `few` items
    are not enough. `weigh` tells an item's bytes. When `items` raises, it does so after what
    comes of those before.
    """
    items = iter(items)
    first_items = list(islice(items, max_local_items + 1)) if executor is not None else []
    items = chain(first_items, items)
    if executor is None or len(first_items) <= max_local_items:
        yield from map(function, items)
        return
    input_errors: list[Exception] = []
    chunks = _split_into_chunks(_iter_until_error(items, input_errors), chunk_size)
    for results in _Dispatcher(function, executor, count_bytes).run(chunks):
        yield from results
    if input_errors:
        raise input_errors[0]


def _iter_until_error(items: Iterator[Item], input_errors: list[Exception]) -> Iterator[Item]:
    try:
        yield from items
    except Exception as error:
        input_errors.append(error)


def _split_into_chunks(items: Iterator[Item], chunk_size: int) -> Iterator[list[Item]]:
    while chunk := list(islice(items, chunk_size)):
        yield chunk


def _map_chunk(function: Callable[[Item], Result], chunk: list[Item]) -> list[Result]:
    return [function(item) for item in chunk]


class _Dispatcher(Generic[Item, Result]):
    """Keeps an executor busy, and not busier; does itself what nobody else can."""

    def __init__(
        self,
        function: Callable[[Item], Result],
        executor: Executor,
        count_bytes: Callable[[Item], int],
    ) -> None:
        self._function, self._executor, self._count_bytes = function, executor, count_bytes
        self._is_executor_lost = False

    def run(self, chunks: Iterator[list[Item]]) -> Iterator[list[Result]]:
        max_pending = (
            PENDING_PER_WORKER * int(getattr(self._executor, "workers", DEFAULT_WORKERS)) + 2
        )
        pending: deque[tuple[list[Item], Future[list[Result]] | None]] = deque()
        try:
            for chunk in chunks:
                pending.append((chunk, self._submit(chunk)))
                if len(pending) >= max_pending:
                    yield self._get_results(*pending.popleft())
            while pending:
                yield self._get_results(*pending.popleft())
        finally:  # where nobody wants the rest, nobody does it
            for _, future in pending:
                if future is not None:
                    future.cancel()

    def _submit(self, chunk: list[Item]) -> Future[list[Result]] | None:
        if self._is_executor_lost or sum(map(self._count_bytes, chunk)) > MAX_CHUNK_BYTES:
            return None
        try:
            return self._executor.submit(_map_chunk, self._function, chunk)
        except Exception as error:
            if not _is_worker_loss(error):
                raise
            log.warning("no worker is left (%s); the rest is done here", _describe(error))
            self._is_executor_lost = True
            return None

    def _get_results(self, chunk: list[Item], future: Future[list[Result]] | None) -> list[Result]:
        tries = 1
        while future is not None:
            try:
                return future.result()
            except (Exception, CancelledError) as error:
                if not _is_worker_loss(error):
                    raise
                log.info("a worker is gone (%s); its work is done again", _describe(error))
            future = self._submit(chunk) if tries < MAX_TRIES else None
            tries += 1
        return _map_chunk(self._function, chunk)


def _describe(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _is_worker_loss(error: BaseException) -> bool:
    """Tell the loss of a worker from a failure of its work, which never raises Dask's errors."""
    is_executor_error = isinstance(error, BrokenExecutor | CancelledError)
    return is_executor_error or type(error).__module__.partition(".")[0] == "distributed"
