"""What a list names, whatever it is: lines of text, YAML, a page, a table, JSON.

Nothing that a file holds takes more time or memory than its length justifies.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from itertools import islice

from reddit_archive.workflows.inputs import (
    csv_files,
    json_files,
    links_in_text,
    text_lines,
    yaml_files,
)
from reddit_archive.workflows.inputs.entries import ListEntry, ListProblem

MOST = 200_000
"""Threads of one list: as many as can be asked for in a day and a half."""
PAGES = frozenset((".md", ".markdown", ".mdown", ".mkd", ".qmd", ".rst", ".adoc", ".org", ".tex"))
HTML = frozenset((".html", ".htm", ".xhtml"))
TABLES = frozenset((".csv", ".tsv"))
JSON = frozenset((".json", ".jsonl", ".ndjson"))
YAML = frozenset((".yaml", ".yml"))
MARKUP = re.compile(r"\s*<(?:!doctype|\?xml|html|head|body)\b", re.IGNORECASE)
# The longer one first: UTF-32 begins like UTF-16.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\x28\xb5\x2f\xfd", b"BZh")
COMPRESSED = re.compile(r"\.(?:gz|bz2|xz|zst)$")
"""Suffixes of files that `sources.unpacking` decompresses before they come here."""
Reader = Callable[[str, str], Iterator[ListEntry | ListProblem]]


def read(data: bytes, name: str) -> list[ListEntry | ListProblem]:
    """Read the threads that a file names, in its order; `name` is its name, "-" for stdin.

    What it is, its content tells, and its suffix where that does not. What can't be understood is
    a ListProblem at its place; a file that names nothing gives nothing.
    """
    if data.startswith(PACKED):
        return [ListProblem(name, "it is packed", "Unpack it, and name the folder.")]
    code = next((code for mark, code in MARKS if data.startswith(mark)), "utf-8-sig")
    if code == "utf-8-sig" and b"\0" in data:
        return [ListProblem(name, "it is no text", "Save it as text in UTF-8.")]
    text = _decode(data, code)
    found = list(islice(_reader(text, name)(text, name), MOST + 1))
    if len(found) > MOST:
        found[MOST] = ListProblem(name, f"it names more than {MOST:,} threads", "Split the list.")
    return found


def _decode(data: bytes, code: str) -> str:
    """Read text; of what is in no such code the addresses can be read, since they are ASCII."""
    text = data.decode(code, "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _reader(text: str, name: str) -> Reader:
    """Tell how to read a list."""
    found = re.search(r"\.[a-z]+$", COMPRESSED.sub("", name.lower()))
    suffix = found[0] if found else ""
    if suffix in HTML or MARKUP.match(text):
        return _html
    if suffix in PAGES:
        return links_in_text.read
    if suffix in JSON:
        return json_files.read
    if suffix in TABLES or (suffix not in YAML and csv_files.is_table(text)):
        return csv_files.read
    if suffix in YAML and yaml_files.is_list(text):
        return yaml_files.read
    if suffix not in YAML and json_files.is_json(text):
        return json_files.read
    if yaml_files.THREADS.search(text) or yaml_files.ENTRIES.search(text):
        return yaml_files.read
    return text_lines.read if text_lines.is_list(text) else links_in_text.read


def _html(text: str, name: str) -> Iterator[ListEntry | ListProblem]:
    return links_in_text.read(text, name, is_html=True)
