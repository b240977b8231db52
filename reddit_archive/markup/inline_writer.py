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

HARD_BREAK = "\n"
# kramdown: `*[word]: what it stands for`, whatever stands between the brackets.
_ABBREVIATION = re.compile(r"^\*\[.*\]:", re.MULTILINE)
# The marks of each set of styles.
_DELIMITERS_BY_STYLE = tuple(
    "*_" * bool(style & (EM | STRONG)) + "~" * bool(style & DEL) for style in range(8)
)
_PAIRING_RULE_SETS = frozenset(
    {"markdown", "literal"}
)  # dialects that need only one escape for a pair


@dataclass(frozen=True, slots=True)
class InlineContext:
    """Where a line stands: what may start there, and which characters it stands between."""

    base_url: str
    can_start_block: bool = (
        True  # a paragraph: its lines could start a block, and it may be broken into lines
    )
    is_cell: bool = False
    is_label: bool = False
    char_before: str = " "
    char_after: str = " "
    outer_styles: int = 0  # the styles that hold already, around a superscript
    dialect: Dialect = DEFAULT

    def escape(self, text: str, last_positions: Mapping[str, int] | None = None) -> str:
        """Escape a whole line; for `pairing` see escape.line."""
        if last_positions and self.dialect.rule_set in _PAIRING_RULE_SETS:
            if self.char_before == "[":
                last_positions = {
                    delimiter: last_positions[delimiter]
                    for delimiter in unpaired_delimiters.LABEL_DELIMITERS
                }
            elif self.char_before != " ":  # in a superscript the partner may stand outside
                last_positions = None
            elif self.is_cell:
                last_positions = {
                    delimiter: last_positions[delimiter]
                    for delimiter in unpaired_delimiters.CELL_DELIMITERS
                }
            return escape.escape_line(
                text,
                can_start_block=self.can_start_block,
                is_label=self.is_label,
                is_cell=self.is_cell,
                rule_set=self.dialect.rule_set,
                last_positions=last_positions,
            )
        return self.dialect.escape(
            text, can_start_block=self.can_start_block, is_label=self.is_label, is_cell=self.is_cell
        )


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
    markdown: str | None = None


def write(runs: list[Run], context: InlineContext) -> str:
    """Write runs as one line, or as several with hard breaks between them."""
    if context.outer_styles:
        for run in runs:
            run.style &= ~context.outer_styles
    runs = _merge_runs(_write_links(_collapse_spaces(runs, context), context), context)
    if not runs:
        return ""
    joined = escape.RUN_EDGE.join([run.text for run in runs])
    parts = context.escape(joined, _find_last_positions(runs)).split(escape.RUN_EDGE)
    styled_parts = [
        (part.replace("\n", "  \n") if run.markdown is None else run.markdown, run.style)
        for run, part in zip(runs, parts, strict=True)
    ]
    dialect = context.dialect
    text = emphasis.write(
        styled_parts,
        context.char_before,
        context.char_after,
        dialect.get_style_writer(),
        dialect.html_styles,
    )
    if context.can_start_block and "*[" in text:
        text = _ABBREVIATION.sub(lambda match: match[0].replace("]:", "]&#58;"), text)
    return text


def _find_last_positions(runs: list[Run]) -> Mapping[str, int]:
    """For each mark the place in the text behind the last Markdown that may hold it."""
    last_positions, end = unpaired_delimiters.INITIAL_POSITIONS, 0
    for run in runs:
        end += len(run.text) + len(escape.RUN_EDGE)
        delimiters = _DELIMITERS_BY_STYLE[run.style] + (run.markdown or "")
        if delimiters:
            last_positions = {
                delimiter: end if delimiter in delimiters else position
                for delimiter, position in last_positions.items()
            }
    return last_positions


