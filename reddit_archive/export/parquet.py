"""Threads as a Parquet file, for pandas, Polars or DuckDB: the rows of `lines`, with types."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import datetime
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any, get_args, get_type_hints

from reddit_archive import errors
from reddit_archive.export import json_values
from reddit_archive.export.rows import Line, lines
from reddit_archive.export.thread_data import Known
from reddit_archive.files import durable_files

MOST_ROWS, MOST_CHARACTERS = 20_000, 20_000_000
"""So much of it is in memory at once."""
NAMES = tuple(field.name for field in fields(Line))
HINTS = get_type_hints(Line)
Row = tuple[Any, ...]


BODY = NAMES.index("body")


def rows(known: Known) -> Iterator[Row]:
    for line in lines(known):
        yield tuple(json_values.held(getattr(line, name)) for name in NAMES)


def write(threads: Iterable[Iterable[Row]], final: Path) -> int:
    """Write the `rows` of threads at `final`, whole or not at all; tell how many they were.

    Raises StoreError, and ArchiveError where pyarrow is not installed.
    """
    arrow, parquet = _library()
    schema = arrow.schema([(name, _kind(arrow, HINTS[name])) for name in NAMES])
    count = 0
    with durable_files.drafting(final) as draft, parquet.ParquetWriter(draft, schema) as file:
        for group in _groups(chain.from_iterable(threads)):
            columns = zip(*group, strict=True)
            arrays = [
                arrow.array(column, type=field.type)
                for column, field in zip(columns, schema, strict=True)
            ]
            file.write_table(arrow.Table.from_arrays(arrays, schema=schema))
            count += len(group)
    return count


def _library() -> tuple[Any, Any]:
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise errors.ArchiveError(
            "Parquet needs pyarrow, which is not installed",
            "Run: pip install 'reddit-archive[parquet]'; `archive export ndjson` does without.",
        ) from error


def _kind(arrow: Any, annotation: Any) -> Any:
    """Arrow's type for that of a field, which may be None as well."""
    kinds = {
        str: arrow.string(),
        int: arrow.int64(),
        bool: arrow.bool_(),
        datetime: arrow.timestamp("s", tz="UTC"),
    }
    return next(kinds[each] for each in get_args(annotation) or (annotation,) if each in kinds)


def _groups(found: Iterable[Row]) -> Iterator[list[Row]]:
    group: list[Row] = []
    size = 0
    for row in found:
        group.append(row)
        size += len(row[BODY] or "")
        if len(group) >= MOST_ROWS or size >= MOST_CHARACTERS:
            yield group
            group, size = [], 0
    if group:
        yield group
