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
_UNSEEN = "*_`~\\\u200b\u200c\u200d\ufeff\u00ad"  # Markdown's marks among them
_QUOTES = "\u2018\u2019\u201a\u201b", "\u201c\u201d\u201e\u201f\u00ab\u00bb"
_DASHES = "\u2010\u2012\u2013\u2014\u2015\u2212"
_PLAINLY = "'" * len(_QUOTES[0]) + '"' * len(_QUOTES[1]) + "-" * len(_DASHES)
_FOLDED = str.maketrans("".join(_QUOTES) + _DASHES, _PLAINLY, _UNSEEN)
_LEFT_OUT = re.compile(r"\s*(?:…|\.\.\.)\s*")
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Text:
    """What a reader sees: `shown`, and `folded` for comparing.

    `places` tells for each character of `folded` where in `shown` it comes from; None for a gap
    between two blocks.
    """

    shown: str
    folded: str
    places: Sequence[int | None]


def read(root: Node) -> Text:
    shown: list[str] = []
    folded: list[str] = [" "]
    places: list[int | None] = [None]
    count = 0
    for piece in _pieces(root):
        for number, character in enumerate(piece or " "):
            for each in _fold(character):
                if each != " " or folded[-1] != " ":
                    folded.append(each)
                    places.append(count + number if piece else None)
        shown.append(piece)
        count += len(piece)
    return Text("".join(shown), "".join(folded), places)


def line(root: Node) -> str:
    """What a reader sees, as one line; without what it quotes, unless that is all."""
    for unseen in (frozenset({"blockquote"}), frozenset[str]()):
        if shown := " ".join("".join(piece or " " for piece in _pieces(root, unseen)).split()):
            return shown
    return ""


def _pieces(node: Node, unseen: Container[str] = ()) -> Iterator[str]:
    """The strings below, and "" where a reader sees a gap."""
    if node.name in unseen:
        return
    is_apart = node.name in BLOCKS or node.name == "br"
    if is_apart:
        yield ""
    for child in node.children:
        if isinstance(child, str):
            if child:
                yield child
        else:
            yield from _pieces(child, unseen)
    if is_apart:
        yield ""


def _fold(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold().translate(_FOLDED)
    return re.sub(r"\s", " ", folded)


def find(text: Text, words: str) -> tuple[int, int]:
    """Give the part of `shown` that is meant: "these words", or "from … to".

    "from …" goes on to the end, "… to" begins at the beginning. Raises WordsNotFound where they are
    not there, or more than once.
    """
    whole = _places(text, words)
    if whole:
        return _only(words, whole)
    failure = _missing(words)
    for number, gap in enumerate(_LEFT_OUT.finditer(words)):
        try:
            return _between(text, words[: gap.start()], words[gap.end() :])
        except errors.WordsNotFound as error:
            failure = failure if number else error
    raise failure


def _between(text: Text, first: str, last: str) -> tuple[int, int]:
    start, begin = _only(first, _places(text, first)) if _folded(first) else (0, 0)
    if _folded(last):
        after = [place for place in _places(text, last) if place[0] >= begin]
        return start, _only(last, after)[1]
    if not _folded(first):
        raise _missing("…")
    return start, len(text.shown.rstrip())


def _only(words: str, places: list[tuple[int, int]]) -> tuple[int, int]:
    if len(places) == 1:
        return places[0]
    raise _ambiguous(words, len(places)) if places else _missing(words)


def _places(text: Text, words: str) -> list[tuple[int, int]]:
    """Where the words stand in `shown`: as whole words, else inside of words."""
    wanted = _folded(words)
    if not wanted:
        return []
    found = [match.start() for match in re.finditer(f"(?={re.escape(wanted)})", text.folded)]
    apart = [at for at in found if _is_apart(text.folded, at, at + len(wanted))]
    return [_shown(text, at, at + len(wanted)) for at in apart or found]


def _folded(words: str) -> str:
    return " ".join(_fold(words).split())


def _is_apart(folded: str, start: int, end: int) -> bool:
    before = folded[start - 1 : start + 1]
    after = folded[end - 1 : end + 1]
    return not any(len(pair) == 2 and pair.isalnum() for pair in (before, after))


def _shown(text: Text, start: int, end: int) -> tuple[int, int]:
    places = [place for place in text.places[start:end] if place is not None]
    return places[0], places[-1] + 1


def _missing(words: str) -> errors.WordsNotFound:
    return errors.WordsNotFound(
        f"{_short(words)} does not stand in this text",
        "Type the words as they are shown, like 'these words' or 'first words … last words'.",
    )


def _ambiguous(words: str, number: int) -> errors.WordsNotFound:
    return errors.WordsNotFound(
        f"{_short(words)} stands in this text {number} times", "Give more of the words around it."
    )


def _short(words: str) -> str:
    words = " ".join(words.split())
    return f"'{words[:_LONGEST]}…'" if len(words) > _LONGEST else f"'{words}'"
