"""Where a quote may be pasted, and what its renderers can show."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A place to paste. Quotes deeper than `max_depth` lose text there; None: no limit is known."""

    name: str
    is_markdown: bool
    max_depth: int | None


TARGETS = (
    Target("markdown", is_markdown=True, max_depth=15),
    Target("jekyll", is_markdown=True, max_depth=100),
    Target("obsidian", is_markdown=True, max_depth=50),
    Target("reddit", is_markdown=True, max_depth=10),
    Target("html", is_markdown=False, max_depth=None),
    Target("text", is_markdown=False, max_depth=None),
)
NAMES = tuple(target.name for target in TARGETS)


def named(name: str) -> Target:
    """Raises ValueError for a name that is not in NAMES."""
    for target in TARGETS:
        if target.name == name:
            return target
    raise ValueError(f"unknown target: {name!r}")
