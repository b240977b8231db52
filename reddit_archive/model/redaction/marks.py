"""Marks of redactions in the data of posts and comments. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from reddit_archive.model.capture import Thing, get_fullname
from reddit_archive.model.json_fields import Raw

MARK_KEY = "_redacted"
FOREIGN_MARK_KEY = "_redacted_elsewhere"
"""Replaces the mark of a redaction that was made in another archive and has no effect here."""
PLACEHOLDER = "[redacted]"
AUTHOR, ALL = "author", "all"
"""Levels of redaction: the author's name, or the name and all content."""

RedactionLevels = Mapping[str, str]
"""AUTHOR or ALL by fullname, for the posts and comments to redact."""


def iter_items(things: Iterable[Thing]) -> Iterator[tuple[str, str, Raw]]:
    """Yield the fullname ("" if unknown), kind and data of posts and comments.

    Includes the posts that other posts crosspost.
    """
    todo = [thing for thing in things if thing["kind"] in ("t1", "t3")][::-1]
    while todo:
        thing = todo.pop()
        if isinstance(thing["data"], dict):
            yield get_fullname(thing) or "", thing["kind"], thing["data"]
            todo.extend(get_crosspost_parents(thing["data"]))


def get_crosspost_parents(data: Raw) -> list[Thing]:
    """Return the posts that a post crossposts, as things."""
    posts = data.get("crosspost_parent_list")
    return [{"kind": "t3", "data": post} for post in posts] if isinstance(posts, list) else []


def find_crossposted(things: Iterable[Thing]) -> set[str]:
    """Return the fullnames of the posts that the things crosspost."""
    parents = (
        parent
        for thing in things
        if isinstance(thing["data"], dict) and "crosspost_parent_list" in thing["data"]
        for parent in get_crosspost_parents(thing["data"])
    )
    return {name for name, _, _ in iter_items(parents) if name}


def find_redacted_items(things: Iterable[Thing]) -> dict[str, str]:
    """Return the level of each item that has a mark, by fullname."""
    redacted_items: dict[str, str] = {}
    for name, _, data in iter_items(things):
        if name and data.get(MARK_KEY) in (AUTHOR, ALL) and redacted_items.get(name) != ALL:
            redacted_items[name] = data[MARK_KEY]
    return redacted_items


def is_content_redacted(data: Raw) -> bool:
    """Return whether a text was redacted, in this archive or another."""
    return ALL in (data.get(MARK_KEY), data.get(FOREIGN_MARK_KEY))


def rename_foreign_marks(things: Iterable[Thing], levels: RedactionLevels) -> tuple[Thing, ...]:
    """Rename the marks of redactions by other archives, so that they have no effect here."""
    return tuple(_rename_foreign_mark(thing, levels) for thing in things)


def _rename_foreign_mark(thing: Thing, levels: RedactionLevels) -> Thing:
    data = thing["data"]
    if not isinstance(data, dict):
        return thing
    new = data
    name = get_fullname(thing)
    if MARK_KEY in data and name and levels.get(name) != data[MARK_KEY]:
        new = {(FOREIGN_MARK_KEY if key == MARK_KEY else key): value for key, value in data.items()}
    posts = get_crosspost_parents(data)
    renamed_posts = rename_foreign_marks(posts, levels)
    if any(post is not renamed for post, renamed in zip(posts, renamed_posts, strict=True)):
        new = {**new, "crosspost_parent_list": [post["data"] for post in renamed_posts]}
    return thing if new is data else {**thing, "data": new}
