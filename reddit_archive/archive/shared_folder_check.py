"""Check that a worker sees the same archive as this process, under the same path.

Otherwise it would store snapshots on another disk, and find no snapshots where there are some.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import layout
from reddit_archive.files import durable_files

HINT = "Every worker needs the same folder under the same path. Share the folder, or omit --dask."


@contextmanager
def create_marker(root: Path) -> Iterator[Path]:
    """Create a temp file in the archive, which a worker finds only if it sees the same folder."""
    layout.initialize(root)
    durable_files.make_folder(root / "tmp")
    with ExitStack() as stack:
        with durable_files.translate_os_errors(root):
            marker = stack.enter_context(durable_files.create_temp_file(root / "tmp"))
        yield marker.path


def require_marker(marker: Path) -> None:
    """Raise StoreError if the marker file does not exist."""
    if not marker.exists():
        raise _not_shared_error(marker.parent.parent)


def require_no_snapshots(root: Path, thread_id: str) -> None:
    """Raise StoreError if this process sees snapshots of a thread and a worker saw none."""
    if layout.list_digests(root, thread_id):
        raise _not_shared_error(root)


def _not_shared_error(root: Path) -> errors.StoreError:
    return errors.StoreError(f"a worker does not see the archive {root}", HINT)
