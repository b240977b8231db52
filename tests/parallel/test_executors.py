"""The futures of workers behave as `concurrent.futures.Future` says."""

from concurrent.futures import CancelledError, Future
from types import SimpleNamespace
from typing import Any

import pytest

from reddit_archive.parallel import executors

POOL: Any = SimpleNamespace(_processes={})


def made(own: "Future[int]") -> "Future[int]":
    return executors._ProcessFuture(POOL, own)


def test_future__is_done_when_the_work_is_and_stays_so() -> None:
    own: Future[int] = Future()
    future = made(own)
    called: list[int] = []
    future.add_done_callback(lambda each: called.append(each.result()))
    assert not future.done()
    own.set_result(7)
    assert future.done()
    assert (future.result(), future.done(), future.exception(), called) == (7, True, None, [7])


def test_future__gives_the_exception_of_the_work() -> None:
    own: Future[int] = Future()
    own.set_exception(ValueError("odd"))
    future = made(own)
    assert isinstance(future.exception(), ValueError)
    with pytest.raises(ValueError, match="odd"):
        future.result()


def test_future__a_wait_that_ends_is_no_result() -> None:
    future = made(Future())
    for wait in (future.result, future.exception):
        with pytest.raises(TimeoutError):
            wait(0)
    assert not future.done()


def test_future__that_is_cancelled_says_so() -> None:
    future = made(Future())
    assert future.cancel()
    assert (future.cancelled(), future.done()) == (True, True)
    with pytest.raises(CancelledError):
        future.result()


def test_future__control_one_that_keeps_nothing_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors._PolledFuture, "done", Future.done)
    own: Future[int] = Future()
    own.set_result(7)
    assert not made(own).done()
