r"""The rules by which VS Code finds mathematics: those of `@vscode/markdown-it-katex` 1.1.

An opening dollar sign has no word character, dollar sign or backslash before it. The next dollar
sign without a backslash closes if no word character or dollar sign follows. They run as rules of
markdown-it, in the order of the plug-in. VS Code also sets `\begin{x}…\end{x}` and blocks of code
in the language `math`.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

_WORD = re.compile(r"\w", re.ASCII)
_OPEN_TAG = re.compile(r"<\w+.+[^/]>$")
_BEGIN = re.compile(r"\s*\\begin\s*\{[^{}]+\}")


def find_math(markdown: str) -> list[str]:
    """Return the mathematics that VS Code would set."""
    found: list[str] = []
    for token in _MARKDOWN_IT.parse(markdown):
        found += [child.content for child in token.children or () if child.type == "math"]
        if token.type == "math" or (token.type == "fence" and token.info.strip().lower() == "math"):
            found.append(token.content)
    return found


def _parse_inline(state: StateInline, silent: bool) -> bool:
    start, text = state.pos, state.src
    if text[start] != "$":
        return False
    last = state.tokens[-1] if state.tokens else None
    if last is not None and last.type == "html_inline" and _OPEN_TAG.match(last.content):
        return False
    if not _can_open(text, start):
        return _add_text(state, "$", silent)
    end = _find_unescaped(text, "$", start + 1)
    if end == -1 or (end > start + 1 and not _can_close(text, end)):
        return _add_text(state, "$", silent)
    if end == start + 1:
        return False  # the next rule reads `$$`
    return _add_math(state, text[start + 1 : end], end + 1, silent)


def _parse_double(state: StateInline, silent: bool) -> bool:
    start, text = state.pos, state.src
    if not text.startswith("$$", start):
        return False
    end = _find_unescaped(text, "$$", start + 2)
    is_math = _is_double(text, start) and end > start + 2 and _is_double(text, end)
    if not is_math:
        return _add_text(state, "$$", silent)
    return _add_math(state, text[start + 2 : end], end + 2, silent)


def _parse_bare(state: StateInline, silent: bool) -> bool:
    text = state.src[state.pos :]
    if not text.startswith("\n\\begin") or "\\end" not in text:
        return False
    return _add_math(state, text, len(state.src), silent)


def _parse_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    line = _get_line(state, start)
    is_double = line.startswith("$$") and len(re.findall(r"\$\$", line[2:])) < 2
    if not (is_double or _BEGIN.match(line)):
        return False
    if not silent:
        state.push("math", "math", 0).content = line
        state.line = end
    return True


def _get_line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _add_text(state: StateInline, text: str, silent: bool) -> bool:
    if not silent:
        state.pending += text
    state.pos += len(text)
    return True


def _add_math(state: StateInline, content: str, end: int, silent: bool) -> bool:
    if not silent:
        state.push("math", "math", 0).content = content
    state.pos = end
    return True


def _can_open(text: str, position: int) -> bool:
    before = text[max(0, position - 1) : position]
    return before not in ("$", "\\") and not _WORD.match(before)


def _can_close(text: str, position: int) -> bool:
    after = text[position + 1 : position + 2]
    return after != "$" and not _WORD.match(after)


def _is_double(text: str, position: int) -> bool:
    before = text[max(0, position - 1) : position]
    return before not in ("$", "\\") and text[position + 2 : position + 3] != "$"


def _find_unescaped(text: str, mark: str, start: int) -> int:
    position = text.find(mark, start)
    while position != -1 and re.search(r"(?<!\\)(?:\\\\)*\\\Z", text[:position]):
        position = text.find(mark, position + len(mark))
    return position


def _build() -> MarkdownIt:
    markdown_it = MarkdownIt("default", {"html": True, "maxNesting": 200})
    markdown_it.inline.ruler.after("escape", "math_inline", _parse_inline)
    markdown_it.inline.ruler.after("math_inline", "math_double", _parse_double)
    markdown_it.inline.ruler.before("text", "math_bare", _parse_bare)
    alternatives = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    markdown_it.block.ruler.after("blockquote", "math_block", _parse_block, alternatives)
    return markdown_it


_MARKDOWN_IT = _build()
