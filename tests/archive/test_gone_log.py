"""A source is asked ever more rarely for what it does not have."""

from datetime import timedelta
from pathlib import Path

import pytest

from reddit_archive.archive import gone_log
from reddit_archive.archive.gone_log import GoneThread
from reddit_archive.model import capture
from tests.support.faults import NEW_YEAR


@pytest.mark.parametrize(
    ("count", "days"), [(1, 1), (2, 2), (3, 4), (8, 128), (9, 180), (10_000, 180)]
)
def test_is_due__after_twice_the_time(count: int, days: int) -> None:
    gone = GoneThread(count, NEW_YEAR)
    assert not gone.is_due(NEW_YEAR + timedelta(days=days, seconds=-1))
    assert gone.is_due(NEW_YEAR + timedelta(days=days))


def test_is_due__time_in_the_future_is_ignored() -> None:
    assert GoneThread(1, NEW_YEAR).is_due(NEW_YEAR - timedelta(days=1))


def test_read__counts_since_the_thread_was_last_there(tmp_path: Path) -> None:
    for record in (gone_log.record_gone, gone_log.record_back, gone_log.record_gone):
        record(tmp_path, "abc", "reddit")
    gone_log.record_gone(tmp_path, "abc", "arctic-shift")
    (gone,) = gone_log.read(tmp_path, "reddit").values()
    assert gone.count == 1
    assert abs(capture.utc_now() - gone.checked_at) < timedelta(minutes=1)


def test_read__unreadable_lines_are_skipped(tmp_path: Path) -> None:
    gone_log.record_gone(tmp_path, "abc", "reddit")
    with (tmp_path / "gone.log").open("a") as file:
        file.write('{"thread": 1}\n[]\n{"checked_at": "x", "source": "reddit", "thread": "y"}\nxx')
    assert list(gone_log.read(tmp_path, "reddit")) == ["abc"]


def test_read__no_file(tmp_path: Path) -> None:
    assert gone_log.read(tmp_path, "reddit") == {}
