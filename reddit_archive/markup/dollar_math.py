"""Keeps dollar signs from being read as mathematics, in the finished Markdown of a paragraph.

VS Code and GitLab set `$x$`, `$$x$$` and ``$`x`$`` as mathematics. In VS Code a dollar sign opens
if no letter, digit or dollar sign stands before it, and the next one closes if no letter, digit or
dollar sign follows. A backslash stops both.
"""

import re
from collections.abc import Callable, Iterator

_TOKEN = re.compile(
    r"""
      \\(?P<escaped>[^\n])
    | (?P<code>(?P<fence>`+)(?!`).*?(?<!`)(?P=fence)(?!`))
    | (?P<span><span>\\\$</span>)
    | (?P<tag><[A-Za-z/!][^>]*>)
    | (?P<destination>\]\((?:<[^>]*>|[^\s()]*)(?:[ ]"[^"]*")?\))
    | (?P<dollar>\$)
    """,
    re.VERBOSE | re.DOTALL,
)
_WORD_OR_DOLLAR = re.compile(r"[\w$]", re.ASCII)


def escape(markdown: str) -> str:
    """Escape all dollar signs, if two of them are mathematics."""
    if markdown.count("$") < 2 or not _has_math(markdown):
        return markdown
    return replace_dollars(markdown, lambda match: f"\\{match[0][-1]}")


def replace_dollars(markdown: str, replace: Callable[[re.Match[str]], str]) -> str:
    """Replace each dollar sign, escaped or not, that is text and does not stand in a <span>."""
    return _TOKEN.sub(lambda match: replace(match) if _is_text(match) else match[0], markdown)


def _is_text(match: re.Match[str]) -> bool:
    return match["dollar"] is not None or match["escaped"] == "$"


def _has_math(markdown: str) -> bool:
    """Return whether a dollar sign opens and the next one, in code or in a URL too, closes."""
    double_count = 0
    previous = -1  # the position of a dollar sign that opens
    for position, is_text in _iter_dollars(markdown):
        before, after = (
            markdown[max(0, position - 1) : position],
            markdown[position + 1 : position + 3],
        )
        double_count += before != "$" and after[:1] == "$" != after[1:]
        can_close = not _WORD_OR_DOLLAR.match(after)
        if double_count > 1 or (0 <= previous < position - 1 and can_close):
            return True
        previous = position if is_text and not _WORD_OR_DOLLAR.match(before) else -1
    return False


def _iter_dollars(markdown: str) -> Iterator[tuple[int, bool]]:
    """Yield the position of each dollar sign without a backslash, and whether it is text."""
    for match in _TOKEN.finditer(markdown):
        if match["escaped"] is None:
            for dollar in re.finditer(r"\$", match[0]):
                yield match.start() + dollar.start(), match["dollar"] is not None
