"""What redacting takes out of things, and the shape that stays in its place. Pure.

A redacted post or comment keeps its ids, its place and its time, and carries a mark. What others
said stays as they said it, even where they quote what is gone.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from reddit_archive.model import capture
from reddit_archive.model.capture import Thing
from reddit_archive.model.deletion import DELETION_PLACEHOLDERS, get_deletion_reason
from reddit_archive.model.json_fields import Raw, get_str

MARK_KEY = "_redacted"
FOREIGN_MARK_KEY = "_redacted_elsewhere"
"""Replaces the mark of a redaction that was made in another archive and has no effect here."""
PLACEHOLDER = "[redacted]"
AUTHOR, ALL = "author", "all"
"""How much goes: who said it, or that and everything that was said."""

PRESERVED_FIELDS = (
    *("id", "name", "parent_id", "link_id", "created", "created_utc", "depth"),
    *("subreddit", "subreddit_id", "subreddit_name_prefixed"),
    *("removed_by_category", "removal_reason", "num_comments"),
)
NUMBER_FIELDS = ("created", "created_utc", "depth", "num_comments")
NUMBER_PATTERN = re.compile(r"-?\d{1,15}(?:\.\d{1,9})?", re.ASCII)
"""Older dumps write a number as text. Any other text there is not a number, and goes."""
REMOVAL_FIELDS = ("removed_by_category", "removal_reason")
REMOVAL_VALUES = frozenset(
    (
        *("deleted", "author", "moderator", "automod_filtered", "reddit", "anti_evil_ops"),
        *("community_ops", "content_takedown", "copyright_takedown", "legal_operations", "legal"),
    )
)
UNCHANGED_FIELDS = frozenset(
    {
        "title",
        "body",
        "body_html",
        "selftext",
        "selftext_html",
        "id",
        "name",
        "parent_id",
        "link_id",
    }
)
FREE_TEXT_FIELDS = frozenset({"caption", "text", "link_title", "file", "files"})
"""Other people's words, and names of files: a name in them stays, as it does in a body."""
PREVIEW_FIELDS = frozenset(
    {
        *("thumbnail", "thumbnail_height", "thumbnail_width", "preview", "post_hint", "domain"),
        *("media", "media_embed", "secure_media", "secure_media_embed"),
        *("gallery_data", "media_metadata"),
    }
)
"""Where a post that passes another one on shows what that one links to."""
THREAD_URL_PATTERN = re.compile(
    r"(?:https?://(?:\w+\.)?reddit\.com)?/(?:\w+/[\w-]+/)?comments/\w", re.I
)
LINKED_POST_FIELDS = frozenset({"link_title", "link_url", "link_author", "link_permalink"})

RedactionLevels = Mapping[str, str]
"""AUTHOR or ALL by fullname, for what is to be redacted."""


