"""Words, found in what a reader sees of some HTML.

They are compared without regard to white space, case, typography and Markdown's marks.
"""

import re
import unicodedata
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from reddit_archive import errors
from reddit_archive.markup.html_parser import Node

BLOCKS = frozenset(
    {"body", "div", "p", "li", "ul", "ol", "blockquote", "pre", "table", "thead", "tbody", "tr"}
    | {"td", "th", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "dl", "dt", "dd"}
)
_IGNORED = "*_`~\\\u200b\u200c\u200d\ufeff\u00ad"  # Markdown's marks among them
_QUOTES = "\u2018\u2019\u201a\u201b", "\u201c\u201d\u201e\u201f\u00ab\u00bb"
_DASHES = "\u2010\u2012\u2013\u2014\u2015\u2212"
_ASCII_EQUIVALENTS = "'" * len(_QUOTES[0]) + '"' * len(_QUOTES[1]) + "-" * len(_DASHES)
_NORMALIZATION = str.maketrans("".join(_QUOTES) + _DASHES, _ASCII_EQUIVALENTS, _IGNORED)
_OMISSION = re.compile(r"\s*(?:…|\.\.\.)\s*")
_MAX_MESSAGE_EXCERPT = 60


@dataclass(frozen=True, slots=True)
class VisibleText:
    """What a reader sees: `shown`, and `folded` for comparing.

    `places` tells for each character of `folded` where in `shown` it comes from; None for a gap
    between two blocks.
    """

    visible: str
    normalized: str
    positions: Sequence[int | None]


def extract_text(root: Node) -> VisibleText:
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
    """What a reader sees, as one line; without what it quotes, unless that is all."""
    for excluded in (frozenset({"blockquote"}), frozenset[str]()):
        if text := " ".join(
            "".join(piece or " " for piece in _iter_pieces(root, excluded)).split()
        ):
            return text
    return ""


def _iter_pieces(node: Node, excluded: Container[str] = ()) -> Iterator[str]:
    """The strings below, and "" where a reader sees a gap."""
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
    """Give the part of `shown` that is meant: "these words", or "from … to".

    "from …" goes on to the end, "… to" begins at the beginning. Raises WordsNotFound where they are
    not there, or more than once.
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
    """Where the words stand in `shown`: as whole words, else inside of words."""
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
        f"{_shorten(excerpt)} does not stand in this text",
        "Type the words as they are shown, like 'these words' or 'first words … last words'.",
    )


def _build_ambiguous_error(excerpt: str, count: int) -> errors.ExcerptNotFoundError:
    return errors.ExcerptNotFoundError(
        f"{_shorten(excerpt)} stands in this text {count} times",
        "Give more of the words around it.",
    )


def _shorten(excerpt: str) -> str:
    excerpt = " ".join(excerpt.split())
    return (
        f"'{excerpt[:_MAX_MESSAGE_EXCERPT]}…'"
        if len(excerpt) > _MAX_MESSAGE_EXCERPT
        else f"'{excerpt}'"
    )
