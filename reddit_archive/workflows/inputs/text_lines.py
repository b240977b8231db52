"""A list as plain text: a reference and options a line, `#` comments, perhaps bullets."""

import re
from collections.abc import Iterator

from reddit_archive.workflows.inputs import entries
from reddit_archive.workflows.inputs.entries import LONGEST, ListEntry, ListProblem

BULLET = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s+(?=\S)")
ALIKE = re.compile(
    r"\s*(?:-{1,2}[a-z][a-z-]*\S*.*"
    r"|(?:<?(?:https?:)?//\S+|\S*\bredd(?:it\.com|\.it)/\S*|t[13]_\w+|/?(?:r|u|user|comments)/\S+"
    r"|!?\[[^\]]{0,400}\]\([^\s()]+\)|[0-9a-z]{2,13})(?:\s+-{1,2}[a-z].*)?)\s*",
    re.IGNORECASE,
)
ENOUGH = 1_000


def is_list(text: str) -> bool:
    """Tell whether most lines are like a list's: one thing, and options; else it is prose."""
    found = [line for line in text[: ENOUGH * 200].split("\n")[:ENOUGH] if _entry(line)]
    alike = sum(bool(ALIKE.fullmatch(_entry(line)[:LONGEST])) for line in found)
    return bool(found) and alike * 2 >= len(found)


def read(text: str, name: str) -> Iterator[ListEntry | ListProblem]:
    """Give what each line names; a line without anything names nothing."""
    for number, line in enumerate(text.split("\n"), 1):
        if entry := _entry(line) if len(line) <= LONGEST else line:
            yield entries.line(entry, f"{name}:{number}")


def _entry(line: str) -> str:
    """A line without its comment and its bullet."""
    text = line[: _comment(line)] if "#" in line else line
    bullet = BULLET.match(text)
    return text[bullet.end() :].strip() if bullet else text.strip()


def _comment(line: str) -> int:
    """Where a comment begins: at a `#` that begins a word and is not between quotation marks."""
    quote = ""
    for place, mark in enumerate(line[: LONGEST + 1]):
        if quote:
            quote = "" if mark == quote else quote
        elif mark in "\"'":
            quote = mark
        elif mark == "#" and (place == 0 or line[place - 1].isspace()):
            return place
    return len(line)
