"""Logs of JSON objects, one per line, to which several processes may append."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reddit_archive.files import durable_files, regular_files


def append(entry: Mapping[str, str | None], path: Path) -> None:
    """Append an entry and flush it to disk. Raises StoreError."""
    durable_files.append(json.dumps(entry).encode() + b"\n", path)


def read(path: Path) -> list[dict[str, Any]]:
    """Read all entries; an empty list if there is no file. Raises OSError.

    Skips lines that are not JSON objects, such as a line that a crash cut off.
    """
    lines = regular_files.read_text(path).splitlines() if path.is_file() else []
    entries = map(_parse, lines)
    return [entry for entry in entries if isinstance(entry, dict)]


def _parse(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
