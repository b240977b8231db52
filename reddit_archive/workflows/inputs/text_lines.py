"""Reads plain text: a reference and options per line, with `#` comments and bullets."""

import re
from collections.abc import Iterator

from reddit_archive.workflows.inputs import entries
from reddit_archive.workflows.inputs.entries import MAX_LENGTH, ListEntry, ListProblem

BULLET_PATTERN = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s+(?=\S)")
ENTRY_PATTERN = re.compile(
    r"\s*(?:-{1,2}[a-z][a-z-]*\S*.*"
    r"|(?:<?(?:https?:)?//\S+|\S*\bredd(?:it\.com|\.it)/\S*|t[13]_\w+|/?(?:r|u|user|comments)/\S+"
    r"|!?\[[^\]]{0,400}\]\([^\s()]+\)|[0-9a-z]{2,13})(?:\s+-{1,2}[a-z].*)?)\s*",
    re.IGNORECASE,
)
SAMPLE_LINES = 1_000


def is_list(text: str) -> bool:
    """Return whether most lines look like a reference with options, not like prose."""
    lines = [
        line
        for line in text[: SAMPLE_LINES * 200].split("\n")[:SAMPLE_LINES]
        if _strip_comment(line)
    ]
    match_count = sum(
        bool(ENTRY_PATTERN.fullmatch(_strip_comment(line)[:MAX_LENGTH])) for line in lines
    )
    return bool(lines) and match_count * 2 >= len(lines)


def read(text: str, name: str) -> Iterator[ListEntry | ListProblem]:
    """Yield what each line names; empty lines and comments are skipped."""
    for number, line in enumerate(text.split("\n"), 1):
        if entry := _strip_comment(line) if len(line) <= MAX_LENGTH else line:
            yield entries.parse_line(entry, f"{name}:{number}")


def _strip_comment(line: str) -> str:
    """Return a line without its comment and its bullet."""
    text = line[: _find_comment(line)] if "#" in line else line
    bullet = BULLET_PATTERN.match(text)
    return text[bullet.end() :].strip() if bullet else text.strip()


def _find_comment(line: str) -> int:
    """Return where the comment starts: at a `#` that starts a word outside quotation marks."""
    quote = ""
    for position, character in enumerate(line[: MAX_LENGTH + 1]):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "#" and (position == 0 or line[position - 1].isspace()):
            return position
    return len(line)
