"""The format of a snapshot: one JSON object in a file that is named by its time and its SHA-256.

`encode` and `decode` are each other's inverse; a file whose bytes do not match its name is never
decoded.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reddit_archive import __version__, errors
from reddit_archive.capture import Capture, Media, MediaGap, Thing
from reddit_archive.rereading import Reader

FORMAT = "reddit-archive 1"
NAME = re.compile(r"(\d{8}T\d{6}Z)-([0-9a-f]{64})\.json")
MEDIA_NAME = re.compile(r"([0-9a-f]{64})\.[a-z0-9]{1,5}")
NAME_TIME = "%Y%m%dT%H%M%SZ"
HEAD = re.compile(
    rb'.*?"source":"([^"]*)".*?,"parent":(?:null|"([0-9a-f]{64})")'
    rb'(?:,"replaces":\[([0-9a-f",]*)\])?',
    re.DOTALL,
)
HEAD_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Head:
    """What a snapshot says of itself, before its things: enough to put snapshots in order.

    `parent` is the digest of the snapshot before it, or None. `replaces` are the digests that it
    had before something was redacted from it.
    """

    path: Path
    digest: str
    parent: str | None
    captured_at: datetime
    source: str
    replaces: tuple[str, ...] = ()

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
        "media": [asdict(media) for media in taken.media],
        "media_gaps": [asdict(gap) for gap in taken.media_gaps],
        "things": list(taken.things),
    }
    return write(snapshot)


def write(raw: Mapping[str, Any]) -> bytes:
    return json.dumps(raw, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def decode(data: bytes, path: Path, *, reader: Reader | None = None) -> Snapshot:
    """Read a snapshot's bytes. Raises DamageFound, and StoreError for a newer format.

    Give one `reader` for all snapshots of a thread, to read what did not change once.
    """
    try:
        raw = (reader or Reader()).parse(data)
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
            media=tuple(_read_media(media) for media in raw.get("media", [])),
            media_gaps=tuple(_read_media_gap(gap) for gap in raw.get("media_gaps", [])),
        )
        return Snapshot(
            path, hashlib.sha256(data).hexdigest(), raw["parent"], taken, size_bytes=len(data)
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise errors.DamageFound(f"{path} is no snapshot", "Move it out of the archive.") from error


def _read_thing(raw: Any) -> Thing:
    if isinstance(raw, dict) and raw.keys() == {"kind", "data"} and isinstance(raw["kind"], str):
        return raw
    return {"kind": str(raw["kind"]), "data": raw["data"]}


def _read_media(raw: Any) -> Media:
    """Read one, of which the name becomes a path: no other name than ours is taken."""
    name, size_bytes = str(raw["name"]), raw["size_bytes"]
    if not MEDIA_NAME.fullmatch(name) or not isinstance(size_bytes, int):
        raise ValueError("no picture of ours")
    return Media(str(raw["url"]), name, size_bytes, str(raw["of"]), str(raw["caption"]))


def _read_media_gap(raw: Any) -> MediaGap:
    return MediaGap(str(raw["url"]), str(raw["why"]), str(raw["of"]))


def write_time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def load(path: Path, *, reader: Reader | None = None) -> Snapshot:
    """Read and check one snapshot. Raises DamageFound, StoreError."""
    with reading(path):
        data = path.read_bytes()
    if (what := mismatch(path, data)) is not None:
        raise errors.DamageFound(
            f"{path} is damaged: {what}",
            "Restore the file from a backup, or move it out of the archive to go on without it.",
        )
    return decode(data, path, reader=reader)


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
        return read_head(path, file.read(HEAD_BYTES))


def read_head(path: Path, data: bytes) -> Head:
    """Read the head from the first bytes of a file with a snapshot's name."""
    match = HEAD.match(data)
    time, digest = path.stem.split("-")
    try:
        at = datetime.strptime(time, NAME_TIME).replace(tzinfo=UTC)
    except ValueError:
        at = datetime.min.replace(tzinfo=UTC)
    parent = match[2].decode() if match and match[2] else None
    replaces = re.findall(r"[0-9a-f]{64}", match[3].decode()) if match and match[3] else ()
    source = match[1].decode("utf-8", "replace") if match else ""
    return Head(path, digest, parent, at, source, tuple(replaces))


def mismatch(path: Path, data: bytes) -> str | None:
    match = NAME.fullmatch(path.name)
    if match is None:
        return "its name is none that this program gives"
    if hashlib.sha256(data).hexdigest() != match[2]:
        return "its bytes do not match the SHA-256 in its name"
    return None
