"""Blocks: headings, rules, code, quotes, spoilers, paragraphs."""

from collections.abc import Sequence
from html import escape
from re import Pattern
from typing import Any

from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from reddit_archive.markup.snudown import lines
from reddit_archive.markup.snudown.nesting import deeper, read_blocks, read_line

SPOILER = "md-spoiler-text"
CODE_INDENT = "    "


def heading(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`#` at the very start of a line; no space need follow. An empty one shows nothing."""
    found = lines.HEADING.fullmatch(lines.Lines(state, start, end)[0])
    if found is None:
        return False
    state.line = start + 1
    if text := found[2].rstrip("#").rstrip(" "):
        _line_in(state, f"h{len(found[1])}", text)
    return True


def rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if not lines.is_rule(lines.Lines(state, start, end)[0]):
        return False
    state.push("hr", "hr", 0)
    state.line = start + 1
    return True


def fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Lines between fences, of which the second may be missing."""
    text = lines.Lines(state, start, end)
    found = lines.FENCE.fullmatch(text[0])
    if found is None:
        return False
    after = 1
    while after < len(text) and not _closes(text[after]):
        after += 1
    _code(state, text[1:after], language=found[1].strip("{}. "))
    state.line = min(start + after + 1, end)
    return True


def _closes(line: str) -> bool:
    found = lines.FENCE.fullmatch(line)
    return found is not None and not found[1]


def code(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Lines that are indented by four, and empty ones between them."""
    text = lines.Lines(state, start, end)
    if not text[0].startswith(CODE_INDENT):
        return False
    after = 0
    while after < len(text) and (text[after].startswith(CODE_INDENT) or not text[after].strip(" ")):
        after += 1
    state.line = start + after
    kept = ["" if lines.is_empty(line) else line[len(CODE_INDENT) :] for line in text[:after]]
    while kept and not kept[-1]:
        kept.pop()
    _code(state, kept)
    return True


def _code(state: StateBlock, kept: Sequence[str], language: str = "") -> None:
    token = state.push("code_block", "code", 0)
    token.content = "".join(f"{line}\n" for line in kept)
    token.info = language


def write_code(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """Write a block of code; snudown names the language in a class."""
    token = tokens[index]
    name = f' class="md-code-language-{escape(token.info)}"' if token.info else ""
    return f"<pre><code{name}>{escape(token.content)}</code></pre>\n"


def quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    return _quoted(state, start, end, lines.QUOTE)


def spoiler(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A quote whose lines begin with `>!`, where none of them ends a spoiler in the line."""
    return _quoted(state, start, end, lines.SPOILER, **{"class": SPOILER})


def _quoted(state: StateBlock, start: int, end: int, mark: Pattern[str], **attributes: str) -> bool:
    """Take lines with the mark, and all lines after them up to an empty one."""
    text = lines.Lines(state, start, end)
    if mark.match(text[0]) is None:
        return False
    taken = []
    after = 0
    while after < len(text):
        line = text[after]
        if found := mark.match(line):
            line = line[found.end() :]
        elif lines.is_empty(line) and not _goes_on(text, after + 1, mark):
            break
        taken.append(line)
        after += 1
    state.line = start + after
    state.push("blockquote_open", "blockquote", 1).attrs = dict(attributes)
    with deeper(state.env):
        read_blocks(state, "\n".join(taken) + "\n")
    state.push("blockquote_close", "blockquote", -1)
    return True


def _goes_on(text: Sequence[str], after: int, mark: Pattern[str]) -> bool:
    """Tell whether a quote goes on after an empty line: not before a line without the mark."""
    if after >= len(text):
        return False
    return mark.match(text[after]) is not None or lines.is_empty(text[after])


def paragraph(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Lines up to an empty one; the last is a heading where a line of `=` or `-` is below it."""
    text = lines.Lines(state, start, end)
    after = 0
    while after < len(text) and not lines.is_empty(text[after]):
        if lines.is_underline(text[after]):
            state.line = start + after + 1
            _underlined(state, text[:after], "h1" if text[after][0] == "=" else "h2")
            return True
        if after and lines.ends_paragraph(text[after]):
            break
        after += 1
    state.line = start + max(after, 1)
    _line_in(state, "p", "\n".join(text[:after]).lstrip(" \n"))
    return True


def _underlined(state: StateBlock, text: Sequence[str], tag: str) -> None:
    if len(text) > 1:
        _line_in(state, "p", "\n".join(text[:-1]).lstrip(" \n"))
    _line_in(state, tag, text[-1] if text else "")


def _line_in(state: StateBlock, tag: str, text: str) -> None:
    state.push(f"{tag}_open", tag, 1)
    with deeper(state.env):
        read_line(state, text)
    state.push(f"{tag}_close", tag, -1)
