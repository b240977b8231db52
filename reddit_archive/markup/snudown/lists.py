"""Lists. One that follows a paragraph needs an empty line before it."""

from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it.rules_block import StateBlock

from reddit_archive.markup.snudown import lines
from reddit_archive.markup.snudown.nesting import deeper, read_blocks, read_line

NESTED_INDENT = 4


@dataclass(slots=True)
class _Item:
    """One item: its lines without their indentation, and from which of them on a list is inside.

    `is_last` means that the list ends with it; `is_spaced`, that an empty line is in it.
    """

    lines: list[str]
    taken: int
    inner: int | None = None
    is_spaced: bool = False
    is_last: bool = False


def either(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A list of bullets or of numbers; from the first item with an empty line on, of blocks."""
    text = lines.Lines(state, start, end)
    kind = lines.item(text, 0)
    if kind is None:
        return False
    tag, is_block, at = kind[0], False, 0
    state.push("list_open", tag, 1)
    with deeper(state.env):
        while at < len(text) and lines.item(text, at):
            item = _take(text, at, tag)
            is_block = is_block or item.is_spaced
            _write(state, item, is_block)
            at += item.taken
            if item.is_last:
                break
    state.push("list_close", tag, -1)
    state.line = start + at
    return True


def _indent(line: str, most: int) -> int:
    return min(len(line) - len(line.lstrip(" ")), most)


def _take(text: Sequence[str], at: int, tag: str) -> _Item:
    """Take an item's lines up to the next item of its indentation, or the list's end."""
    own_indent = _indent(text[at], 3)
    kind = lines.item(text, at)
    item = _Item([text[at][kind[1] if kind else 0 :]], 1)
    was_empty = in_fence = False
    while at + item.taken < len(text):
        here = at + item.taken
        line = text[here]
        item.taken += 1
        if lines.is_empty(line):
            was_empty = True
            continue
        indent = _indent(line, NESTED_INDENT)
        if lines.FENCE.fullmatch(line, indent):
            in_fence = not in_fence
        found = None if in_fence else lines.item(text, here, indent)
        if was_empty and found and found[0] != tag:
            item.is_last = True
            return _without_last(item)
        if found and not (found[0] == "ul" and lines.is_rule(line[indent:])):
            item.is_spaced = item.is_spaced or was_empty
            if indent == own_indent:
                return _without_last(item)
            if item.inner is None:
                item.inner = len(item.lines)
        elif was_empty and indent == 0:
            item.is_last = True
            return _without_last(item)
        elif was_empty:
            item.lines.append("")
            item.is_spaced = True
        was_empty = False
        item.lines.append(line[indent:])
    return item


def _without_last(item: _Item) -> _Item:
    item.taken -= 1
    return item


def _write(state: StateBlock, item: _Item, is_block: bool) -> None:
    split = len(item.lines) if item.inner is None else item.inner
    own, inner = item.lines[:split], item.lines[split:]
    state.push("item_open", "li", 1)
    with deeper(state.env, 2):
        if is_block:
            read_blocks(state, "\n".join(own) + "\n")
        else:
            read_line(state, "\n".join(own))
        if inner:
            read_blocks(state, "\n".join(inner) + "\n")
    state.push("item_close", "li", -1)
