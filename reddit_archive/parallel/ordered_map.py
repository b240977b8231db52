"""Map a function over items in chunks, on any `concurrent.futures.Executor` or in this process.

Results come in the order of the items. Few chunks are pending at a time, so memory stays bounded.
A chunk whose worker died is done again.

An executor may have two more attributes: `workers`, their number, and `check_workers()`, which
raises BrokenExecutor if pending results will never come.
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
"""Worker count assumed for executors that do not report one."""
PENDING_PER_WORKER = 4
"""Pending chunks for each worker, so that none waits while results are written."""
MAX_CHUNK_BYTES = 8 * 2**20
"""Larger chunks are done in this process: one sent to a worker is in memory three times."""
MAX_TRIES = 2
POLL_SECONDS = 2
"""Time between two calls of `check_workers`."""
MAX_LOCAL_THREADS, MAX_LOCAL_MEGABYTES = 39, 8
"""Work that this process does before another process has started."""


def map_ordered(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    executor: Executor | None = None,
    *,
    chunk_size: int = 1,
    max_local_items: int = 0,
    count_bytes: Callable[[Item], int] = lambda _: 0,
) -> Iterator[Result]:
    """Yield the result of the function for each item, in the order of the items.

    An error of the iterable `items` is raised after the results of the items before it.

    Args:
        function: Called with one item; must be picklable if the executor has other processes.
        items: Must be picklable, too.
        executor: Does the work; without one this process does.
        chunk_size: Items that are sent together.
        max_local_items: So many items or fewer are not worth an executor.
        count_bytes: Returns the size of an item.
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
    """Sends chunks to an executor, and does in this process what the executor can't do."""

    def __init__(
        self,
        function: Callable[[Item], Result],
        executor: Executor,
        count_bytes: Callable[[Item], int],
    ) -> None:
        self._function, self._executor, self._count_bytes = function, executor, count_bytes
        self._check_workers: Callable[[], None] | None = getattr(executor, "check_workers", None)
        self._is_executor_lost = False

    def run(self, chunks: Iterator[list[Item]]) -> Iterator[list[Result]]:
        workers = int(getattr(self._executor, "workers", DEFAULT_WORKERS))
        max_pending = PENDING_PER_WORKER * workers + 2
        pending: deque[tuple[list[Item], Future[list[Result]] | None]] = deque()
        try:
            for chunk in chunks:
                pending.append((chunk, self._submit(chunk)))
                if len(pending) >= max_pending:
                    yield self._get_results(*pending.popleft())
            while pending:
                yield self._get_results(*pending.popleft())
        finally:  # the caller may stop before the end
            for _, future in pending:
                if future is not None and not self._is_executor_lost:
                    future.cancel()

    def _submit(self, chunk: list[Item]) -> Future[list[Result]] | None:
        if self._is_executor_lost or sum(map(self._count_bytes, chunk)) > MAX_CHUNK_BYTES:
            return None
        try:
            return self._executor.submit(_map_chunk, self._function, chunk)
        except Exception as error:
            if not _is_worker_loss(error):
                raise
            log.warning("no worker is left (%s); this process does the rest", _describe(error))
            self._is_executor_lost = True
            return None

    def _get_results(self, chunk: list[Item], future: Future[list[Result]] | None) -> list[Result]:
        tries = 1
        while future is not None:
            try:
                return self._wait(future)
            except Exception as error:
                if not _is_worker_loss(error):
                    raise
                log.info("a worker is lost (%s); its work is done again", _describe(error))
            future = self._submit(chunk) if tries < MAX_TRIES else None
            tries += 1
        return _map_chunk(self._function, chunk)

    def _wait(self, future: Future[list[Result]]) -> list[Result]:
        if self._check_workers is None:
            return future.result()
        while True:
            try:
                return future.result(0 if self._is_executor_lost else POLL_SECONDS)
            except TimeoutError:
                if future.done():  # just now, or the function itself raised the error
                    return future.result()
            self._check_workers()


def _describe(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _is_worker_loss(error: BaseException) -> bool:
    """Return whether the error means a lost worker, not a failed task.

    No task raises errors of Dask.
    """
    is_executor_error = isinstance(error, BrokenExecutor | CancelledError)
    return is_executor_error or type(error).__module__.partition(".")[0] == "distributed"