@dataclass(frozen=True, slots=True)
class RedactionPlan:
    """What to redact: `levels`, and what stood for it elsewhere.

    `names` (lower case) are of those who say nothing else in the thread, `titles` the ids of posts
    whose title goes, and with it its words in addresses. `hidden` shows pictures that are to go.
    With `has_viewer` fields about the viewer are removed, too.
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


def iter_items(things: Iterable[Thing]) -> Iterator[tuple[str, str, Raw]]:
    """Give the fullname, kind and data of every post and comment, passed-on posts included."""
    todo = [thing for thing in things if thing["kind"] in ("t1", "t3")][::-1]
    while todo:
        thing = todo.pop()
        if isinstance(thing["data"], dict):
            yield capture.get_fullname(thing) or "", thing["kind"], thing["data"]
            todo.extend(
                {"kind": "t3", "data": post} for post in _get_crosspost_parents(thing["data"])
            )


def is_content_redacted(data: Raw) -> bool:
    """Return whether a text was redacted, here or in another archive."""
    return ALL in (data.get(MARK_KEY), data.get(FOREIGN_MARK_KEY))


def rename_foreign_marks(things: Iterable[Thing], levels: RedactionLevels) -> tuple[Thing, ...]:
    """Rename the marks of redactions by other archives, so that they have no effect here."""
    return tuple(_rename_foreign_mark(thing, levels) for thing in things)


def _rename_foreign_mark(thing: Thing, levels: RedactionLevels) -> Thing:
    data = thing["data"]
    if not isinstance(data, dict):
        return thing
    new = data
    name = capture.get_fullname(thing)
    if MARK_KEY in data and name and levels.get(name) != data[MARK_KEY]:
        new = {(FOREIGN_MARK_KEY if key == MARK_KEY else key): value for key, value in data.items()}
    if posts := _wrap_posts(_get_crosspost_parents(data)):
        renamed_posts = [post["data"] for post in rename_foreign_marks(posts, levels)]
        if any(one["data"] is not other for one, other in zip(posts, renamed_posts, strict=True)):
            new = {**new, "crosspost_parent_list": renamed_posts}
    return thing if new is data else {**thing, "data": new}


def find_crossposted(things: Iterable[Thing]) -> set[str]:
    """Give the fullnames of the posts that others of these pass on."""
    data_dicts = (thing["data"] for thing in things if isinstance(thing["data"], dict))
    crossposts = (data for data in data_dicts if "crosspost_parent_list" in data)
    crosspost_parents = (
        thing for data in crossposts for thing in _wrap_posts(_get_crosspost_parents(data))
    )
    return {name for name, _, _ in iter_items(crosspost_parents) if name}


def find_redacted_items(things: Iterable[Thing]) -> dict[str, str]:
    """Tell what is redacted already."""
    redacted_items: dict[str, str] = {}
    for name, _, data in iter_items(things):
        if name and data.get(MARK_KEY) in (AUTHOR, ALL) and redacted_items.get(name) != ALL:
            redacted_items[name] = data[MARK_KEY]
    return redacted_items


def build_plan(
    things: Iterable[Thing], levels: RedactionLevels, *, has_viewer_fields: bool = False
) -> RedactionPlan:
    """Find out, from all things of a thread, what else tells of what is to be redacted."""
    things = tuple(things)
    redacted_names: set[str] = set()
    other_names: set[str] = set()
    for name, _, data in iter_items(things):
        if not name:  # what has no id can't be named: it goes with its author
            continue
        author_names = {get_str(data, key).lower() for key in ("author", "author_fullname")}
        (redacted_names if name in levels else other_names).update(
            author_names - {"", *DELETION_PLACEHOLDERS}
        )
    title_post_ids = {
        name[3:] for name, level in levels.items() if level == ALL and name[:3] == "t3_"
    }
    media_names = _find_media_to_remove(things, levels)
    names, media_to_remove = frozenset(redacted_names - other_names), frozenset(media_names)
    return RedactionPlan(
        levels, names, frozenset(title_post_ids), media_to_remove, has_viewer_fields
    )


def apply(things: Iterable[Thing], plan: RedactionPlan) -> tuple[Thing, ...]:
    """Take out what is to go; things of which nothing goes are given back as they are.

    Snapshots share the things that did not change between them: each is worked on once.
    """
    results = []
    for thing in things:
        cached = plan.cache.get(id(thing))
        if cached is None or cached[0] is not thing:
            cached = plan.cache[id(thing)] = thing, _redact_thing(thing, plan)
        results.append(cached[1])
    return tuple(results)


def _find_media_to_remove(things: Iterable[Thing], levels: RedactionLevels) -> set[str]:
    """The fullnames of what shows pictures that are to go, be it in a post that it passes on."""
    names = {name for name, level in levels.items() if level == ALL}
    for name, _, data in iter_items(things):
        if any(
            inner_name in names
            for inner_name, _, _ in iter_items(_wrap_posts(_get_crosspost_parents(data)))
        ):
            names.add(name)
    return names


def redact_strings(value: Any, plan: RedactionPlan) -> Any:
    """Remove names and titles from addresses, notes, fields that hold a name, and keys.

    Works without recursion, since a field may nest to any depth.
    """
    root: dict[Any, Any] = {"": value}
    todo: list[tuple[Any, Any, str]] = [(root, "", "")]
    while todo:
        container, position, key = todo.pop()
        item = container[position]
        if isinstance(item, str):
            container[position] = _redact_string(item, plan, key)
        elif isinstance(item, list):
            container[position] = new_list = [*item]
            todo += [(new_list, index, key) for index in range(len(new_list))]
        elif isinstance(item, dict):
            container[position] = new_dict = remove_keys(item, plan.names)
            if get_str(item, "link_id").lower().removeprefix("t3_") in plan.title_post_ids:
                new_dict |= dict.fromkeys(new_dict.keys() & LINKED_POST_FIELDS)
            todo += [
                (new_dict, inner_key, inner_key)
                for inner_key in new_dict
                if inner_key not in UNCHANGED_FIELDS
            ]
    return root[""]


def remove_keys(data: Raw, names: Collection[str]) -> dict[str, Any]:
    """Return the data without the keys that are a person's name."""
    return {key: value for key, value in data.items() if key.lower() not in names}


