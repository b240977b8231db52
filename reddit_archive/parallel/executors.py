"""Who works besides this process: processes of this machine, or a cluster of Dask.

Both are a `concurrent.futures.Executor`, as every function takes that can use one. Workers end with
the process that they work for.
"""

import logging
import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    InvalidStateError,
)
from contextlib import contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from reddit_archive import __version__, errors

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

Result = TypeVar("Result")

CONNECT_TIMEOUT_SECONDS = 10
POLL_SECONDS = 2
MAX_EMPTY_POLLS = 15
"""So often is asked for workers: those that a machine starts anew are back by then."""
ADDRESS_PATTERN = re.compile(
    r"(?P<scheme>tcp://|tls://)?(?P<host>[\w.-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>\d{1,5})", re.ASCII
)
ADDRESS_HINT = "`dask scheduler` prints its address, like tcp://192.0.2.7:8786."
INSTALL_HINT = "Run: pip install 'reddit-archive[dask]', here and on every worker."


@contextmanager
def open_pool(worker_count: int, dask_address: str | None = None) -> Iterator[Executor | None]:
    """Give an executor of so many processes, or of the Dask cluster at an address; None for one.

    Raises BadOptions for what is no address, and ArchiveError where no cluster answers.
    """
    if dask_address is not None:
        with _connect_to_dask(dask_address) as cluster:
            yield cluster
    elif worker_count < 2:
        yield None
    else:
        with ProcessExecutor(worker_count) as pool:
            yield pool


class ProcessExecutor(Executor):
    """So many processes, begun once there is work for them, and anew when one of them has died."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def submit(
        self, function: Callable[..., Result], /, *args: Any, **kwargs: Any
    ) -> "Future[Result]":
        self._pool = self._pool or _create_pool(self.workers)
        try:
            future = self._pool.submit(function, *args, **kwargs)
        except BrokenExecutor:
            self._pool.shutdown(wait=False)
            self._pool = _create_pool(self.workers)
            future = self._pool.submit(function, *args, **kwargs)
        return _ProcessFuture(self._pool, future)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait, cancel_futures=cancel_futures)


class _PolledFuture(Future[Result]):
    """The result of a worker. `result` asks for it repeatedly, since some losses are not reported.

    It is done once the worker's own future is, and callbacks run when somebody asks for the result.
    """

    def __init__(self, future: Any) -> None:
        super().__init__()
        self._future = future

    def done(self) -> bool:
        return super().done() or bool(self._future.done())

    def exception(self, timeout: float | None = None) -> BaseException | None:
        try:
            self.result(timeout)
        except CancelledError:
            raise
        except BaseException as error:
            if not super().done():
                raise  # the wait has ended, and not the work
            return error
        return None

    def result(self, timeout: float | None = None) -> Result:
        if super().done():
            return super().result()
        try:
            result = self._wait(timeout)
        except CancelledError:
            super().cancel()
            raise
        except Exception as error:
            if not isinstance(error, TimeoutError) or self._has_failed():
                with suppress(InvalidStateError):  # another thread was first
                    self.set_exception(error)
            raise
        with suppress(InvalidStateError):
            self.set_result(result)
        return result

    def _wait(self, timeout: float | None) -> Result:
        while True:
            has_failed = self._has_failed()
            try:
                seconds = POLL_SECONDS if timeout is None else timeout
                result: Result = self._future.result(seconds)
                return result
            except TimeoutError:  # by the work itself, or else it takes long, be it to come here
                if timeout is not None or has_failed:
                    raise
                self._check_workers()

    def _has_failed(self) -> bool:
        raise NotImplementedError

    def _check_workers(self) -> None:
        raise NotImplementedError


class _ProcessFuture(_PolledFuture[Result]):
    """What a process of a pool is to give."""

    def __init__(self, pool: "ProcessPoolExecutor", future: Future[Result]) -> None:
        super().__init__(future)
        self._pool = pool

    def _has_failed(self) -> bool:
        return bool(self._future.done())

    def _check_workers(self) -> None:
        _kill_broken_pool(self._pool)

    def cancel(self) -> bool:
        return bool(self._future.cancel()) and super().cancel()


def _kill_broken_pool(pool: Any) -> None:
    """End a pool of which a process has died in the middle of what it said.

    The pool waits for the rest of it (seen with Python 3.11), as long as anybody might say it: the
    others, which wait to be let speak, and the pool itself.
    """
    processes = list((pool._processes or {}).values())
    if not all(process.is_alive() for process in processes):
        for process in processes:
            process.kill()
        pool._result_queue._writer.close()


def _create_pool(worker_count: int) -> "ProcessPoolExecutor":
    # Loading these takes longer than drawing a few threads.
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    return ProcessPoolExecutor(
        worker_count, mp_context=get_context("spawn"), initializer=_exit_with_parent
    )


def _exit_with_parent() -> None:
    """End when the parent does, however it ends, and leave Ctrl-C to it."""
    from multiprocessing import parent_process

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    assert parent is not None

    def exit_when_parent_ends() -> None:
        parent.join()
        os._exit(1)  # its queue would be waited on for ever

    Thread(target=exit_when_parent_ends, daemon=True).start()


class DaskExecutor(Executor):
    """The workers of a Dask client, and what becomes of it when they are gone.

    Dask's own executor waits for ever where the scheduler is lost (version 2026.8).
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._empty_polls = 0
        self.workers: int = sum(client.nthreads().values())

    def submit(
        self, function: Callable[..., Result], /, *args: Any, **kwargs: Any
    ) -> "Future[Result]":
        self.raise_if_lost()
        return _DaskFuture(self, self._client.submit(function, *args, **kwargs, pure=False))

    @property
    def is_running(self) -> bool:
        return bool(self._client.status == "running")

    def raise_if_lost(self) -> None:
        """Raises BrokenExecutor when the scheduler is gone, or was without workers for long."""
        if self._client.status not in ("running", "connecting"):
            raise BrokenExecutor("the scheduler is gone")
        if self._empty_polls > MAX_EMPTY_POLLS:
            raise BrokenExecutor("all workers are gone")

    def check_workers(self) -> None:
        """Look for workers; raises what `expect_anyone` does."""
        try:
            has_no_workers = self.is_running and not self._client.nthreads()
        except OSError as error:
            raise BrokenExecutor("the scheduler is gone") from error
        self._empty_polls = self._empty_polls + 1 if has_no_workers else 0
        self.raise_if_lost()


