"""The format of a snapshot: one JSON object in a file that is named by its time and its SHA-256.

`encode` and `decode` are each other's inverse; a file whose bytes do not match its name is never
decoded.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from reddit_archive import __version__, errors
from reddit_archive.archive.snapshot_reader import THINGS, Reader
from reddit_archive.files import fast_json, regular_files
from reddit_archive.model import completeness
from reddit_archive.model.capture import Capture, Media, MediaGap, Thing

FORMAT = "reddit-archive 1"
NAME = re.compile(r"(\d{8}T\d{6}Z)-([0-9a-f]{64})\.json")
MEDIA_NAME = re.compile(r"([0-9a-f]{64})\.[a-z0-9]{1,5}")
NAME_TIME = "%Y%m%dT%H%M%SZ"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
SECONDS = len("2026-01-01T00:00:00")
DIGEST = re.compile(r"[0-9a-f]{64}")
START = b'{"format":"'
FRONT = ("format", "captured_at", "tool", "source", "request", "parent", "replaces")
HEAD_BYTES = 2_048
AT_ONCE = 64
"""So many things are written together, which is quicker; many would take memory."""
ENCODER = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))
DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Head:
    """The metadata of a snapshot, without its things.

    Attributes:
        parent: The digest of the previous snapshot, or None.
        captured_at: The time in the file, or in its name; `chain.in_order` may correct it.
        replaces: The digests that the snapshot claims to have had before it was redacted.
        imported_at: When it was imported; from the log of imports.
        is_offered: Whether it is an imported redaction that nobody has accepted yet.
    """

    path: Path
    digest: str
    parent: str | None
    captured_at: datetime
    source: str
    replaces: tuple[str, ...] = ()
    imported_at: datetime | None = None
    is_offered: bool = False

    @property
    def is_imported(self) -> bool:
        return self.imported_at is not None

    @property
    def order(self) -> tuple[datetime, str]:
        """Sort by time. An imported snapshot sorts no later than its import."""
        at = min(self.captured_at, self.imported_at) if self.imported_at else self.captured_at
        return at, self.digest


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A stored capture.

    `repeats` are the digests of other files that say the same, which this one stands for.
    """

    path: Path
    digest: str
    parent: str | None
    capture: Capture
    size_bytes: int
    repeats: tuple[str, ...] = ()

    @property
    def digests(self) -> tuple[str, ...]:
        """The digests of all files that it stands for."""
        return (self.digest, *self.repeats)


def name(captured_at: datetime, digest: str) -> str:
    return f"{captured_at.strftime(NAME_TIME)}-{digest}.json"


def name_like(path: Path, digest: str) -> str:
    """Return the name of a snapshot of the same time as the one at `path`."""
    return f"{path.name.split('-')[0]}-{digest}.json"


def encode(taken: Capture, *, parent: str | None) -> bytes:
    """Write a capture as the bytes of a snapshot: one JSON object, ASCII, keys in a fixed order."""
    return b"".join(pieces(taken, parent=parent))


def pieces(taken: Capture, *, parent: str | None) -> Iterator[bytes]:
    """Give the same bytes in pieces, so that a large thread need not be in memory twice.

    Raises StoreError for what would not be read as it was written.
    """
    gaps = taken.gaps
    front = {
        "format": FORMAT,
        "captured_at": write_time(taken.captured_at),
        "tool": f"reddit-archive {__version__}",
        "source": taken.source,
        "request": dict(taken.request),
        "parent": parent,
        "complete": completeness.is_capture_complete(taken),
        "gaps": [asdict(gap) for gap in gaps],
        "media": [asdict(media) for media in taken.media],
        "media_gaps": [asdict(gap) for gap in taken.media_gaps],
    }
    return write(front, taken.things)


def write(front: Mapping[str, Any], things: Iterable[Thing]) -> Iterator[bytes]:
    """Write a snapshot of what stands before its things, and of them, in pieces."""
    yield _proven([front])[:-1] + b',"things":['
    mark = b""
    left = iter(things)
    while several := list(islice(left, AT_ONCE)):
        yield mark + _proven(several)
        mark = b","
    yield b"]}\n"


