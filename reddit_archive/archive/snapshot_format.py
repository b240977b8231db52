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
from reddit_archive.archive.snapshot_reader import THINGS_START, IncrementalReader
from reddit_archive.files import fast_json, regular_files
from reddit_archive.model import completeness
from reddit_archive.model.capture import Capture, MissingMedia, StoredMedia, Thing

FORMAT = "reddit-archive 1"
SNAPSHOT_NAME = re.compile(r"(\d{8}T\d{6}Z)-([0-9a-f]{64})\.json")
MEDIA_NAME = re.compile(r"([0-9a-f]{64})\.[a-z0-9]{1,5}")
NAME_TIME_FORMAT = "%Y%m%dT%H%M%SZ"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
TIME_LENGTH = len("2026-01-01T00:00:00")
DIGEST = re.compile(r"[0-9a-f]{64}")
FORMAT_START = b'{"format":"'
HEADER_KEYS = ("format", "captured_at", "tool", "source", "request", "parent", "replaces")
HEADER_BLOCK_BYTES = 2_048
ENCODE_BATCH_SIZE = 64
"""So many things are written together, which is quicker; many would take memory."""
ENCODER = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))
DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class SnapshotHeader:
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
    is_pending: bool = False

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

    `repeats` are the digests of other files that say the same, which this one stands for.
    """

    path: Path
    digest: str
    parent: str | None
    capture: Capture
    size_bytes: int
    duplicate_digests: tuple[str, ...] = ()

    @property
    def digests(self) -> tuple[str, ...]:
        """The digests of all files that it stands for."""
        return (self.digest, *self.duplicate_digests)


def build_file_name(captured_at: datetime, digest: str) -> str:
    return f"{captured_at.strftime(NAME_TIME_FORMAT)}-{digest}.json"


def replace_digest_in_name(path: Path, digest: str) -> str:
    """Return the name of a snapshot of the same time as the one at `path`."""
    return f"{path.name.split('-')[0]}-{digest}.json"


def encode(capture: Capture, *, parent: str | None) -> bytes:
    """Write a capture as the bytes of a snapshot: one JSON object, ASCII, keys in a fixed order."""
    return b"".join(iter_encoded(capture, parent=parent))


def iter_encoded(capture: Capture, *, parent: str | None) -> Iterator[bytes]:
    """Give the same bytes in pieces, so that a large thread need not be in memory twice.

    Raises StoreError for what would not be read as it was written.
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
    return iter_encoded_json(metadata, capture.things)


def iter_encoded_json(metadata: Mapping[str, Any], things: Iterable[Thing]) -> Iterator[bytes]:
    """Write a snapshot of what stands before its things, and of them, in pieces."""
    yield _encode_and_verify([metadata])[:-1] + b',"things":['
    separator = b""
    remaining = iter(things)
    while batch := list(islice(remaining, ENCODE_BATCH_SIZE)):
        yield separator + _encode_and_verify(batch)
        separator = b","
    yield b"]}\n"


def _encode_and_verify(values: list[Any]) -> bytes:
    """Write values, parted by commas, and read them again.

    What the quick writer got wrong is written by the standard library, which it then has to equal
    as JSON, for NaN is not equal to NaN.
    """
    data = b",".join(map(_encode_value, values))
    if not _is_decoded_as(values, data):
        data = ENCODER.encode(values)[1:-1].encode()
        if json.dumps(json.loads(b"[%b]" % data)) != json.dumps(values):
            raise errors.StoreError(
                "the capture does not survive being written", "Please report this."
            )
    return data


def _is_decoded_as(values: list[Any], data: bytes) -> bool:
    with suppress(ValueError):
        return bool(fast_json.loads(b"[%b]" % data) == values)
    return False


def _encode_value(value: Any) -> bytes:
    """Write a value in ASCII, as UTF-8 is of most texts."""
    try:
        data = fast_json.dumps(value)
    except TypeError:
        pass
    else:
        if data.isascii():
            return data
    return ENCODER.encode(value).encode()


