"""A quote, proofread: what its Markdown shows once rendered, held against what Reddit showed."""

from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt

from reddit_archive import quote
from reddit_archive.model.thread import Thread
from reddit_archive.quote import Selection, html_outline, renderer
from reddit_archive.quote.html_outline import Line
from reddit_archive.quote.layout import Item
from reddit_archive.quote.style import PLAIN, Manner, Style

TARGETS = ("markdown", "commonmark", "jekyll", "obsidian", "html")
"""What one renderer can judge: dialects of CommonMark with tables and strikethrough, and HTML."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a quote shows something else than Reddit did.

    `fullname` is the post's or the comment's, or the post's for a fault that shows only where
    quotes meet; `expected` and `shown` are the first lines that differ.
    """

    fullname: str
    expected: str
    shown: str


def differences(
    thread: Thread,
    selection: Selection,
    *,
    target: str,
    deepest: int | None = None,
    style: Style = PLAIN,
) -> Iterator[Difference]:
    """Render the quote, piece by piece and whole, and give each difference to Reddit's HTML."""
    items = quote.items(thread, selection, target=target, deepest=deepest)
    reddit, manner = Manner("html", style), Manner(target, style)
    found = False
    for item in items:
        if item.said is not None:
            expected, shown = _seen([item], thread, reddit), _seen([item], thread, manner)
            if expected != shown:
                found = True
                yield Difference(item.said.fullname, *_first(expected, shown))
    if not found:
        expected, shown = _seen(items, thread, reddit), _seen(items, thread, manner)
        if expected != shown:
            yield Difference(f"t3_{thread.id}", *_first(expected, shown))


def _seen(items: list[Item], thread: Thread, manner: Manner) -> list[Line]:
    """What a reader sees of these items."""
    written = renderer.write(items, thread, manner)
    return html_outline.outline(written if manner.target == "html" else _rendered(written))


def _rendered(markdown: str) -> str:
    renderer = MarkdownIt("commonmark", {"maxNesting": 10_000, "html": True})
    return str(renderer.enable(["table", "strikethrough"]).render(markdown))


def _first(expected: list[Line], shown: list[Line]) -> tuple[str, str]:
    """The first lines that differ, as text."""
    for one, other in zip(expected, shown, strict=False):
        if one != other:
            return _text(one), _text(other)
    longer = expected[len(shown) :] or shown[len(expected) :]
    return (_text(longer[0]), "") if len(expected) > len(shown) else ("", _text(longer[0]))


def _text(line: Line) -> str:
    path, runs = line
    where = " > ".join(step.split(" ")[0] for step in path if not step.startswith("blockquote"))
    styles = sorted({style.split(" ")[0] for _, names in runs for style in names})
    what = "".join(part for part, _ in runs)
    return " ".join(part for part in (where, what, f"({', '.join(styles)})" * bool(styles)) if part)
