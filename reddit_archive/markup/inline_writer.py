"""Runs: the stretches of a line, tidied as a browser would show them, and written.

A run is text with its styles and its link. Code and superscripts are atoms: Markdown that is
finished and only has to be put in its place. So are links, once their own runs are written.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby, pairwise

from reddit_archive.markup import emphasis, escape, unpaired_delimiters
from reddit_archive.markup.dialects import DEFAULT, Dialect
from reddit_archive.markup.emphasis import DEL, EM, STRONG

BREAK = "\n"
# kramdown: `*[word]: what it stands for`, whatever stands between the brackets.
_ABBREVIATION = re.compile(r"^\*\[.*\]:", re.MULTILINE)
# The marks of each set of styles.
_MARKS_OF = tuple(
    "*_" * bool(style & (EM | STRONG)) + "~" * bool(style & DEL) for style in range(8)
)
_PAIRED = frozenset({"markdown", "literal"})  # dialects that need only one escape for a pair


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands: what may start there, and which characters it stands between."""

    base_url: str
    block: bool = (
        True  # a paragraph: its lines could start a block, and it may be broken into lines
    )
    cell: bool = False
    label: bool = False
    before: str = " "
    after: str = " "
    within: int = 0  # the styles that hold already, around a superscript
    dialect: Dialect = DEFAULT

    def escape(self, raw: str, pairing: Mapping[str, int] | None = None) -> str:
        """Escape a whole line; for `pairing` see escape.line."""
        if pairing and self.dialect.rules in _PAIRED:
            if self.before == "[":
                pairing = {mark: pairing[mark] for mark in unpaired_delimiters.IN_LABEL}
            elif self.before != " ":  # in a superscript the partner may stand outside
                pairing = None
            elif self.cell:
                pairing = {mark: pairing[mark] for mark in unpaired_delimiters.IN_CELL}
            return escape.line(
                raw,
                block=self.block,
                label=self.label,
                cell=self.cell,
                dialect=self.dialect.rules,
                pairing=pairing,
            )
        return self.dialect.escape(raw, block=self.block, label=self.label, cell=self.cell)


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    title: str


@dataclass(slots=True)
class Run:
    """Clean text, or the place holder of `done` Markdown, or a break."""

    text: str
    style: int = 0
    link: Link | None = None
    done: str | None = None


def write(runs: list[Run], place: Place) -> str:
    """Write runs as one line, or as several with hard breaks between them."""
    if place.within:
        for run in runs:
            run.style &= ~place.within
    runs = _merge(_link(_tidy(runs, place), place), place)
    if not runs:
        return ""
    raw = escape.EDGE.join([run.text for run in runs])
    parts = place.escape(raw, _used(runs)).split(escape.EDGE)
    done = [
        (part.replace("\n", "  \n") if run.done is None else run.done, run.style)
        for run, part in zip(runs, parts, strict=True)
    ]
    own = place.dialect
    text = emphasis.write(done, place.before, place.after, own.enclosing(), own.tagged)
    if place.block and "*[" in text:
        text = _ABBREVIATION.sub(lambda found: found[0].replace("]:", "]&#58;"), text)
    return text


def _used(runs: list[Run]) -> Mapping[str, int]:
    """For each mark the place in the text behind the last Markdown that may hold it."""
    last, end = unpaired_delimiters.ALL, 0
    for run in runs:
        end += len(run.text) + len(escape.EDGE)
        used = _MARKS_OF[run.style] + (run.done or "")
        if used:
            last = {mark: end if mark in used else before for mark, before in last.items()}
    return last


def _tidy(runs: list[Run], place: Place) -> list[Run]:
    """Leave one space between words, outside of every style and link."""
    out: list[Run] = []
    space = is_broken = False
    for run in runs:
        text = run.text
        if text == BREAK:
            space, is_broken = False, True
            out.append(Run(BREAK, run.style, run.link))
            continue
        core = text.strip(" ") if run.done is None else text
        if not core and run.done is None:
            space = space or bool(text)
            continue
        space = space or (run.done is None and text[:1] == " ")
        if space and out and out[-1].text != BREAK:
            out.append(_between(" ", out[-1], run))
        space = run.done is None and text[-1:] == " "
        out.append(Run(core, run.style, run.link, run.done))
    if not is_broken:
        return out
    if out[-1].text == BREAK and BREAK not in [run.text for run in out[-2:-1]]:
        out.pop()  # shows nothing at the end of a block
    return _breaks(out, place)


def _between(text: str, left: Run, right: Run) -> Run:
    """What belongs to a style only if both its neighbours do."""
    return Run(text, left.style & right.style, left.link if left.link is right.link else None)


def _breaks(runs: list[Run], place: Place) -> list[Run]:
    out = list(runs)
    for i, run in enumerate(runs):
        if run.text != BREAK:
            continue
        left, right = runs[i - 1] if i else run, runs[i + 1] if i + 1 < len(runs) else run
        plain = BREAK not in (left.text, right.text) and place.block and run.link is None
        out[i] = _between(BREAK, left, right)
        if not plain:
            out[i].text, out[i].done = escape.ATOM, place.dialect.hard_break
    return out


def _link(runs: list[Run], place: Place) -> list[Run]:
    """Make an atom of every link."""
    if all(run.link is None for run in runs):
        return runs
    out: list[Run] = []
    for _, group in groupby(runs, key=lambda run: id(run.link)):
        linked = list(group)
        out += linked if linked[0].link is None else [_linked(linked, linked[0].link, place)]
    for left, run, right in zip(out, out[1:], out[2:], strict=False):
        if run.text in (" ", BREAK):
            run.style = left.style & right.style
    return out


def _linked(runs: list[Run], link: Link, place: Place) -> Run:
    style = runs[0].style
    for run in runs:
        style &= run.style
    picture = place.dialect.picture(link.url, is_shown=False)
    text = "".join(run.text for run in runs)
    plain = len(runs) == 1 and runs[0].done is None and not link.title and picture is None
    if plain and (done := place.dialect.automatic(text, link.url)):
        return Run(escape.ATOM, style, None, done)
    inner = [Run(run.text, run.style & ~style, None, run.done) for run in runs]
    label = write(inner, _in_label(place))
    if picture is not None:
        return Run(escape.ATOM, style, None, f"!{place.dialect.link(label, picture, link.title)}")
    return Run(escape.LINK, style, None, place.dialect.link(label, link.url, link.title))


@lru_cache(maxsize=64)
def _in_label(place: Place) -> Place:
    return replace(place, block=False, label=True, before="[", after="]")


def _merge(runs: list[Run], place: Place) -> list[Run]:
    """Join neighbours of one style, and keep code spans apart, which would grow together."""
    if len(runs) < 2:
        return runs
    out: list[Run] = []
    for (style, is_atom), group in groupby(runs, key=lambda run: (run.style, run.done is not None)):
        alike = list(group)
        is_whole = is_atom or len(alike) == 1
        out += alike if is_whole else [Run("".join([run.text for run in alike]), style)]
    for left, right in pairwise(out):
        if (left.done or "")[-1:] == "`" == (right.done or "")[:1]:
            right.done = place.dialect.code_apart((right.done or "").strip("`"))
    return out
