"""Targets: what a quote can be written for, by name. Facts alone; this is cheap to import."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A place to paste a quote into.

    max_depth    blockquotes that its renderers still show; None: as many as there are. Deeper ones
                 lose their text in some of them
    is_markdown  whether a quote is made by `>` before each line
    has_html     whether an HTML tag in it is a tag: superscript and the like are written so
    """

    name: str
    max_depth: int | None
    is_markdown: bool = True
    has_html: bool = True


TARGETS = (
    # markdown-it-py's CommonMark preset loses text below 19, and below 13 if three lists stand
    # inside. GitHub and kramdown have no limit that was found.
    Target("markdown", 15),
    Target("commonmark", 15),
    Target("jekyll", 100),
    Target("obsidian", 50),
    # snudown, Reddit's renderer, stops at 16, and at 14 if three lists stand inside.
    Target("reddit", 10, has_html=False),
    Target("html", None, is_markdown=False),
    Target("text", None, is_markdown=False, has_html=False),
)
NAMES = tuple(target.name for target in TARGETS)
_BY_NAME = {target.name: target for target in TARGETS}


def get_target(name: str) -> Target:
    """Return the target of a name. Raises ValueError for an unknown one."""
    if name not in _BY_NAME:
        raise ValueError(f"unknown target: {name!r} (known: {', '.join(NAMES)})")
    return _BY_NAME[name]
