"""Check whether one snapshot may replace another: it must contain nothing new.

A redaction removes texts, names, addresses and pictures, and changes nothing else. So a snapshot
that claims to replace another one can be compared with it. Redactions by every released version
pass; anything added or changed does not. Pure.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from reddit_archive.model import capture, viewer_fields
from reddit_archive.model.capture import Thing
from reddit_archive.model.deletion import NO_AUTHOR
from reddit_archive.model.json_fields import Raw, text
from reddit_archive.model.redaction import (
    ABOUT_POST,
    ALL,
    AUTHOR,
    DISOWNED,
    MARK,
    PICTURED,
    UNTOUCHED,
    WORDS,
    emptied,
    items,
    marked,
    without_keys,
)

LINKS = frozenset({"parent", "replaces"})
CHECKED_SEPARATELY = frozenset({"things", "request", "media", "media_gaps"})
PLACES = ("parent_id", "link_id", "created_utc")
ADDRESSES = frozenset({"url", "url_overridden_by_dest"})
NAMES_IN_ADDRESS = re.compile(
    r"(/(?:comments|gallery)/[0-9a-z]+/)([^/?#\s]+)|(\bu_|/u/|\bu/|user/|\bself\.)([\w-]+)", re.I
)
"""The parts of an address that a redaction replaces with "_": titles and user names."""


def holds_nothing_new(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Return whether the snapshot `new` (its JSON) can be `old` after a redaction.

    It must have the same ids in the same order, and each value must be equal, absent, null, or a
    value that a redaction writes.
    """
    try:
        return _holds_nothing_new(old, new)
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError):
        return False


