"""Citations as BibTeX, for LaTeX with BibTeX or biblatex."""

import re
from collections.abc import Iterator

from reddit_archive.export.citations.citation import Citation

# BibTeX counts braces even behind a backslash, so that `\\{` alone would break the whole file.
ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    **{each: f"\\{each}" for each in "&%$#_"},
}
SPECIAL = re.compile("[" + re.escape("".join(ESCAPES)) + "]")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def entry(cited: Citation) -> str:
    fields = ",\n".join(f"  {name} = {value}" for name, value in _fields(cited))
    return f"@misc{{{cited.key},\n{fields},\n}}\n"


def escape(plain: str) -> str:
    return SPECIAL.sub(lambda match: ESCAPES[match[0]], plain)


def _fields(cited: Citation) -> Iterator[tuple[str, str]]:
    """The fields that BibTeX knows, and `date` and `urldate`, which biblatex does."""
    if cited.author:
        yield "author", f"{{{{{escape(cited.author)}}}}}"
    yield "title", f"{{{{{escape(cited.title)}}}}}"
    yield "howpublished", f"{{{_kind(cited)}, Reddit}}"
    if cited.issued:
        yield "year", f"{{{cited.issued.year}}}"
        yield "month", MONTHS[cited.issued.month - 1]
        yield "date", f"{{{cited.issued:%Y-%m-%d}}}"
    yield "url", f"{{{cited.url}}}"
    yield "urldate", f"{{{cited.accessed:%Y-%m-%d}}}"
    yield "note", f"{{{escape(cited.note)}}}"


def _kind(cited: Citation) -> str:
    if not cited.is_comment:
        return "Online forum post"
    if not cited.about:
        return "Comment on an online forum post"
    return rf"Comment on the online forum post \emph{{{escape(cited.about)}}}"
