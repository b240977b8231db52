"""Finds link definitions: `[name]: URL "title"`. The URL and the title may be on lines below."""

import re

Definitions = dict[str, tuple[str, str]]
"""(URL, title) by lower-case name."""
_LABEL = re.compile(r" {0,3}\[([^\]\n]*)\]: *(?:\n *)?<?")
_URL = re.compile(r"([^ \n]*) *")
_SPACES = re.compile(r" *")
_TITLE_START, _TITLE_END = "'\"(", "'\")"


def extract(text: str) -> tuple[str, Definitions]:
    """Return the text without its definitions, and the definitions. Each leaves an empty line."""
    definitions: Definitions = {}
    if "]:" not in text:
        return text, definitions
    parts, position, kept = [], 0, 0
    while position < len(text):
        end = _parse_definition(text, position, definitions)
        if end is not None:
            parts.append(text[kept:position])
            position = kept = end
        line_end = text.find("\n", position)
        position = len(text) if line_end < 0 else line_end + 1
    return "".join([*parts, text[kept:]]), definitions


def _parse_definition(text: str, start: int, definitions: Definitions) -> int | None:
    """Parse a definition that begins at `start`. Return where its last line ends, or None."""
    label = _LABEL.match(text, start)
    if label is None:
        return None
    match = _URL.match(text, label.end())
    assert match is not None
    url = match[1].removesuffix(">")
    position = match.end()
    has_url_line = text[position : position + 1] in ("", "\n")
    end = position if has_url_line else None
    if has_url_line:
        spaces = _SPACES.match(text, position + 1)
        position = spaces.end() if spaces else position
    title = ""
    if position + 1 < len(text) and text[position] in _TITLE_START:
        title, title_end = _parse_title(text, position + 1)
        end = end if title_end is None else title_end
    if end is None or not url:
        return None
    definitions[label[1].lower()] = (url, title)
    return end


def _parse_title(text: str, start: int) -> tuple[str, int | None]:
    """Return a title, and the end of its line if a mark closes it there."""
    line_end = text.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end
    title = text[start:line_end].rstrip(" ")
    if len(title) > 1 and title[-1] in _TITLE_END:
        return title[:-1], line_end
    return text[start:line_end], None
