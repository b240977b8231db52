"""The format of a snapshot: one JSON object in a file that is named by its time and its SHA-256.

`decode` reads what `encode` wrote. `load` refuses a file whose bytes do not match its name.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reddit_archive import __version__, errors
from reddit_archive.archive import snapshot_encoder, snapshot_header
from reddit_archive.archive.snapshot_reader import THINGS_START, IncrementalReader
from reddit_archive.files import regular_files
from reddit_archive.model import completeness
from reddit_archive.model.capture import Capture, MissingMedia, StoredMedia, Thing

FORMAT = "reddit-archive 1"
SNAPSHOT_NAME = re.compile(r"(\d{8}T\d{6}Z)-([0-9a-f]{64})\.json")
MEDIA_NAME = re.compile(r"([0-9a-f]{64})\.[a-z0-9]{1,5}")
NAME_TIME_FORMAT = "%Y%m%dT%H%M%SZ"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
TIME_LENGTH = len("2026-01-01T00:00:00")
FORMAT_START = b'{"format":"'
HEADER_BLOCK_BYTES = 2_048

FileStamp = tuple[int, int, int]
"""Size of a file, and the times of its last change and of the last change to its entry, in ns."""
NO_STAMP = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class SnapshotHeader:
    """The metadata of a snapshot, without its things.

    Attributes:
        parent: The digest of the previous snapshot, or None.
        captured_at: The time in the file, or in its name. `snapshot_order.topological_order` may
            correct it.
        replaces: The digests that the snapshot claims to have had before it was redacted.
        imported_at: When it was imported; from the log of imports.
        is_pending: Whether it is an imported redaction that nobody has accepted yet.
        stamp: The stamp of the file before it was opened.
    """

    path: Path
    digest: str
    parent: str | None
    captured_at: datetime
    source: str
    replaces: tuple[str, ...] = ()
    imported_at: datetime | None = None
    is_pending: bool = False
    stamp: FileStamp = field(default=NO_STAMP, compare=False)

    @property
    def is_imported(self) -> bool:
        return self.imported_at is not None

    @property
    def sort_key(self) -> tuple[datetime, str]:
        """Sort by time. An imported snapshot sorts no later than its import."""
        sort_time = (
            min(self.captured_at, self.imported_at) if self.imported_at else self.captured_at
        )
        return sort_time, self.digest


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A stored capture.

    `duplicate_digests` are the digests of other files with the same content. `stamp` is that of the
    file before it was read and checked.
    """

    path: Path
    digest: str
    parent: str | None
    capture: Capture
    size_bytes: int
    duplicate_digests: tuple[str, ...] = ()
    stamp: FileStamp = field(default=NO_STAMP, compare=False)

    @property
    def digests(self) -> tuple[str, ...]:
        """The digests of this file and its duplicates."""
        return (self.digest, *self.duplicate_digests)


def build_file_name(captured_at: datetime, digest: str) -> str:
    return f"{captured_at.strftime(NAME_TIME_FORMAT)}-{digest}.json"


def replace_digest_in_name(path: Path, digest: str) -> str:
    """Return the file name of a snapshot with another digest and the time of the one at `path`."""
    return f"{path.name.split('-')[0]}-{digest}.json"


def encode(capture: Capture, *, parent: str | None) -> bytes:
    """Encode a capture as a snapshot: one JSON object in ASCII, with its keys in a fixed order."""
    return b"".join(iter_encoded(capture, parent=parent))


def iter_encoded(capture: Capture, *, parent: str | None) -> Iterator[bytes]:
    """Yield the bytes of a snapshot in chunks, so that a large thread is not in memory twice.

    Raises StoreError if a value can't be read as it was written.
    """
    missing_comments = capture.missing_comments
    metadata = {
        "format": FORMAT,
        "captured_at": format_time(capture.captured_at),
        "tool": f"reddit-archive {__version__}",
        "source": capture.source,
        "request": dict(capture.request),
        "parent": parent,
        "complete": completeness.is_capture_complete(capture),
        "gaps": [asdict(missing) for missing in missing_comments],
        "media": [asdict(media) for media in capture.media],
        "media_gaps": [asdict(missing) for missing in capture.missing_media],
    }
    return snapshot_encoder.iter_encoded(metadata, capture.things)


