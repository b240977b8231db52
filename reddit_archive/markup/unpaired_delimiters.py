"""Finds delimiters that mean nothing, because no later delimiter could close what they open.

The delimiters are `*`, `_`, `~`, `$$` and backticks. If the opening one of a pair is escaped, the
closing one needs no escape.
"""

import re
from collections.abc import Mapping

from reddit_archive.markup.escape_rules import RUN_EDGE

INITIAL_POSITIONS = dict.fromkeys("*_`~$", -1)
"""For each delimiter, the end of the last other one in the paragraph; -1 for none."""
LABEL_DELIMITERS = "~"  # no renderer pairs it with one outside of the link
CELL_DELIMITERS = "*_~"  # no renderer pairs them with one in another cell
_DELIMITER_RUN = re.compile(r"\*+|_+|`+|~+|\$\$+")
_STRIKETHROUGH_END = re.compile(r"[^ \n~]~")
_SPACES = " \n"


def find_unpaired(text: str, last_positions: Mapping[str, int]) -> frozenset[int]:
    """Return the positions of the delimiters in a paragraph that need no escape.

    Up to its position in `last_positions`, every delimiter needs one, because the paragraph has the
    same delimiter for emphasis or code there. Delimiters that `last_positions` lacks all need one.
    """
    dollar_pair_count, tilde_count = text.count("$$"), text.count("~")
    can_strike = tilde_count > 1 and _STRIKETHROUGH_END.search(text) is not None
    unpaired: list[int] = []
    closers: set[str] = set()  # the delimiters to the right that can close
    for run in reversed(list(_DELIMITER_RUN.finditer(text))):
        delimiter = run[0][0]
        # A backslash does not keep a backtick from closing code, so only the last one is unpaired.
        is_double = delimiter in "*_" and len(run[0]) > 1  # to kramdown, one run is a pair
        # To kramdown, a run of four is two pairs.
        can_open = (
            len(run[0]) > 3
            or delimiter == "`"
            or text[run.end() : run.end() + 1] not in ("", *_SPACES)
        )
        is_paired = can_open and (is_double or delimiter in closers)
        if delimiter == "$":  # math can start and end anywhere
            is_paired = len(run[0]) > 3 or dollar_pair_count > 1
        elif delimiter == "~":  # GitHub pairs single ones, kramdown also across a link's border
            has_other_tilde = can_strike and tilde_count > len(run[0])
            has_other_tilde = has_other_tilde or last_positions.get("~", 0) >= 0
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
    """Return whether emphasis may start or end beside a tilde, which cmark-gfm ignores there."""
    return RUN_EDGE in text[max(0, run.start() - 1) : run.end() + 1]


def _can_start_block(text: str, run: re.Match[str]) -> bool:
    """Return whether a run could start a list, a thematic break, a fence or a block of math."""
    if run.start() and text[run.start() - 1] != "\n":
        return False
    return run[0][0] == "$" or len(run[0]) > 2 or text[run.end() : run.end() + 1] in ("", " ", "\n")
