"""`*em*`, `**strong**`, `***both***`, the same with `_`, and `~~del~~`: found as snudown does.

A mark opens wherever something follows it, and closes at the next mark that follows something; a
backslash keeps it from opening alone. Marks in code and in the addresses of links do not close.
"""

import re
from string import punctuation

from markdown_it.rules_inline import StateInline

from reddit_archive.markup.snudown.nesting import Env, deeper, enclose, put, read_spans, spend

SPACE = " \n"
STOP_COSTS = 50
CHARACTERS_PER_STEP = 64
"""`str.find` looks at this many characters while the parser takes one step."""
STOPS = {mark: re.compile(rf"[{re.escape(mark)}`\[]") for mark in "*_~"}
TAGS = {"*": "strong", "_": "strong", "~": "del"}


def emphasis(state: StateInline, silent: bool) -> bool:
    mark = state.src[state.pos]
    if mark not in TAGS:
        return False
    source, start = state.src, state.pos
    while start - state.pos <= 3 and source.startswith(mark, start):
        start += 1
    width = start - state.pos
    if width > 3 or (mark == "~" and width != 2) or len(source) <= start + 1:
        return False
    if source[start] in SPACE:
        return False
    end = (_single, _double, _triple)[width - 1](state, source, start, mark)
    state.pos = end or state.pos
    return end > 0


def _single(state: StateInline, source: str, start: int, mark: str) -> int:
    """Read emphasis of one mark; gives where it ends, 0 where there is none."""
    at = start + source.startswith(mark * 2, start)
    while at := _next(source, start, at, mark, state.env):
        if source[at - 1] in SPACE or (mark == "_" and not _ends_word(source, at + 1)):
            continue
        enclose(state, "em", source[start:at])
        return at + 1
    return 0


def _double(state: StateInline, source: str, start: int, mark: str) -> int:
    at = start
    while at := _next(source, start, at, mark, state.env):
        if source.startswith(mark * 2, at) and at > start and source[at - 1] not in SPACE:
            enclose(state, TAGS[mark], source[start:at])
            return at + 2
        at += 1
    return 0


def _triple(state: StateInline, source: str, start: int, mark: str) -> int:
    """Both at once; or one that ends first, within the other."""
    at = start
    while at := _next(source, start, at, mark, state.env):
        if source[at - 1] in SPACE:
            continue
        if source.startswith(mark * 3, at):
            with deeper(state.env):
                children = read_spans(state, source[start:at])
            state.push("strong_open", "strong", 1)
            put(state, "em", children)
            state.push("strong_close", "strong", -1)
            return at + 3
        if source.startswith(mark * 2, at):
            return _single(state, source, start - 2, mark)
        return _double(state, source, start - 1, mark)
    return 0


def _ends_word(source: str, at: int) -> bool:
    return at >= len(source) or source[at] in SPACE or source[at] in punctuation


def _next(source: str, start: int, at: int, mark: str, env: Env) -> int:
    """Find the next mark behind `at` that may close; 0 where there is none.

    What begins as code or a link is passed over, if it ends; else a mark within it counts.
    """
    at += 1
    while found := STOPS[mark].search(source, at):
        if not spend(env, found.start() - at + STOP_COSTS):
            return 0
        at = found.start()
        if source[at] == mark:
            return at
        if source[at - 1] == "\\":
            at += 1
            continue
        end, within = (_code if source[at] == "`" else _link)(source, at, mark)
        if not spend(env, max(end - at, 0) // CHARACTERS_PER_STEP):
            return 0
        if end >= len(source):
            return max(within, 0)
        if end < 0:
            return within
        at = end
    return 0


def _code(source: str, at: int, mark: str) -> tuple[int, int]:
    """Where a span of code ends, and the first mark in it or 0."""
    begin = at
    while begin < len(source) and source[begin] == "`":
        begin += 1
    if begin >= len(source):
        return len(source), 0
    end = source.find("`" * (begin - at), begin)
    stop = len(source) if end < 0 else end + begin - at
    return stop, max(source.find(mark, begin, stop), 0)


def _link(source: str, at: int, mark: str) -> tuple[int, int]:
    """The same of a link; -1 for its end where it turns out to be none, and has a mark."""
    begin = at + 1
    end = source.find("]", begin)
    end = len(source) if end < 0 else end
    within = max(source.find(mark, begin, end), 0)
    end += 1
    while end < len(source) and source[end] in SPACE:
        end += 1
    if end >= len(source):
        return len(source), within
    if source[end] not in "[(":
        return (-1, within) if within else (end, 0)
    begin, closing = end + 1, "]" if source[end] == "[" else ")"
    end = source.find(closing, begin)
    end = len(source) if end < 0 else end
    within = within or max(source.find(mark, begin, end), 0)
    return end + 1 if end < len(source) else end, within
