"""Detects the format of a list and reads it: lines of text, YAML, a page, a table or JSON.

Time and memory grow with the length of a file, whatever it contains.
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

MAX_THREADS = 200_000
"""Threads of one list: fetching so many takes a day and a half."""
PAGE_SUFFIXES = frozenset(
    (".md", ".markdown", ".mdown", ".mkd", ".qmd", ".rst", ".adoc", ".org", ".tex")
)
HTML_SUFFIXES = frozenset((".html", ".htm", ".xhtml"))
TABLE_SUFFIXES = frozenset((".csv", ".tsv"))
JSON_SUFFIXES = frozenset((".json", ".jsonl", ".ndjson"))
YAML_SUFFIXES = frozenset((".yaml", ".yml"))
HTML_START = re.compile(r"\s*<(?:!doctype|\?xml|html|head|body)\b", re.IGNORECASE)
# The longer one first: UTF-32 begins like UTF-16.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
COMPRESSED_STARTS = (
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\x28\xb5\x2f\xfd",
    b"BZh",
)
COMPRESSED_SUFFIX = re.compile(r"\.(?:gz|bz2|xz|zst)$")
"""Suffixes of files that `sources.decompress` decompresses before they are read here."""
Reader = Callable[[str, str], Iterator[ListEntry | ListProblem]]


def read(data: bytes, name: str) -> list[ListEntry | ListProblem]:
    """Read the threads that a file names, in its order.

    The content determines the format, and the suffix where the content does not.

    Args:
        data: The content of the file.
        name: The name of the file, "-" for stdin.

    Returns:
        An entry for each thread, and a problem for each entry that can't be understood.
    """
    if data.startswith(COMPRESSED_STARTS):
        return [ListProblem(name, "it is compressed", "Unpack it, and name the folder.")]
    encoding = next(
        (encoding for mark, encoding in BYTE_ORDER_MARKS if data.startswith(mark)), "utf-8-sig"
    )
    if encoding == "utf-8-sig" and b"\0" in data:
        return [ListProblem(name, "it is not text", "Save it as text in UTF-8.")]
    text = _decode(data, encoding)
    results = list(islice(_choose_reader(text, name)(text, name), MAX_THREADS + 1))
    if len(results) > MAX_THREADS:
        results[MAX_THREADS] = ListProblem(
            name, f"it names more than {MAX_THREADS:,} threads", "Split the list."
        )
    return results


def _decode(data: bytes, encoding: str) -> str:
    """Decode text. Addresses are ASCII, so they are readable even in a wrong encoding."""
    text = data.decode(encoding, "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _choose_reader(text: str, name: str) -> Reader:
    """Return the reader for a list."""
    match = re.search(r"\.[a-z]+$", COMPRESSED_SUFFIX.sub("", name.lower()))
    suffix = match[0] if match else ""
    if suffix in HTML_SUFFIXES or HTML_START.match(text):
        return _read_html
    if suffix in PAGE_SUFFIXES:
        return links_in_text.read
    if suffix in JSON_SUFFIXES:
        return json_files.read
    if suffix in TABLE_SUFFIXES or (suffix not in YAML_SUFFIXES and csv_files.is_table(text)):
        return csv_files.read
    if suffix in YAML_SUFFIXES and yaml_files.is_list(text):
        return yaml_files.read
    if suffix not in YAML_SUFFIXES and json_files.is_json(text):
        return json_files.read
    if yaml_files.THREADS_KEY_PATTERN.search(text) or yaml_files.ENTRY_PATTERN.search(text):
        return yaml_files.read
    return text_lines.read if text_lines.is_list(text) else links_in_text.read


def _read_html(text: str, name: str) -> Iterator[ListEntry | ListProblem]:
    return links_in_text.read(text, name, is_html=True)
