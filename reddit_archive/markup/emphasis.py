"""Writes styled runs as one line of Markdown, with `*`, `**`, `_`, `~~` or HTML tags.

In CommonMark, the characters on both sides of a delimiter decide whether it opens or closes
emphasis. So each delimiter is chosen by its four neighbors. Where no delimiter works in every
renderer, an HTML tag is written.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

EM, STRONG, DEL = 1, 2, 4
_STYLES_OUTERMOST_FIRST = (DEL, STRONG, EM)
_TAGS = {EM: "em", STRONG: "strong", DEL: "del"}
_BARE_TILDE = re.compile(r"(?<!\\)~")  # cmark-gfm starts another strikethrough there
_DELIMITERS = {EM: "*", STRONG: "**", DEL: "~~"}
# What may stand outside a delimiter whose inner neighbor is not a letter or a digit. Not a tilde,
# because cmark-gfm ignores it here.
_ALLOWED_OUTSIDE = frozenset(" \n!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}")


StyleWriter = Callable[[int, str, str, str], str]


@dataclass(frozen=True, slots=True)
class StyledSpan:
    """The part of a line with one style: Markdown and spans of further styles."""

    style: int
    children: list["str | StyledSpan"]
    is_html: bool


def write(
    runs: Sequence[tuple[str, int]],
    char_before: str = " ",
    char_after: str = " ",
    style_writer: StyleWriter | None = None,
    html_styles: int = 0,
) -> str:
    """Join runs to one line.

    Args:
        runs: Pairs of finished Markdown and styles.
        char_before: The character before the line.
        char_after: The character after the line.
        style_writer: A function that writes a style in another dialect. It gets the style, the
            Markdown and its two neighbors.
        html_styles: The styles that are written as HTML tags everywhere.
    """
    if not any(styles for _, styles in runs):
        return "".join([text for text, _ in runs])
    return _write_nodes(
        _nest_spans(list(_split_spaces(runs)), 0, html_styles),
        char_before,
        char_after,
        style_writer,
    )


def _split_spaces(runs: Sequence[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Split off the spaces at the edges of runs, because delimiters must stand inside them."""
    for text, styles in runs:
        if not text:  # a link without text that the dialect can't write
            continue
        has_leading_space = text[:1] == " " != text and not text.startswith("  \n")
        has_trailing_space = text[-1:] == " " != text
        if has_leading_space:
            yield " ", styles
        yield text[has_leading_space : len(text) - has_trailing_space], styles
        if has_trailing_space:
            yield " ", styles


def _nest_spans(
    runs: Sequence[tuple[str, int]], active_styles: int, html_styles: int
) -> list[str | StyledSpan]:
    nodes: list[str | StyledSpan] = []
    i = 0
    while i < len(runs):
        new_styles = runs[i][1] & ~active_styles
        if not new_styles or runs[i][0] == " ":
            nodes.append(runs[i][0])
            i += 1
            continue
        style, end = _find_widest_style(runs, i, new_styles)
        while runs[end - 1][0] == " ":
            end -= 1
        inner = _nest_spans(runs[i:end], active_styles | style, html_styles)
        nodes.append(StyledSpan(style, inner, bool(style & html_styles)))
        i = end
    return nodes


def _find_widest_style(runs: Sequence[tuple[str, int]], start: int, styles: int) -> tuple[int, int]:
    """Return the style that reaches furthest from `start`, and its end."""
    best, best_end = 0, start
    for style in _STYLES_OUTERMOST_FIRST:
        if styles & style:
            end = start
            while end < len(runs) and runs[end][1] & style:
                end += 1
            if end > best_end:
                best, best_end = style, end
    return best, best_end


def _write_nodes(
    nodes: list[str | StyledSpan],
    char_before: str,
    char_after: str,
    style_writer: StyleWriter | None = None,
) -> str:
    out: list[str] = []
    for i, node in enumerate(nodes):
        if isinstance(node, str):
            out.append(node)
        else:
            left = out[-1][-1] if out else char_before
            right = _get_first_character(nodes[i + 1]) if i + 1 < len(nodes) else char_after
            if style_writer:
                delimiter_char = _DELIMITERS[node.style][0]
                inner = _write_nodes(node.children, delimiter_char, delimiter_char, style_writer)
                out.append(style_writer(node.style, inner, left, right))
            else:
                out.append(_write_span(node, left, right))
    return "".join(out)


def _get_first_character(node: str | StyledSpan) -> str:
    return node[0] if isinstance(node, str) else _DELIMITERS[node.style][0]


def _write_span(span: StyledSpan, left: str, right: str) -> str:
    only_child = span.children[0] if len(span.children) == 1 else None
    if isinstance(only_child, StyledSpan) and {span.style, only_child.style} == {EM, STRONG}:
        inner = _write_nodes(only_child.children, "*", "*")
        if "*" not in (left, right) and _is_flanking(inner, left, right):
            return f"***{inner}***"
    delimiter_char = _DELIMITERS[span.style][0]
    inner = _write_nodes(span.children, delimiter_char, delimiter_char)
    delimiter = _choose_delimiter(span, inner, left, right)
    return (
        f"{delimiter}{inner}{delimiter}"
        if delimiter
        else f"<{_TAGS[span.style]}>{inner}</{_TAGS[span.style]}>"
    )


def _choose_delimiter(span: StyledSpan, inner: str, left: str, right: str) -> str | None:
    if span.is_html:
        return None
    if span.style == EM and (left == "*" or right == "*" or "**" in inner):
        is_clear = {left, right} <= _ALLOWED_OUTSIDE - {"_"}
        return "_" if is_clear and "_" not in (inner[0], inner[-1]) else None
    if span.style == DEL and ("~" in (inner[0], inner[-1]) or _BARE_TILDE.search(inner)):
        return None
    return _DELIMITERS[span.style] if _is_flanking(inner, left, right) else None


def _is_flanking(inner: str, left: str, right: str) -> bool:
    """Return whether `*` opens before `inner` and closes after it, in every renderer."""
    return (inner[0].isalnum() or left in _ALLOWED_OUTSIDE) and (
        inner[-1].isalnum() or right in _ALLOWED_OUTSIDE
    )