def _proven(values: list[Any]) -> bytes:
    """Write values, parted by commas, and read them again.

    What the quick writer got wrong is written by the standard library, which it then has to equal
    as JSON, for NaN is not equal to NaN.
    """
    data = b",".join(map(_written, values))
    if not _is_read_as(values, data):
        data = ENCODER.encode(values)[1:-1].encode()
        if json.dumps(json.loads(b"[%b]" % data)) != json.dumps(values):
            raise errors.StoreError(
                "the capture does not survive being written", "Please report this."
            )
    return data


def _is_read_as(values: list[Any], data: bytes) -> bool:
    with suppress(ValueError):
        return bool(fast_json.loads(b"[%b]" % data) == values)
    return False


def _written(value: Any) -> bytes:
    """Write a value in ASCII, as UTF-8 is of most texts."""
    try:
        data = fast_json.dumps(value)
    except TypeError:
        pass
    else:
        if data.isascii():
            return data
    return ENCODER.encode(value).encode()


def decode(data: bytes, path: Path, *, reader: Reader | None = None) -> Snapshot:
    """Read a snapshot's bytes. Raises DamageFound, and NewerFormat.

    Give one `reader` for all snapshots of a thread, to read what did not change once.
    """
    return _decode(data, path, hashlib.sha256(data).hexdigest(), reader)


def _decode(data: bytes, path: Path, digest: str, reader: Reader | None) -> Snapshot:
    try:
        raw = (reader or Reader(has_text=False)).parse(data)
        taken = understand(raw, path)
        check_head(raw, data, path)
        return Snapshot(path, digest, raw["parent"], taken, size_bytes=len(data))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _no_snapshot(path) from error


def announced(data: bytes, path: Path) -> Capture:
    """Read what stands before a snapshot's things. Raises DamageFound, and NewerFormat.

    For bytes that match their name: each of their things was read again before it was written.
    """
    start = data.find(THINGS)
    if start >= 0 and data.endswith((b"}]}\n", THINGS + b"]}\n")):
        with suppress(ValueError, RecursionError):
            raw = json.loads(data[:start] + THINGS + b"]}")
            taken = understand(raw, path)
            check_head(raw, data, path)
            return taken
    return decode(data, path).capture


