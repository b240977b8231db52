"""Store the responses of a running fetch on disk, so that an interrupted fetch can resume.

A journal is a temporary file of the archive. It is created before the second request and removed
when the fetch is complete. Old ones are removed like other temporary files.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from reddit_archive import errors
from reddit_archive.files import durable_files, regular_files
from reddit_archive.model import capture, viewer_fields

MAX_AGE = timedelta(hours=1)
"""Older responses are not used, because new ones would show the thread at a different time."""
LINE_BREAKS_TO_SPACES = bytes.maketrans(b"\r\n", b"  ")


class ResumeJournal:
    """The responses of one fetch by request, any JSON. `began_at` is when the first one arrived."""

    def __init__(self, path: Path) -> None:
        """Read the responses of an earlier run, unless they are too old."""
        self._path = path
        self._responses: dict[str, Any] = {}
        self._pending = b""
        self.began_at: datetime | None = None
        with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
            self._read()
        if self.began_at is None:
            self.discard()

    def pop(self, request_key: str) -> Any | None:
        """Return and remove the response to a request; None if there is none."""
        return self._responses.pop(request_key, None)

    def record(self, request_key: str, response: bytes) -> None:
        """Store a response, which is JSON, without the viewer's fields. Raises StoreError.

        `write_pending` writes the first response: a fetch of one request needs no file.
        """
        response = _remove_viewer_fields(response)
        line = _to_line(b'{"asked":%b,"answer":%b}' % (json.dumps(request_key).encode(), response))
        if self.began_at is None:
            self.began_at = capture.utc_now()
            self._pending = _to_line(json.dumps({"began_at": self.began_at.isoformat()}).encode())
            self._pending += line
        else:
            self.write_pending()
            durable_files.append(line, self._path)

    def write_pending(self) -> None:
        """Write the first response to disk unless it is there. Raises StoreError."""
        if self._pending:
            durable_files.make_folder(self._path.parent)
            durable_files.append(self._pending, self._path)
            self._pending = b""

    def discard(self) -> None:
        """Remove the journal and its responses."""
        self._responses.clear()
        self._pending = b""
        with suppress(errors.StoreError):
            durable_files.remove(self._path)

    def _read(self) -> None:
        began_at = None
        for entry in _read_entries(self._path):
            if "began_at" in entry:
                began_at = datetime.fromisoformat(entry["began_at"]).astimezone(UTC)
                self._responses.clear()
            elif entry["answer"] is not None:
                self._responses[entry["asked"]] = entry["answer"]
        if began_at and timedelta(0) <= capture.utc_now() - began_at < MAX_AGE and self._responses:
            self.began_at = began_at
        else:
            self._responses.clear()


def _to_line(text: bytes) -> bytes:
    """Return JSON on one line."""
    if b"\n" in text or b"\r" in text:  # never part of a JSON string
        text = text.translate(LINE_BREAKS_TO_SPACES)
    return text + b"\n"


def _remove_viewer_fields(response: bytes) -> bytes:
    try:
        raw = json.loads(response)
        cleaned = viewer_fields.drop(raw)
        return response if cleaned is raw else json.dumps(cleaned).encode()
    except (ValueError, RecursionError):  # resuming can't read it either
        return response


def _read_entries(path: Path) -> Iterator[dict[str, Any]]:
    with regular_files.open_binary(path) as file:
        for line in file:
            try:
                entry = json.loads(line)
            except (
                ValueError,
                RecursionError,
            ):  # the line that was being written at the interruption
                continue
            if isinstance(entry, dict):
                yield entry
