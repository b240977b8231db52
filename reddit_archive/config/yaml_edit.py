"""A YAML text with some settings of one section changed, and every other byte as it was.

It changes the text at the places that the parser names; whoever calls it parses the result again
and holds it against what was meant.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

INDENT = "  "


class TextEdit(NamedTuple):
    """Put `text` in place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


def set_values(text: str, root_node: Any, section: str, values: Mapping[str, str | None]) -> str:
    """Set `values` in a section of the text, a None only where there is something to unset.

    `root` is the text's node as PyYAML composes it, or None for a text that says nothing.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    section_nodes = _find_section(root_node, section)
    if section_nodes is None:
        gap = newline if text and not text.endswith("\n") else ""
        block = newline.join((f"{section}:", *_format_lines(values, INDENT), ""))
        return f"{text}{gap}{block}"
    for edit in sorted(_iter_edits(text, section_nodes, values, newline), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _iter_edits(
    text: str, section_nodes: tuple[Any, Any], values: Mapping[str, str | None], newline: str
) -> Iterator[TextEdit]:
    """Say where the section, a key and its value, is to change."""
    section_key, section_value = section_nodes
    if section_value.id != "mapping":  # it is there, and empty
        end = text.find("\n", section_key.end_mark.index) + 1 or len(text)
        gap = "" if text[:end].endswith("\n") else newline
        indent = " " * section_key.start_mark.column + INDENT
        yield TextEdit(
            end, end, gap + "".join(f"{line}{newline}" for line in _format_lines(values, indent))
        )
        if (
            section_value.end_mark.index > section_value.start_mark.index
        ):  # a "null" or "~" that is written
            yield TextEdit(section_value.start_mark.index, section_value.end_mark.index, "")
        return
    existing = {key_node.value: value for key_node, value in section_value.value}
    for name, value in values.items():
        if name in existing:
            yield _build_replacement(existing[name], value)
    new = {name: value for name, value in values.items() if name not in existing}
    if section_value.flow_style:
        start = section_value.start_mark.index + 1
        separator = ", " if section_value.value else ""
        if lines := _format_lines(new, ""):
            yield TextEdit(start, start, ", ".join(lines) + separator)
    elif new:
        first_mark = section_value.value[0][0].start_mark
        start = first_mark.index - first_mark.column
        lines = _format_lines(new, text[start : first_mark.index])
        yield TextEdit(start, start, "".join(f"{line}{newline}" for line in lines))


def _build_replacement(node: Any, value: str | None) -> TextEdit:
    start, end = node.start_mark.index, node.end_mark.index
    gap = " " if start == end else ""  # nothing stood behind the colon
    return TextEdit(start, end, gap + ("null" if value is None else json.dumps(value)))


def _format_lines(values: Mapping[str, str | None], indent: str) -> list[str]:
    """Write settings; JSON's strings are YAML's, too."""
    return [f"{indent}{name}: {json.dumps(value)}" for name, value in values.items() if value]


def _find_section(root_node: Any, section: str) -> tuple[Any, Any] | None:
    items = root_node.value if root_node is not None and root_node.id == "mapping" else ()
    return next(((key, value) for key, value in items if key.value == section), None)
