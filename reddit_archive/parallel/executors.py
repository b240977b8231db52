"""Executors that share the work: processes on this machine, or a Dask cluster.

Both are a `concurrent.futures.Executor`, and their futures are ordinary ones. Worker processes end
with the process that started them.
"""

import logging
import os
import pickle
import re
import signal
import socket
import traceback
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    InvalidStateError,
    ThreadPoolExecutor,
)
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from reddit_archive import __version__, errors

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Result = TypeVar("Result")

CONNECT_TIMEOUT_SECONDS = 10
MAX_EMPTY_POLLS = 15
"""Polls that may find a cluster without workers: a restarted machine needs this long."""
ADDRESS_PATTERN = re.compile(
    r"(?P<scheme>tcp://|tls://)?(?P<host>[\w.-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>\d{1,5})", re.ASCII
)
ADDRESS_HINT = "`dask scheduler` prints its address, like tcp://192.0.2.7:8786."
INSTALL_HINT = "Run: pip install 'reddit-archive[dask]', here and on every worker."


@contextmanager
def open_pool(worker_count: int, dask_address: str | None = None) -> Iterator[Executor | None]:
    """Yield an executor of local processes or of a Dask cluster, or None for a single worker.

    Raises:
        InvalidOptionsError: The address is malformed.
        ArchiveError: No cluster answers there, or it can't be used.
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
    """Local processes, each started when there is work for it.

    Each process has a pipe and a thread of its own. When it dies, even in the middle of a result,
    its pipe ends: its task fails with BrokenExecutor, and a new process takes the next one.
    (ProcessPoolExecutor shares one pipe, and then waits for ever; seen with Python 3.11.)
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._threads = ThreadPoolExecutor(workers)
        self._idle_processes: list[_WorkerProcess] = []

    def submit(
        self, function: Callable[..., Result], /, *args: Any, **kwargs: Any
    ) -> "Future[Result]":
        return self._threads.submit(self._run, function, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        for process in self._idle_processes:
            process.stop()

    def _run(
        self, function: Callable[..., Result], args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Result:
        task = pickle.dumps((function, args, kwargs))
        process = self._take_process()
        answer = process.run(task)
        self._idle_processes.append(process)
        result, error, error_text = pickle.loads(answer)
        if error is not None:
            raise error from _RemoteTraceback(error_text)
        returned: Result = result
        return returned

    def _take_process(self) -> "_WorkerProcess":
        try:
            return self._idle_processes.pop()
        except IndexError:
            return _WorkerProcess()


class _WorkerProcess:
    """A process that does one task at a time."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self._pipe, worker_pipe = context.Pipe()
        self._process = context.Process(target=_serve, args=(worker_pipe,), daemon=True)
        try:
            self._process.start()
        except OSError as error:
            raise BrokenExecutor(f"can't start a process: {error.strerror}") from error
        finally:
            worker_pipe.close()  # while it is open here, the pipe does not end with the process

    def run(self, task: bytes) -> bytes:
        """Send a task, and return the answer. Raises BrokenExecutor if the process dies."""
        try:
            self._pipe.send_bytes(task)
            return self._pipe.recv_bytes()
        except (EOFError, OSError) as error:
            self.stop()
            raise BrokenExecutor("a process died") from error

    def stop(self) -> None:
        self._pipe.close()
        self._process.kill()
        self._process.join()


class _RemoteTraceback(Exception):
    """The cause of an error in a worker process: its traceback as text."""


def _serve(pipe: "Connection") -> None:
    """Do tasks until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which stops us
    Thread(target=_exit_with_parent, daemon=True).start()
    with suppress(EOFError, OSError):
        while True:
            pipe.send_bytes(_answer(pipe.recv_bytes()))


def _answer(task: bytes) -> bytes:
    """Do a task; return its result, or the error and its traceback."""
    try:
        function, args, kwargs = pickle.loads(task)
        return pickle.dumps((function(*args, **kwargs), None, None))
    except BaseException as error:
        text = "".join(traceback.format_exception(error))
        try:
            return pickle.dumps((None, error, text))
        except Exception:
            return pickle.dumps((None, RuntimeError(f"{type(error).__name__} in a worker"), text))


def _exit_with_parent() -> None:
    """Exit when the parent ends, in the middle of a task too."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


class DaskExecutor(Executor):
    """The workers of a Dask client.

    Dask does not report every loss, so those who wait for a result call `check_workers` from time
    to time. (`client.get_executor()` of Dask 2026.8 is no alternative: if the scheduler is lost,
    its futures raise a ValueError or never complete.)
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._empty_polls = 0
        self.workers: int = sum(client.nthreads().values())

    def submit(
        self, function: Callable[..., Result], /, *args: Any, **kwargs: Any
    ) -> "Future[Result]":
        self._raise_if_lost()
        future: Future[Result] = Future()
        dask_future = self._client.submit(function, *args, **kwargs, pure=False)
        self._client.loop.add_callback(_copy_result, dask_future, future)
        future.add_done_callback(lambda _: dask_future.cancel() if future.cancelled() else None)
        return future

    def check_workers(self) -> None:
        """Raise BrokenExecutor if the scheduler is lost, or had no workers for too long."""
        try:
            has_no_workers = self._client.status == "running" and not self._client.nthreads()
        except OSError as error:
            raise BrokenExecutor("the scheduler is lost") from error
        self._empty_polls = self._empty_polls + 1 if has_no_workers else 0
        self._raise_if_lost()

    def _raise_if_lost(self) -> None:
        if self._client.status not in ("running", "connecting"):
            raise BrokenExecutor("the scheduler is lost")
        if self._empty_polls > MAX_EMPTY_POLLS:
            raise BrokenExecutor("all workers are lost")


async def _copy_result(dask_future: Any, future: "Future[Any]") -> None:
    """Wait for Dask's future and complete ours, unless it was cancelled."""
    with suppress(InvalidStateError):
        try:
            future.set_result(await dask_future)
        except InvalidStateError:
            raise
        except BaseException as error:  # asyncio's cancellation is no Exception
            future.set_exception(error)


@contextmanager
def _connect_to_dask(address: str) -> Iterator[DaskExecutor]:
    """Yield the executor of a cluster; Dask's own log is silenced. Raises as `open_pool` does."""
    url = _check_scheduler_address(address)
    try:
        import distributed
    except ImportError:
        raise errors.ArchiveError("Dask is not installed", INSTALL_HINT) from None
    for name in [*logging.root.manager.loggerDict]:
        if name.startswith("distributed"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
    connect: Any = distributed.Client  # has no types
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
    """Return the address with its scheme.

    Connects once, since Dask would report an address that does not answer at length.
    """
    match = ADDRESS_PATTERN.fullmatch(address)
    if match is None or not 0 < int(match["port"]) < 2**16:
        raise errors.InvalidOptionsError(
            f"{address!r} is not the address of a Dask scheduler", ADDRESS_HINT
        )
    try:
        socket.create_connection(
            (match["host"].strip("[]"), int(match["port"])), CONNECT_TIMEOUT_SECONDS
        ).close()
    except OSError as error:
        raise _build_no_answer_error(address) from error
    return f"{match['scheme'] or 'tcp://'}{match['host']}:{match['port']}"


def _build_no_answer_error(address: str) -> errors.ArchiveError:
    return errors.ArchiveError(f"no Dask scheduler answers at {address}", ADDRESS_HINT)


def _check_worker_versions(client: Any, address: str) -> None:
    """Raise ArchiveError unless there are workers, all with this version of reddit-archive."""
    from distributed import TimeoutError as NoWorkersError

    try:
        client.wait_for_workers(1, timeout=CONNECT_TIMEOUT_SECONDS)
    except NoWorkersError as error:
        raise errors.ArchiveError(
            f"the Dask scheduler at {address} has no workers", f"Start some: dask worker {address}"
        ) from error
    for name, version in client.run(_get_version, on_error="return").items():
        if version != __version__:
            raise errors.ArchiveError(
                f"the worker {name} does not have reddit-archive {__version__}", INSTALL_HINT
            )


def _get_version() -> str:
    return __version__
