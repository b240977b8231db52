"""Emphasis: runs of Markdown with styles -> one line, with `*`, `**`, `_`, `~~` or HTML tags.

CommonMark decides by the characters on both sides whether a mark opens or closes anything. So each
mark is chosen here with its four neighbours in view, and a tag stands where no mark would work in
every renderer.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

EM, STRONG, DEL = 1, 2, 4
_OUTERMOST_FIRST = (DEL, STRONG, EM)
_TAGS = {EM: "em", STRONG: "strong", DEL: "del"}
_BARE_TILDE = re.compile(r"(?<!\\)~")  # cmark-gfm begins another strikethrough there
_MARKS = {EM: "*", STRONG: "**", DEL: "~~"}
# What may stand outside of a mark whose inner neighbour is no letter. No tilde: cmark-gfm looks
# through it.
_OUTSIDE = frozenset(" \n!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}")


Enclose = Callable[[int, str, str, str], str]


@dataclass(frozen=True, slots=True)
class Span:
    """What one style covers: Markdown, and narrower spans."""

    style: int
    children: list["str | Span"]
    is_tagged: bool


def write(
    runs: Sequence[tuple[str, int]],
    before: str = " ",
    after: str = " ",
    enclose: Enclose | None = None,
    tagged: int = 0,
) -> str:
    """Join runs of (Markdown, styles) that stand between the characters `before` and `after`.

    `enclose` is given a style, Markdown and its two neighbours, and puts marks of another dialect
    around it. `tagged` are the styles that are HTML tags everywhere.
    """
    if not any(styles for _, styles in runs):
        return "".join([text for text, _ in runs])
    return _write(_nest(list(_spaced(runs)), 0, tagged), before, after, enclose)


def _spaced(runs: Sequence[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Part the spaces at the edges of runs from them, so that a mark can stand inside."""
    for text, styles in runs:
        if not text:  # a link that the dialect has no way to write
            continue
        lead = text[:1] == " " != text and not text.startswith("  \n")
        tail = text[-1:] == " " != text
        if lead:
            yield " ", styles
        yield text[lead : len(text) - tail], styles
        if tail:
            yield " ", styles


def _nest(runs: Sequence[tuple[str, int]], active: int, tagged: int) -> list[str | Span]:
    nodes: list[str | Span] = []
    i = 0
    while i < len(runs):
        missing = runs[i][1] & ~active
        if not missing or runs[i][0] == " ":
            nodes.append(runs[i][0])
            i += 1
            continue
        style, end = _widest(runs, i, missing)
        while runs[end - 1][0] == " ":
            end -= 1
        inner = _nest(runs[i:end], active | style, tagged)
        nodes.append(Span(style, inner, bool(style & tagged)))
        i = end
    return nodes


def _widest(runs: Sequence[tuple[str, int]], start: int, styles: int) -> tuple[int, int]:
    """The style that reaches furthest from `start`, and where it ends."""
    best, best_end = 0, start
    for style in _OUTERMOST_FIRST:
        if styles & style:
            end = start
            while end < len(runs) and runs[end][1] & style:
                end += 1
            if end > best_end:
                best, best_end = style, end
    return best, best_end


def _write(nodes: list[str | Span], before: str, after: str, enclose: Enclose | None = None) -> str:
    out: list[str] = []
    for i, node in enumerate(nodes):
        if isinstance(node, str):
            out.append(node)
        else:
            left = out[-1][-1] if out else before
            right = _first(nodes[i + 1]) if i + 1 < len(nodes) else after
            if enclose:
                edge = _MARKS[node.style][0]
                inner = _write(node.children, edge, edge, enclose)
                out.append(enclose(node.style, inner, left, right))
            else:
                out.append(_span(node, left, right))
    return "".join(out)


def _first(node: str | Span) -> str:
    return node[0] if isinstance(node, str) else _MARKS[node.style][0]


def _span(span: Span, left: str, right: str) -> str:
    only = span.children[0] if len(span.children) == 1 else None
    if isinstance(only, Span) and {span.style, only.style} == {EM, STRONG}:
        inner = _write(only.children, "*", "*")
        if "*" not in (left, right) and _flanks(inner, left, right):
            return f"***{inner}***"
    edge = _MARKS[span.style][0]
    inner = _write(span.children, edge, edge)
    mark = _mark(span, inner, left, right)
    return f"{mark}{inner}{mark}" if mark else f"<{_TAGS[span.style]}>{inner}</{_TAGS[span.style]}>"


def _mark(span: Span, inner: str, left: str, right: str) -> str | None:
    if span.is_tagged:
        return None
    if span.style == EM and (left == "*" or right == "*" or "**" in inner):
        clear = {left, right} <= _OUTSIDE - {"_"}
        return "_" if clear and "_" not in (inner[0], inner[-1]) else None
    if span.style == DEL and ("~" in (inner[0], inner[-1]) or _BARE_TILDE.search(inner)):
        return None
    return _MARKS[span.style] if _flanks(inner, left, right) else None


def _flanks(inner: str, left: str, right: str) -> bool:
    """Whether `*` opens before and closes after `inner`, by the rules of every renderer."""
    return (inner[0].isalnum() or left in _OUTSIDE) and (inner[-1].isalnum() or right in _OUTSIDE)
