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

Made = TypeVar("Made")

WAIT_SECONDS = 10
ASK_SECONDS = 2
PATIENCE = 15
"""So often is asked for workers: those that a machine starts anew are back by then."""
ADDRESS = re.compile(
    r"(?P<scheme>tcp://|tls://)?(?P<host>[\w.-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>\d{1,5})", re.ASCII
)
HINT = "`dask scheduler` prints its address, like tcp://192.0.2.7:8786."
NEEDS_DASK = "Run: pip install 'reddit-archive[dask]', here and on every worker."


@contextmanager
def opened(number: int, dask: str | None = None) -> Iterator[Executor | None]:
    """Give an executor of so many processes, or of the Dask cluster at an address; None for one.

    Raises BadOptions for what is no address, and ArchiveError where no cluster answers.
    """
    if dask is not None:
        with _cluster(dask) as found:
            yield found
    elif number < 2:
        yield None
    else:
        with Processes(number) as processes:
            yield processes


class Processes(Executor):
    """So many processes, begun once there is work for them, and anew when one of them has died."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, work: Callable[..., Made], /, *args: Any, **kwargs: Any) -> "Future[Made]":
        self._pool = self._pool or _pool(self.workers)
        try:
            begun = self._pool.submit(work, *args, **kwargs)
        except BrokenExecutor:
            self._pool.shutdown(wait=False)
            self._pool = _pool(self.workers)
            begun = self._pool.submit(work, *args, **kwargs)
        return _FromProcess(self._pool, begun)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait, cancel_futures=cancel_futures)


class _Awaited(Future[Made]):
    """The result of a worker. `result` asks for it repeatedly, since some losses are not reported.

    It is done once the worker's own future is, and callbacks run when somebody asks for the result.
    """

    def __init__(self, awaited: Any) -> None:
        super().__init__()
        self._awaited = awaited

    def done(self) -> bool:
        return super().done() or bool(self._awaited.done())

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

    def result(self, timeout: float | None = None) -> Made:
        if super().done():
            return super().result()
        try:
            made = self._wait(timeout)
        except CancelledError:
            super().cancel()
            raise
        except Exception as error:
            if not isinstance(error, TimeoutError) or self._has_failed():
                with suppress(InvalidStateError):  # another thread was first
                    self.set_exception(error)
            raise
        with suppress(InvalidStateError):
            self.set_result(made)
        return made

    def _wait(self, timeout: float | None) -> Made:
        while True:
            has_failed = self._has_failed()
            try:
                seconds = ASK_SECONDS if timeout is None else timeout
                made: Made = self._awaited.result(seconds)
                return made
            except TimeoutError:  # by the work itself, or else it takes long, be it to come here
                if timeout is not None or has_failed:
                    raise
                self._look_for_losses()

    def _has_failed(self) -> bool:
        raise NotImplementedError

    def _look_for_losses(self) -> None:
        raise NotImplementedError


class _FromProcess(_Awaited[Made]):
    """What a process of a pool is to give."""

    def __init__(self, pool: "ProcessPoolExecutor", awaited: Future[Made]) -> None:
        super().__init__(awaited)
        self._pool = pool

    def _has_failed(self) -> bool:
        return bool(self._awaited.done())

    def _look_for_losses(self) -> None:
        _break(self._pool)

    def cancel(self) -> bool:
        return bool(self._awaited.cancel()) and super().cancel()


def _break(pool: Any) -> None:
    """End a pool of which a process has died in the middle of what it said.

    The pool waits for the rest of it (seen with Python 3.11), as long as anybody might say it: the
    others, which wait to be let speak, and the pool itself.
    """
    processes = list((pool._processes or {}).values())
    if not all(process.is_alive() for process in processes):
        for process in processes:
            process.kill()
        pool._result_queue._writer.close()


def _pool(number: int) -> "ProcessPoolExecutor":
    # Loading these takes longer than drawing a few threads.
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    return ProcessPoolExecutor(number, mp_context=get_context("spawn"), initializer=_follow)


def _follow() -> None:
    """End when the parent does, however it ends, and leave Ctrl-C to it."""
    from multiprocessing import parent_process

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)  # its queue would be waited on for ever

    Thread(target=wait, daemon=True).start()


class Cluster(Executor):
    """The workers of a Dask client, and what becomes of it when they are gone.

    Dask's own executor waits for ever where the scheduler is lost (version 2026.8).
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._deserted = 0
        self.workers: int = sum(client.nthreads().values())

    def submit(self, work: Callable[..., Made], /, *args: Any, **kwargs: Any) -> "Future[Made]":
        self.expect_anyone()
        return _FromCluster(self, self._client.submit(work, *args, **kwargs, pure=False))

    @property
    def is_running(self) -> bool:
        return bool(self._client.status == "running")

    def expect_anyone(self) -> None:
        """Raises BrokenExecutor when the scheduler is gone, or was without workers for long."""
        if self._client.status not in ("running", "connecting"):
            raise BrokenExecutor("the scheduler is gone")
        if self._deserted > PATIENCE:
            raise BrokenExecutor("all workers are gone")

    def expect_workers(self) -> None:
        """Look for workers; raises what `expect_anyone` does."""
        try:
            is_deserted = self.is_running and not self._client.nthreads()
        except OSError as error:
            raise BrokenExecutor("the scheduler is gone") from error
        self._deserted = self._deserted + 1 if is_deserted else 0
        self.expect_anyone()


