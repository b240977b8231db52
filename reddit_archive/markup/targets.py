"""The registry of targets: what a quote can be written for, by name."""

from importlib import import_module

from reddit_archive.markup.dialects import DEFAULT, CommonMark, Dialect, Html, Jekyll, Text

TARGETS: dict[str, Dialect | str] = {
    "markdown": DEFAULT,
    "github": "reddit_archive.markup.dialect_github:GitHub",
    "commonmark": CommonMark(),
    "jekyll": Jekyll(),
    "obsidian": "reddit_archive.markup.dialect_obsidian:Obsidian",
    "reddit": "reddit_archive.markup.dialect_reddit:Reddit",
    "html": Html(),
    "text": Text(),
}
"""The dialects, or where those with many patterns are: to load all of them takes 3 ms more."""
NAMES = TARGETS.keys()
"""The names in the order of messages, help texts and docs. A view, so it follows `TARGETS`."""


def get_target(name: str) -> Dialect:
    """Return the dialect of a target. Raises ValueError for an unknown name."""
    if name not in TARGETS:
        raise ValueError(f"Unknown target {name!r}. Choose from {', '.join(NAMES)}.")
    dialect = TARGETS[name]
    if isinstance(dialect, str):
        module, _, class_name = dialect.partition(":")
        dialect = TARGETS[name] = getattr(import_module(module), class_name)()
    return dialect
