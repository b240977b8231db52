"""Recognizes quotes by their shape, for blocks of version 1.0, which have no digest.

A quote is an optional heading that links to Reddit, followed by blockquotes that each begin with an
author line. Any other text between two markers is the user's own.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from reddit_archive import markup
from reddit_archive.markup import targets
from reddit_archive.quote import text_marks
from reddit_archive.quote.attribution import REDACTED_LABEL, UNKNOWN_LABEL
from reddit_archive.quote.style import BUILT_IN_STYLES, Style

_REDDIT_URL = r"https://www\.reddit\.com/"
_HEADING_PATTERNS = (
    re.compile(rf"#{{1,6}} (?:[ru]\\?/\S+: )?\[.+\]\(<?{_REDDIT_URL}\S*\)"),
    re.compile(rf"(?:[ru]/\S+: |Thread (?=\w+ <)).+ <{_REDDIT_URL}\S*>"),
    re.compile(
        rf'<h([1-6])>(?:[ru]/\S+: )?<a href="{_REDDIT_URL}[^"]*" rel="nofollow">.+</a></h\1>'
    ),
)
_HEADING_WITHOUT_SUBREDDIT = re.compile(rf"(?!>).+ <{_REDDIT_URL}(?:\S*/)?comments/\S*>")
_LABEL = r"[^\s\[\]]{1,100}"
_AUTHOR_URL = rf"{_REDDIT_URL}(?:user|u|r|comments)/"
_LINKED_NAMES = (
    rf"\[{_LABEL}\]\(<?{_AUTHOR_URL}\S*\)",
    rf"{_LABEL} <{_AUTHOR_URL}\S*>",
    rf'<a href="{_AUTHOR_URL}[^"]*" rel="nofollow">{_LABEL}</a>',
)
_PSEUDONYM = r"user-[0-9a-f]{8,16}"
_NAME = r"[\w\\&#;<>-]{1,100}"
_USER_PREFIX = r"u\\?/"
_FORMAT_START, _FORMAT_END = r"(?:\*{1,2}|<strong>|<em>)?", r"(?:\*{1,2}|</strong>|</em>)?"
_CALLOUT = r"(?:\[![\w-]+\][+-]? )?"
_IN_REPLY_TO = r"(?: in reply to .+?)?"
_BLOCKQUOTE_TAG = re.compile(r"<(/?)blockquote>")


def find_foreign_line(lines: Sequence[str], styles: Iterable[Style] = ()) -> int | None:
    """Return the index of the first line that is not part of a quote; None if all lines are.

    `styles` are the styles of config.yaml. The built-in styles are always checked.
    """
    all_styles = tuple(dict.fromkeys([*BUILT_IN_STYLES.values(), *styles]))
    line_numbers = [
        _find_foreign_in_markdown(lines, all_styles),
        _find_foreign_in_html(lines, all_styles),
    ]
    return (
        None
        if None in line_numbers
        else max(number for number in line_numbers if number is not None)
    )


def _find_foreign_in_markdown(lines: Sequence[str], styles: tuple[Style, ...]) -> int | None:
    is_author_line = _compile_author_line(styles)
    is_start = True
    for number, line in enumerate(lines):
        if not line:
            is_start = True
        elif number == 0 and _is_heading(line, styles):
            continue
        elif (
            line.startswith("(")
            and is_start
            and text_marks.is_explanation(" ".join(lines[number:]))
        ):
            return None
        elif not line.startswith(">") or (is_start and not is_author_line(line[1:].lstrip(" "))):
            return number
        else:
            is_start = False
    return None


def _find_foreign_in_html(lines: Sequence[str], styles: tuple[Style, ...]) -> int | None:
    is_author_line = _compile_author_line(styles)
    depth = 0
    for number, line in enumerate(lines):
        if not depth and number == 0 and _is_heading(line, styles):
            continue
        position = 0
        for tag in _BLOCKQUOTE_TAG.finditer(line):
            if not depth and line[position : tag.start()].strip():
                return number
            depth += -1 if tag[1] else 1
            position = tag.end()
            if depth < 0:
                return number
            if depth == 1 and not tag[1]:
                first_line = line[position:] or next(iter(lines[number + 1 : number + 2]), "")
                author_match = re.match(r"<p>(.*?)</p>", first_line)
                if author_match is None or not is_author_line(author_match[1]):
                    return number
        if not depth and line[position:].strip():
            return number
    return len(lines) - 1 if depth else None


def _is_heading(line: str, styles: tuple[Style, ...]) -> bool:
    if any(pattern.fullmatch(line) for pattern in _HEADING_PATTERNS):
        return True
    can_omit_subreddit = any(not style.heading_subreddit for style in styles)
    return can_omit_subreddit and _HEADING_WITHOUT_SUBREDDIT.fullmatch(line) is not None


@lru_cache(maxsize=8)
def _compile_author_line(styles: tuple[Style, ...]) -> Callable[[str], object]:
    """Return a function that checks whether a line can be an author line in one of the styles.

    Only the name may lack a link, and only if a style writes it without one.
    """
    patterns = "|".join(dict.fromkeys(_build_author_pattern(style) for style in styles))
    return re.compile(patterns).fullmatch


def _build_author_pattern(style: Style) -> str:
    prefixes = _build_alternatives(
        _escape_for_all_targets(style.post_prefix)
        | _escape_for_all_targets(style.comment_prefix)
        | {""}
    )
    deleted_author_labels = _escape_for_all_targets(style.nobody) | {
        "[deleted]",
        REDACTED_LABEL,
        UNKNOWN_LABEL,
    }
    rest = (
        f"(?: {_build_alternatives(_escape_for_all_targets(style.separator))} .*)?"
        if style.separator
        else "(?: .*)?"
    )
    start, end = ("", "") if style.author_format == "plain" else (_FORMAT_START, _FORMAT_END)
    names = [
        f"{start}(?:{'|'.join(_LINKED_NAMES)}|{_build_alternatives(deleted_author_labels)}|(?:{_USER_PREFIX})?{_PSEUDONYM}){end}{_IN_REPLY_TO}{rest}"
    ]
    if style.author_link == "none":  # without a separator, any sentence would look like a name
        rest = rest if style.separator else ""
        names.append(f"{start}(?:{_USER_PREFIX})?{_NAME}{end}{_IN_REPLY_TO}{rest}")
    callout = _CALLOUT if style.callout else ""
    return f"{callout}(?:{prefixes} ?)?(?:{'|'.join(names)})"


def _escape_for_all_targets(text: str) -> set[str]:
    """Return a style's words as the targets write them."""
    return {markup.escape_text(text, target=name) for name in targets.NAMES} | {text}


def _build_alternatives(words: set[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, sorted(words)))})"
