"""The format of a snapshot: one JSON object in a file that is named by its time and its SHA-256.

`encode` and `decode` are each other's inverse; a file whose bytes do not match its name is never
decoded.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reddit_archive import __version__, errors
from reddit_archive.capture import Capture, Thing

FORMAT = "reddit-archive 1"
NAME = re.compile(r"(\d{8}T\d{6}Z)-([0-9a-f]{64})\.json")
NAME_TIME = "%Y%m%dT%H%M%SZ"
HEAD = re.compile(rb'.*?"source":"([^"]*)".*?,"parent":(?:null|"([0-9a-f]{64})")', re.DOTALL)
HEAD_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Head:
    """What a snapshot says of itself, before its things: enough to put snapshots in order.

    `parent` is the digest of the snapshot before it, or None.
    """

    path: Path
    digest: str
    parent: str | None
    captured_at: datetime
    source: str

    @property
    def order(self) -> tuple[datetime, str]:
        return self.captured_at, self.digest


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A stored capture."""

    path: Path
    digest: str
    parent: str | None
    capture: Capture
    size_bytes: int


def name(captured_at: datetime, data: bytes) -> str:
    return f"{captured_at.strftime(NAME_TIME)}-{hashlib.sha256(data).hexdigest()}.json"


def encode(taken: Capture, *, parent: str | None) -> bytes:
    """Write a capture as the bytes of a snapshot: one JSON object, ASCII, keys in a fixed order."""
    snapshot = {
        "format": FORMAT,
        "captured_at": write_time(taken.captured_at),
        "tool": f"reddit-archive {__version__}",
        "source": taken.source,
        "request": dict(taken.request),
        "parent": parent,
        "complete": taken.complete,
        "gaps": [asdict(gap) for gap in taken.gaps],
        "media": [],
        "things": list(taken.things),
    }
    return json.dumps(snapshot, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def decode(data: bytes, path: Path) -> Snapshot:
    """Read a snapshot's bytes. Raises DamageFound, and StoreError for a newer format."""
    try:
        raw = json.loads(data)
        if raw["format"] != FORMAT:
            raise errors.StoreError(
                f"{path} is of the format {str(raw['format'])[:40]!r}, which is newer than this",
                "Install a newer reddit-archive.",
            )
        taken = Capture(
            thread_id=path.parent.name.removeprefix("t3_"),
            captured_at=_read_time(raw["captured_at"]),
            source=str(raw["source"]),
            request=dict(raw["request"]),
            things=tuple(_read_thing(thing) for thing in raw["things"]),
        )
        return Snapshot(
            path, hashlib.sha256(data).hexdigest(), raw["parent"], taken, size_bytes=len(data)
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise errors.DamageFound(f"{path} is no snapshot", "Move it out of the archive.") from error


def _read_thing(raw: Any) -> Thing:
    return {"kind": str(raw["kind"]), "data": raw["data"]}


def write_time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def load(path: Path) -> Snapshot:
    """Read and check one snapshot. Raises DamageFound, StoreError."""
    with reading(path):
        data = path.read_bytes()
    if (what := mismatch(path, data)) is not None:
        raise errors.DamageFound(
            f"{path} is damaged: {what}",
            "Restore the file from a backup, or move it out of the archive to go on without it.",
        )
    return decode(data, path)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise errors.StoreError(
            f"can't read {path}: {error.strerror}", "Check the folder's permissions."
        ) from error


def head(path: Path) -> Head:
    """Read the head of a file with a snapshot's name; a damaged one keeps what its name says."""
    with reading(path), path.open("rb") as file:
        match = HEAD.match(file.read(HEAD_BYTES))
    time, digest = path.stem.split("-")
    try:
        at = datetime.strptime(time, NAME_TIME).replace(tzinfo=UTC)
    except ValueError:
        at = datetime.min.replace(tzinfo=UTC)
    parent = match[2].decode() if match and match[2] else None
    return Head(path, digest, parent, at, match[1].decode("utf-8", "replace") if match else "")


def mismatch(path: Path, data: bytes) -> str | None:
    match = NAME.fullmatch(path.name)
    if match is None:
        return "its name is none that this program gives"
    if hashlib.sha256(data).hexdigest() != match[2]:
        return "its bytes do not match the SHA-256 in its name"
    return None
