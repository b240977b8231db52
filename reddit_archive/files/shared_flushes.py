"""Collect the folders that several writes of a thread of execution flush, to flush each once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_pending: ContextVar[dict[Path, bool] | None] = ContextVar("pending", default=None)
"""Folders to flush at the end of the block, and whether they have a new entry."""


def note(folder: Path, has_new_entry: bool) -> bool:
    """Return whether a block of `collect` is running, which then flushes the folder at its end."""
    pending = _pending.get()
    if pending is None:
        return False
    pending[folder] = has_new_entry or pending.get(folder, False)
    return True


@contextmanager
def collect(flush: Callable[[Path, bool], None]) -> Iterator[None]:
    """Flush what was noted in the block at its end, also after an error."""
    pending: dict[Path, bool] = {}
    token = _pending.set(pending)
    try:
        yield
    finally:
        _pending.reset(token)
        for folder, has_new_entry in pending.items():
            flush(folder, has_new_entry)
