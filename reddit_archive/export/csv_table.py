"""Export threads as CSV (RFC 4180) for spreadsheets: one row for each post and comment.

A spreadsheet runs a cell that starts like a formula. Such a text gets an apostrophe in front, as
OWASP advises: https://owasp.org/www-community/attacks/CSV_Injection. Without the first apostrophe
of each cell that matches `FORMULA`, the texts are as their authors typed them, but for control
characters, which are left out, and line ends, which are newlines.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from io import StringIO
from typing import Any

from reddit_archive.export import json_values
from reddit_archive.export.rows import VersionRecord, iter_records
from reddit_archive.export.thread_data import ThreadData

_ABOUT_OTHER_VERSIONS = frozenset({"version", "is_latest"})
COLUMN_NAMES = tuple(
    field.name for field in fields(VersionRecord) if field.name not in _ABOUT_OTHER_VERSIONS
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that control a terminal, and that no spreadsheet shows."""
FORMULA = re.compile("'*[=+\\-@\\t\\r\\n\uff1d\uff0b\uff0d\uff20]")


def write_header() -> str:
    return _write_line(COLUMN_NAMES)


def iter_lines(thread_data: ThreadData) -> Iterator[str]:
    """Yield the row of each text: its last version by its author, otherwise its last one."""
    records_by_id: dict[str, VersionRecord] = {}
    for record in iter_records(thread_data):
        earlier = records_by_id.get(record.id)
        if earlier is None or not earlier.is_latest:
            records_by_id[record.id] = record
    for record in records_by_id.values():
        yield _write_line(_build_cell(getattr(record, name)) for name in COLUMN_NAMES)


def _build_cell(value: Any) -> Any:
    serialized = json_values.serialize(value)
    if isinstance(serialized, bool):
        return str(serialized).lower()
    if not isinstance(serialized, str):
        return serialized
    text = _CONTROLS.sub("", serialized.replace("\r\n", "\n").replace("\r", "\n"))
    return f"'{text}" if FORMULA.match(text) else text


def _write_line(cells: Iterable[Any]) -> str:
    line = StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
