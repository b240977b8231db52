"""Recognize quotes by their shape, for blocks of version 1.0, which have no digest.

A quote is an optional heading that links to Reddit, followed by blockquotes that each begin with an
author line. Any other text between two markers is the user's own.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from reddit_archive import markup
from reddit_archive.markup import targets
from reddit_archive.quote.attribution import REDACTED
from reddit_archive.quote.style import READY, Style

_REDDIT = r"https://www\.reddit\.com/"
_HEADINGS = (
    re.compile(rf"#{{1,6}} (?:[ru]\\?/\S+: )?\[.+\]\(<?{_REDDIT}\S*\)"),
    re.compile(rf"(?:[ru]/\S+: |Thread (?=\w+ <)).+ <{_REDDIT}\S*>"),
    re.compile(rf'<h([1-6])>(?:[ru]/\S+: )?<a href="{_REDDIT}[^"]*" rel="nofollow">.+</a></h\1>'),
)
_BARE_HEADING = re.compile(rf"(?!>).+ <{_REDDIT}(?:\S*/)?comments/\S*>")
_LABEL = r"[^\s\[\]]{1,100}"
_ADDRESS = rf"{_REDDIT}(?:user|u|r|comments)/"
_LINKED = (
    rf"\[{_LABEL}\]\(<?{_ADDRESS}\S*\)",
    rf"{_LABEL} <{_ADDRESS}\S*>",
    rf'<a href="{_ADDRESS}[^"]*" rel="nofollow">{_LABEL}</a>',
)
_PSEUDONYM = r"user-[0-9a-f]{8,16}"
_NAME = r"[\w\\&#;<>-]{1,100}"
_U = r"u\\?/"
_REPLY = r"(?: in reply to .+?)?"
_TAG = re.compile(r"<(/?)blockquote>")


def foreign_line(lines: Sequence[str], styles: Iterable[Style] = ()) -> int | None:
    """Return the index of the first line that is not part of a quote; None if all lines are.

    `styles` are the styles of config.yaml. The built-in styles are always checked.
    """
    known = tuple(dict.fromkeys([*READY.values(), *styles]))
    found = [_foreign_in_markdown(lines, known), _foreign_in_html(lines, known)]
    return None if None in found else max(number for number in found if number is not None)


def _foreign_in_markdown(lines: Sequence[str], styles: tuple[Style, ...]) -> int | None:
    is_author_line = _author_line(styles)
    is_start = True
    for number, line in enumerate(lines):
        if not line:
            is_start = True
        elif number == 0 and _is_heading(line, styles):
            continue
        elif not line.startswith(">") or (is_start and not is_author_line(line[1:].lstrip(" "))):
            return number
        else:
            is_start = False
    return None


def _foreign_in_html(lines: Sequence[str], styles: tuple[Style, ...]) -> int | None:
    is_author_line = _author_line(styles)
    depth = 0
    for number, line in enumerate(lines):
        if not depth and number == 0 and _is_heading(line, styles):
            continue
        at = 0
        for tag in _TAG.finditer(line):
            if not depth and line[at : tag.start()].strip():
                return number
            depth += -1 if tag[1] else 1
            at = tag.end()
            if depth < 0:
                return number
            if depth == 1 and not tag[1]:
                first = line[at:] or next(iter(lines[number + 1 : number + 2]), "")
                author = re.match(r"<p>(.*?)</p>", first)
                if author is None or not is_author_line(author[1]):
                    return number
        if not depth and line[at:].strip():
            return number
    return len(lines) - 1 if depth else None


def _is_heading(line: str, styles: tuple[Style, ...]) -> bool:
    if any(pattern.fullmatch(line) for pattern in _HEADINGS):
        return True
    is_bare = any(not style.heading_subreddit for style in styles)
    return is_bare and _BARE_HEADING.fullmatch(line) is not None


@lru_cache(maxsize=8)
def _author_line(styles: tuple[Style, ...]) -> Callable[[str], object]:
    """Return a function that checks whether a line can be an author line in one of the styles.

    Only the name may lack a link, and only if a style writes it without one.
    """
    patterns = "|".join(dict.fromkeys(_author_patterns(style) for style in styles))
    return re.compile(patterns).fullmatch


def _author_patterns(style: Style) -> str:
    prefixes = _any_of(_written(style.post_prefix) | _written(style.comment_prefix) | {""})
    nobody = _written(style.nobody) | {"[deleted]", REDACTED}
    rest = f"(?: {_any_of(_written(style.separator))} .*)?" if style.separator else "(?: .*)?"
    names = [f"(?:{'|'.join(_LINKED)}|{_any_of(nobody)}|(?:{_U})?{_PSEUDONYM}){_REPLY}{rest}"]
    if style.author_link == "none":  # without a separator, any sentence would look like a name
        names.append(f"(?:{_U})?{_NAME}{_REPLY}{rest if style.separator else ''}")
    return f"(?:{prefixes} ?)?(?:{'|'.join(names)})"


def _written(plain: str) -> set[str]:
    """Return a style's words as the targets write them."""
    return {markup.text(plain, target=name) for name in targets.NAMES} | {plain}


def _any_of(words: set[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, sorted(words)))})"
