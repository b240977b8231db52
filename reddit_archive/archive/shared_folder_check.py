"""Whether a worker has the archive before it that this process has: the same folder, one path.

Else what it stores would be on another disk, and what it does not find would seem to be nowhere.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import store
from reddit_archive.files import durable_files

HINT = "Every worker needs the same folder under the same path: share it, or do without --dask."


@contextmanager
def left(root: Path) -> Iterator[Path]:
    """Leave a file in the archive that only who sees the same folder can find."""
    store.claim(root)
    durable_files.make_folder(root / "tmp")
    with ExitStack() as stack:
        with durable_files.explained(root):
            mark = stack.enter_context(durable_files.empty_draft(root / "tmp"))
        yield mark.path


def find(mark: Path) -> None:
    """Raises StoreError where the file is not."""
    if not mark.exists():
        raise _blind(mark.parent.parent)


def expect_nothing(root: Path, thread_id: str) -> None:
    """Believe a worker that found nothing of a thread. Raises StoreError where it is wrong."""
    if store.names(root, thread_id):
        raise _blind(root)


def _blind(root: Path) -> errors.StoreError:
    return errors.StoreError(f"a worker does not see the archive {root}", HINT)
