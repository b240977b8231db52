"""Workers keep the contract of `concurrent.futures`, and their deaths are noticed."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Future, wait
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from reddit_archive import __version__, errors
from reddit_archive.parallel import executors, ordered_map
from reddit_archive.parallel.executors import ProcessExecutor
from tests.conftest import ROOT
from tests.support.mortals import double

TIMEOUT = 60


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessExecutor]:
    with ProcessExecutor(1) as executor:
        yield executor


@pytest.fixture
def word(tmp_path: Path) -> Path:
    """A named pipe: a reader waits until a test writes to it."""
    os.mkfifo(tmp_path / "word")
    return tmp_path / "word"


def wait_for_word(pipe: Path) -> str:
    return pipe.read_text()


def fail(item: int) -> int:
    raise errors.StoreError(f"the disk is full of {item}", "Free some.")


def time_out(item: int) -> int:
    raise TimeoutError("the disk took too long")


class UnpicklableError(Exception):
    def __reduce__(self) -> Any:
        raise TypeError


def fail_unpicklably(item: int) -> int:
    raise UnpicklableError


def return_unpicklable(item: int) -> Any:
    return lambda: item


def test_future__completes_without_being_asked(pool: ProcessExecutor) -> None:
    called = Event()
    future = pool.submit(double, 7)
    future.add_done_callback(lambda _: called.set())
    assert called.wait(TIMEOUT)
    assert (future.done(), future.result(), future.exception()) == (True, 14, None)
    assert wait([pool.submit(double, 8)], TIMEOUT).not_done == set()


def test_future__a_wait_may_end_before_the_task(pool: ProcessExecutor, word: Path) -> None:
    future = pool.submit(wait_for_word, word)
    with pytest.raises(TimeoutError):
        future.result(0)
    with pytest.raises(TimeoutError):
        future.exception(0)
    assert not future.done()
    word.write_text("go")
    assert future.result(TIMEOUT) == "go"


def test_future__can_be_cancelled_until_it_runs(pool: ProcessExecutor, word: Path) -> None:
    running = pool.submit(wait_for_word, word)
    waiting = pool.submit(double, 1)
    assert waiting.cancel()
    word.write_text("go")
    running.result(TIMEOUT)
    assert (waiting.cancelled(), waiting.done()) == (True, True)
    with pytest.raises(CancelledError):
        waiting.result()


def test_future__has_the_error_of_the_task_and_its_frames(pool: ProcessExecutor) -> None:
    error = pool.submit(fail, 3).exception(TIMEOUT)
    assert isinstance(error, errors.StoreError)
    assert (error.message, error.hint) == ("the disk is full of 3", "Free some.")
    assert "in fail" in str(error.__cause__)


@pytest.mark.parametrize("function", [fail_unpicklably, return_unpicklable])
def test_future__what_can_not_be_sent_is_an_error(function: Any, pool: ProcessExecutor) -> None:
    assert pool.submit(function, 1).exception(TIMEOUT) is not None
    assert pool.submit(lambda: 1).exception(TIMEOUT) is not None
    assert pool.submit(double, 1).result(TIMEOUT) == 2


def test_process__one_that_dies_fails_its_own_task_only(word: Path) -> None:
    with ProcessExecutor(2) as pool:
        other = pool.submit(wait_for_word, word)
        killed = pool.submit(os.kill, pool.submit(os.getpid).result(TIMEOUT), signal.SIGKILL)
        assert isinstance(killed.exception(TIMEOUT), BrokenExecutor)
        word.write_text("go")
        assert other.result(TIMEOUT) == "go"
        assert pool.submit(double, 2).result(TIMEOUT) == 4


def test_process__that_can_not_be_started_is_a_lost_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from multiprocessing.context import SpawnProcess

    def fail_to_start(self: SpawnProcess) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(SpawnProcess, "start", fail_to_start)
    with ProcessExecutor(2) as pool:
        assert list(ordered_map.map_ordered(double, range(9), pool)) == [*range(0, 18, 2)]


def test_shutdown__ends_the_processes() -> None:
    with ProcessExecutor(2) as pool:
        process_id = pool.submit(os.getpid).result(TIMEOUT)
    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)
    with pytest.raises(RuntimeError):
        pool.submit(double, 1)


def test_process__ends_with_its_parent() -> None:
    code = (
        "import os, sys\n"
        "from reddit_archive.parallel import executors\n"
        "with executors.open_pool(2) as executor:\n"
        "    print(executor.submit(os.getpid).result(), flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        os.kill(worker, 0)  # it is running
        parent.kill()
        parent.communicate(timeout=60)  # until the last worker closes stdout


# Executors whose workers may be lost without notice


class Polled(ProcessExecutor):
    """Returns the given futures, and counts how often its workers are checked."""

    def __init__(self, *futures: "Future[Any]", checks: int = 10**9) -> None:
        super().__init__(1)
        self.futures, self.checks = list(futures), checks

    def submit(self, *_: Any, **__: Any) -> "Future[Any]":
        if not self.futures:
            raise BrokenExecutor("all are lost")
        return self.futures.pop(0)

    def check_workers(self) -> None:
        self.checks -= 1
        if self.checks < 0:
            raise BrokenExecutor("all are lost")


class LateFuture(Future[Any]):
    """Completes when a wait for it has just ended."""

    def result(self, timeout: float | None = None) -> Any:
        if not self.done():
            self.set_result([7])
            raise TimeoutError
        return super().result(timeout)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordered_map, "POLL_SECONDS", 0.001)


@pytest.mark.usefixtures("impatient")
def test_map__a_result_that_comes_as_a_wait_ends_is_used() -> None:
    assert list(ordered_map.map_ordered(fail, [1], Polled(LateFuture(), checks=0))) == [7]


@pytest.mark.usefixtures("impatient")
def test_map__a_task_that_times_out_is_no_slow_task() -> None:
    future: Future[Any] = Future()
    future.set_exception(TimeoutError("the disk took too long"))
    with pytest.raises(TimeoutError, match="the disk took too long"):
        list(ordered_map.map_ordered(double, [1], Polled(future)))
    with ProcessExecutor(1) as pool, pytest.raises(TimeoutError, match="the disk took too long"):
        list(ordered_map.map_ordered(time_out, [1], pool))


@pytest.mark.usefixtures("impatient")
def test_map__results_that_never_come_are_made_here(caplog: pytest.LogCaptureFixture) -> None:
    lost: list[Future[Any]] = [Future() for _ in range(6)]
    assert list(ordered_map.map_ordered(double, range(9), Polled(*lost, checks=3))) == [
        *range(0, 18, 2)
    ]
    assert caplog.text.count("no worker is left") == 1


def test_map__does_not_wait_for_each_future_of_a_lost_executor() -> None:
    waits: list[float | None] = []

    class Lost(Future[Any]):
        def result(self, timeout: float | None = None) -> Any:
            waits.append(timeout)
            raise TimeoutError

    executor = Polled(*(Lost() for _ in range(6)), checks=0)
    assert list(ordered_map.map_ordered(double, range(9), executor)) == [*range(0, 18, 2)]
    assert waits == [ordered_map.POLL_SECONDS, *[0] * 5]


class Loop:
    def add_callback(self, function: Any, *args: Any) -> None:
        asyncio.run(function(*args))


class Client:
    """A Dask client with one worker that does each task at once."""

    status = "running"
    loop = Loop()

    def __init__(self) -> None:
        self.workers = {"tcp://127.0.0.1:1": 1}

    def nthreads(self) -> dict[str, int]:
        return self.workers

    def submit(self, function: Any, *args: Any, pure: bool) -> Any:
        async def work() -> Any:
            return function(*args)

        return work()


class LostError(Exception):
    """An error of Dask, known by its module."""

    __module__ = "distributed.client"


def lose_worker(chunk_function: Any, function: Any, chunk: list[int]) -> Any:
    raise LostError


def test_dask__a_task_has_its_result_or_its_own_error() -> None:
    executor = executors.DaskExecutor(Client())
    assert executor.submit(double, 7).result(0) == 14
    assert isinstance(executor.submit(time_out, 1).exception(0), TimeoutError)


def test_dask__an_error_of_its_own_is_a_lost_worker() -> None:
    class LosingClient(Client):
        def submit(self, function: Any, *args: Any, pure: bool) -> Any:
            return super().submit(lose_worker, function, *args, pure=pure)

    executor = executors.DaskExecutor(LosingClient())
    assert list(ordered_map.map_ordered(double, range(9), executor)) == [*range(0, 18, 2)]


def test_dask__a_lost_scheduler_and_missing_workers_are_noticed() -> None:
    client = Client()
    executor = executors.DaskExecutor(client)
    executor.submit(double, 1)
    executor.check_workers()
    client.workers = {}
    for _ in range(executors.MAX_EMPTY_POLLS):
        executor.check_workers()
    with pytest.raises(BrokenExecutor, match="all workers are lost"):
        executor.check_workers()
    client.status = "closed"
    with pytest.raises(BrokenExecutor, match="the scheduler is lost"):
        executor.submit(double, 1)


def test_dask__that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.setattr(executors, "_check_scheduler_address", lambda address: address)
    with pytest.raises(errors.ArchiveError) as caught, executors.open_pool(1, "tcp://127.0.0.1:9"):
        pass
    assert caught.value.hint.startswith("Run: pip install 'reddit-archive[dask]'")


@pytest.mark.parametrize(
    ("versions", "message"),
    [
        ({"tcp://127.0.0.1:1": "0.0.1"}, "does not have reddit-archive"),
        ({"tcp://127.0.0.1:1": ImportError("no module")}, "does not have reddit-archive"),
        ({"tcp://127.0.0.1:1": __version__}, None),
    ],
)
def test_dask__workers_of_another_version_are_an_error(
    versions: dict[str, Any], message: str | None
) -> None:
    class Client:
        def wait_for_workers(self, *_: Any, **__: Any) -> None: ...
        def run(self, *_: Any, **__: Any) -> dict[str, Any]:
            return versions

    if message is None:
        executors._check_worker_versions(Client(), "127.0.0.1:1")
        return
    with pytest.raises(errors.ArchiveError, match=message):
        executors._check_worker_versions(Client(), "127.0.0.1:1")
