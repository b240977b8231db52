"""Fields that are about whoever looked, not about what was posted; they are never stored.

Reddit adds them for an account that is logged in, and more of them for a moderator. The same list
names what carries a login (cookies, tokens), for objects of unknown shape. Pure.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

FIELDS = frozenset(
    {
        # what the account did with the post or comment
        *("likes", "saved", "clicked", "visited", "hidden", "author_is_blocked"),
        *("unrepliable_reason", "user_selection", "user_won_amount", "is_friend"),
        *("notification_level", "rte_mode", "has_mail", "has_mod_mail", "inbox_count"),
        # what only moderators see
        *("user_reports", "user_reports_dismissed", "mod_reports", "mod_reports_dismissed"),
        *("num_reports", "report_reasons", "ignore_reports", "mod_permissions"),
        *("steward_reports", "ban_message"),
        *("mod_note", "mod_reason_by", "mod_reason_title", "ban_note", "removal_note"),
        *("approved", "approved_by", "approved_at_utc", "banned_by", "banned_at_utc"),
        *("removed", "removed_by", "spam"),
        # who the account is, and what acts in its name
        *("logged_in_user", "current_user", "viewer", "viewer_id"),
        *("modhash", "cookie", "cookies", "set_cookie", "authorization", "csrf_token"),
        *("access_token", "refresh_token", "id_token", "session_token", "auth_token", "token"),
        *("reddit_session", "token_v2", "session", "password", "client_secret"),
        *("session_tracker", "loid", "proxy_authorization", "x_reddit_session", "x_modhash"),
    }
)
PREFIXES = ("can_", "user_is_", "user_has_", "user_can_", "user_sr_", "user_flair_")
MAY_TELL = re.compile(
    rb'"(?:%b|(?:%b)[\w-]*)":(?!null|false|0[,}]|""|\[\]|\{\})|"value":'
    % (
        "|".join(sorted(FIELDS)).replace("_", "[-_]?").encode(),
        "|".join(PREFIXES).replace("_", "[-_]").encode(),
    ),
    re.I,
)
LOGIN = re.compile(
    r"\b(?:(?:set-)?cookie|(?:proxy-)?authorization)\s*[:=]|\bbearer\s+\S"
    r"|(?:reddit_session|token_v2|session_tracker|csrf_token|modhash|(?:access|refresh)_token)\W",
    re.I,
)
INSIDE = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""Where a name like accessToken has no underscore."""
MAX_DEPTH = 200
"""What nests deeper is none of Reddit's, and is left as it is."""


@lru_cache(maxsize=4096)
def is_field(name: str) -> bool:
    """Return whether a field of this name is about the viewer."""
    plain = INSIDE.sub("_", name).lower().replace("-", "_")
    return plain in FIELDS or plain.startswith(PREFIXES)


def drop(value: Any, depth: int = 0) -> Any:
    """Return a value without the viewer's fields at any depth; the same object if it has none."""
    if depth > MAX_DEPTH:
        return value
    if isinstance(value, dict):
        return _drop_from_object(value, depth)
    if isinstance(value, list) and value:
        kept = [drop(item, depth + 1) for item in value if not _is_header(item)]
        is_whole = len(kept) == len(value)
        if is_whole and all(one is other for one, other in zip(kept, value, strict=True)):
            return value
        return kept
    return value


def _drop_from_object(value: dict[str, Any], depth: int) -> dict[str, Any]:
    kept = value
    if names := _fields_among(tuple(value)):
        kept = value.copy()
        for name in names:
            del kept[name]
    for key in [key for key, item in kept.items() if item and type(item) in (dict, list)]:
        new = drop(kept[key], depth + 1)
        if new is not kept[key]:
            kept = kept.copy() if kept is value else kept
            kept[key] = new
    return kept


@lru_cache(maxsize=256)
def _fields_among(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return which names are of the viewer's fields; all comments of a thread have the same."""
    return tuple(filter(is_field, names))


def _is_header(item: Any) -> bool:
    """Return whether this is a header as some tools write them: {"name": "Cookie", "value": …}."""
    if not isinstance(item, dict) or "value" not in item:
        return False
    name = item.get("name")
    return isinstance(name, str) and is_field(name)


def drop_from_things(things: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Return things without the viewer's fields; each is the same object if it has none."""
    found = []
    for thing in things:
        data = drop(thing["data"])
        if thing["kind"] == "unknown":
            data = {} if _is_header(data) else _without_login(data)
        found.append(thing if data is thing["data"] else {**thing, "data": data})
    return tuple(found)


def _without_login(value: Any, depth: int = 0) -> Any:
    """Return a value of unknown shape, without texts that hold headers or tokens of a login."""
    if isinstance(value, str):
        return None if LOGIN.search(value) else value
    if depth < MAX_DEPTH and isinstance(value, list):
        return [_without_login(item, depth + 1) for item in value]
    if depth < MAX_DEPTH and isinstance(value, dict):
        return {key: _without_login(item, depth + 1) for key, item in value.items()}
    return value


def may_tell(data: bytes) -> bool:
    """Return whether a snapshot's bytes may hold what `is_telling` finds; quick to find out."""
    return MAY_TELL.search(data) is not None


def is_telling(value: Any, depth: int = 0) -> bool:
    """Return whether a value holds a viewer's field with anything but Reddit's default in it.

    For somebody who is not logged in these are null, false, 0 and empty, and tell nothing.
    """
    if depth > MAX_DEPTH:
        return False
    if isinstance(value, dict):
        return any(
            bool(item) if is_field(key) else is_telling(item, depth + 1)
            for key, item in value.items()
            if item
        )
    if isinstance(value, list):
        return any(_is_header(item) or is_telling(item, depth + 1) for item in value)
    return False