def _redact_string(value: str, plan: RedactionPlan, key: str) -> str | None:
    """Return a text with "_" for names in addresses; None for a name, and a note with a name."""
    if value.lower() in plan.names:
        return None
    is_address = "/" in value and not re.search(r"\s", value)
    if (
        plan.name_pattern
        and key not in FREE_TEXT_FIELDS
        and not is_address
        and plan.name_pattern.search(value)
    ):
        return None
    for pattern, replacement in plan.replacements:
        value = pattern.sub(replacement, value)
    return value


def _redact_thing(thing: Thing, plan: RedactionPlan) -> Thing:
    kind, data = thing["kind"], thing["data"]
    if kind in ("unknown", "t5"):  # a community may be a person's own page
        return {"kind": kind, "data": {MARK_KEY: ALL}} if _has_redacted_value(data, plan) else thing
    if not isinstance(data, dict):
        return thing
    name = capture.get_fullname(thing) or ""
    level = plan.levels.get(name) if kind != "more" else None  # a stub has nothing but ids
    if not name and get_str(data, "author").lower() in plan.names:
        level = ALL
    if level == ALL:
        data = remove_content(kind, data)
    elif level == AUTHOR:
        data = remove_author(data)
    if level != ALL and _get_crosspost_parents(data):
        posts = apply(_wrap_posts(data["crosspost_parent_list"]), plan)
        data = {**data, "crosspost_parent_list": [thing["data"] for thing in posts]}
        if name in plan.media_to_remove:
            data = _remove_previews(data)
    if plan.replacements:
        data = redact_strings(data, plan)
    return {"kind": kind, "data": data}


def remove_content(kind: str, data: Raw) -> dict[str, Any]:
    """The shape alone. Words that Reddit itself put in place of a text stay: they tell its fate."""
    preserved = {
        key: data[key] for key in PRESERVED_FIELDS if isinstance(data.get(key), str | int | float)
    }
    for key in NUMBER_FIELDS:
        if isinstance(preserved.get(key), str) and not NUMBER_PATTERN.fullmatch(preserved[key]):
            del preserved[key]
    for (
        key
    ) in REMOVAL_FIELDS:  # where Reddit says in one word what became of it, and others in many
        if not isinstance(preserved.get(key), str) or preserved[key] not in REMOVAL_VALUES:
            preserved.pop(key, None)
    body_key = "body" if kind == "t1" else "selftext"
    match get_deletion_reason(kind, data):
        case None:
            preserved[body_key] = PLACEHOLDER
        case "removed by Reddit" if get_str(data, body_key).strip():
            preserved[body_key] = "[ Removed by Reddit ]"
        case _ if get_str(data, body_key).strip() in DELETION_PLACEHOLDERS:
            preserved[body_key] = get_str(data, body_key).strip()
        case "missing":
            pass
        case _:
            preserved[body_key] = ""
    if kind == "t3":
        preserved |= {"title": PLACEHOLDER, "is_self": True}
    return {**preserved, "author": DELETION_PLACEHOLDERS[0], MARK_KEY: ALL}


def _remove_previews(data: Raw) -> dict[str, Any]:
    """A post without what it shows of one that it passes on; the address of that one stays."""
    preserved = {key: value for key, value in data.items() if key not in PREVIEW_FIELDS}
    for key in ("url", "url_overridden_by_dest"):
        if not THREAD_URL_PATTERN.match(get_str(preserved, key)):
            preserved.pop(key, None)
    return preserved


def remove_author(data: Raw) -> dict[str, Any]:
    """Return data without the fields about its author."""
    if data.get(MARK_KEY) == ALL:
        return dict(data)
    preserved = {key: value for key, value in data.items() if not key.startswith("author")}
    return {**preserved, "author": DELETION_PLACEHOLDERS[0], MARK_KEY: AUTHOR}


def _has_redacted_value(value: Any, plan: RedactionPlan) -> bool:
    """Tell whether data of no known shape may hold what is to go."""
    json_text = json.dumps(value).lower()
    ids = (name[3:] for name in plan.levels)
    return any(
        redacted_value and redacted_value in json_text for redacted_value in (*ids, *plan.names)
    )


def _get_crosspost_parents(data: Raw) -> list[Any]:
    parents = data.get("crosspost_parent_list")
    return parents if isinstance(parents, list) else []


def _wrap_posts(posts: Iterable[Any]) -> list[Thing]:
    return [{"kind": "t3", "data": post} for post in posts]
