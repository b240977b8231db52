"""Parses blocks: headings, thematic breaks, code, quotes, spoilers, paragraphs."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from reddit_archive.markup.snudown import lines, spoilers
from reddit_archive.markup.snudown.nesting import nested, parse_blocks, push_inline

CODE_INDENT = "    "


def heading(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a heading: `#` at the very start of a line. An empty heading is dropped."""
    match = lines.HEADING.fullmatch(lines.LineView(state, start, end)[0])
    if match is None:
        return False
    state.line = start + 1
    if text := match[2].rstrip("#").rstrip(" "):
        _push_text_block(state, f"h{len(match[1])}", text)
    return True


def thematic_break(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a thematic break."""
    if not lines.is_thematic_break(lines.LineView(state, start, end)[0]):
        return False
    state.push("hr", "hr", 0)
    state.line = start + 1
    return True


def fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse fenced code. The closing fence may be missing."""
    source_lines = lines.LineView(state, start, end)
    match = lines.FENCE.fullmatch(source_lines[0])
    if match is None:
        return False
    stop = 1
    while stop < len(source_lines) and not _is_closing_fence(source_lines[stop]):
        stop += 1
    _push_code_block(state, source_lines[1:stop], language=match[1].strip("{}. "))
    state.line = min(start + stop + 1, end)
    return True


def _is_closing_fence(line: str) -> bool:
    match = lines.FENCE.fullmatch(line)
    return match is not None and not match[1]


def indented_code(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse lines that are indented by four spaces, and blank lines between them."""
    source_lines = lines.LineView(state, start, end)
    if not source_lines[0].startswith(CODE_INDENT):
        return False
    stop = 0
    while stop < len(source_lines) and (
        source_lines[stop].startswith(CODE_INDENT) or not source_lines[stop].strip(" ")
    ):
        stop += 1
    state.line = start + stop
    code_lines = [
        "" if lines.is_blank(line) else line[len(CODE_INDENT) :] for line in source_lines[:stop]
    ]
    while code_lines and not code_lines[-1]:
        code_lines.pop()
    _push_code_block(state, code_lines)
    return True


def _push_code_block(state: StateBlock, code_lines: Sequence[str], language: str = "") -> None:
    token = state.push("code_block", "code", 0)
    token.content = "".join(f"{line}\n" for line in code_lines)
    token.info = language


def render_code_block(
    renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    """Render a code block, with a class for its language."""
    token = tokens[index]
    class_attribute = f' class="md-code-language-{escape(token.info)}"' if token.info else ""
    return f"<pre><code{class_attribute}>{escape(token.content)}</code></pre>\n"


def blockquote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a quote."""

    def measure_marker(line: str) -> int:
        match = lines.QUOTE_MARKER.match(line)
        return match.end() if match else 0

    source_lines = lines.LineView(state, start, end)
    if not measure_marker(source_lines[0]):
        return False
    _parse_quote(
        state, start, source_lines, measure_marker, lambda i: measure_marker(source_lines[i]) > 0
    )
    return True


def spoiler(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a spoiler block: lines that begin with `>!`, if no inline spoiler ends below."""
    source_lines = lines.LineView(state, start, end)

    def is_start(index: int) -> bool:
        return spoilers.is_block_start(state.src, source_lines.get_start(index), state.env)

    if not is_start(0):
        return False
    _parse_quote(
        state,
        start,
        source_lines,
        lambda line: spoilers.measure_block_marker(line, state.env),
        is_start,
        **{"class": spoilers.SPOILER_CLASS},
    )
    return True


def _parse_quote(
    state: StateBlock,
    start: int,
    source_lines: Sequence[str],
    measure_marker: Callable[[str], int],
    is_start: Callable[[int], bool],
    **attributes: str,
) -> None:
    """Parse lines with the marker and all following lines up to a blank one.

    A quote goes on after a blank line if the next line is blank or starts a quote of its own.
    """
    quoted_lines = []
    stop = 0
    while stop < len(source_lines):
        line = source_lines[stop]
        if width := measure_marker(line):
            line = line[width:]
        elif lines.is_blank(line) and not (
            stop + 1 < len(source_lines)
            and (lines.is_blank(source_lines[stop + 1]) or is_start(stop + 1))
        ):
            break
        quoted_lines.append(line)
        stop += 1
    state.line = start + stop
    state.push("blockquote_open", "blockquote", 1).attrs = dict(attributes)
    with nested(state.env):
        parse_blocks(state, "\n".join(quoted_lines) + "\n")
    state.push("blockquote_close", "blockquote", -1)


def paragraph(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a paragraph. Its last line is a heading if a line of `=` or `-` follows."""
    text_lines: list[str] = []
    for line in lines.LineView(state, start, end):
        if lines.is_blank(line):
            break
        if lines.is_setext_underline(line):
            state.line = start + len(text_lines) + 1
            _push_setext_heading(state, text_lines, "h1" if line[0] == "=" else "h2")
            return True
        if text_lines and lines.ends_paragraph(line):
            break
        text_lines.append(line)
    state.line = start + max(len(text_lines), 1)
    _push_text_block(state, "p", "\n".join(text_lines).lstrip(" \n"))
    return True


def plain_paragraph(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a paragraph whose first line can't start another block, which most lines can't."""
    first_line = lines.LineView(state, start, end)[0]
    return not lines.BLOCK_START.match(first_line) and paragraph(state, start, end, silent)


def _push_setext_heading(state: StateBlock, source_lines: Sequence[str], tag: str) -> None:
    if len(source_lines) > 1:
        _push_text_block(state, "p", "\n".join(source_lines[:-1]).lstrip(" \n"))
    _push_text_block(state, tag, source_lines[-1] if source_lines else "")


def _push_text_block(state: StateBlock, tag: str, text: str) -> None:
    state.push(f"{tag}_open", tag, 1)
    with nested(state.env):
        push_inline(state, text)
    state.push(f"{tag}_close", tag, -1)
