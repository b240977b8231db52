"""Format citations for BibTeX and biblatex."""

import re
from collections.abc import Iterator

from reddit_archive.export.citations.citation import Citation

# BibTeX counts braces even after a backslash, so `\{` would break the whole file.
ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    **{char: f"\\{char}" for char in "&%$#_"},
}
SPECIAL_CHARACTERS = re.compile("[" + re.escape("".join(ESCAPES)) + "]")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def format_entry(citation: Citation) -> str:
    fields = ",\n".join(f"  {name} = {value}" for name, value in _iter_fields(citation))
    return f"@misc{{{citation.key},\n{fields},\n}}\n"


def escape(text: str) -> str:
    return SPECIAL_CHARACTERS.sub(lambda match: ESCAPES[match[0]], text)


def _iter_fields(citation: Citation) -> Iterator[tuple[str, str]]:
    """Yield the fields of BibTeX, and `date` and `urldate` for biblatex."""
    if citation.author:
        yield "author", f"{{{{{escape(citation.author)}}}}}"
    yield "title", f"{{{{{escape(citation.title)}}}}}"
    yield "howpublished", f"{{{_format_genre(citation)}, Reddit}}"
    if citation.issued:
        yield "year", f"{{{citation.issued.year}}}"
        yield "month", MONTHS[citation.issued.month - 1]
        yield "date", f"{{{citation.issued:%Y-%m-%d}}}"
    yield "url", f"{{{citation.url}}}"
    yield "urldate", f"{{{citation.accessed:%Y-%m-%d}}}"
    yield "note", f"{{{escape(citation.note)}}}"


def _format_genre(citation: Citation) -> str:
    if not citation.is_comment:
        return "Online forum post"
    if not citation.post_title:
        return "Comment on an online forum post"
    return rf"Comment on the online forum post \emph{{{escape(citation.post_title)}}}"