def decode(data: bytes, path: Path, *, reader: IncrementalReader | None = None) -> Snapshot:
    """Decode a snapshot's bytes.

    Args:
        reader: A reader for all snapshots of a thread, which parses unchanged comments once.

    Raises:
        DamageFoundError: The bytes are not a snapshot.
        NewerFormatError: A newer version wrote the snapshot.
    """
    return _decode(data, path, hashlib.sha256(data).hexdigest(), reader)


def _decode(data: bytes, path: Path, digest: str, reader: IncrementalReader | None) -> Snapshot:
    try:
        raw = (reader or IncrementalReader(has_cache=False)).parse(data)
        capture = parse_capture(raw, path)
        check_header(raw, data, path)
        return Snapshot(path, digest, raw["parent"], capture, size_bytes=len(data))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _not_a_snapshot_error(path) from error


def read_metadata(data: bytes, path: Path) -> Capture:
    """Read a snapshot's metadata, without its things.

    The bytes must match the name of the file: the things were checked when they were written.
    Raises DamageFoundError, NewerFormatError.
    """
    things_start = data.find(THINGS_START)
    if things_start >= 0 and data.endswith((b"}]}\n", THINGS_START + b"]}\n")):
        with suppress(ValueError, RecursionError):
            raw = json.loads(data[:things_start] + THINGS_START + b"]}")
            capture = parse_capture(raw, path)
            check_header(raw, data, path)
            return capture
    return decode(data, path).capture


