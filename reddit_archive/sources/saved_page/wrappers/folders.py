"""Read what the path of a file says about a page, and what ArchiveBox keeps beside it."""

import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from reddit_archive.files import fast_json, regular_files
from reddit_archive.sources.saved_page.wrappers import addresses, times, wayback
from reddit_archive.sources.saved_page.wrappers.provenance import Provenance

WAYBACK_PATHS = (
    re.compile(r"(?<!\d)(?P<digits>\d{14})id_(?:[/_]*(?P<address>https?:/.*))?", re.DOTALL),
    re.compile(
        r"/(?P<digits>\d{14})(?:[a-z]{2}_)?/(?P<address>(?:[\w-]+\.)*reddit\.com/.*)", re.DOTALL
    ),
    re.compile(
        r"/(?P<host>(?:[\w-]+\.)*reddit\.com)/(?P<digits>\d{14})/(?P<address>.*)", re.DOTALL
    ),
)
"""Names that downloaders of the Wayback Machine give to files, or to their folders."""
INDEX_PAGE = re.compile(r"/index\.html?\Z")
INDEX_NAMES = ("index.json", "index.jsonl")
MAX_INDEX_BYTES = 2**20
MAX_LEVELS = 12
"""The deepest pages of ArchiveBox are those of wget: a folder for each part of the address."""
SNAPSHOT_FOLDER = re.compile(
    r"\d{9,11}(?:\.\d{1,9})?|[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}"
)
"""ArchiveBox names them after a time in seconds, since version 0.9 after a UUID."""


def is_archivebox_snapshot(folder: Path, names: Collection[str]) -> bool:
    """Return whether a folder with files of these names is a snapshot of ArchiveBox."""
    return SNAPSHOT_FOLDER.fullmatch(folder.name) is not None and any(
        name in names for name in INDEX_NAMES
    )


def read_provenance(path: Path) -> Provenance | None:
    """Return what the folders and the name of a file say, or None."""
    return _read_wayback_path(path) or _read_archivebox_index(path)


def _read_wayback_path(path: Path) -> Provenance | None:
    text = unquote(path.absolute().as_posix())
    match = next((found for pattern in WAYBACK_PATHS if (found := pattern.search(text))), None)
    if match is None:
        return None
    fields = match.groupdict()
    address = INDEX_PAGE.sub("/", fields["address"] or "")
    if host := fields.get("host"):
        address = f"{host}/{address}"
    if address and not address.startswith("http"):
        address = f"https://{address}"
    captured_at = addresses.parse_timestamp(fields["digits"])
    return Provenance(
        wayback.NAME,
        addresses.repair_scheme(address),
        times.check_date(captured_at) if captured_at else None,
    )


def _read_archivebox_index(path: Path) -> Provenance | None:
    for folder in _iter_snapshot_folders(path):
        for name in INDEX_NAMES:
            records = _read_records(folder / name)
            snapshot = next((record for record in records if "url" in record), {})
            address = str(snapshot.get("url", ""))
            if addresses.clean_address(address):
                started_at = _find_start_time(records)
                saved_at = started_at or _parse_epoch(snapshot.get("timestamp"))
                return Provenance("ArchiveBox", address, saved_at)
    return None


def _iter_snapshot_folders(path: Path) -> Iterator[Path]:
    """Yield the file's own folder, and those above it that have the name of a snapshot."""
    for level, folder in enumerate(path.absolute().parents[:MAX_LEVELS]):
        if level == 0 or SNAPSHOT_FOLDER.fullmatch(folder.name):
            yield folder


def _read_records(path: Path) -> list[dict[str, Any]]:
    """Return the JSON objects of an index: one, or since version 0.9 one per line."""
    try:
        with regular_files.open_binary(path) as file:
            data = file.read(MAX_INDEX_BYTES)
        values = map(
            fast_json.loads, filter(None, data.splitlines() if path.suffix == ".jsonl" else [data])
        )
        return [value for value in values if isinstance(value, dict)]
    except (OSError, ValueError, RecursionError):
        return []


def _find_start_time(records: list[dict[str, Any]]) -> datetime | None:
    """Return when the first form of the page was saved; None if the index does not say.

    All forms of a page get this time, because they show one look at the thread.
    """
    start_times = [
        times.parse_date(str(result.get("start_ts", "")))
        for result in _iter_results(records)
        if result.get("status") == "succeeded"
    ]
    return min(filter(None, start_times), default=None)


def _iter_results(records: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the results of a snapshot from the indexes of all versions of ArchiveBox."""
    for record in records:
        history, results = record.get("history"), record.get("archive_results")
        groups = [*history.values()] if isinstance(history, dict) else []
        for group in (*groups, results, [record]):
            if isinstance(group, list):
                yield from (result for result in group if isinstance(result, dict))


def _parse_epoch(seconds: object) -> datetime | None:
    try:
        return times.check_date(datetime.fromtimestamp(float(str(seconds)), UTC))
    except (ValueError, OverflowError, OSError):
        return None
