"""Parses lists. A list after a paragraph needs a blank line before it."""

from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it.rules_block import StateBlock

from reddit_archive.markup.snudown import lines
from reddit_archive.markup.snudown.nesting import nested, parse_blocks, push_inline

NESTED_INDENT = 4


@dataclass(slots=True)
class _ListItem:
    """A list item.

    Attributes:
        lines: The lines without their indentation.
        line_count: How many lines of the source the item takes.
        nested_start: The index in `lines` where a nested list starts; None without one.
        has_blank_line: Whether there is a blank line in the item.
        is_last: Whether the list ends with the item.
    """

    lines: list[str]
    line_count: int
    nested_start: int | None = None
    has_blank_line: bool = False
    is_last: bool = False


def list_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a list. From the first item with a blank line, the items contain blocks."""
    source_lines = lines.LineView(state, start, end)
    marker = lines.match_list_item(source_lines, 0)
    if marker is None:
        return False
    tag, is_block, index = marker[0], False, 0
    state.push("list_open", tag, 1)
    with nested(state.env):
        while index < len(source_lines) and lines.match_list_item(source_lines, index):
            item = _parse_item(source_lines, index, tag)
            is_block = is_block or item.has_blank_line
            _push_item(state, item, is_block)
            index += item.line_count
            if item.is_last:
                break
    state.push("list_close", tag, -1)
    state.line = start + index
    return True


def _count_indent(line: str, max_indent: int) -> int:
    return min(len(line) - len(line.lstrip(" ")), max_indent)


def _parse_item(source_lines: Sequence[str], first_index: int, tag: str) -> _ListItem:
    """Parse an item up to the next item with the same indentation or the end of the list."""
    item_indent = _count_indent(source_lines[first_index], 3)
    item_marker = lines.match_list_item(source_lines, first_index)
    item = _ListItem([source_lines[first_index][item_marker[1] if item_marker else 0 :]], 1)
    is_after_blank = is_in_fence = False
    while first_index + item.line_count < len(source_lines):
        index = first_index + item.line_count
        line = source_lines[index]
        item.line_count += 1
        if lines.is_blank(line):
            is_after_blank = True
            continue
        indent = _count_indent(line, NESTED_INDENT)
        if lines.FENCE.fullmatch(line, indent):
            is_in_fence = not is_in_fence
        marker = None if is_in_fence else lines.match_list_marker(line, indent)
        if is_after_blank and marker and marker[0] != tag:
            item.is_last = True
            return _exclude_last_line(item)
        if marker and not (marker[0] == "ul" and lines.is_thematic_break(line[indent:])):
            item.has_blank_line = item.has_blank_line or is_after_blank
            if indent == item_indent:
                return _exclude_last_line(item)
            if item.nested_start is None:
                item.nested_start = len(item.lines)
        elif is_after_blank and indent == 0:
            item.is_last = True
            return _exclude_last_line(item)
        elif is_after_blank:
            item.lines.append("")
            item.has_blank_line = True
        is_after_blank = False
        item.lines.append(line[indent:])
    return item


def _exclude_last_line(item: _ListItem) -> _ListItem:
    item.line_count -= 1
    return item


def _push_item(state: StateBlock, item: _ListItem, is_block: bool) -> None:
    split = len(item.lines) if item.nested_start is None else item.nested_start
    own_lines, nested_lines = item.lines[:split], item.lines[split:]
    state.push("item_open", "li", 1)
    with nested(state.env, 2):
        if is_block:
            parse_blocks(state, "\n".join(own_lines) + "\n")
        else:
            push_inline(state, "\n".join(own_lines) + "\n")
        if nested_lines:
            parse_blocks(state, "\n".join(nested_lines) + "\n")
    state.push("item_close", "li", -1)
