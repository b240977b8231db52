"""Which snapshots came by import, from a bag that somebody made, and which of them were accepted.

`imports.log` lies beside a thread's snapshots: a JSON line for each one that came, written before
it, and another where its redactions were accepted. A bag never holds this file.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from reddit_archive import capture, disk, regular_files, snapshot
from reddit_archive.snapshot import Head

LOG = "imports.log"
IMPORTED, ACCEPTED = "imported_at", "accepted_at"


@dataclass(frozen=True, slots=True)
class Imports:
    """Digests of the snapshots that came by import, and of those whose redactions count here."""

    imported: frozenset[str] = frozenset()
    accepted: frozenset[str] = frozenset()


def note(folder: Path, digest: str, what: str = IMPORTED) -> None:
    """Write a line about a snapshot to a thread's log of imports. Raises StoreError."""
    line = {what: snapshot.write_time(capture.now()), "snapshot": digest}
    disk.make_folder(folder)
    disk.append(json.dumps(line).encode() + b"\n", folder / LOG)


def read(folder: Path) -> Imports:
    """Read a thread's log of imports; a line that is cut short is left out. Raises StoreError."""
    path = folder / LOG
    with snapshot.reading(path):
        lines = regular_files.read_text(path).splitlines() if path.is_file() else []
    found: dict[str, set[str]] = {IMPORTED: set(), ACCEPTED: set()}
    for line in lines:
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict) and isinstance(entry.get("snapshot"), str):
            for what in found.keys() & entry.keys():
                found[what].add(entry["snapshot"])
    return Imports(frozenset(found[IMPORTED]), frozenset(found[ACCEPTED]))


def annotate(heads: Iterable[Head], folder: Path) -> list[Head]:
    """Note in the heads of a thread's snapshots which of them came by import. Raises StoreError."""
    imports = read(folder)
    return [_annotated(head, imports) for head in heads]


def _annotated(head: Head, imports: Imports) -> Head:
    has_come = head.digest in imports.imported
    is_rest = bool(head.replaces) and head.replaces[0] in imports.imported
    is_waiting = has_come and bool(head.replaces) and head.digest not in imports.accepted
    if not (has_come or is_rest):
        return head
    return replace(head, is_imported=True, is_offered=is_waiting)
