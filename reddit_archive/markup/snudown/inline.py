"""Parses inline syntax other than emphasis and links."""

import re
from html import unescape
from html.entities import name2codepoint

from markdown_it.rules_inline import StateInline

from reddit_archive.markup.snudown.autolinks import ADDRESS_START
from reddit_archive.markup.snudown.nesting import (
    find_cached,
    nested,
    parse_inline,
    push_element,
    spend_steps,
)

TEXT = re.compile(
    rf"""
    (?:
        [A-Za-z]++(?![:@/.+_0-9-])  # a word that no address starts with
      | [ ]++(?!\n) | (?<=[ ])[ ]++
      | [^A-Za-z0-9.+_\-\\`*~\[<&^ \n>!/]++
      | (?!{ADDRESS_START})(?:[A-Za-z]++|[0-9.+-]++)
      | >(?![>!]) | !(?!\[) | /(?![ru]/)
    )*+
    """,
    re.VERBOSE,
)
"""Matches text up to where syntax can start. A search for that takes three times as long."""
MAX_PENDING = 128
"""The length at which pending text is flushed. Appending copies it, so it must not grow."""
BREAK = re.compile(r"( *)\n")
BACKTICKS = re.compile("`+")
ESCAPABLE = frozenset("\\`*_{}[]()#+-.!:|&<>/^~")
ENTITY = re.compile(r"&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|([0-9A-Za-z]+));")
SPACE = re.compile(r"[ \n]")
VALID_CODE_POINTS = (
    (9, 9),
    (10, 10),
    (13, 13),
    (32, 0xD7FF),
    (0xE000, 0xFFFD),
    (0x10000, 0x10FFFF),
)


def text(state: StateInline, silent: bool) -> bool:
    """Parse text up to the next syntax."""
    if len(state.pending) > MAX_PENDING:
        state.pushPending()
    match = TEXT.match(state.src, state.pos)
    if match is None or not match[0]:
        return False
    state.pending += match[0]
    state.pos = match.end()
    return True


def line_break(state: StateInline, silent: bool) -> bool:
    """Parse a line end. After two spaces it is a hard break."""
    match = BREAK.match(state.src, state.pos)
    if match is None:
        return False
    if len(match[1]) > 1:
        state.push("hardbreak", "br", 0)
    else:
        state.pending += match[0]
    state.pos = match.end()
    return True


def escape(state: StateInline, silent: bool) -> bool:
    """Parse a backslash escape."""
    character = state.src[state.pos + 1 : state.pos + 2]
    if state.src[state.pos] != "\\" or character not in ESCAPABLE:
        return False
    state.pending += character
    state.pos += 2
    return True


def entity(state: StateInline, silent: bool) -> bool:
    """Parse a character reference: a name from HTML 4, or a number that XML allows."""
    match = ENTITY.match(state.src, state.pos)
    if match is None:
        return False
    if match[3]:
        is_valid = match[3] in name2codepoint
    else:
        code_point = int(match[1]) if match[1] else int(match[2], 16)
        is_valid = any(first <= code_point <= last for first, last in VALID_CODE_POINTS)
    state.pending += unescape(match[0]) if is_valid else match[0]
    state.pos = match.end()
    return True


def code_span(state: StateInline, silent: bool) -> bool:
    """Parse a code span. The second run of backticks is at least as long as the first."""
    match = BACKTICKS.match(state.src, state.pos)
    if match is None:
        return False
    end = find_cached(state, match[0], match.end())
    if end < 0:
        return False
    token = state.push("code_inline", "code", 0)
    token.content = state.src[match.end() : end].strip(" ")
    state.pos = end + len(match[0])
    return True


def superscript(state: StateInline, silent: bool) -> bool:
    """Parse `^(…)` up to the first parenthesis or backslash, or `^…` up to the first space."""
    source, start = state.src, state.pos + 1
    if source[state.pos] != "^" or start >= len(source):
        return False
    if source[start] == "(":
        start += 1
        ends = find_cached(state, ")", start), find_cached(state, "\\", start) + 1
        end = min((position for position in ends if position > 0), default=len(source))
        if not spend_steps(state.env, 1) or end >= len(source):
            return False
        state.pos = end + 1
        if start == end:
            return True
    else:
        match = SPACE.search(source, start)
        end = match.start() if match else len(source)
        if start == end:
            return False
        state.pos = end
    with nested(state.env):
        children = parse_inline(state, source[start:end])
    push_element(state, "sup", children)
    return True
