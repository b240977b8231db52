"""Wraps paragraphs of plain text at a width, measured in columns.

A line is broken at spaces, and between Chinese or Japanese characters. Addresses stay whole, and no
new line begins with what would look like the mark of a quote or a list.
"""

import re
from collections.abc import Iterator
from itertools import chain, repeat

from reddit_archive.markup import bidi
from reddit_archive.markup.display_width import measure

MIN_WIDTH = 20
"""Words get this many columns at least, however deep they are nested."""
_JOINED_SPACE = "\x00"
# Reddit shows these as typed: `[text] (http://…)`, `[text](http://… title)`, `(text) [http://…]`.
_MISTYPED_LINK = re.compile(
    r"\](?: ?\([^()\s]*(?: [^()]{1,60})?\))|\) ?\[https?://[^\[\]\s]*(?: [^\[\]]{1,60})?\]"
)
_LOOKS_LIKE_MARK = re.compile(r">|[-*+\u2022\u2013\u2014#]+$|\d{1,9}[.)]$")
_CJK = (
    "\u2e80-\u303f\u3041-\u312f\u31a0-\ua4cf\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef"
    "\U00020000-\U0003fffd"
)
_OPENING = "\u3008\u300a\u300c\u300e\u3010\u3014\u3016\u3018\uff08\uff3b\uff5b\uff5f\uff62"
_CLOSING = (
    "\u3001\u3002\u3005\u3009\u300b\u300d\u300f\u3011\u3015\u3017\u3019\u301c\u303b\u30fb\u30fc"
    "\u309d\u309e\u30fd\u30fe\uff01\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff3d\uff5d\uff60\uff63"
    "\uff9e\uff9f\u3099\u309aぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ"
)
_BREAK_BEFORE_URL = re.compile(rf"(?<=[{_CJK}])(?=<?https?://)")
_BREAK_IN_WORD = re.compile(
    rf"(?<=[{_CJK}])(?<![{_OPENING}])(?=[{_CJK}\w])(?![{_CLOSING}])"
    rf"|(?<=\w)(?=[{_CJK}])(?![{_CLOSING}])"
)


def wrap(text: str, width: int) -> str:
    """Wrap each line of a text at a width; 0 for no wrapping."""
    if not width:
        return text
    width = max(width, MIN_WIDTH)
    if len(text) * 2 <= width or (text.isascii() and len(text) <= width):
        return text
    return "\n".join(line for each in text.split("\n") for line in _wrap_line(each, width))


def _wrap_line(text: str, width: int) -> list[str]:
    if measure(text) <= width:
        return [text]
    lines: list[str] = []
    line, line_width = "", 0
    for space, piece in _iter_pieces(text, width):
        piece_width = measure(piece)
        if line and line_width + len(space) + piece_width > width:
            lines.append(line)
            line, line_width = piece, piece_width
        else:
            space = space if line else ""
            line += space + piece
            line_width += len(space) + piece_width
    return bidi.balance_lines([*lines, line])


def _iter_pieces(text: str, width: int) -> Iterator[tuple[str, str]]:
    """Yield the pieces that are never broken, each with the space before it, or ""."""
    text = _MISTYPED_LINK.sub(lambda match: match[0].replace(" ", _JOINED_SPACE), text)
    pieces: list[tuple[str, str]] = []
    for word in text.split(" "):
        word = word.replace(_JOINED_SPACE, " ")
        if pieces and _LOOKS_LIKE_MARK.match(word):
            space, previous = pieces[-1]
            pieces[-1] = (space, f"{previous} {word}")
        else:
            pieces += zip(chain((" ",), repeat("")), _split_word(word), strict=False)
    for space, piece in pieces:
        if " " in piece and measure(piece) > width:
            yield from ((" " if i else space, word) for i, word in enumerate(piece.split(" ")))
        else:
            yield space, piece


def _split_word(word: str) -> list[str]:
    """Split a word where a line may be broken between Chinese or Japanese characters."""
    if word.isascii():
        return [word]
    parts = _BREAK_BEFORE_URL.split(word)
    return [
        piece
        for part in parts
        for piece in ([part] if "://" in part else _BREAK_IN_WORD.split(part))
    ]
