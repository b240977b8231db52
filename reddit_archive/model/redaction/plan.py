"""Plan a redaction: decide what to remove from the things of a thread. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from reddit_archive.model.capture import Thing
from reddit_archive.model.deletion import DELETION_PLACEHOLDERS
from reddit_archive.model.json_fields import get_str
from reddit_archive.model.redaction.marks import (
    ALL,
    RedactionLevels,
    get_crosspost_parents,
    iter_items,
)


@dataclass(frozen=True, slots=True)
class RedactionPlan:
    """What to remove.

    Attributes:
        levels: The items to redact, and their levels.
        names: Names of redacted authors, in lower case, who wrote nothing else in the thread.
        title_post_ids: Ids of posts whose title is removed, also from addresses.
        media_to_remove: Fullnames of items that show pictures of a redacted item.
        has_viewer_fields: Fields about the viewer are removed, too.
        replacements: Patterns for names and titles in addresses, and what replaces them.
        name_pattern: Matches a name anywhere in a text.
        cache: Each thing that was redacted, and its result, by the thing's `id()`.
    """

    levels: RedactionLevels
    names: frozenset[str]
    title_post_ids: frozenset[str]
    media_to_remove: frozenset[str]
    has_viewer_fields: bool = False
    replacements: tuple[tuple[re.Pattern[str], str], ...] = field(init=False)
    name_pattern: re.Pattern[str] | None = field(init=False)
    cache: dict[int, tuple[Thing, Thing]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        replacements = []
        names = "|".join(re.escape(name) for name in sorted(self.names))
        if self.names:
            prefixes = r"\bu_|/u/|\bu/|user/|\bself\."
            replacements.append((re.compile(rf"({prefixes})(?:{names})(?![\w-])", re.I), r"\1_"))
        if self.title_post_ids:
            ids = "|".join(re.escape(post_id) for post_id in sorted(self.title_post_ids))
            replacements.append(
                (re.compile(rf"(/(?:comments|gallery)/(?:{ids}))/[^/?#\s]+", re.I), r"\1/_")
            )
        name_regex = rf"(?<![\w-])(?:{names})(?![\w-])" if self.names else ""
        object.__setattr__(
            self, "name_pattern", re.compile(name_regex, re.I) if name_regex else None
        )
        object.__setattr__(self, "replacements", tuple(replacements))


def build_plan(
    things: Iterable[Thing], levels: RedactionLevels, *, has_viewer_fields: bool = False
) -> RedactionPlan:
    """Return the plan for a redaction.

    Args:
        things: All things of the thread, from all of its snapshots.
        levels: The items to redact, and their levels.
        has_viewer_fields: Remove fields about the viewer, too.
    """
    things = tuple(things)
    redacted_names: set[str] = set()
    other_names: set[str] = set()
    for name, _, data in iter_items(things):
        if not name:  # redacted with its author
            continue
        names = redacted_names if name in levels else other_names
        names.update(get_str(data, key).lower() for key in ("author", "author_fullname"))
    return RedactionPlan(
        levels,
        frozenset(redacted_names - other_names - {"", *DELETION_PLACEHOLDERS}),
        frozenset(name[3:] for name, level in levels.items() if level == ALL and name[:3] == "t3_"),
        frozenset(_find_media_to_remove(things, levels)),
        has_viewer_fields,
    )


def _find_media_to_remove(things: Iterable[Thing], levels: RedactionLevels) -> set[str]:
    """Return the fullnames of items that show pictures of a redacted item, also by a crosspost."""
    names = {name for name, level in levels.items() if level == ALL}
    for name, _, data in iter_items(things):
        if any(inner_name in names for inner_name, _, _ in iter_items(get_crosspost_parents(data))):
            names.add(name)
    return names