def decode(data: bytes, path: Path, *, reader: IncrementalReader | None = None) -> Snapshot:
    """Read a snapshot's bytes. Raises DamageFound, and NewerFormat.

    Give one `reader` for all snapshots of a thread, to read what did not change once.
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
    """Read what stands before a snapshot's things. Raises DamageFound, and NewerFormat.

    For bytes that match their name: each of their things was read again before it was written.
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
    """Read the capture of a snapshot's JSON. Raises DamageFound, and NewerFormat."""
    try:
        if raw["format"] != FORMAT:
            raise errors.NewerFormatError(
                f"{path} is of the format {str(raw['format'])[:40]!r}, which is newer than this",
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
            is_redaction=bool(_filter_digests(raw.get("replaces"))),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _not_a_snapshot_error(path) from error


def check_header(raw: Mapping[str, Any], data: bytes, path: Path) -> None:
    """Raise ValueError if a snapshot's head or its name differs from what the whole file says.

    Most readers read the head alone. A file that somebody made by hand can repeat a field of the
    head further back, or be written in another way, so that its head can't be read.
    """
    header_fields: dict[str, Any] = {}
    is_complete, size = False, HEADER_BLOCK_BYTES
    while not is_complete and size < 2 * (len(data) + HEADER_BLOCK_BYTES):
        header_fields, is_complete = _parse_header_fields(data[:size])
        size *= 2
    if any(header_fields.get(key) != raw.get(key) for key in HEADER_KEYS):
        raise ValueError("the head differs from the rest")
    if "replaces" in raw and list(_filter_digests(raw["replaces"])) != raw["replaces"]:
        raise ValueError("what it replaces are no digests")
    match, time_text = SNAPSHOT_NAME.fullmatch(path.name), str(raw["captured_at"])
    if match and match[1] != time_text.replace("-", "").replace(":", ""):
        raise ValueError("the name has another time")


def _not_a_snapshot_error(path: Path) -> errors.DamageFoundError:
    return errors.DamageFoundError(f"{path} is no snapshot", "Move it out of the archive.")


def _parse_thing(raw: Any) -> Thing:
    if len(raw) == 2 and isinstance(raw["kind"], str) and "data" in raw:
        thing: Thing = raw
        return thing
    return {"kind": str(raw["kind"]), "data": raw["data"]}


def _parse_media(raw: Any) -> StoredMedia:
    """Read one, of which the name becomes a path: no other name than ours is taken."""
    name, size_bytes = str(raw["name"]), raw["size_bytes"]
    if not MEDIA_NAME.fullmatch(name) or not isinstance(size_bytes, int):
        raise ValueError("no picture of ours")
    return StoredMedia(str(raw["url"]), name, size_bytes, str(raw["of"]), str(raw["caption"]))


def _parse_missing_media(raw: Any) -> MissingMedia:
    return MissingMedia(str(raw["url"]), str(raw["why"]), str(raw["of"]))


def format_time(time: datetime) -> str:
    return time.astimezone(UTC).isoformat()[:TIME_LENGTH] + "Z"


def _parse_time(text: Any) -> datetime:
    if not TIME.fullmatch(text):
        raise ValueError("no time of ours")
    return datetime.fromisoformat(text)


def load(path: Path, *, reader: IncrementalReader | None = None) -> Snapshot:
    """Read and check one snapshot. Raises DamageFound, StoreError."""
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
    """Read and check a head's snapshot, with the time and the origin from the head.

    Raises DamageFound, StoreError.
    """
    snapshot = apply_header_time(load(header.path, reader=reader), header)
    if not header.is_imported:
        return snapshot
    is_redaction = snapshot.capture.is_redaction and not header.is_pending
    imported_capture = replace(snapshot.capture, is_imported=True, is_redaction=is_redaction)
    return replace(snapshot, capture=imported_capture)


def apply_header_time(snapshot: Snapshot, header: SnapshotHeader) -> Snapshot:
    """Give a snapshot the time of its head, which `chain.in_order` may have corrected."""
    if snapshot.capture.captured_at == header.captured_at:
        return snapshot
    return replace(snapshot, capture=replace(snapshot.capture, captured_at=header.captured_at))


@contextmanager
def translate_read_errors(path: Path | str) -> Iterator[None]:
    """Raise StoreError for an OSError, and DamageFound if this is not a regular file."""
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


def read_header(path: Path) -> SnapshotHeader:
    """Read the head of a file with a snapshot's name; a damaged one keeps what its name says."""
    try:
        with translate_read_errors(path):
            opened_file = regular_files.open_binary(path)
    except errors.DamageFoundError:
        return _build_header(path, {})
    with translate_read_errors(path), opened_file as file:
        data = file.read(HEADER_BLOCK_BYTES)
        header_fields, is_complete = _parse_header_fields(data)
        while data.startswith(FORMAT_START) and not is_complete:
            next_block = file.read(len(data))  # what was asked for may be as long as the answer
            if not next_block:
                break
            data += next_block
            header_fields, is_complete = _parse_header_fields(data)
    return _build_header(path, header_fields)


def parse_header(path: Path, data: bytes) -> SnapshotHeader:
    """Read the head from the bytes of a file with a snapshot's name."""
    return _build_header(path, _parse_header_fields(data)[0])


def _build_header(path: Path, header_fields: Mapping[str, Any]) -> SnapshotHeader:
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
        parent if _is_digest(parent) else None,
        captured_at,
        source if isinstance(source, str) else "",
        _filter_digests(replaces),
    )


def _parse_header_fields(data: bytes) -> tuple[dict[str, Any], bool]:
    """Read what a head needs, member by member, up to where `data` is cut off or no JSON.

    Return it, and whether that is all of it.
    """
    text, position = data.decode("ascii", "replace"), 1
    header_fields: dict[str, Any] = {}
    with suppress(ValueError, IndexError, RecursionError):
        while text[position - 1] in "{,":
            key, position = DECODER.raw_decode(text, position)
            if key not in HEADER_KEYS:
                return header_fields, True
            header_fields[key], position = DECODER.raw_decode(text, position + 1)
            position += 1
    return header_fields, False


def _filter_digests(value: object) -> tuple[str, ...]:
    return tuple(filter(_is_digest, value)) if isinstance(value, list) else ()


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and DIGEST.fullmatch(value) is not None


def integrity_error(path: Path, data: bytes) -> str | None:
    match = SNAPSHOT_NAME.fullmatch(path.name)
    if match is None:
        return "its name is none that this program gives"
    if hashlib.sha256(data).hexdigest() != match[2]:
        return "its bytes do not match the SHA-256 in its name"
    return None
