"""What is searched for: words and phrases, and how texts are cut into words. Pure.

Nothing that is typed is syntax of the database but a phrase in quotation marks and a `*` after a
word, for its beginning.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

MOST_WORDS = 100
# Scripts that are written without spaces between words, and symbols, of which each is a word here:
# a stretch of them is then found as a phrase, wherever it begins.
_ALONE = (
    "\u00a6\u00a9\u00ae\u00b0\u2100-\u2bff\U0001f000-\U0001faff"
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
# Compiled where a text is not ASCII or something is searched for, for that takes long.
_WORD = rf"[{_ALONE}]|(?:(?![{_ALONE}])[^\W_][\u0300-\u036f]*)+"
_CROWDED = rf"([{_ALONE}])"
_PIECE = re.compile(r'"([^"]*)"(\*?)|(\S+)')


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow each other; with `is_open` the last one may go on."""

    words: tuple[str, ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text, as it is compared: without case and accents."""

    start: int
    end: int
    folded: str


Query = tuple[Phrase, ...]
"""All of them must be in a text; () finds nothing."""


def parse(typed: str) -> Query:
    """Read what was typed: words, "phrases", beginnings*. All else is text, too, or nothing."""
    found: dict[Phrase, None] = {}
    for piece in _PIECE.finditer(typed):
        inner = piece[3] if piece[1] is None else piece[1]
        is_open = piece[2] == "*" or (piece[3] or "").endswith("*")
        words = tuple(match[0] for match in re.finditer(_WORD, inner))
        if words:
            found[Phrase(words[:MOST_WORDS], is_open and len(words) <= MOST_WORDS)] = None
    return tuple(found)[:MOST_WORDS]


def expression(query: Query) -> str:
    """Write it for FTS5. A word has neither quotation marks nor anything else that acts there."""
    return " ".join(
        f'"{" ".join(phrase.words)}"{" *" if phrase.is_open else ""}' for phrase in query
    )


def spaced(text: str) -> str:
    """Part what the database's tokenizer would take for one word."""
    return text if text.isascii() else re.sub(_CROWDED, r" \1 ", text)


def places(query: Query, text: str) -> list[tuple[int, int]]:
    """Tell where the phrases stand in a text, in order."""
    words = list(_words(text))
    found: set[tuple[int, int]] = set()
    for phrase in query:
        wanted = [_folded(word) for word in phrase.words]
        size = len(wanted)
        for first, word in enumerate(words[: len(words) - size + 1]):
            if word.folded[:1] != wanted[0][:1]:
                continue
            here = [each.folded for each in words[first : first + size]]
            ends = here[-1].startswith(wanted[-1]) if phrase.is_open else here[-1] == wanted[-1]
            if ends and here[:-1] == wanted[:-1]:
                found.add((word.start, words[first + size - 1].end))
    return sorted(found)


def _words(text: str) -> Iterator[Word]:
    for match in re.finditer(_WORD, text):
        yield Word(match.start(), match.end(), _folded(match[0]))


@lru_cache(maxsize=4096)
def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    parts = unicodedata.normalize("NFKD", word.lower())
    return "".join(char for char in parts if unicodedata.category(char) != "Mn") or word