class _DaskFuture(_PolledFuture[Result]):
    """What Dask is to give."""

    def __init__(self, executor: DaskExecutor, future: Any) -> None:
        super().__init__(future)
        self._executor = executor

    def _has_failed(self) -> bool:
        return bool(self._future.status == "error")

    def _check_workers(self) -> None:
        self._executor.check_workers()

    def cancel(self) -> bool:
        if self._executor.is_running:
            self._future.cancel()
        return super().cancel()


@contextmanager
def _connect_to_dask(address: str) -> Iterator[DaskExecutor]:
    """Raises what `opened` does, each of it in one sentence: Dask's own log is kept quiet."""
    url = _check_scheduler_address(address)
    try:
        import distributed
    except ImportError:
        raise errors.ArchiveError("Dask is not installed", INSTALL_HINT) from None
    for name in [*logging.root.manager.loggerDict]:
        if name.startswith("distributed"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
    connect: Any = distributed.Client  # which has no types
    try:
        client = connect(url, timeout=CONNECT_TIMEOUT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise _build_no_answer_error(address) from error
    try:
        _check_worker_versions(client, address)
        yield DaskExecutor(client)
    finally:
        with suppress(OSError):
            client.close()


def _check_scheduler_address(address: str) -> str:
    """Knock first: where nobody answers, Dask would say it at length. Gives the whole address."""
    match = ADDRESS_PATTERN.fullmatch(address)
    if match is None or not 0 < int(match["port"]) < 2**16:
        raise errors.InvalidOptionsError(f"{address!r} is no address of a scheduler", ADDRESS_HINT)
    try:
        socket.create_connection(
            (match["host"].strip("[]"), int(match["port"])), CONNECT_TIMEOUT_SECONDS
        ).close()
    except OSError as error:
        raise _build_no_answer_error(address) from error
    return f"{match['scheme'] or 'tcp://'}{match['host']}:{match['port']}"


def _build_no_answer_error(address: str) -> errors.ArchiveError:
    return errors.ArchiveError(f"no scheduler of Dask answers at {address}", ADDRESS_HINT)


def _check_worker_versions(client: Any, address: str) -> None:
    """Take only workers that do as this version does."""
    from distributed import TimeoutError as NobodyCame

    try:
        client.wait_for_workers(1, timeout=CONNECT_TIMEOUT_SECONDS)
    except NobodyCame as error:
        raise errors.ArchiveError(
            f"the scheduler at {address} has no workers", f"Start some: dask worker {address}"
        ) from error
    for name, version in client.run(_get_version, on_error="return").items():
        if version != __version__:
            message = f"the worker {name} has not reddit-archive {__version__}"
            raise errors.ArchiveError(message, INSTALL_HINT)


def _get_version() -> str:
    return __version__
