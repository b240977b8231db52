"""map_ordered keeps the order and bounds the memory, and a worker that dies loses nothing."""

import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from reddit_archive import errors
from reddit_archive.parallel import executors, ordered_map
from tests.conftest import ROOT
from tests.support.mortals import die_once, double
from tests.support.spread_work import THREADS, LazyExecutor, import_dump


@pytest.mark.parametrize("chunk_size", [1, 3, 1000])
def test_order__is_that_of_the_items(chunk_size: int) -> None:
    with ThreadPoolExecutor(3) as executor:
        results = list(ordered_map.map_ordered(double, range(100), executor, chunk_size=chunk_size))
    assert results == [2 * number for number in range(100)]


def test_pending_chunks__are_few() -> None:
    executor = LazyExecutor()
    items = iter(range(1000))
    results = ordered_map.map_ordered(double, items, executor)
    assert [next(results), next(results)] == [0, 2]
    assert next(items) < 14  # later items are not read yet
    assert len(list(results)) == 997
    assert executor.max_waiting <= 10


def test_local_work__few_or_large_items() -> None:
    executor = LazyExecutor()
    assert list(ordered_map.map_ordered(double, [1, 2], executor, max_local_items=2)) == [2, 4]
    results = ordered_map.map_ordered(
        double, [1, 2], executor, count_bytes=lambda item: item * ordered_map.MAX_CHUNK_BYTES
    )
    assert list(results) == [2, 4]
    assert executor.max_waiting == 1


@pytest.mark.parametrize("has_executor", [True, False])
def test_error__of_the_items_comes_after_earlier_results(has_executor: bool) -> None:
    def iter_and_fail() -> Iterator[int]:
        yield from range(5)
        raise errors.NotAThreadError("cut off")

    results: list[int] = []
    executor = LazyExecutor() if has_executor else None
    with pytest.raises(errors.NotAThreadError, match="cut off"):
        results.extend(ordered_map.map_ordered(double, iter_and_fail(), executor))
    assert results == [0, 2, 4, 6, 8]


def fail(item: int) -> int:
    raise errors.StoreError("the disk is full", "Free some.")


def test_error__of_the_function_is_raised() -> None:
    with ThreadPoolExecutor(1) as executor, pytest.raises(errors.StoreError, match="full"):
        list(ordered_map.map_ordered(fail, range(9), executor))
    error = pickle.loads(pickle.dumps(errors.StoreError("the disk is full", "Free some.")))
    assert (error.message, error.hint) == ("the disk is full", "Free some.")


# Workers that die


class LosingExecutor(LazyExecutor):
    """Loses the workers of its first tasks."""

    def __init__(self, losses: int) -> None:
        super().__init__()
        self.losses = losses

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        def lose(*_: Any) -> Any:
            raise BrokenExecutor

        self.losses -= 1
        return super().submit(work if self.losses < 0 else lose, *args, **kwargs)


class BrokenPool(Executor):
    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        raise BrokenExecutor


@pytest.mark.parametrize(
    "executor", [LosingExecutor(1), LosingExecutor(5), LosingExecutor(99), BrokenPool()]
)
def test_lost_worker__its_chunk_is_done_again(executor: Executor) -> None:
    assert list(ordered_map.map_ordered(double, range(20), executor)) == [2 * n for n in range(20)]


def test_lost_worker__control_a_dropped_result_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drop(self: Any, chunk: list[Any], future: "Future[list[Any]]") -> list[Any]:
        with suppress(BrokenExecutor):
            return future.result()
        return []

    monkeypatch.setattr(ordered_map._Dispatcher, "_get_results", drop)
    with pytest.raises(AssertionError):
        import_dump(tmp_path, LosingExecutor(1))


def test_killed_process__costs_nothing(tmp_path: Path) -> None:
    for name in ("alone", "spread"):
        (tmp_path / name).mkdir()
    alone = import_dump(tmp_path / "alone", None)
    with executors.open_pool(2) as executor:
        spread = import_dump(tmp_path / "spread", executor, partial(die_once, tmp_path / "died"))
    assert (tmp_path / "died").exists()
    assert len(alone) == len(THREADS)
    assert spread == alone


def test_killed_process__in_the_middle_of_a_result(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "tests.support.mortals", str(tmp_path / "flag"))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == (f"{sum(range(40)) * 2}\n", "")
    assert (tmp_path / "flag").exists()
