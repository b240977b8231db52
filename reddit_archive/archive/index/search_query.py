"""Parse a search query, and split texts into words as the index does. Pure.

Quotation marks make a phrase, and `*` after a word makes it a prefix. Nothing else in a query has a
meaning for the database.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

MAX_WORDS = 100
# Symbols, and scripts without spaces between words: each character counts as a word, so that a
# query matches in the middle of a run of them.
_SINGLE_CHAR_WORDS = (
    "\u00a6\u00a9\u00ae\u00b0\u2100-\u2bff\U0001f000-\U0001faff"
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
# Not compiled here: that takes long, and most texts are ASCII.
_WORD = rf"[{_SINGLE_CHAR_WORDS}]|(?:(?![{_SINGLE_CHAR_WORDS}])[^\W_][\u0300-\u036f]*)+"
_SINGLE_CHAR_WORD = rf"([{_SINGLE_CHAR_WORDS}])"
_TERM = re.compile(r'"([^"]*)"(\*?)|(\S+)')


@dataclass(frozen=True, slots=True)
class Phrase:
    """Consecutive words; with `is_prefix` the last one may be the beginning of a word."""

    words: tuple[str, ...]
    is_prefix: bool


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text; `folded` is without case and accents."""

    start: int
    end: int
    folded: str


Query = tuple[Phrase, ...]
"""Phrases that must all match. An empty query finds nothing."""


def parse(query_text: str) -> Query:
    """Parse words, "phrases" and prefixes*. Other punctuation separates words."""
    phrases: dict[Phrase, None] = {}
    for term in _TERM.finditer(query_text):
        term_text = term[3] if term[1] is None else term[1]
        is_prefix = term[2] == "*" or (term[3] or "").endswith("*")
        words = tuple(match[0] for match in re.finditer(_WORD, term_text))
        if words:
            phrases[Phrase(words[:MAX_WORDS], is_prefix and len(words) <= MAX_WORDS)] = None
    return tuple(phrases)[:MAX_WORDS]


def format_for_fts5(query: Query) -> str:
    """Format a query for FTS5. Its words contain no quotation mark or other FTS5 syntax."""
    return " ".join(
        f'"{" ".join(phrase.words)}"{" *" if phrase.is_prefix else ""}' for phrase in query
    )


def separate_words(text: str) -> str:
    """Put spaces around single-character words, which FTS5 would join."""
    return text if text.isascii() else re.sub(_SINGLE_CHAR_WORD, r" \1 ", text)


def find_spans(query: Query, text: str) -> list[tuple[int, int]]:
    """Return the start and end of each match of a phrase in a text, sorted."""
    words = list(_iter_words(text))
    spans: set[tuple[int, int]] = set()
    for phrase in query:
        phrase_words = [_fold(word) for word in phrase.words]
        size = len(phrase_words)
        for index, word in enumerate(words[: len(words) - size + 1]):
            if word.folded[:1] != phrase_words[0][:1]:
                continue
            text_words = [text_word.folded for text_word in words[index : index + size]]
            has_last_word = (
                text_words[-1].startswith(phrase_words[-1])
                if phrase.is_prefix
                else text_words[-1] == phrase_words[-1]
            )
            if has_last_word and text_words[:-1] == phrase_words[:-1]:
                spans.add((word.start, words[index + size - 1].end))
    return sorted(spans)


def _iter_words(text: str) -> Iterator[Word]:
    for match in re.finditer(_WORD, text):
        yield Word(match.start(), match.end(), _fold(match[0]))


@lru_cache(maxsize=4096)
def _fold(word: str) -> str:
    if word.isascii():
        return word.lower()
    parts = unicodedata.normalize("NFKD", word.lower())
    return "".join(char for char in parts if unicodedata.category(char) != "Mn") or word
