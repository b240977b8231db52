"""Read Reddit's pages in WARC files, one record after the other, with the package `warcio`.

Only the body, the address and the time of a record are kept: its headers hold cookies.
"""

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from reddit_archive import errors
from reddit_archive.sources.decompress import InputStream
from reddit_archive.sources.saved_page.page import JsonFile, PageFile
from reddit_archive.sources.saved_page.wrappers import (
    addresses,
    folders,
    http_body,
    page_builder,
    times,
)
from reddit_archive.sources.saved_page.wrappers.provenance import Provenance

SAVED_BY = "a web archive (WARC)"
STARTS = (b"WARC/", b"filedesc://")
MAX_LINE_BYTES = 2**16
MAX_HEADER_BYTES = 2**20
MAX_REMEMBERED_BYTES = 2**26
"""Size of the bodies that are kept for records which say that nothing has changed."""
JSON_PATH = re.compile(
    r"(?:/(?:r|u|user)/[^/]+)?/(?:comments|by_id|duplicates)/.*\.json"
    r"|/api/(?:info|morechildren)(?:\.json)?",
    re.IGNORECASE,
)
"""Paths of threads. JSON of other paths is not read: it may be somebody's inbox."""


class ByteStream(Protocol):
    """Anything that bytes can be read from."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Body:
    data: bytes
    mime_type: str
    encoding: str


@dataclass(slots=True)
class _BodyCache:
    """The bodies of pages by digest, for records that refer to an earlier one."""

    bodies: dict[str, _Body] = field(default_factory=dict)
    size: int = 0

    def add(self, digest: str, body: _Body) -> None:
        is_new = digest and digest not in self.bodies
        if is_new and self.size + len(body.data) <= MAX_REMEMBERED_BYTES:
            self.bodies[digest] = body
            self.size += len(body.data)


def is_warc(start: bytes) -> bool:
    """Return whether a file is a WARC or ARC file, given its first bytes (decompressed)."""
    return start.startswith(STARTS)


def iter_warc_pages(
    stream: ByteStream, display_name: str, modified_at: datetime, *, path: Path | None = None
) -> Iterator[PageFile | JsonFile]:
    """Yield Reddit's pages and JSON in a WARC or ARC file, without reading it as a whole.

    Args:
        stream: The file, decompressed, for example by `decompress.open_stream`.
        display_name: The file as the user named it.
        modified_at: The file's modification time, for records without time.
        path: Where the file is.

    Raises:
        NotAThreadError: The file is damaged. What precedes the damage was yielded before.
        ArchiveError: The package `warcio` is not installed.
    """
    cache = _BodyCache()
    folder = folders.read_provenance(path) if path else None
    for number, record in enumerate(_iter_records(stream, display_name), 1):
        address, container = _read_provenance(record)
        body = _read_body(record, address, cache) if address else None
        if body is None:
            continue
        is_cut_off = _is_cut_off(record)
        page = page_builder.build_page(
            body.data,
            f"{display_name}, record {number}",
            modified_at,
            container=container,
            folder=folder,
            declared_encoding=body.encoding,
        )
        yield page if "html" in body.mime_type else _to_json_file(page, body.data)
        if is_cut_off:
            raise _damaged_file_error(display_name)
    if isinstance(stream, InputStream) and stream.failure is not None:
        raise stream.failure


def _to_json_file(page: PageFile, data: bytes) -> JsonFile:
    return JsonFile(
        display_name=page.display_name,
        url=page.url,
        saved_at=page.saved_at,
        is_file_time=page.is_file_time,
        saved_by=page.saved_by,
        sha256=page.sha256,
        data=data,
    )


def _iter_records(stream: ByteStream, display_name: str) -> Iterator[Any]:
    try:
        from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]
        from warcio.bufferedreaders import BufferedReader  # type: ignore[import-untyped]
    except ImportError:
        raise errors.ArchiveError(
            f"{display_name} is a web archive (WARC), which needs another package",
            "Run: pip install 'reddit-archive[warc]'",
        ) from None

    class BoundedReader(BufferedReader):  # type: ignore[misc]
        """Limits the size of headers: `warcio` reads a line to its end, however long it is."""

        header_bytes = 0

        def read(self, length: int | None = None) -> bytes:
            self.header_bytes = 0
            data: bytes = super().read(length)
            return data

        def readline(self, length: int | None = None) -> bytes:
            line: bytes = super().readline(min(length or MAX_LINE_BYTES, MAX_LINE_BYTES))
            self.header_bytes += len(line)
            if self.header_bytes > MAX_HEADER_BYTES:
                raise ValueError("the header is too large")
            return line

    logging.getLogger("warcio.recordloader").disabled = True
    try:
        records = ArchiveIterator(stream, no_record_parse=True)
        records.INC_RECORD = ""  # it prints parts of a damaged file
        records.reader = reader = BoundedReader(records.fh)
        for record in records:
            reader.header_bytes = 0
            yield record
    except errors.ArchiveError:
        raise
    except Exception:  # `warcio` documents none of its exceptions
        raise _damaged_file_error(display_name) from None


def _damaged_file_error(display_name: str) -> errors.NotAThreadError:
    return errors.NotAThreadError(f"{display_name} is cut off or damaged", "Fetch the file again.")


def _is_cut_off(record: Any) -> bool:
    """Return whether the file ends before the record does."""
    stream = record.raw_stream
    return bool(not stream.read(1) and getattr(stream, "limit", 0) > 0)


def _read_provenance(record: Any) -> tuple[str, Provenance]:
    """Return the address on Reddit ("" for other sites), and what the record says."""
    headers = record.rec_headers
    target = headers.get_header("WARC-Target-URI") or headers.get_header("uri") or ""
    date = headers.get_header("WARC-Date") or headers.get_header("archive-date") or ""
    timestamp = addresses.parse_timestamp(date) if date.isdigit() else times.parse_date(date)
    wayback_address = addresses.parse_wayback_address(target)
    address = addresses.clean_address(wayback_address.address if wayback_address else target)
    return address, Provenance(SAVED_BY, target, timestamp and times.check_date(timestamp))


def _read_body(record: Any, address: str, cache: _BodyCache) -> _Body | None:
    """Return the body of a page or of a thread's JSON; None for any other record."""
    digest = record.rec_headers.get_header("WARC-Payload-Digest") or ""
    if record.rec_type == "revisit":
        return cache.bodies.get(digest)
    if record.rec_type not in ("response", "resource"):
        return None
    response = _read_http_headers(record) if record.rec_type == "response" else None
    if record.rec_type == "response" and (response is None or response.get_statuscode() != "200"):
        return None
    headers = record.rec_headers if response is None else response
    mime_type, _, parameters = (headers.get_header("Content-Type") or "").lower().partition(";")
    data = _read_payload(record, response) if _is_page(mime_type, address) else None
    if data is None:
        return None
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", parameters)
    body = _Body(data, mime_type, charset[1] if charset else "")
    cache.add(digest, body)
    return body


def _read_http_headers(record: Any) -> Any:
    """Return the status and headers of a response, or None if it has none."""
    from warcio.statusandheaders import StatusAndHeadersParser  # type: ignore[import-untyped]

    try:
        return StatusAndHeadersParser([], verify=False).parse(record.raw_stream)
    except (EOFError, ValueError):
        return None


def _is_page(mime_type: str, address: str) -> bool:
    if "json" in mime_type:
        return JSON_PATH.fullmatch(urlsplit(address).path.rstrip("/")) is not None
    return "html" in mime_type


def _read_payload(record: Any, response: Any) -> bytes | None:
    """Return the body as the browser received it, or None if it is too large."""
    from warcio.bufferedreaders import ChunkedDataReader

    data: bytes = record.raw_stream.read(http_body.MAX_BODY_BYTES + 1)
    if len(data) > http_body.MAX_BODY_BYTES:
        return None
    if response is None:
        return data
    if (response.get_header("Transfer-Encoding") or "").lower() == "chunked":
        data = ChunkedDataReader(io.BytesIO(data)).read()
    return http_body.decode(data, response.get_header("Content-Encoding") or "")