def parse_capture(raw: Mapping[str, Any], path: Path) -> Capture:
    """Build the capture from a snapshot's JSON. Raises DamageFoundError, NewerFormatError."""
    try:
        if raw["format"] != FORMAT:
            raise errors.NewerFormatError(
                f"{path} has the format {str(raw['format'])[:40]!r}, "
                "which is newer than this version",
                "Install a newer reddit-archive.",
            )
        return Capture(
            thread_id=path.parent.name.removeprefix("t3_"),
            captured_at=_parse_time(raw["captured_at"]),
            source=str(raw["source"]),
            request=dict(raw["request"]),
            things=tuple(map(_parse_thing, raw["things"])),
            media=tuple(_parse_media(media) for media in raw.get("media", [])),
            missing_media=tuple(
                _parse_missing_media(missing) for missing in raw.get("media_gaps", [])
            ),
            is_redaction=bool(snapshot_header.filter_digests(raw.get("replaces"))),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _not_a_snapshot_error(path) from error


def check_header(raw: Mapping[str, Any], data: bytes, path: Path) -> None:
    """Raise ValueError if a snapshot's header or its name differs from the rest of the file.

    Most readers read the header only. A file that somebody wrote by hand can repeat a field of the
    header later, or have another layout, so that its header can't be read.
    """
    header_fields: dict[str, Any] = {}
    is_complete, size = False, HEADER_BLOCK_BYTES
    while not is_complete and size < 2 * (len(data) + HEADER_BLOCK_BYTES):
        header_fields, is_complete = snapshot_header.parse_fields(data[:size])
        size *= 2
    if any(header_fields.get(key) != raw.get(key) for key in snapshot_header.KEYS):
        raise ValueError("the header differs from the rest")
    if (
        "replaces" in raw
        and list(snapshot_header.filter_digests(raw["replaces"])) != raw["replaces"]
    ):
        raise ValueError("`replaces` has an invalid digest")
    match, time_text = SNAPSHOT_NAME.fullmatch(path.name), str(raw["captured_at"])
    if match and match[1] != time_text.replace("-", "").replace(":", ""):
        raise ValueError("the name has another time")


def _not_a_snapshot_error(path: Path) -> errors.DamageFoundError:
    return errors.DamageFoundError(f"{path} is not a snapshot", "Move it out of the archive.")


def _parse_thing(raw: Any) -> Thing:
    if len(raw) == 2 and isinstance(raw["kind"], str) and "data" in raw:
        thing: Thing = raw
        return thing
    return {"kind": str(raw["kind"]), "data": raw["data"]}


def _parse_media(raw: Any) -> StoredMedia:
    """Parse a stored picture. Its name becomes a path, so only names that we write are allowed."""
    name, size_bytes = str(raw["name"]), raw["size_bytes"]
    if not MEDIA_NAME.fullmatch(name) or not isinstance(size_bytes, int):
        raise ValueError("invalid picture")
    return StoredMedia(str(raw["url"]), name, size_bytes, str(raw["of"]), str(raw["caption"]))


def _parse_missing_media(raw: Any) -> MissingMedia:
    return MissingMedia(str(raw["url"]), str(raw["why"]), str(raw["of"]))


def format_time(time: datetime) -> str:
    return time.astimezone(UTC).isoformat()[:TIME_LENGTH] + "Z"


def _parse_time(text: Any) -> datetime:
    if not TIME.fullmatch(text):
        raise ValueError("invalid time")
    return datetime.fromisoformat(text)


def load(path: Path, *, reader: IncrementalReader | None = None) -> Snapshot:
    """Read and check one snapshot. Raises DamageFoundError, StoreError."""
    with translate_read_errors(path):
        data = regular_files.read_bytes(path)
    if (problem := integrity_error(path, data)) is not None:
        raise errors.DamageFoundError(
            f"{path} is damaged: {problem}",
            "Restore the file from a backup, or move it out of the archive to go on without it.",
        )
    return _decode(data, path, path.stem[-64:], reader)


def load_with_header(
    header: SnapshotHeader, *, reader: IncrementalReader | None = None
) -> Snapshot:
    """Read and check the snapshot of a header, and take its time and origin from the header.

    Raises DamageFoundError, StoreError.
    """
    snapshot = apply_header(load(header.path, reader=reader), header)
    if not header.is_imported:
        return snapshot
    is_redaction = snapshot.capture.is_redaction and not header.is_pending
    imported_capture = replace(snapshot.capture, is_imported=True, is_redaction=is_redaction)
    return replace(snapshot, capture=imported_capture)


def apply_header(snapshot: Snapshot, header: SnapshotHeader) -> Snapshot:
    """Return the snapshot with the header's stamp and time, which may have been corrected."""
    capture = snapshot.capture
    if capture.captured_at != header.captured_at:
        capture = replace(capture, captured_at=header.captured_at)
    return replace(snapshot, capture=capture, stamp=header.stamp)


@contextmanager
def translate_read_errors(path: Path | str) -> Iterator[None]:
    """Raise StoreError for an OSError; DamageFoundError if the path is not a regular file."""
    try:
        yield
    except regular_files.NotRegularError as error:
        raise errors.DamageFoundError(
            f"{path} is damaged: {error.strerror}", "Move it out of the archive."
        ) from error
    except OSError as error:
        raise errors.StoreError(
            f"can't read {path}: {error.strerror}", "Check the folder's permissions."
        ) from error


def read_header(path: Path, stamp: FileStamp = NO_STAMP) -> SnapshotHeader:
    """Read the header of a snapshot. That of a damaged file has only the values in its name."""
    try:
        with translate_read_errors(path):
            opened_file = regular_files.open_binary(path)
    except errors.DamageFoundError:
        return _build_header(path, {}, stamp)
    with translate_read_errors(path), opened_file as file:
        data = file.read(HEADER_BLOCK_BYTES)
        header_fields, is_complete = snapshot_header.parse_fields(data)
        while data.startswith(FORMAT_START) and not is_complete:
            next_block = file.read(len(data))  # a request can be as long as the things
            if not next_block:
                break
            data += next_block
            header_fields, is_complete = snapshot_header.parse_fields(data)
    return _build_header(path, header_fields, stamp)


def parse_header(path: Path, data: bytes) -> SnapshotHeader:
    """Read the header from a snapshot's bytes."""
    return _build_header(path, snapshot_header.parse_fields(data)[0], NO_STAMP)


def _build_header(path: Path, header_fields: Mapping[str, Any], stamp: FileStamp) -> SnapshotHeader:
    time_text, digest = path.stem.split("-")
    captured_at = datetime.min.replace(tzinfo=UTC)
    with suppress(ValueError):
        captured_at = datetime.fromisoformat(time_text)
    with suppress(ValueError, TypeError):
        captured_at = _parse_time(header_fields.get("captured_at"))
    parent, replaces, source = (header_fields.get(key) for key in ("parent", "replaces", "source"))
    return SnapshotHeader(
        path,
        digest,
        parent if snapshot_header.is_digest(parent) else None,
        captured_at,
        source if isinstance(source, str) else "",
        snapshot_header.filter_digests(replaces),
        stamp=stamp,
    )


def integrity_error(path: Path, data: bytes) -> str | None:
    """Return why a file's bytes do not match its name; None if they match."""
    match = SNAPSHOT_NAME.fullmatch(path.name)
    if match is None:
        return "its name is not one that this program gives"
    if hashlib.sha256(data).hexdigest() != match[2]:
        return "its bytes do not match the SHA-256 in its name"
    return None
