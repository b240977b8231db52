"""Checks a quote: renders its Markdown and compares the result with Reddit's HTML."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt

from reddit_archive import quote
from reddit_archive.markup import targets
from reddit_archive.markup.dialects import Dialect
from reddit_archive.model.thread import Thread
from reddit_archive.quote import Selection, html_outline, renderer
from reddit_archive.quote.html_outline import OutlineLine
from reddit_archive.quote.layout import QuoteItem
from reddit_archive.quote.style import PLAIN_STYLE, RenderContext, Style

_Runs = tuple[tuple[str, frozenset[str]], ...]
_ZERO_WIDTH_SPACE = "\u200b"


def get_checked_targets() -> list[str]:
    """Return the targets that can be checked: those that a CommonMark renderer shows, and HTML."""
    return [name for name in targets.NAMES if targets.get_target(name).can_be_checked]


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where a quote shows something else than Reddit.

    Attributes:
        fullname: The post or the comment. A difference between two items has the post's fullname.
        expected: The first line that differs, as Reddit shows it.
        actual: The same line in the quote.
    """

    fullname: str
    expected: str
    actual: str


def find_differences(
    thread: Thread,
    selection: Selection,
    *,
    target: str,
    max_depth: int | None = None,
    style: Style = PLAIN_STYLE,
) -> Iterator[Difference]:
    """Render a quote, each item alone and all together, and yield each difference."""
    items = quote.build_items(thread, selection, target=target, max_depth=max_depth)
    reddit_context, target_context = RenderContext("html", style), RenderContext(target, style)
    dialect = target_context.dialect
    has_difference = False
    for item in items:
        if item.content is not None:
            expected, actual = (
                _extract_lines([item], thread, reddit_context, dialect),
                _extract_lines([item], thread, target_context, dialect),
            )
            if expected != actual:
                has_difference = True
                yield Difference(item.content.fullname, *_find_first_difference(expected, actual))
    if not has_difference:
        expected, actual = (
            _extract_lines(items, thread, reddit_context, dialect),
            _extract_lines(items, thread, target_context, dialect),
        )
        if expected != actual:
            yield Difference(f"t3_{thread.id}", *_find_first_difference(expected, actual))


def _extract_lines(
    items: list[QuoteItem], thread: Thread, context: RenderContext, target: Dialect
) -> list[OutlineLine]:
    """Return what a reader sees of some items, with the links of the target."""
    rendered = renderer.render_items(items, thread, context)
    html = rendered if context.dialect.output == "html" else _render_markdown(rendered)
    lines = html_outline.extract_lines(_hide_callouts(html, context))
    return [(path, _write_runs_for(target, runs)) for path, runs in lines]


def _write_runs_for(target: Dialect, runs: _Runs) -> _Runs:
    """Drop the invisible characters of a line, and write its links as the target does."""
    return tuple(
        (text.replace(_ZERO_WIDTH_SPACE, ""), frozenset(_write_style(target, s) for s in styles))
        for text, styles in runs
        if text != _ZERO_WIDTH_SPACE
    )


def _write_style(target: Dialect, style: str) -> str:
    if not style.startswith("a "):
        return style
    _, url, title = style.replace(_ZERO_WIDTH_SPACE, "").split(" ", 2)
    return f"a {target.get_link_url(url)} {title}"


def _render_markdown(markdown: str) -> str:
    markdown_it = MarkdownIt("commonmark", {"maxNesting": 10_000, "html": True})
    return str(markdown_it.enable(["table", "strikethrough"]).render(markdown))


def _hide_callouts(html: str, context: RenderContext) -> str:
    """Remove the marks of callouts, as Obsidian does."""
    mark = context.dialect.write_callout("", context.style.callout)
    return re.sub(rf"(<blockquote>\s*<p>){re.escape(mark)}", r"\1", html) if mark else html


def _find_first_difference(
    expected: list[OutlineLine], actual: list[OutlineLine]
) -> tuple[str, str]:
    """Return the first two lines that differ, as text."""
    for expected_line, actual_line in zip(expected, actual, strict=False):
        if expected_line != actual_line:
            return _describe_line(expected_line), _describe_line(actual_line)
    longer = expected[len(actual) :] or actual[len(expected) :]
    return (
        (_describe_line(longer[0]), "")
        if len(expected) > len(actual)
        else ("", _describe_line(longer[0]))
    )


def _describe_line(line: OutlineLine) -> str:
    path, runs = line
    block_path = " > ".join(
        block.split(" ")[0] for block in path if not block.startswith("blockquote")
    )
    styles = sorted({style.split(" ")[0] for _, names in runs for style in names})
    text = "".join(part for part, _ in runs)
    return " ".join(
        part for part in (block_path, text, f"({', '.join(styles)})" * bool(styles)) if part
    )
