"""Marks that mean nothing alone: `*`, `_` and backticks that no later mark could close.

Of a pair the one that opens it is escaped, and the one that would close it then needs nothing.
"""

import re

ALL = "*_`"
_RUN = re.compile(r"\*+|_+|`+")
_SPACE = " \n"


def lone(raw: str, kinds: str) -> frozenset[int]:
    """Positions of the marks of some kinds that may stand bare; `raw` is all of a paragraph."""
    bare: list[int] = []
    closing: set[str] = set()  # what stands to the right
    for run in reversed(list(_RUN.finditer(raw))):
        mark = run[0][0]
        # A backslash keeps no backtick from closing code: only the last of all may stand bare.
        is_double = mark != "`" and len(run[0]) > 1  # kramdown finds a pair in one run
        opens = mark == "`" or raw[run.end() : run.end() + 1] not in ("", " ", "\n")
        is_pair = is_double or (opens and mark in closing)
        if mark in kinds and not is_pair and not _starts(raw, run):
            bare += range(*run.span())
        if mark == "`" or (run.start() and raw[run.start() - 1] not in _SPACE):
            closing.add(mark)
    return frozenset(bare)


def _starts(raw: str, run: re.Match[str]) -> bool:
    """Whether it could begin a list, a rule or a fence."""
    if run.start() and raw[run.start() - 1] != "\n":
        return False
    return len(run[0]) > 2 or raw[run.end() : run.end() + 1] in ("", " ", "\n")
