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
from reddit_archive.archive.snapshot_format import Head
from reddit_archive.files import durable_files, json_log, planted_links
from reddit_archive.model import capture

LOG = "imports.log"
IMPORTED, ACCEPTED = "imported_at", "accepted_at"


@dataclass(frozen=True, slots=True)
class Imports:
    """The import times of snapshots by digest, and the digests of accepted redactions."""

    imported: Mapping[str, datetime]
    accepted: frozenset[str]


def add(folder: Path, digest: str, event: str = IMPORTED) -> None:
    """Add an entry about a snapshot to the log in a thread's folder. Raises StoreError."""
    entry = {event: snapshot_format.write_time(capture.now()), "snapshot": digest}
    planted_links.check_thread(folder)
    durable_files.make_folder(folder)
    json_log.append(entry, folder / LOG)


def read(folder: Path) -> Imports:
    """Read a thread's log of imports without damaged lines. Raises StoreError."""
    path = folder / LOG
    with snapshot_format.reading(path):
        entries = json_log.read(path)
    imported: dict[str, datetime] = {}
    accepted: set[str] = set()
    for entry in entries:
        with suppress(ValueError, KeyError, TypeError):
            digest = str(entry["snapshot"])
            if ACCEPTED in entry:
                accepted.add(digest)
            else:
                at = datetime.fromisoformat(entry[IMPORTED]).astimezone(UTC)
                imported.setdefault(digest, at)
    return Imports(imported, frozenset(accepted))


def annotate(heads: Iterable[Head], folder: Path) -> list[Head]:
    """Add the import times to the heads of a thread's snapshots. Raises StoreError."""
    imports = read(folder)
    return [_annotated(head, imports) for head in heads]


def _annotated(head: Head, imports: Imports) -> Head:
    origin = head.replaces[0] if head.replaces else ""
    at = imports.imported.get(head.digest) or imports.imported.get(origin)
    if at is None:
        return head
    is_waiting = bool(head.replaces) and head.digest in imports.imported.keys() - imports.accepted
    return replace(head, imported_at=at, is_offered=is_waiting)
