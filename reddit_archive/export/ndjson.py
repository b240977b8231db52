"""Threads as NDJSON: a JSON object on a line for each version of each text."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields

from reddit_archive.export import json_values, rows
from reddit_archive.export.thread_data import Known

NAMES = tuple(field.name for field in fields(rows.Line))
ACTING = re.compile(r"[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What acts on a terminal that it is printed to, and JSON would let through."""


def write(known: Known) -> Iterator[str]:
    for row in rows.lines(known):
        told = {name: json_values.written(getattr(row, name)) for name in NAMES}
        line = json.dumps(told, ensure_ascii=False)
        yield ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", line) + "\n"
