"""Check whether one snapshot may replace another: it must contain nothing new.

A redaction removes texts, names, addresses and pictures, and changes nothing else. So a snapshot
that claims to replace another one can be compared with it. Redactions by every released version
pass; anything added or changed does not. Pure.
"""

import re
from collections.abc import Mapping
from typing import Any

from reddit_archive.model import capture, viewer_fields
from reddit_archive.model.capture import Thing
from reddit_archive.model.deletion import DELETION_PLACEHOLDERS
from reddit_archive.model.json_fields import Raw, get_str
from reddit_archive.model.redaction.marks import (
    ALL,
    AUTHOR,
    FOREIGN_MARK_KEY,
    MARK_KEY,
    PLACEHOLDER,
    find_redacted_items,
    get_crosspost_parents,
    iter_items,
)
from reddit_archive.model.redaction.removal import (
    LINKED_POST_FIELDS,
    PREVIEW_FIELDS,
    UNCHANGED_FIELDS,
    remove_content,
    remove_keys,
)
from reddit_archive.model.thing_comparison import is_same_json

SNAPSHOT_LINK_KEYS = frozenset({"parent", "replaces"})
SEPARATELY_CHECKED_KEYS = frozenset({"things", "request", "media", "media_gaps"})
POSITION_FIELDS = ("parent_id", "link_id", "created_utc")
URL_FIELDS = frozenset({"url", "url_overridden_by_dest"})
REDACTABLE_URL_PARTS = re.compile(
    r"(/(?:comments|gallery)/[0-9a-z]+/)([^/?#\s]+)|(\bu_|/u/|\bu/|user/|\bself\.)([\w-]+)", re.I
)
"""The parts of an address that a redaction replaces with "_": titles and user names."""


