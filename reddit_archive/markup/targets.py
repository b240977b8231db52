"""The registry of targets: what a quote can be written for, by name."""

from reddit_archive.markup.dialect_github import GitHub
from reddit_archive.markup.dialect_obsidian import Obsidian
from reddit_archive.markup.dialect_reddit import Reddit
from reddit_archive.markup.dialects import DEFAULT, CommonMark, Dialect, Html, Jekyll, Text

_DIALECTS = (DEFAULT, GitHub(), CommonMark(), Jekyll(), Obsidian(), Reddit(), Html(), Text())

TARGETS: dict[str, Dialect] = {dialect.name: dialect for dialect in _DIALECTS}
NAMES = TARGETS.keys()
"""The names in the order of messages, help texts and docs. A view, so it follows `TARGETS`."""


def get_target(name: str) -> Dialect:
    """Return the dialect of a target. Raises ValueError for an unknown name."""
    if name not in TARGETS:
        raise ValueError(f"Unknown target {name!r}. Choose from {', '.join(NAMES)}.")
    return TARGETS[name]
