"""The log of imported snapshots, and of imported redactions that the user accepted.

`imports.log` is in the thread's folder. It has a JSON line for each imported snapshot, written
before the snapshot itself, and another line if its redactions were accepted. A bag never contains
this file.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from reddit_archive.archive import snapshot_format
from reddit_archive.archive.snapshot_format import SnapshotHeader
from reddit_archive.files import durable_files, json_log, planted_links
from reddit_archive.model import capture

FILE_NAME = "imports.log"
IMPORTED_AT, ACCEPTED_AT = "imported_at", "accepted_at"


@dataclass(frozen=True, slots=True)
class ImportLog:
    """The import times of snapshots by digest, and the digests of accepted redactions."""

    import_times: Mapping[str, datetime]
    accepted_digests: frozenset[str]


def add(folder: Path, digest: str, event: str = IMPORTED_AT) -> None:
    """Add an entry about a snapshot to the log in a thread's folder. Raises StoreError."""
    entry = {event: snapshot_format.format_time(capture.utc_now()), "snapshot": digest}
    planted_links.check_thread(folder)
    durable_files.make_folder(folder)
    json_log.append(entry, folder / FILE_NAME)


def read(folder: Path) -> ImportLog:
    """Read a thread's log of imports without damaged lines. Raises StoreError."""
    path = folder / FILE_NAME
    with snapshot_format.translate_read_errors(path):
        entries = json_log.read(path)
    import_times: dict[str, datetime] = {}
    accepted_digests: set[str] = set()
    for entry in entries:
        with suppress(ValueError, KeyError, TypeError):
            digest = str(entry["snapshot"])
            if ACCEPTED_AT in entry:
                accepted_digests.add(digest)
            else:
                imported_at = datetime.fromisoformat(entry[IMPORTED_AT]).astimezone(UTC)
                import_times.setdefault(digest, imported_at)
    return ImportLog(import_times, frozenset(accepted_digests))


def add_import_times(headers: Iterable[SnapshotHeader], folder: Path) -> list[SnapshotHeader]:
    """Add the import times to the headers of a thread's snapshots. Raises StoreError."""
    log = read(folder)
    return [_add_import_time(header, log) for header in headers]


def _add_import_time(header: SnapshotHeader, log: ImportLog) -> SnapshotHeader:
    replaced_digest = header.replaces[0] if header.replaces else ""
    imported_at = log.import_times.get(header.digest) or log.import_times.get(replaced_digest)
    if imported_at is None:
        return header
    is_pending = (
        bool(header.replaces) and header.digest in log.import_times.keys() - log.accepted_digests
    )
    return replace(header, imported_at=imported_at, is_pending=is_pending)
