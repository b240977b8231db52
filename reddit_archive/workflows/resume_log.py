"""The finished threads of a batch run, kept on disk until the run ends so that it can resume."""

import hashlib
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from reddit_archive import errors
from reddit_archive.files import durable_files, regular_files
from reddit_archive.workflows.inputs import ThreadRequest

MAX_AGE_SECONDS = 24 * 3600


class ResumeLog:
    """The log of one set of requests. It contains ids only.

    Its name is not that of a temp file, so that nothing removes it as one.
    """

    def __init__(self, folder: Path, requests: Sequence[ThreadRequest]) -> None:
        keys = sorted(map(_build_key, requests))
        digest = hashlib.sha256(json.dumps(keys).encode()).hexdigest()[:16]
        self._path = folder / f"batch-{digest}.log"
        self._keys: set[str] = set()
        _remove_old_logs(folder)
        with suppress(OSError, ValueError):
            self._keys = set(regular_files.read_text(self._path).splitlines())

    def __contains__(self, request: ThreadRequest) -> bool:
        return _build_key(request) in self._keys

    def record(self, request: ThreadRequest) -> None:
        """Record that a request is finished. Raises StoreError."""
        durable_files.make_folder(self._path.parent)
        durable_files.append(f"{_build_key(request)}\n".encode(), self._path)

    def close(self) -> None:
        """Remove the log, because the run has ended."""
        with suppress(errors.StoreError):
            durable_files.remove(self._path)


def _remove_old_logs(folder: Path) -> None:
    """Remove logs that are older than a day, or dated in the future by a wrong clock."""
    for path in folder.glob("batch-*.log"):
        with suppress(OSError, errors.StoreError):
            if abs(time.time() - path.stat().st_mtime) > MAX_AGE_SECONDS:
                durable_files.remove(path)


def _build_key(request: ThreadRequest) -> str:
    reference = request.reference
    origin = request.origins[0] if request.origins else ""
    return reference.post_id or reference.share_path or reference.comment_id or origin
