"""Finds the words of an excerpt in the text that a reader of some HTML sees.

The comparison ignores white space, case, typography and Markdown delimiters.
"""

import re
import unicodedata
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from reddit_archive import errors
from reddit_archive.markup.node import Node

BLOCKS = frozenset(
    {"body", "div", "p", "li", "ul", "ol", "blockquote", "pre", "table", "thead", "tbody", "tr"}
    | {"td", "th", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "dl", "dt", "dd"}
)
_IGNORED = "*_`~\\\u200b\u200c\u200d\ufeff\u00ad"  # Markdown delimiters and invisible characters
_QUOTES = "\u2018\u2019\u201a\u201b", "\u201c\u201d\u201e\u201f\u00ab\u00bb"
_DASHES = "\u2010\u2012\u2013\u2014\u2015\u2212"
_ASCII_EQUIVALENTS = "'" * len(_QUOTES[0]) + '"' * len(_QUOTES[1]) + "-" * len(_DASHES)
_NORMALIZATION = str.maketrans("".join(_QUOTES) + _DASHES, _ASCII_EQUIVALENTS, _IGNORED)
_OMISSION = re.compile(r"\s*(?:…|\.\.\.)\s*")
_MAX_MESSAGE_EXCERPT = 60


@dataclass(frozen=True, slots=True)
class VisibleText:
    """The text that a reader sees.

    Attributes:
        visible: The text.
        normalized: The text for comparisons.
        positions: For each character of `normalized`, its position in `visible`; None for a gap
            between two blocks.
    """

    visible: str
    normalized: str
    positions: Sequence[int | None]


def extract_text(root: Node) -> VisibleText:
    """Return the text of a tree."""
    visible: list[str] = []
    normalized: list[str] = [" "]
    positions: list[int | None] = [None]
    piece_start = 0
    for piece in _iter_pieces(root):
        for offset, character in enumerate(piece or " "):
            for normalized_character in _normalize(character):
                if normalized_character != " " or normalized[-1] != " ":
                    normalized.append(normalized_character)
                    positions.append(piece_start + offset if piece else None)
        visible.append(piece)
        piece_start += len(piece)
    return VisibleText("".join(visible), "".join(normalized), positions)


def extract_line(root: Node) -> str:
    """Return the text as one line, without quotes, unless there is nothing else."""
    for excluded in (frozenset({"blockquote"}), frozenset[str]()):
        if text := " ".join(
            "".join(piece or " " for piece in _iter_pieces(root, excluded)).split()
        ):
            return text
    return ""


def _iter_pieces(node: Node, excluded: Container[str] = ()) -> Iterator[str]:
    """Yield the strings of a tree, and "" for each gap that a reader sees."""
    if node.name in excluded:
        return
    is_separated = node.name in BLOCKS or node.name == "br"
    if is_separated:
        yield ""
    for child in node.children:
        if isinstance(child, str):
            if child:
                yield child
        else:
            yield from _iter_pieces(child, excluded)
    if is_separated:
        yield ""


def _normalize(text: str) -> str:
    normalized = unicodedata.normalize("NFKD", text).casefold().translate(_NORMALIZATION)
    return re.sub(r"\s", " ", normalized)


def find_excerpt(text: VisibleText, excerpt: str) -> tuple[int, int]:
    """Return the start and the end of an excerpt in `text.visible`.

    An excerpt is "these words", "first words … last words", "first words …" up to the end, or
    "… last words" from the beginning.

    Raises:
        ExcerptNotFoundError: The words are not in the text, or more than once.
    """
    spans = _find_spans(text, excerpt)
    if spans:
        return _get_only_span(excerpt, spans)
    final_error = _build_not_found_error(excerpt)
    for index, omission in enumerate(_OMISSION.finditer(excerpt)):
        try:
            return _find_range(text, excerpt[: omission.start()], excerpt[omission.end() :])
        except errors.ExcerptNotFoundError as error:
            final_error = final_error if index else error
    raise final_error


def _find_range(text: VisibleText, first_words: str, last_words: str) -> tuple[int, int]:
    start, first_end = (
        _get_only_span(first_words, _find_spans(text, first_words))
        if _normalize_excerpt(first_words)
        else (0, 0)
    )
    if _normalize_excerpt(last_words):
        later_spans = [span for span in _find_spans(text, last_words) if span[0] >= first_end]
        return start, _get_only_span(last_words, later_spans)[1]
    if not _normalize_excerpt(first_words):
        raise _build_not_found_error("…")
    return start, len(text.visible.rstrip())


def _get_only_span(excerpt: str, spans: list[tuple[int, int]]) -> tuple[int, int]:
    if len(spans) == 1:
        return spans[0]
    raise _build_ambiguous_error(excerpt, len(spans)) if spans else _build_not_found_error(excerpt)


def _find_spans(text: VisibleText, excerpt: str) -> list[tuple[int, int]]:
    """Return the spans of the words in `text.visible`, inside words only if nowhere else."""
    normalized = _normalize_excerpt(excerpt)
    if not normalized:
        return []
    starts = [
        match.start() for match in re.finditer(f"(?={re.escape(normalized)})", text.normalized)
    ]
    whole_word_starts = [
        start for start in starts if _is_whole_word(text.normalized, start, start + len(normalized))
    ]
    return [
        _to_visible_span(text, start, start + len(normalized))
        for start in whole_word_starts or starts
    ]


def _normalize_excerpt(excerpt: str) -> str:
    return " ".join(_normalize(excerpt).split())


def _is_whole_word(normalized: str, start: int, end: int) -> bool:
    left_pair = normalized[start - 1 : start + 1]
    right_pair = normalized[end - 1 : end + 1]
    return not any(len(pair) == 2 and pair.isalnum() for pair in (left_pair, right_pair))


def _to_visible_span(text: VisibleText, start: int, end: int) -> tuple[int, int]:
    positions = [position for position in text.positions[start:end] if position is not None]
    return positions[0], positions[-1] + 1


def _build_not_found_error(excerpt: str) -> errors.ExcerptNotFoundError:
    return errors.ExcerptNotFoundError(
        f"{_shorten(excerpt)} is not in this text",
        "Copy the words as they are shown, like 'these words' or 'first words … last words'.",
    )


def _build_ambiguous_error(excerpt: str, count: int) -> errors.ExcerptNotFoundError:
    return errors.ExcerptNotFoundError(
        f"{_shorten(excerpt)} is in this text {count} times",
        "Add more of the words around it.",
    )


def _shorten(excerpt: str) -> str:
    excerpt = " ".join(excerpt.split())
    return (
        f"'{excerpt[:_MAX_MESSAGE_EXCERPT]}…'"
        if len(excerpt) > _MAX_MESSAGE_EXCERPT
        else f"'{excerpt}'"
    )