def _collapse_spaces(runs: list[Run], context: InlineContext) -> list[Run]:
    """Leave one space between words, outside of every style and link."""
    out: list[Run] = []
    needs_space = has_break = False
    for run in runs:
        text = run.text
        if text == HARD_BREAK:
            needs_space, has_break = False, True
            out.append(Run(HARD_BREAK, run.style, run.link))
            continue
        stripped = text.strip(" ") if run.markdown is None else text
        if not stripped and run.markdown is None:
            needs_space = needs_space or bool(text)
            continue
        needs_space = needs_space or (run.markdown is None and text[:1] == " ")
        if needs_space and out and out[-1].text != HARD_BREAK:
            out.append(_make_separator(" ", out[-1], run))
        needs_space = run.markdown is None and text[-1:] == " "
        out.append(Run(stripped, run.style, run.link, run.markdown))
    if not has_break:
        return out
    if out[-1].text == HARD_BREAK and HARD_BREAK not in [run.text for run in out[-2:-1]]:
        out.pop()  # shows nothing at the end of a block
    return _resolve_breaks(out, context)


def _make_separator(text: str, left: Run, right: Run) -> Run:
    """What belongs to a style only if both its neighbours do."""
    return Run(text, left.style & right.style, left.link if left.link is right.link else None)


def _resolve_breaks(runs: list[Run], context: InlineContext) -> list[Run]:
    out = list(runs)
    for i, run in enumerate(runs):
        if run.text != HARD_BREAK:
            continue
        left, right = runs[i - 1] if i else run, runs[i + 1] if i + 1 < len(runs) else run
        is_plain = (
            HARD_BREAK not in (left.text, right.text)
            and context.can_start_block
            and run.link is None
        )
        out[i] = _make_separator(HARD_BREAK, left, right)
        if not is_plain:
            out[i].text, out[i].markdown = escape.ATOM, context.dialect.hard_break
    return out


def _write_links(runs: list[Run], context: InlineContext) -> list[Run]:
    """Make an atom of every link."""
    if all(run.link is None for run in runs):
        return runs
    out: list[Run] = []
    for _, group in groupby(runs, key=lambda run: id(run.link)):
        group_runs = list(group)
        out += (
            group_runs
            if group_runs[0].link is None
            else [_write_link(group_runs, group_runs[0].link, context)]
        )
    for left, run, right in zip(out, out[1:], out[2:], strict=False):
        if run.text in (" ", HARD_BREAK):
            run.style = left.style & right.style
    return out


def _write_link(runs: list[Run], link: Link, context: InlineContext) -> Run:
    style = runs[0].style
    for run in runs:
        style &= run.style
    image_source = context.dialect.get_image_source(link.url, is_shown_by_reddit=False)
    text = "".join(run.text for run in runs)
    is_plain = (
        len(runs) == 1 and runs[0].markdown is None and not link.title and image_source is None
    )
    if is_plain and (autolink := context.dialect.write_autolink(text, link.url)):
        return Run(escape.ATOM, style, None, autolink)
    label_runs = [Run(run.text, run.style & ~style, None, run.markdown) for run in runs]
    label = write(label_runs, _get_label_context(context))
    if image_source is not None:
        return Run(
            escape.ATOM,
            style,
            None,
            f"!{context.dialect.write_link(label, image_source, link.title)}",
        )
    return Run(
        escape.LINK_ATOM, style, None, context.dialect.write_link(label, link.url, link.title)
    )


@lru_cache(maxsize=64)
def _get_label_context(context: InlineContext) -> InlineContext:
    return replace(context, can_start_block=False, is_label=True, char_before="[", char_after="]")


def _merge_runs(runs: list[Run], context: InlineContext) -> list[Run]:
    """Join neighbours of one style, and keep code spans apart, which would grow together."""
    if len(runs) < 2:
        return runs
    out: list[Run] = []
    for (style, is_atom), group in groupby(
        runs, key=lambda run: (run.style, run.markdown is not None)
    ):
        group_runs = list(group)
        is_unmergeable = is_atom or len(group_runs) == 1
        out += (
            group_runs
            if is_unmergeable
            else [Run("".join([run.text for run in group_runs]), style)]
        )
    for left, right in pairwise(out):
        if (left.markdown or "")[-1:] == "`" == (right.markdown or "")[:1]:
            right.markdown = context.dialect.write_isolated_code((right.markdown or "").strip("`"))
    return out
