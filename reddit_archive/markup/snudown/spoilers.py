"""Parses spoilers: `>!…!<` in a line, and what decides whether `>!` starts a spoiler block.

snudown looks for the next `<` outside of code and links. If `!` stands before it, it ends an inline
spoiler, wherever in the rest of the text it is, and the lines above are no spoiler block.
"""

from markdown_it.rules_inline import StateInline

from reddit_archive.markup.snudown import lines
from reddit_archive.markup.snudown.emphasis import SPACE, find_closer
from reddit_archive.markup.snudown.nesting import Env, find_cached, push_parsed_element

SPOILER_CLASS = "md-spoiler-text"


def is_block_start(source: str, start: int, env: Env) -> bool:
    """Return whether a spoiler block starts in the source at `start`, the start of a line."""
    match = lines.SPOILER_MARKER.match(source, start)
    if match is None:
        return False
    # Without any `!<` below, the search can't find one. Most texts have none.
    last_end = env["last_spoiler_ends"].get(source)
    if last_end is None:
        last_end = env["last_spoiler_ends"][source] = source.rfind("!<")
    return last_end < match.start(1) or not _ends_inline(source, match.start(1), env)


def measure_block_marker(line: str, env: Env) -> int:
    """Return the width of the `>!` that a line of a spoiler block begins with; 0 without one."""
    match = lines.SPOILER_MARKER.match(line)
    if match is None or ("!<" in line and _ends_inline(f"{line}\n", match.start(1), env)):
        return 0
    return match.end()


def _ends_inline(source: str, exclamation_mark: int, env: Env) -> bool:
    end = find_closer(source, exclamation_mark, exclamation_mark, "<", env)
    return end > 0 and source[end - 1] == "!"


def spoiler(state: StateInline, silent: bool) -> bool:
    """Parse `>!…!<`."""
    source, start = state.src, state.pos + 2
    if not source.startswith(">!", state.pos) or len(source) <= start + 1 or source[start] in SPACE:
        return False
    if find_cached(state, "!<", start) < 0:  # saves the search, which starts anew at each `>!`
        return False
    position = start
    while position := find_closer(source, start, position, "<", state.env):
        if source[position - 1] == "!":
            is_shown = push_parsed_element(
                state, "span", source[start : position - 1], **{"class": SPOILER_CLASS}
            )
            state.pos = position + 1 if is_shown else state.pos
            return is_shown
        position += 1
    return False
