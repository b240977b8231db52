"""What the settings for quotes may say: the settings of a style, and the names of targets."""

from collections.abc import Collection, Mapping
from dataclasses import fields

from reddit_archive.markup import targets
from reddit_archive.quote import style
from reddit_archive.quote.style import Style

STYLE_TYPES: Mapping[str, type] = {
    "extends": str,
    **{
        field.name: str if field.default is None else type(field.default) for field in fields(Style)
    },
}
CHOICES: Mapping[str, Collection[str]] = {
    "quote: target": targets.NAMES,
    **{f"style: {name}": choices for name, choices in style.STYLE_CHOICES.items()},
}
