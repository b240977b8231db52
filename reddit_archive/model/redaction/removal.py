"""Remove content and names from things, according to a redaction plan. Pure."""

import json
import re
from collections.abc import Collection, Iterable
from typing import Any

from reddit_archive.model.capture import Thing, get_fullname
from reddit_archive.model.deletion import DELETION_PLACEHOLDERS, get_deletion_reason
from reddit_archive.model.json_fields import Raw, get_str
from reddit_archive.model.redaction.marks import (
    ALL,
    AUTHOR,
    MARK_KEY,
    PLACEHOLDER,
    get_crosspost_parents,
)
from reddit_archive.model.redaction.plan import RedactionPlan

PRESERVED_FIELDS = (
    *("id", "name", "parent_id", "link_id", "created", "created_utc", "depth"),
    *("subreddit", "subreddit_id", "subreddit_name_prefixed"),
    *("removed_by_category", "removal_reason", "num_comments"),
)
NUMBER_FIELDS = ("created", "created_utc", "depth", "num_comments")
NUMBER_PATTERN = re.compile(r"-?\d{1,15}(?:\.\d{1,9})?", re.ASCII)
"""Older dumps write numbers as text. Any other text in such a field is removed."""
REMOVAL_FIELDS = ("removed_by_category", "removal_reason")
REMOVAL_VALUES = frozenset(
    (
        *("deleted", "author", "moderator", "automod_filtered", "reddit", "anti_evil_ops"),
        *("community_ops", "content_takedown", "copyright_takedown", "legal_operations", "legal"),
    )
)
UNCHANGED_FIELDS = frozenset(
    {
        *("title", "body", "body_html", "selftext", "selftext_html"),
        *("id", "name", "parent_id", "link_id"),
    }
)
"""Texts, which may mention a name, and ids."""
FREE_TEXT_FIELDS = frozenset({"caption", "text", "link_title", "file", "files"})
"""Texts by other people, and file names. A name in them stays, as it does in a body."""
PREVIEW_FIELDS = frozenset(
    {
        *("thumbnail", "thumbnail_height", "thumbnail_width", "preview", "post_hint", "domain"),
        *("media", "media_embed", "secure_media", "secure_media_embed"),
        *("gallery_data", "media_metadata"),
    }
)
"""Fields in which a crosspost shows what the crossposted post links to."""
THREAD_URL_PATTERN = re.compile(
    r"(?:https?://(?:\w+\.)?reddit\.com)?/(?:\w+/[\w.-]+/)?comments/\w", re.I
)
LINKED_POST_FIELDS = frozenset({"link_title", "link_url", "link_author", "link_permalink"})


def apply(things: Iterable[Thing], plan: RedactionPlan) -> tuple[Thing, ...]:
    """Return redacted things. A thing without anything to remove is returned unchanged.

    Snapshots share unchanged things, so results are cached by object.
    """
    results = []
    for thing in things:
        cached = plan.cache.get(id(thing))
        if cached is None or cached[0] is not thing:
            cached = plan.cache[id(thing)] = thing, _redact_thing(thing, plan)
        results.append(cached[1])
    return tuple(results)


def redact_strings(value: Any, plan: RedactionPlan) -> Any:
    """Remove names and titles from addresses, notes, fields that hold a name, and keys.

    Does not recurse, because a field may nest to any depth.
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
    """Return the data without keys that are one of the names."""
    return {key: value for key, value in data.items() if key.lower() not in names}


def _redact_string(value: str, plan: RedactionPlan, key: str) -> str | None:
    """Replace names and titles in an address by "_". Return None for a text that has a name."""
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
    if kind in ("unknown", "t5"):  # a subreddit may be a user's profile
        return {"kind": kind, "data": {MARK_KEY: ALL}} if _has_redacted_value(data, plan) else thing
    if not isinstance(data, dict):
        return thing
    name = get_fullname(thing) or ""
    level = plan.levels.get(name) if kind != "more" else None  # a stub has only ids
    if not name and get_str(data, "author").lower() in plan.names:
        level = ALL
    if level == ALL:
        data = remove_content(kind, data)
    elif level == AUTHOR:
        data = remove_author(data)
    if level != ALL and (parents := get_crosspost_parents(data)):
        posts = apply(parents, plan)
        data = {**data, "crosspost_parent_list": [post["data"] for post in posts]}
        if name in plan.media_to_remove:
            data = _remove_previews(data)
    if plan.replacements:
        data = redact_strings(data, plan)
    return {"kind": kind, "data": data}


def remove_content(kind: str, data: Raw) -> dict[str, Any]:
    """Return the ids, position and time of an item, with a mark.

    Reddit's own placeholder for a deleted text stays, because it says what happened to the text.
    """
    preserved = {
        key: data[key] for key in PRESERVED_FIELDS if isinstance(data.get(key), str | int | float)
    }
    for key in NUMBER_FIELDS:
        if isinstance(preserved.get(key), str) and not NUMBER_PATTERN.fullmatch(preserved[key]):
            del preserved[key]
    for key in REMOVAL_FIELDS:  # other sources write free text here
        if preserved.get(key) not in REMOVAL_VALUES:
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
    """Return a crosspost without previews of the crossposted post, whose own address stays."""
    preserved = {key: value for key, value in data.items() if key not in PREVIEW_FIELDS}
    for key in ("url", "url_overridden_by_dest"):
        if not THREAD_URL_PATTERN.match(get_str(preserved, key)):
            preserved.pop(key, None)
    return preserved


def remove_author(data: Raw) -> dict[str, Any]:
    if data.get(MARK_KEY) == ALL:
        return dict(data)
    preserved = {key: value for key, value in data.items() if not key.startswith("author")}
    return {**preserved, "author": DELETION_PLACEHOLDERS[0], MARK_KEY: AUTHOR}


def _has_redacted_value(value: Any, plan: RedactionPlan) -> bool:
    """Return whether data of unknown shape may contain a redacted id or name."""
    json_text = json.dumps(value).lower()
    ids = (name[3:] for name in plan.levels)
    return any(
        redacted_value and redacted_value in json_text for redacted_value in (*ids, *plan.names)
    )
