"""Marks that mean nothing alone: `*`, `_`, `~`, `$$` and backticks that no later mark could close.

Of a pair the one that opens it is escaped, and the one that would close it then needs nothing.
"""

import re
from collections.abc import Mapping

ALL = dict.fromkeys("*_`~$", -1)  # each mark, and the last place where the paragraph has another
IN_LABEL = "~"  # what neither GitHub nor kramdown pairs with a mark outside of the link
IN_CELL = "*_~"  # what none pairs with a mark in another cell
EDGE = "\x01"  # as in escape: where one run of a line ends and the next begins
_MARK = re.compile(r"[*_`~$]")
_RUN = re.compile(r"\*+|_+|`+|~+|\$\$+")
_MAY_END = re.compile(r"[^ \n~]~")
_SPACE = " \n"
_NONE: frozenset[int] = frozenset()


def lone(raw: str, kinds: Mapping[str, int]) -> frozenset[int]:
    """Positions of the marks of some kinds that may stand bare; `raw` is all of a paragraph.

    None does at or before the place that is given for its kind: there the paragraph has the same
    mark for emphasis or code.
    """
    if not _MARK.search(raw):
        return _NONE
    dollars, tildes = raw.count("$$"), raw.count("~")
    strikes = tildes > 1 and _MAY_END.search(raw) is not None
    bare: list[int] = []
    closing: set[str] = set()  # what stands to the right
    for run in reversed(list(_RUN.finditer(raw))):
        mark = run[0][0]
        # A backslash keeps no backtick from closing code: only the last of all may stand bare.
        is_double = mark in "*_" and len(run[0]) > 1  # kramdown finds a pair in one run
        # In four of them kramdown finds two and two.
        opens = (
            len(run[0]) > 3 or mark == "`" or raw[run.end() : run.end() + 1] not in ("", *_SPACE)
        )
        is_pair = opens and (is_double or mark in closing)
        if mark == "$":  # mathematics may begin and end anywhere
            is_pair = len(run[0]) > 3 or dollars > 1
        elif mark == "~":  # GitHub strikes out between two of them, kramdown out of a link's text
            is_other = (strikes and tildes > len(run[0])) or kinds.get("~", 0) >= 0
            is_pair = is_other or (len(run[0]) > 1 and "*" not in kinds) or _at_edge(raw, run)
        if run.start() > kinds.get(mark, len(raw)) and not is_pair and not _starts(raw, run):
            bare += range(*run.span())
        if mark == "`" or (run.start() and raw[run.start() - 1] not in _SPACE):
            closing.add(mark)
    return frozenset(bare)


def _at_edge(raw: str, run: re.Match[str]) -> bool:
    """Whether emphasis may begin or end beside it: cmark-gfm looks through a tilde there."""
    return EDGE in raw[max(0, run.start() - 1) : run.end() + 1]


def _starts(raw: str, run: re.Match[str]) -> bool:
    """Whether it could begin a list, a rule, a fence, or mathematics of several paragraphs."""
    if run.start() and raw[run.start() - 1] != "\n":
        return False
    return run[0][0] == "$" or len(run[0]) > 2 or raw[run.end() : run.end() + 1] in ("", " ", "\n")
