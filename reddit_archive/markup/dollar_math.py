"""Keeps dollar signs from being read as mathematics, in the finished Markdown of a paragraph.

VS Code, GitHub and GitLab set `$x$`, `$$x$$` and ``$`x`$`` as mathematics. In VS Code a dollar sign
opens if no letter, digit or dollar sign stands before it, and the next one closes if none follows.
In GitLab, as in Pandoc, no space follows the first and none stands before the second, and no digit
follows.
"""

import re
from collections.abc import Iterator

HTML_SPAN = "<span>$</span>"
SPAN = r"<span>\$</span>"
"""A dollar sign that is text.

GitHub sees no backslash, and its documentation recommends an element. The backslash is for VS Code,
and for GitLab, which finds mathematics across elements.
"""

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
# GitLab counts no other white space.
_SPACES = frozenset(" \n")
_NOT_OPENED = _SPACES | {"", "$"}
_WORD_OR_DOLLAR = re.compile(r"[\w$]", re.ASCII)


def escape(markdown: str) -> str:
    """Escape all dollar signs, if two of them are mathematics."""
    # The rules put a backslash before two pairs, which GitHub would still find.
    if markdown.count("$") > 1 and (r"\$" in markdown or has_math(markdown)):
        return replace_dollars(markdown)
    return markdown


def replace_dollars(markdown: str, escaped_dollar: str = SPAN) -> str:
    """Replace each dollar sign, escaped or not, that is text and does not stand in a <span>."""
    return _TOKEN.sub(lambda match: escaped_dollar if _is_text(match) else match[0], markdown)


def _is_text(match: re.Match[str]) -> bool:
    return match["dollar"] is not None or match["escaped"] == "$"


def has_math(markdown: str) -> bool:
    """Return whether a dollar sign opens and another one, in code or in a URL too, closes."""
    if "$`" in markdown and "`$" in markdown:
        return True  # what follows does not matter to GitLab
    double_count = 0
    opener = gitlab_opener = -1  # positions
    for position, is_text in _iter_dollars(markdown):
        before = markdown[max(0, position - 1) : position]
        after = markdown[position + 1 : position + 3]
        double_count += before != "$" and after[:1] == "$" != after[1:]
        closes = 0 <= opener < position - 1 and not _WORD_OR_DOLLAR.match(after)
        is_after_text = not (before in _SPACES or after[:1].isdigit())
        closes_in_gitlab = 0 <= gitlab_opener < position - 1 and is_after_text
        if double_count > 1 or closes or closes_in_gitlab:
            return True
        opener = position if is_text and not _WORD_OR_DOLLAR.match(before) else -1
        if gitlab_opener < 0 and is_text and after[:1] not in _NOT_OPENED:
            gitlab_opener = position
    return False


def _iter_dollars(markdown: str) -> Iterator[tuple[int, bool]]:
    """Yield the position of each dollar sign without a backslash, and whether it is text."""
    for match in _TOKEN.finditer(markdown):
        if match["escaped"] is None:
            for dollar in re.finditer(r"\$", match[0]):
                yield match.start() + dollar.start(), match["dollar"] is not None
