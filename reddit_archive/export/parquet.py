"""Export threads as a Parquet file for pandas, Polars or DuckDB: the records of NDJSON, typed."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import datetime
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any, get_args, get_type_hints

from reddit_archive import errors
from reddit_archive.export import json_values
from reddit_archive.export.rows import VersionRecord, iter_records
from reddit_archive.export.thread_data import ThreadData
from reddit_archive.files import durable_files

MAX_GROUP_ROWS, MAX_GROUP_CHARACTERS = 20_000, 20_000_000
"""Limits for the rows that are in memory at once."""
COLUMN_NAMES = tuple(field.name for field in fields(VersionRecord))
COLUMN_TYPES = get_type_hints(VersionRecord)
RowValues = tuple[Any, ...]
BODY_INDEX = COLUMN_NAMES.index("body")


def iter_rows(thread_data: ThreadData) -> Iterator[RowValues]:
    for record in iter_records(thread_data):
        yield tuple(json_values.clean(getattr(record, name)) for name in COLUMN_NAMES)


def write(rows_by_thread: Iterable[Iterable[RowValues]], path: Path) -> int:
    """Write the rows of threads to a file, completely or not at all; return their number.

    Raises StoreError; ArchiveError if pyarrow is not installed.
    """
    pyarrow, parquet = _import_pyarrow()
    schema = pyarrow.schema(
        [(name, _get_arrow_type(pyarrow, COLUMN_TYPES[name])) for name in COLUMN_NAMES]
    )
    row_count = 0
    with (
        durable_files.atomic_path(path) as temp_path,
        parquet.ParquetWriter(temp_path, schema) as writer,
    ):
        for group in _iter_groups(chain.from_iterable(rows_by_thread)):
            columns = zip(*group, strict=True)
            arrays = [
                pyarrow.array(column, type=field.type)
                for column, field in zip(columns, schema, strict=True)
            ]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))
            row_count += len(group)
    return row_count


def _import_pyarrow() -> tuple[Any, Any]:
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise errors.ArchiveError(
            "Parquet needs pyarrow, which is not installed",
            "Run `pip install 'reddit-archive[parquet]'`, or use `archive export ndjson`.",
        ) from error


def _get_arrow_type(pyarrow: Any, annotation: Any) -> Any:
    """Return Arrow's type for the annotation of a field, such as `str | None`."""
    arrow_types = {
        str: pyarrow.string(),
        int: pyarrow.int64(),
        bool: pyarrow.bool_(),
        datetime: pyarrow.timestamp("s", tz="UTC"),
    }
    return next(
        arrow_types[python_type]
        for python_type in get_args(annotation) or (annotation,)
        if python_type in arrow_types
    )


def _iter_groups(rows: Iterable[RowValues]) -> Iterator[list[RowValues]]:
    group: list[RowValues] = []
    character_count = 0
    for row in rows:
        group.append(row)
        character_count += len(row[BODY_INDEX] or "")
        if len(group) >= MAX_GROUP_ROWS or character_count >= MAX_GROUP_CHARACTERS:
            yield group
            group, character_count = [], 0
    if group:
        yield group