class _FromCluster(_Awaited[Made]):
    """What Dask is to give."""

    def __init__(self, cluster: Cluster, awaited: Any) -> None:
        super().__init__(awaited)
        self._cluster = cluster

    def _has_failed(self) -> bool:
        return bool(self._awaited.status == "error")

    def _look_for_losses(self) -> None:
        self._cluster.expect_workers()

    def cancel(self) -> bool:
        if self._cluster.is_running:
            self._awaited.cancel()
        return super().cancel()


@contextmanager
def _cluster(address: str) -> Iterator[Cluster]:
    """Raises what `opened` does, each of it in one sentence: Dask's own log is kept quiet."""
    url = _reached(address)
    try:
        import distributed
    except ImportError:
        raise errors.ArchiveError("Dask is not installed", NEEDS_DASK) from None
    for name in [*logging.root.manager.loggerDict]:
        if name.startswith("distributed"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
    connect: Any = distributed.Client  # which has no types
    try:
        client = connect(url, timeout=WAIT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise _silent(address) from error
    try:
        _refuse_others(client, address)
        yield Cluster(client)
    finally:
        with suppress(OSError):
            client.close()


def _reached(address: str) -> str:
    """Knock first: where nobody answers, Dask would say it at length. Gives the whole address."""
    found = ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found["port"]) < 2**16:
        raise errors.BadOptions(f"{address!r} is no address of a scheduler", HINT)
    try:
        socket.create_connection(
            (found["host"].strip("[]"), int(found["port"])), WAIT_SECONDS
        ).close()
    except OSError as error:
        raise _silent(address) from error
    return f"{found['scheme'] or 'tcp://'}{found['host']}:{found['port']}"


def _silent(address: str) -> errors.ArchiveError:
    return errors.ArchiveError(f"no scheduler of Dask answers at {address}", HINT)


def _refuse_others(client: Any, address: str) -> None:
    """Take only workers that do as this version does."""
    from distributed import TimeoutError as NobodyCame

    try:
        client.wait_for_workers(1, timeout=WAIT_SECONDS)
    except NobodyCame as error:
        raise errors.ArchiveError(
            f"the scheduler at {address} has no workers", f"Start some: dask worker {address}"
        ) from error
    for name, version in client.run(_version, on_error="return").items():
        if version != __version__:
            what = f"the worker {name} has not reddit-archive {__version__}"
            raise errors.ArchiveError(what, NEEDS_DASK)


def _version() -> str:
    return __version__
