"""Export threads as NDJSON: one line with a JSON object for each version of each text."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields

from reddit_archive.export import json_values, rows
from reddit_archive.export.thread_data import ThreadData

FIELD_NAMES = tuple(field.name for field in fields(rows.VersionRecord))
CONTROL_CHARACTERS = re.compile(r"[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that control a terminal, and that JSON does not require to be escaped."""


def iter_lines(thread_data: ThreadData) -> Iterator[str]:
    for record in rows.iter_records(thread_data):
        values = {name: json_values.serialize(getattr(record, name)) for name in FIELD_NAMES}
        line = json.dumps(values, ensure_ascii=False)
        yield CONTROL_CHARACTERS.sub(lambda match: f"\\u{ord(match[0]):04x}", line) + "\n"
