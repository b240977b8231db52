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
def create_marker(root: Path) -> Iterator[Path]:
    """Leave a file in the archive that only who sees the same folder can find."""
    store.initialize(root)
    durable_files.make_folder(root / "tmp")
    with ExitStack() as stack:
        with durable_files.translate_os_errors(root):
            marker = stack.enter_context(durable_files.create_temp_file(root / "tmp"))
        yield marker.path


def require_marker(marker: Path) -> None:
    """Raises StoreError where the file is not."""
    if not marker.exists():
        raise _not_shared_error(marker.parent.parent)


def require_no_snapshots(root: Path, thread_id: str) -> None:
    """Believe a worker that found nothing of a thread. Raises StoreError where it is wrong."""
    if store.list_digests(root, thread_id):
        raise _not_shared_error(root)


def _not_shared_error(root: Path) -> errors.StoreError:
    return errors.StoreError(f"a worker does not see the archive {root}", HINT)
