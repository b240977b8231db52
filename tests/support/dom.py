"""Compare rendered pages as a reader does: inside quotes, and with plain typography."""

from reddit_archive.quote.html_outline import OutlineLine, extract_lines

__all__ = ["OutlineLine", "extract_lines", "folded", "quoted", "same", "text", "unquoted"]


def text(html: str) -> str:
    """Return the text of a page."""
    return "\n".join("".join(part for part, _ in runs) for _, runs in extract_lines(html))


def quoted(markdown: str, depth: int) -> str:
    """Put Markdown in nested block quotes."""
    return "\n".join("> " * depth + line for line in markdown.split("\n"))


def unquoted(lines: list[OutlineLine], depth: int) -> list[OutlineLine] | None:
    """The lines inside of `depth` quotes; None if one of them escaped, or stands in another."""
    quotes = {path[:depth] for path, _ in lines}
    if len(quotes) > 1 or not all(s.startswith("blockquote") for path in quotes for s in path):
        return None
    return [(path[depth:], runs) for path, runs in lines]


_PLAIN = ("...", "---", "--", "'", "'", '"', '"', "<<", ">>")
_TYPOGRAPHY = str.maketrans(
    dict(zip("\u2026\u2014\u2013\u2018\u2019\u201c\u201d\xab\xbb", _PLAIN, strict=True))
)


def folded(lines: list[OutlineLine]) -> list[OutlineLine]:
    """The same with typographic quotation marks, dashes and ellipses written plainly."""
    return [
        (path, tuple((_plainly(part), styles) for part, styles in runs)) for path, runs in lines
    ]


def _plainly(part: str) -> str:
    return part.translate(_TYPOGRAPHY).replace("\xa0>>", " >>").replace("<<\xa0", "<< ")


def same(source: list[OutlineLine], shown: list[OutlineLine], depth: int) -> bool:
    """Return whether a page shows the source inside quotes of a depth."""
    if not source:  # an empty quote is a line, too
        return not any(runs for _, runs in shown)
    return unquoted(shown, depth) == source
