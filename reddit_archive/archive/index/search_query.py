"""What is searched for: words and phrases, and how texts are cut into words. Pure.

Nothing that is typed is syntax of the database but a phrase in quotation marks and a `*` after a
word, for its beginning.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

MAX_WORDS = 100
# Scripts that are written without spaces between words, and symbols, of which each is a word here:
# a stretch of them is then found as a phrase, wherever it begins.
_SINGLE_CHAR_WORDS = (
    "\u00a6\u00a9\u00ae\u00b0\u2100-\u2bff\U0001f000-\U0001faff"
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
# Compiled where a text is not ASCII or something is searched for, for that takes long.
_WORD = rf"[{_SINGLE_CHAR_WORDS}]|(?:(?![{_SINGLE_CHAR_WORDS}])[^\W_][\u0300-\u036f]*)+"
_SINGLE_CHAR_WORD = rf"([{_SINGLE_CHAR_WORDS}])"
_TERM = re.compile(r'"([^"]*)"(\*?)|(\S+)')


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow each other; with `is_open` the last one may go on."""

    words: tuple[str, ...]
    is_prefix: bool


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text, as it is compared: without case and accents."""

    start: int
    end: int
    folded: str


Query = tuple[Phrase, ...]
"""All of them must be in a text; () finds nothing."""


def parse(query_text: str) -> Query:
    """Read what was typed: words, "phrases", beginnings*. All else is text, too, or nothing."""
    phrases: dict[Phrase, None] = {}
    for term in _TERM.finditer(query_text):
        term_text = term[3] if term[1] is None else term[1]
        is_prefix = term[2] == "*" or (term[3] or "").endswith("*")
        words = tuple(match[0] for match in re.finditer(_WORD, term_text))
        if words:
            phrases[Phrase(words[:MAX_WORDS], is_prefix and len(words) <= MAX_WORDS)] = None
    return tuple(phrases)[:MAX_WORDS]


def format_for_fts5(query: Query) -> str:
    """Write it for FTS5. A word has neither quotation marks nor anything else that acts there."""
    return " ".join(
        f'"{" ".join(phrase.words)}"{" *" if phrase.is_prefix else ""}' for phrase in query
    )


def separate_words(text: str) -> str:
    """Part what the database's tokenizer would take for one word."""
    return text if text.isascii() else re.sub(_SINGLE_CHAR_WORD, r" \1 ", text)


def find_spans(query: Query, text: str) -> list[tuple[int, int]]:
    """Tell where the phrases stand in a text, in order."""
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
