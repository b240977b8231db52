"""Threads as NDJSON: a JSON object on a line for each version of each text."""

import json
from collections.abc import Iterator
from dataclasses import fields

from reddit_archive.outlets import rows, values
from reddit_archive.outlets.known import Known

NAMES = tuple(field.name for field in fields(rows.Line))


def write(known: Known) -> Iterator[str]:
    for row in rows.lines(known):
        told = {name: values.written(getattr(row, name)) for name in NAMES}
        yield json.dumps(told, ensure_ascii=False) + "\n"
