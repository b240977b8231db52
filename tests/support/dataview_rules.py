"""The rules by which Dataview and Meta Bind, plugins of Obsidian, find fields, after their sources.

Dataview: blacksmithgu/obsidian-dataview, src/data-import/{inline-field,markdown-file}.ts. It reads
the lines of all sections, code included. A list item is one line. In the rendered page, it reads
the inner HTML of paragraphs, headings, list items and cells.

Meta Bind: mProjectsCode/obsidian-meta-bind-plugin, packages/core/src/api/API.ts,
`isInlineFieldDeclaration`. It reads the text of each <code>.
"""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser

from tests.support import renderers

_CLOSERS = {"[": "]", "(": ")"}
_KEY = re.compile(r"[^0-9\w]*+(?:[0-9\w\s_/-]|[^\x00-\x7f])*+[_*~`]*+")
_LIST_ITEM = re.compile(r"[\s>]*(\d+\.|\d+\)|\*|-|\+)\s*(?:\[.?\])?\s*(.*)", re.DOTALL)
_TASK = re.compile(r"[\s>]*(?:\d+[.)]|[*+-])\s+\[.\](?:\s|$)")
_TASK_DATE = re.compile(
    "[\u2795\U0001f4c5\U0001f4c6\U0001f5d3\ufe0f\u2705\u23f3\u231b\U0001f6eb]"
    r"\s*\d{4}-\d{2}-\d{2}"
)
_FENCED = re.compile(r"^[> ]*(`{3,})[^\n`]*\n.*?^[> ]*\1$", re.MULTILINE | re.DOTALL)
_CODE_FIELD = re.compile(r"\A(?:INPUT|VIEW|BUTTON)\[.*\]\Z", re.DOTALL)
_BLOCK_ID = re.compile(r"(?:^|\s)\^[A-Za-z0-9-]+$")


def find_fields(markdown: str) -> list[str]:
    """Return what Dataview, Meta Bind, Tasks and Templater read, and the ids of blocks."""
    lines = markdown.split("\n")
    found = [f"field: {key}" for line in lines for key in _iter_fields(line.strip())]
    for item in _iter_list_items(lines):
        found += [f"field: {key}" for key in _iter_fields(item)]
        found += [f"date: {match}" for match in _TASK_DATE.findall(item)]
    for node in LexborHTMLParser(renderers.gfm(markdown)).css(
        "p, h1, h2, h3, h4, h5, h6, li, td, th"
    ):
        inner = (node.html or "").partition(">")[2].rpartition("<")[0]
        found += [f"shown field: {key}" for key in _iter_inline_fields(inner)]
    for node in LexborHTMLParser(renderers.gfm(markdown)).css("code"):
        found += [f"code field: {match}" for match in _CODE_FIELD.findall(node.text().strip())]
    found += [f"task: {line}" for line in lines if _TASK.match(line)]
    found += [f"template: {match}" for match in re.findall("<%", markdown)]
    uncoded = _FENCED.sub("", markdown).split("\n")
    return found + [f"block id: {line}" for line in uncoded if _BLOCK_ID.search(line)]


def _iter_fields(line: str) -> Iterator[str]:
    inline = list(_iter_inline_fields(line))
    yield from inline
    key, separator, _ = line.partition("::")
    if separator and not inline and _KEY.fullmatch(key.strip()):
        yield key


def _iter_inline_fields(line: str) -> Iterator[str]:
    for start, opener in enumerate(line):
        separator = line.find("::", start) if opener in _CLOSERS else -1
        if separator == -1:
            continue
        key = line[start + 1 : separator]
        if not re.search(r"[\[\]()]", key) and _is_closed(line[separator + 2 :], opener):
            yield key


def _is_closed(value: str, opener: str) -> bool:
    depth = 0
    for character in re.sub(r"\\.", "", value):
        depth += (character == opener) - (character == _CLOSERS[opener])
        if depth < 0:
            return True
    return False


def _iter_list_items(lines: list[str]) -> Iterator[str]:
    """Yield the text of each item with all lines below it: more than Dataview joins."""
    for number, line in enumerate(lines):
        if match := _LIST_ITEM.match(line):
            rest = [line.strip() for line in lines[number + 1 :]]
            yield " ".join([match[2].strip(), *rest])