def _holds_nothing_new(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    apart = LINKS | CHECKED_SEPARATELY
    return (
        old.keys() - LINKS == new.keys() - LINKS
        and all(is_same(old[key], new[key]) for key in old.keys() - apart)
        and _is_redacted_request(old["request"], new["request"])
        and all(_is_part(old.get(key, []), new.get(key, [])) for key in ("media", "media_gaps"))
        and len(old["things"]) == len(new["things"])
        and all(map(_is_redacted_thing, *_without_name_keys(old["things"], new["things"])))
    )


def _without_name_keys(old: list[Thing], new: list[Thing]) -> tuple[list[Thing], list[Thing]]:
    """Return both without the keys that name somebody whose name is not in `new` any more.

    Earlier versions left such keys, so that the new snapshot may have them as well.
    """
    gone = _authors(old) - _authors(new)
    if not gone:
        return old, new
    return [_dropped(each, gone) for each in old], [_dropped(each, gone) for each in new]


def _authors(things: list[Thing]) -> set[str]:
    who = {
        text(data, key).lower()
        for _, _, data in items(things)
        for key in ("author", "author_fullname")
    }
    return who - {"", *NO_AUTHOR}


def _dropped(value: Any, names: set[str]) -> Any:
    if isinstance(value, list):
        return [_dropped(item, names) for item in value]
    if isinstance(value, dict):
        return {key: _dropped(item, names) for key, item in without_keys(value, names).items()}
    return value


def is_same(one: Any, other: Any) -> bool:
    """Return whether two values are the same JSON: 1, 1.0 and true differ, and NaN equals NaN."""
    return one is other or json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _is_part(old: list[Any], new: list[Any]) -> bool:
    """Return whether `new` has entries of `old` only, in the same order."""
    left = iter(old)
    return all(any(is_same(entry, each) for each in left) for entry in new)


def _is_redacted_request(old: Raw, new: Raw) -> bool:
    if old.keys() != new.keys():
        return False
    for key, value in new.items():
        before = old[key]
        if key == "file" and value == WORDS:
            continue
        if key == "files" and isinstance(before, list) and value == [WORDS] * len(before):
            continue
        if not _is_redacted_value(key, before, value):
            return False
    return True


def _is_redacted_thing(old: Thing, new: Thing) -> bool:
    if is_same(old, new):
        return True
    if old["kind"] != new["kind"] or old.keys() != new.keys():
        return False
    return _is_redacted_data(str(old["kind"]), old["data"], new["data"])


def _is_redacted_data(kind: str, old: Any, new: Any) -> bool:
    if kind in ("unknown", "t5") and new == {MARK: ALL}:
        return True
    if not isinstance(old, dict) or not isinstance(new, dict):
        return _is_scrubbed(old, new)
    if _fullname(kind, old) != _fullname(kind, new) or not _is_mark_kept(old, new):
        return False
    if new.get(MARK) == ALL:
        return _is_emptied(kind, old, new)
    return _is_shortened(old, new)


def _fullname(kind: str, data: dict[str, Any]) -> str | None:
    return capture.fullname({"kind": kind, "data": data})


def _is_mark_kept(old: Raw, new: Raw) -> bool:
    """Return whether `new` redacts at least as much as `old`.

    A redaction that was made in another archive may be marked as such instead.
    """
    before, mark = old.get(MARK), new.get(MARK)
    if before is not None and mark is None:
        return is_same(new.get(DISOWNED), before)
    return mark in (None, AUTHOR, ALL) and (before != ALL or mark == ALL)


def _is_emptied(kind: str, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Return whether only those fields are left that some version leaves."""
    expected = emptied(kind, old)
    if any(not is_same(expected.get(key), new.get(key)) for key in PLACES):
        return False
    body = "body" if kind == "t1" else "selftext"
    for key, value in new.items():
        if key in (body, "title") and value in (WORDS, None):
            continue
        if key in expected:
            before = expected[key]
        elif key in old:
            before = old[key] if key not in UNTOUCHED else None
        else:
            return False
        if not _is_scrubbed(before, value):
            return False
    return True


def _is_shortened(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Return whether only names, addresses and pictures are gone, and no text."""
    is_anonymous = new.get(MARK) == AUTHOR
    shows_less = bool(marked(_crosspost_parents(new)))
    for key in old.keys() - new.keys():
        is_name = is_anonymous and key.startswith("author")
        is_picture = shows_less and (key in PICTURED or key in ADDRESSES)
        if not (is_name or is_picture or viewer_fields.is_field(key) or key == MARK):
            return False
    for key, value in new.items():
        if key == DISOWNED and key not in old:
            continue  # `_is_mark_kept` has compared it
        if key == MARK and is_anonymous:
            continue
        if key == "author" and is_anonymous and value == NO_AUTHOR[0]:
            continue
        if key not in old or not _is_redacted_value(key, old[key], value):
            return False
    return True


def _crosspost_parents(data: Raw) -> list[Thing]:
    posts = data.get("crosspost_parent_list")
    return [{"kind": "t3", "data": post} for post in posts] if isinstance(posts, list) else []


def _is_redacted_value(key: str, old: Any, new: Any) -> bool:
    if key in UNTOUCHED:
        return is_same(old, new)
    if key in ABOUT_POST and new is None:
        return True
    if key == "crosspost_parent_list" and isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(
            _is_redacted_data("t3", before, after) for before, after in zip(old, new, strict=True)
        )
    return _is_scrubbed(old, new)


def _is_scrubbed(old: Any, new: Any) -> bool:
    """Return whether a value is unchanged, null for a text, or lacks only names and titles."""
    if isinstance(old, str):
        return new is None or (isinstance(new, str) and _is_redacted_address(old, new))
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_is_scrubbed, old, new))
    if isinstance(old, dict) and isinstance(new, dict):
        missing = old.keys() - new.keys()
        return (
            new.keys() <= old.keys()
            and all(map(viewer_fields.is_field, missing))
            and all(_is_redacted_value(key, old[key], value) for key, value in new.items())
        )
    return is_same(old, new)


def _is_redacted_address(old: str, new: str) -> bool:
    """Return whether `new` is `old` with some names and titles replaced by "_"."""
    if old == new:
        return True
    if "_" not in new:
        return False
    before, after = NAMES_IN_ADDRESS.split(old), NAMES_IN_ADDRESS.split(new)
    if len(before) != len(after):
        return False
    for number, (was, now) in enumerate(zip(before, after, strict=True)):
        is_name = number % 5 in (2, 4)
        if was == now or (is_name and was and now == "_"):
            continue
        if not (number % 5 == 2 and was and now and _is_redacted_address(was, now)):
            return False
    return True