def understand(raw: Mapping[str, Any], path: Path) -> Capture:
    """Read the capture of a snapshot's JSON. Raises DamageFound, and NewerFormat."""
    try:
        if raw["format"] != FORMAT:
            raise errors.NewerFormat(
                f"{path} is of the format {str(raw['format'])[:40]!r}, which is newer than this",
                "Install a newer reddit-archive.",
            )
        return Capture(
            thread_id=path.parent.name.removeprefix("t3_"),
            captured_at=_read_time(raw["captured_at"]),
            source=str(raw["source"]),
            request=dict(raw["request"]),
            things=tuple(map(_read_thing, raw["things"])),
            media=tuple(_read_media(media) for media in raw.get("media", [])),
            media_gaps=tuple(_read_media_gap(gap) for gap in raw.get("media_gaps", [])),
            is_redaction=bool(_digests(raw.get("replaces"))),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _no_snapshot(path) from error


def check_head(raw: Mapping[str, Any], data: bytes, path: Path) -> None:
    """Raise ValueError if a snapshot's head or its name differs from what the whole file says.

    Most readers read the head alone. A file that somebody made by hand can repeat a field of the
    head further back, or be written in another way, so that its head can't be read.
    """
    front: dict[str, Any] = {}
    is_whole, size = False, HEAD_BYTES
    while not is_whole and size < 2 * (len(data) + HEAD_BYTES):
        front, is_whole = _front(data[:size])
        size *= 2
    if any(front.get(key) != raw.get(key) for key in FRONT):
        raise ValueError("the head differs from the rest")
    if "replaces" in raw and list(_digests(raw["replaces"])) != raw["replaces"]:
        raise ValueError("what it replaces are no digests")
    match, at = NAME.fullmatch(path.name), str(raw["captured_at"])
    if match and match[1] != at.replace("-", "").replace(":", ""):
        raise ValueError("the name has another time")


def _no_snapshot(path: Path) -> errors.DamageFound:
    return errors.DamageFound(f"{path} is no snapshot", "Move it out of the archive.")


def _read_thing(raw: Any) -> Thing:
    if len(raw) == 2 and isinstance(raw["kind"], str) and "data" in raw:
        found: Thing = raw
        return found
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
    return at.astimezone(UTC).isoformat()[:SECONDS] + "Z"


def _read_time(text: Any) -> datetime:
    if not TIME.fullmatch(text):
        raise ValueError("no time of ours")
    return datetime.fromisoformat(text)


def load(path: Path, *, reader: Reader | None = None) -> Snapshot:
    """Read and check one snapshot. Raises DamageFound, StoreError."""
    with reading(path):
        data = regular_files.read_bytes(path)
    if (what := mismatch(path, data)) is not None:
        raise errors.DamageFound(
            f"{path} is damaged: {what}",
            "Restore the file from a backup, or move it out of the archive to go on without it.",
        )
    return _decode(data, path, path.stem[-64:], reader)


def load_head(head: Head, *, reader: Reader | None = None) -> Snapshot:
    """Read and check a head's snapshot, with the time and the origin from the head.

    Raises DamageFound, StoreError.
    """
    found = dated(load(head.path, reader=reader), head)
    if not head.is_imported:
        return found
    is_redaction = found.capture.is_redaction and not head.is_offered
    imported = replace(found.capture, is_imported=True, is_redaction=is_redaction)
    return replace(found, capture=imported)


def dated(loaded: Snapshot, head: Head) -> Snapshot:
    """Give a snapshot the time of its head, which `chain.in_order` may have corrected."""
    if loaded.capture.captured_at == head.captured_at:
        return loaded
    return replace(loaded, capture=replace(loaded.capture, captured_at=head.captured_at))


@contextmanager
def reading(path: Path | str) -> Iterator[None]:
    """Raise StoreError for an OSError, and DamageFound if this is not a regular file."""
    try:
        yield
    except regular_files.NotRegularError as error:
        raise errors.DamageFound(
            f"{path} is damaged: {error.strerror}", "Move it out of the archive."
        ) from error
    except OSError as error:
        raise errors.StoreError(
            f"can't read {path}: {error.strerror}", "Check the folder's permissions."
        ) from error


def head(path: Path) -> Head:
    """Read the head of a file with a snapshot's name; a damaged one keeps what its name says."""
    try:
        with reading(path):
            opened = regular_files.open_binary(path)
    except errors.DamageFound:
        return _head(path, {})
    with reading(path), opened as file:
        data = file.read(HEAD_BYTES)
        front, is_whole = _front(data)
        while data.startswith(START) and not is_whole:
            more = file.read(len(data))  # what was asked for may be as long as the answer
            if not more:
                break
            data += more
            front, is_whole = _front(data)
    return _head(path, front)


def read_head(path: Path, data: bytes) -> Head:
    """Read the head from the bytes of a file with a snapshot's name."""
    return _head(path, _front(data)[0])


def _head(path: Path, front: Mapping[str, Any]) -> Head:
    time, digest = path.stem.split("-")
    at = datetime.min.replace(tzinfo=UTC)
    with suppress(ValueError):
        at = datetime.fromisoformat(time)
    with suppress(ValueError, TypeError):
        at = _read_time(front.get("captured_at"))
    parent, replaces, source = (front.get(key) for key in ("parent", "replaces", "source"))
    return Head(
        path,
        digest,
        parent if _is_digest(parent) else None,
        at,
        source if isinstance(source, str) else "",
        _digests(replaces),
    )


def _front(data: bytes) -> tuple[dict[str, Any], bool]:
    """Read what a head needs, member by member, up to where `data` is cut off or no JSON.

    Return it, and whether that is all of it.
    """
    said, at = data.decode("ascii", "replace"), 1
    found: dict[str, Any] = {}
    with suppress(ValueError, IndexError, RecursionError):
        while said[at - 1] in "{,":
            key, at = DECODER.raw_decode(said, at)
            if key not in FRONT:
                return found, True
            found[key], at = DECODER.raw_decode(said, at + 1)
            at += 1
    return found, False


def _digests(value: object) -> tuple[str, ...]:
    return tuple(filter(_is_digest, value)) if isinstance(value, list) else ()


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and DIGEST.fullmatch(value) is not None


def mismatch(path: Path, data: bytes) -> str | None:
    match = NAME.fullmatch(path.name)
    if match is None:
        return "its name is none that this program gives"
    if hashlib.sha256(data).hexdigest() != match[2]:
        return "its bytes do not match the SHA-256 in its name"
    return None