def is_valid_replacement(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Return whether the snapshot `new` (its JSON) can be `old` after a redaction.

    It must have the same ids in the same order, and each value must be equal, absent, null, or a
    value that a redaction writes.
    """
    try:
        return _is_valid_replacement(old, new)
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError):
        return False


def _is_valid_replacement(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    excluded_keys = SNAPSHOT_LINK_KEYS | SEPARATELY_CHECKED_KEYS
    return (
        old.keys() - SNAPSHOT_LINK_KEYS == new.keys() - SNAPSHOT_LINK_KEYS
        and all(is_same_json(old[key], new[key]) for key in old.keys() - excluded_keys)
        and _is_redacted_request(old["request"], new["request"])
        and all(
            _is_subsequence(old.get(key, []), new.get(key, [])) for key in ("media", "media_gaps")
        )
        and len(old["things"]) == len(new["things"])
        and all(map(_is_redacted_thing, *_remove_name_keys(old["things"], new["things"])))
    )


def _remove_name_keys(old: list[Thing], new: list[Thing]) -> tuple[list[Thing], list[Thing]]:
    """Return both lists without keys that are the name of an author who is missing in `new`.

    A redaction by an earlier version left such keys, so `new` may have them.
    """
    removed_names = _collect_author_names(old) - _collect_author_names(new)
    if not removed_names:
        return old, new
    return [_remove_keys_recursively(thing, removed_names) for thing in old], [
        _remove_keys_recursively(thing, removed_names) for thing in new
    ]


def _collect_author_names(things: list[Thing]) -> set[str]:
    names = {
        get_str(data, key).lower()
        for _, _, data in iter_items(things)
        for key in ("author", "author_fullname")
    }
    return names - {"", *DELETION_PLACEHOLDERS}


def _remove_keys_recursively(value: Any, names: set[str]) -> Any:
    if isinstance(value, list):
        return [_remove_keys_recursively(item, names) for item in value]
    if isinstance(value, dict):
        return {
            key: _remove_keys_recursively(item, names)
            for key, item in remove_keys(value, names).items()
        }
    return value


def _is_subsequence(old: list[Any], new: list[Any]) -> bool:
    """Return whether `new` contains only entries of `old`, in the same order."""
    remaining = iter(old)
    return all(any(is_same_json(entry, candidate) for candidate in remaining) for entry in new)


def _is_redacted_request(old: Raw, new: Raw) -> bool:
    if old.keys() != new.keys():
        return False
    for key, new_value in new.items():
        old_value = old[key]
        if key == "file" and new_value == PLACEHOLDER:
            continue
        if (
            key == "files"
            and isinstance(old_value, list)
            and new_value == [PLACEHOLDER] * len(old_value)
        ):
            continue
        if not _is_redacted_value(key, old_value, new_value):
            return False
    return True


def _is_redacted_thing(old: Thing, new: Thing) -> bool:
    if is_same_json(old, new):
        return True
    if old["kind"] != new["kind"] or old.keys() != new.keys():
        return False
    return _is_redacted_data(str(old["kind"]), old["data"], new["data"])


def _is_redacted_data(kind: str, old: Any, new: Any) -> bool:
    if kind in ("unknown", "t5") and new == {MARK_KEY: ALL}:
        return True
    if not isinstance(old, dict) or not isinstance(new, dict):
        return _has_redacted_strings(old, new)
    if _get_fullname(kind, old) != _get_fullname(kind, new) or not _is_mark_preserved(old, new):
        return False
    if new.get(MARK_KEY) == ALL:
        return _has_content_removed(kind, old, new)
    return _has_only_metadata_removed(old, new)


def _get_fullname(kind: str, data: dict[str, Any]) -> str | None:
    return capture.get_fullname({"kind": kind, "data": data})


def _is_mark_preserved(old: Raw, new: Raw) -> bool:
    """Return whether `new` redacts at least as much as `old`.

    A redaction that was made in another archive may be marked as such instead.
    """
    old_mark, new_mark = old.get(MARK_KEY), new.get(MARK_KEY)
    if old_mark is not None and new_mark is None:
        return is_same_json(new.get(FOREIGN_MARK_KEY), old_mark)
    return new_mark in (None, AUTHOR, ALL) and (old_mark != ALL or new_mark == ALL)


def _has_content_removed(kind: str, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Return whether `new` has only fields that some version keeps in a redacted item."""
    expected = remove_content(kind, old)
    if any(not is_same_json(expected.get(key), new.get(key)) for key in POSITION_FIELDS):
        return False
    body_key = "body" if kind == "t1" else "selftext"
    for key, new_value in new.items():
        if key in (body_key, "title") and new_value in (PLACEHOLDER, None):
            continue
        if key in expected:
            old_value = expected[key]
        elif key in old:
            old_value = old[key] if key not in UNCHANGED_FIELDS else None
        else:
            return False
        if not _has_redacted_strings(old_value, new_value):
            return False
    return True


def _has_only_metadata_removed(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Return whether only names, addresses and pictures were removed, and no text."""
    is_anonymous = new.get(MARK_KEY) == AUTHOR
    has_redacted_crosspost = bool(find_redacted_items(get_crosspost_parents(new)))
    for key in old.keys() - new.keys():
        is_name = is_anonymous and key.startswith("author")
        is_picture = has_redacted_crosspost and (key in PREVIEW_FIELDS or key in URL_FIELDS)
        if not (is_name or is_picture or viewer_fields.is_viewer_field(key) or key == MARK_KEY):
            return False
    for key, value in new.items():
        if key == FOREIGN_MARK_KEY and key not in old:
            continue  # compared by `_is_mark_preserved`
        if key == MARK_KEY and is_anonymous:
            continue
        if key == "author" and is_anonymous and value == DELETION_PLACEHOLDERS[0]:
            continue
        if key not in old or not _is_redacted_value(key, old[key], value):
            return False
    return True


def _is_redacted_value(key: str, old: Any, new: Any) -> bool:
    if key in UNCHANGED_FIELDS:
        return is_same_json(old, new)
    if key in LINKED_POST_FIELDS and new is None:
        return True
    if key == "crosspost_parent_list" and isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(
            _is_redacted_data("t3", old_post, new_post)
            for old_post, new_post in zip(old, new, strict=True)
        )
    return _has_redacted_strings(old, new)


def _has_redacted_strings(old: Any, new: Any) -> bool:
    """Return whether a value is unchanged, null for a text, or lacks only names and titles."""
    if isinstance(old, str):
        return new is None or (isinstance(new, str) and _is_redacted_url(old, new))
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_has_redacted_strings, old, new))
    if isinstance(old, dict) and isinstance(new, dict):
        missing = old.keys() - new.keys()
        return (
            new.keys() <= old.keys()
            and all(map(viewer_fields.is_viewer_field, missing))
            and all(_is_redacted_value(key, old[key], value) for key, value in new.items())
        )
    return is_same_json(old, new)


def _is_redacted_url(old: str, new: str) -> bool:
    """Return whether `new` is `old` with some names and titles replaced by "_"."""
    if old == new:
        return True
    if "_" not in new:
        return False
    old_parts, new_parts = REDACTABLE_URL_PARTS.split(old), REDACTABLE_URL_PARTS.split(new)
    if len(old_parts) != len(new_parts):
        return False
    for index, (old_part, new_part) in enumerate(zip(old_parts, new_parts, strict=True)):
        is_name = index % 5 in (2, 4)
        if old_part == new_part or (is_name and old_part and new_part == "_"):
            continue
        if not (index % 5 == 2 and old_part and new_part and _is_redacted_url(old_part, new_part)):
            return False
    return True
