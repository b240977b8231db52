"""Marks within a line, but for emphasis and links."""

import re
from html import unescape
from html.entities import name2codepoint

from markdown_it.rules_inline import StateInline

from reddit_archive.markup.snudown.autolinks import START
from reddit_archive.markup.snudown.nesting import enclose, find_once, spend

ACTIVE = re.compile(r"[\\`*_~\[<&^]|(?<! ) *\n|\n|>!|!\[|" + START)
"""Where something else than text may begin."""
MAX_PENDING = 128
"""Each character is added to a copy of the pending text, which therefore must not grow for ever."""
BREAK = re.compile(r"( *)\n")
BACKTICKS = re.compile("`+")
ESCAPED = frozenset("\\`*_{}[]()#+-.!:|&<>/^~")
ENTITY = re.compile(r"&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|([0-9A-Za-z]+));")
SPACE = re.compile(r"[ \n]")
CHARACTERS = ((9, 9), (10, 10), (13, 13), (32, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF))


def text(state: StateInline, silent: bool) -> bool:
    """Take all that means nothing but itself."""
    if len(state.pending) > MAX_PENDING:
        state.pushPending()
    found = ACTIVE.search(state.src, state.pos)
    end = found.start() if found else state.posMax
    if end == state.pos:
        return False
    state.pending += state.src[state.pos : end]
    state.pos = end
    return True


def line_break(state: StateInline, silent: bool) -> bool:
    """Break the line where two spaces end it."""
    found = BREAK.match(state.src, state.pos)
    if found is None:
        return False
    if len(found[1]) > 1:
        state.push("hardbreak", "br", 0)
    else:
        state.pending += found[0]
    state.pos = found.end()
    return True


def escape(state: StateInline, silent: bool) -> bool:
    after = state.src[state.pos + 1 : state.pos + 2]
    if state.src[state.pos] != "\\" or after not in ESCAPED:
        return False
    state.pending += after
    state.pos += 2
    return True


def entity(state: StateInline, silent: bool) -> bool:
    """A reference to a character that HTML 4 knows by name, or any that XML allows by number."""
    found = ENTITY.match(state.src, state.pos)
    if found is None:
        return False
    if found[3]:
        is_known = found[3] in name2codepoint
    else:
        number = int(found[1]) if found[1] else int(found[2], 16)
        is_known = any(first <= number <= last for first, last in CHARACTERS)
    state.pending += unescape(found[0]) if is_known else found[0]
    state.pos = found.end()
    return True


def code(state: StateInline, silent: bool) -> bool:
    """Text between two runs of backticks, of which the second is at least as long."""
    found = BACKTICKS.match(state.src, state.pos)
    if found is None:
        return False
    end = find_once(state, found[0], found.end())
    if end < 0:
        return False
    token = state.push("code_inline", "code", 0)
    token.content = state.src[found.end() : end].strip(" ")
    state.pos = end + len(found[0])
    return True


def superscript(state: StateInline, silent: bool) -> bool:
    """`^(…)` up to the first parenthesis, or what follows a backslash; `^…` to the first space."""
    source, begin = state.src, state.pos + 1
    if source[state.pos] != "^" or begin >= len(source):
        return False
    if source[begin] == "(":
        begin += 1
        ends = find_once(state, ")", begin), find_once(state, "\\", begin) + 1
        end = min((at for at in ends if at > 0), default=len(source))
        if not spend(state.env, 1) or end >= len(source):
            return False
        state.pos = end + 1
        if begin == end:
            return True
    else:
        found = SPACE.search(source, begin)
        end = found.start() if found else len(source)
        if begin == end:
            return False
        state.pos = end
    enclose(state, "sup", source[begin:end])
    return True


def spoiler(state: StateInline, silent: bool) -> bool:
    begin = state.pos + 2
    if not state.src.startswith(">!", state.pos) or state.src.startswith(" ", begin):
        return False
    end = find_once(state, "!<", begin)
    if end <= begin:
        return False
    state.pos = end + 2
    enclose(state, "span", state.src[begin:end], **{"class": "md-spoiler-text"})
    return True
