"""Which snapshots came by import, from a bag that somebody made, and which of them were accepted.

`imports.log` lies beside a thread's snapshots: a JSON line for each one that came, written before
it, and another where its redactions were accepted. A bag never holds this file.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from reddit_archive import capture, disk, json_log, planted_links, snapshot
from reddit_archive.snapshot import Head

LOG = "imports.log"
IMPORTED, ACCEPTED = "imported_at", "accepted_at"


@dataclass(frozen=True, slots=True)
class Imports:
    """When snapshots came by import, by digest, and those of them whose redactions count here."""

    imported: Mapping[str, datetime]
    accepted: frozenset[str]


def note(folder: Path, digest: str, what: str = IMPORTED) -> None:
    """Write a line about a snapshot to a thread's log of imports. Raises StoreError."""
    line = {what: snapshot.write_time(capture.now()), "snapshot": digest}
    planted_links.check_thread(folder)
    disk.make_folder(folder)
    json_log.append(line, folder / LOG)


def read(folder: Path) -> Imports:
    """Read a thread's log of imports; a line that is cut short is left out. Raises StoreError."""
    path = folder / LOG
    with snapshot.reading(path):
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
    """Note in the heads of a thread's snapshots which of them came by import. Raises StoreError."""
    imports = read(folder)
    return [_annotated(head, imports) for head in heads]


def _annotated(head: Head, imports: Imports) -> Head:
    origin = head.replaces[0] if head.replaces else ""
    at = imports.imported.get(head.digest) or imports.imported.get(origin)
    if at is None:
        return head
    is_waiting = bool(head.replaces) and head.digest in imports.imported.keys() - imports.accepted
    return replace(head, imported_at=at, is_offered=is_waiting)
