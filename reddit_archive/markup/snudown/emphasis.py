"""Parses `*em*`, `**strong**`, `***both***`, the same with `_`, and `~~del~~` as snudown does.

Since it has spoilers, snudown also reads `>>strong>>` in a line.

A delimiter opens if no space follows it, and closes if no space precedes it. A backslash keeps a
delimiter from opening, but not from closing. Delimiters in code and in URLs of links do not close.
"""

import re
from string import punctuation

from markdown_it.rules_inline import StateInline

from reddit_archive.markup.snudown.nesting import (
    Env,
    nested,
    parse_inline,
    push_element,
    push_parsed_element,
    spend_steps,
)

SPACE = " \n"
STEPS_PER_STOP = 50
CHARACTERS_PER_STEP = 64
"""How many characters `str.find` searches in the time of one step of the parser."""
STOP_PATTERNS = {delimiter: re.compile(rf"[{re.escape(delimiter)}`\[]") for delimiter in "*_~<>"}
TAGS = {"*": "strong", "_": "strong", "~": "del", ">": "strong"}


def emphasis(state: StateInline, silent: bool) -> bool:
    """Parse emphasis of one to three delimiters."""
    delimiter = state.src[state.pos]
    if delimiter not in TAGS:
        return False
    source, start = state.src, state.pos
    while start - state.pos <= 3 and source.startswith(delimiter, start):
        start += 1
    width = start - state.pos
    if width > 3 or (delimiter in "~>" and width != 2) or len(source) <= start + 1:
        return False
    if source[start] in SPACE:
        return False
    end = (_parse_single, _parse_double, _parse_triple)[width - 1](state, source, start, delimiter)
    state.pos = end or state.pos
    return end > 0


def _parse_single(state: StateInline, source: str, start: int, delimiter: str) -> int:
    """Parse emphasis of one delimiter. Return where it ends; 0 if there is none."""
    position = start + source.startswith(delimiter * 2, start)
    while position := find_closer(source, start, position, delimiter, state.env):
        if source[position - 1] in SPACE or (
            delimiter == "_" and not _is_word_end(source, position + 1)
        ):
            continue
        is_shown = push_parsed_element(state, "em", source[start:position])
        return position + 1 if is_shown else 0
    return 0


def _parse_double(state: StateInline, source: str, start: int, delimiter: str) -> int:
    position = start
    while position := find_closer(source, start, position, delimiter, state.env):
        if (
            source.startswith(delimiter * 2, position)
            and position > start
            and source[position - 1] not in SPACE
        ):
            is_shown = push_parsed_element(state, TAGS[delimiter], source[start:position])
            return position + 2 if is_shown else 0
        position += 1
    return 0


def _parse_triple(state: StateInline, source: str, start: int, delimiter: str) -> int:
    """Parse `***both***`, or one of both that ends first."""
    position = start
    while position := find_closer(source, start, position, delimiter, state.env):
        if source[position - 1] in SPACE:
            continue
        if source.startswith(delimiter * 3, position):
            with nested(state.env):
                children = parse_inline(state, source[start:position])
            if not children:
                return 0
            state.push("strong_open", "strong", 1)
            push_element(state, "em", children)
            state.push("strong_close", "strong", -1)
            return position + 3
        if source.startswith(delimiter * 2, position):
            return _parse_single(state, source, start - 2, delimiter)
        return _parse_double(state, source, start - 1, delimiter)
    return 0


def _is_word_end(source: str, position: int) -> bool:
    return position >= len(source) or source[position] in SPACE or source[position] in punctuation


def find_closer(source: str, start: int, position: int, delimiter: str, env: Env) -> int:
    """Return the position of the next delimiter that can close; 0 if there is none.

    Code and links are skipped if they are closed. Otherwise the delimiters in them count.
    """
    position += 1
    if not spend_steps(env, 1):
        return 0
    while match := STOP_PATTERNS[delimiter].search(source, position):
        if not spend_steps(env, match.start() - position + STEPS_PER_STOP):
            return 0
        position = match.start()
        if source[position] == delimiter:
            return position
        if source[position - 1] == "\\":
            position += 1
            continue
        end, inner_position = (_skip_code if source[position] == "`" else _skip_link)(
            source, position, delimiter
        )
        if not spend_steps(env, max(end - position, 0) // CHARACTERS_PER_STEP):
            return 0
        if end >= len(source):
            return max(inner_position, 0)
        if end < 0:
            return inner_position
        position = end
    return 0


def _skip_code(source: str, start: int, delimiter: str) -> tuple[int, int]:
    """Return where a code span ends, and the first delimiter in it or 0."""
    content_start = start
    while content_start < len(source) and source[content_start] == "`":
        content_start += 1
    if content_start >= len(source):
        return len(source), 0
    end = source.find("`" * (content_start - start), content_start)
    stop = len(source) if end < 0 else end + content_start - start
    return stop, max(source.find(delimiter, content_start, stop), 0)


def _skip_link(source: str, start: int, delimiter: str) -> tuple[int, int]:
    """Return where a link ends, and the first delimiter in it or 0.

    The end is -1 for brackets that are not a link but contain a delimiter.
    """
    content_start = start + 1
    end = source.find("]", content_start)
    end = len(source) if end < 0 else end
    inner_position = max(source.find(delimiter, content_start, end), 0)
    end += 1
    while end < len(source) and source[end] in SPACE:
        end += 1
    if end >= len(source):
        return len(source), inner_position
    if source[end] not in "[(":
        return (-1, inner_position) if inner_position else (end, 0)
    content_start, closing_bracket = end + 1, "]" if source[end] == "[" else ")"
    end = source.find(closing_bracket, content_start)
    end = len(source) if end < 0 else end
    if end < len(source):
        return end + 1, 0
    return end, inner_position or max(source.find(delimiter, content_start, end), 0)
