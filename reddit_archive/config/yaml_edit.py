"""A YAML text with some settings of one section changed, and every other byte as it was.

It changes the text at the places that the parser names; whoever calls it parses the result again
and holds it against what was meant.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

INDENT = "  "


class Change(NamedTuple):
    """Put `text` in place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


def amend(text: str, root: Any, section: str, values: Mapping[str, str | None]) -> str:
    """Set `values` in a section of the text, a None only where there is something to unset.

    `root` is the text's node as PyYAML composes it, or None for a text that says nothing.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    found = _find(root, section)
    if found is None:
        gap = newline if text and not text.endswith("\n") else ""
        block = newline.join((f"{section}:", *_lines(values, INDENT), ""))
        return f"{text}{gap}{block}"
    for change in sorted(_changes(text, found, values, newline), reverse=True):
        text = text[: change.start] + change.text + text[change.end :]
    return text


def _changes(
    text: str, found: tuple[Any, Any], values: Mapping[str, str | None], newline: str
) -> Iterator[Change]:
    """Say where the section, a key and its value, is to change."""
    key, content = found
    if content.id != "mapping":  # it is there, and empty
        end = text.find("\n", key.end_mark.index) + 1 or len(text)
        gap = "" if text[:end].endswith("\n") else newline
        indent = " " * key.start_mark.column + INDENT
        yield Change(end, end, gap + "".join(f"{x}{newline}" for x in _lines(values, indent)))
        if content.end_mark.index > content.start_mark.index:  # a "null" or "~" that is written
            yield Change(content.start_mark.index, content.end_mark.index, "")
        return
    there = {each.value: value for each, value in content.value}
    for name, value in values.items():
        if name in there:
            yield _replacement(there[name], value)
    new = {name: value for name, value in values.items() if name not in there}
    if content.flow_style:
        start = content.start_mark.index + 1
        ending = ", " if content.value else ""
        if lines := _lines(new, ""):
            yield Change(start, start, ", ".join(lines) + ending)
    elif new:
        first = content.value[0][0].start_mark
        start = first.index - first.column
        lines = _lines(new, text[start : first.index])
        yield Change(start, start, "".join(f"{x}{newline}" for x in lines))


def _replacement(node: Any, value: str | None) -> Change:
    start, end = node.start_mark.index, node.end_mark.index
    gap = " " if start == end else ""  # nothing stood behind the colon
    return Change(start, end, gap + ("null" if value is None else json.dumps(value)))


def _lines(values: Mapping[str, str | None], indent: str) -> list[str]:
    """Write settings; JSON's strings are YAML's, too."""
    return [f"{indent}{name}: {json.dumps(value)}" for name, value in values.items() if value]


def _find(root: Any, section: str) -> tuple[Any, Any] | None:
    items = root.value if root is not None and root.id == "mapping" else ()
    return next(((key, value) for key, value in items if key.value == section), None)
