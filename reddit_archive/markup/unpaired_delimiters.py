"""Marks that mean nothing alone: `*`, `_`, `~`, `$$` and backticks that no later mark could close.

Of a pair the one that opens it is escaped, and the one that would close it then needs nothing.
"""

import re
from collections.abc import Mapping

INITIAL_POSITIONS = dict.fromkeys(
    "*_`~$", -1
)  # each mark, and the last place where the paragraph has another
LABEL_DELIMITERS = "~"  # what neither GitHub nor kramdown pairs with a mark outside of the link
CELL_DELIMITERS = "*_~"  # what none pairs with a mark in another cell
RUN_EDGE = "\x01"  # as in escape: where one run of a line ends and the next begins
_DELIMITER = re.compile(r"[*_`~$]")
_DELIMITER_RUN = re.compile(r"\*+|_+|`+|~+|\$\$+")
_STRIKETHROUGH_END = re.compile(r"[^ \n~]~")
_SPACES = " \n"
_NO_POSITIONS: frozenset[int] = frozenset()


def find_unpaired(text: str, last_positions: Mapping[str, int]) -> frozenset[int]:
    """Positions of the marks of some kinds that may stand bare; `raw` is all of a paragraph.

    None does at or before the place that is given for its kind: there the paragraph has the same
    mark for emphasis or code.
    """
    if not _DELIMITER.search(text):
        return _NO_POSITIONS
    dollar_pair_count, tilde_count = text.count("$$"), text.count("~")
    can_strike = tilde_count > 1 and _STRIKETHROUGH_END.search(text) is not None
    unpaired: list[int] = []
    closers: set[str] = set()  # what stands to the right
    for run in reversed(list(_DELIMITER_RUN.finditer(text))):
        delimiter = run[0][0]
        # A backslash keeps no backtick from closing code: only the last of all may stand bare.
        is_double = delimiter in "*_" and len(run[0]) > 1  # kramdown finds a pair in one run
        # In four of them kramdown finds two and two.
        can_open = (
            len(run[0]) > 3
            or delimiter == "`"
            or text[run.end() : run.end() + 1] not in ("", *_SPACES)
        )
        is_paired = can_open and (is_double or delimiter in closers)
        if delimiter == "$":  # mathematics may begin and end anywhere
            is_paired = len(run[0]) > 3 or dollar_pair_count > 1
        elif (
            delimiter == "~"
        ):  # GitHub strikes out between two of them, kramdown out of a link's text
            has_other_tilde = (can_strike and tilde_count > len(run[0])) or last_positions.get(
                "~", 0
            ) >= 0
            is_paired = (
                has_other_tilde
                or (len(run[0]) > 1 and "*" not in last_positions)
                or _is_at_run_edge(text, run)
            )
        if (
            run.start() > last_positions.get(delimiter, len(text))
            and not is_paired
            and not _can_start_block(text, run)
        ):
            unpaired += range(*run.span())
        if delimiter == "`" or (run.start() and text[run.start() - 1] not in _SPACES):
            closers.add(delimiter)
    return frozenset(unpaired)


def _is_at_run_edge(text: str, run: re.Match[str]) -> bool:
    """Whether emphasis may begin or end beside it: cmark-gfm looks through a tilde there."""
    return RUN_EDGE in text[max(0, run.start() - 1) : run.end() + 1]


def _can_start_block(text: str, run: re.Match[str]) -> bool:
    """Whether it could begin a list, a rule, a fence, or mathematics of several paragraphs."""
    if run.start() and text[run.start() - 1] != "\n":
        return False
    return run[0][0] == "$" or len(run[0]) > 2 or text[run.end() : run.end() + 1] in ("", " ", "\n")
