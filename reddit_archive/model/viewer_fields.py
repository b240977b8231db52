"""Remove fields about the viewer: the account that was logged in during the fetch.

Reddit adds these fields for every account, and more of them for moderators. They are never stored.
The list also has fields that carry a login (cookies, tokens), for objects of unknown shape. Pure.
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

FIELDS = frozenset(
    {
        # actions of the account on the post or comment
        *("likes", "saved", "clicked", "visited", "hidden", "author_is_blocked"),
        *("unrepliable_reason", "user_selection", "user_won_amount", "is_friend"),
        *("notification_level", "rte_mode", "has_mail", "has_mod_mail", "inbox_count"),
        # visible to moderators only
        *("user_reports", "user_reports_dismissed", "mod_reports", "mod_reports_dismissed"),
        *("num_reports", "report_reasons", "ignore_reports", "mod_permissions"),
        *("steward_reports", "ban_message"),
        *("mod_note", "mod_reason_by", "mod_reason_title", "ban_note", "removal_note"),
        *("approved", "approved_by", "approved_at_utc", "banned_by", "banned_at_utc"),
        *("removed", "removed_by", "spam"),
        # the account itself, and its credentials
        *("logged_in_user", "current_user", "viewer", "viewer_id"),
        *("modhash", "cookie", "cookies", "set_cookie", "authorization", "csrf_token"),
        *("access_token", "refresh_token", "id_token", "session_token", "auth_token", "token"),
        *("reddit_session", "token_v2", "session", "password", "client_secret"),
        *("session_tracker", "loid", "proxy_authorization", "x_reddit_session", "x_modhash"),
    }
)
PREFIXES = ("can_", "user_is_", "user_has_", "user_can_", "user_sr_", "user_flair_")
CREDENTIAL_PATTERN = re.compile(
    r"\b(?:(?:set-)?cookie|(?:proxy-)?authorization)\s*[:=]|\bbearer\s+\S"
    r"|(?:reddit_session|token_v2|session_tracker|csrf_token|modhash|(?:access|refresh)_token)\W",
    re.I,
)
CAMEL_CASE_BOUNDARY = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""Where a name like accessToken has no underscore."""
MAX_DEPTH = 200
"""Reddit's objects do not nest deeper. Deeper values stay as they are."""


@lru_cache(maxsize=4096)
def is_viewer_field(name: str) -> bool:
    """Return whether a field of this name is about the viewer."""
    normalized_name = CAMEL_CASE_BOUNDARY.sub("_", name).lower().replace("-", "_")
    return normalized_name in FIELDS or normalized_name.startswith(PREFIXES)


def drop(value: Any, depth: int = 0) -> Any:
    """Return a value without the viewer's fields at any depth; the same object if it has none."""
    if depth > MAX_DEPTH:
        return value
    if isinstance(value, dict):
        return _drop_from_object(value, depth)
    if isinstance(value, list) and value:
        remaining = [drop(item, depth + 1) for item in value if not _is_login_header(item)]
        has_all_items = len(remaining) == len(value)
        if has_all_items and all(one is other for one, other in zip(remaining, value, strict=True)):
            return value
        return remaining
    return value


def _drop_from_object(value: dict[str, Any], depth: int) -> dict[str, Any]:
    result = value
    if names := _select_viewer_fields(tuple(value)):
        result = value.copy()
        for name in names:
            del result[name]
    for key in [key for key, item in result.items() if item and type(item) in (dict, list)]:
        new = drop(result[key], depth + 1)
        if new is not result[key]:
            result = result.copy() if result is value else result
            result[key] = new
    return result


@lru_cache(maxsize=256)
def _select_viewer_fields(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the viewer's fields among these names. Comments of a thread share their names."""
    return tuple(filter(is_viewer_field, names))


def _is_login_header(item: Any) -> bool:
    """Return whether this is a login header as some tools write it: {"name": …, "value": …}."""
    if not isinstance(item, dict) or "value" not in item:
        return False
    name = item.get("name")
    return isinstance(name, str) and is_viewer_field(name)


def drop_from_things(things: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Return things without the viewer's fields; each is the same object if it has none."""
    results = []
    for thing in things:
        data = drop(thing["data"])
        if thing["kind"] == "unknown":
            data = {} if _is_login_header(data) else _remove_credentials(data)
        results.append(thing if data is thing["data"] else {**thing, "data": data})
    return tuple(results)


def _remove_credentials(value: Any, depth: int = 0) -> Any:
    """Return a value of unknown shape without texts that contain login headers or tokens."""
    if isinstance(value, str):
        return None if CREDENTIAL_PATTERN.search(value) else value
    if depth < MAX_DEPTH and isinstance(value, list):
        return [_remove_credentials(item, depth + 1) for item in value]
    if depth < MAX_DEPTH and isinstance(value, dict):
        return {key: _remove_credentials(item, depth + 1) for key, item in value.items()}
    return value


def may_have_values(data: bytes) -> bool:
    """Return whether `has_values` may be true for a snapshot with these bytes. Quick."""
    return _compile_value_pattern().search(data) is not None


@cache  # compiled when it is used: it takes 1.5 ms, and only a redaction needs it
def _compile_value_pattern() -> re.Pattern[bytes]:
    """Return the pattern of a viewer's field that has a value."""
    return re.compile(
        rb'"(?:%b|(?:%b)[\w-]*)":(?!null|false|0[,}]|""|\[\]|\{\})|"value":'
        % (
            "|".join(sorted(FIELDS)).replace("_", "[-_]?").encode(),
            "|".join(PREFIXES).replace("_", "[-_]").encode(),
        ),
        re.I,
    )


def has_values(value: Any, depth: int = 0) -> bool:
    """Return whether a value contains a viewer's field that is not empty.

    Without a login Reddit sends null, false, 0 and empty values, which reveal nothing.
    """
    if depth > MAX_DEPTH:
        return False
    if isinstance(value, dict):
        return any(
            bool(item) if is_viewer_field(key) else has_values(item, depth + 1)
            for key, item in value.items()
            if item
        )
    if isinstance(value, list):
        return any(_is_login_header(item) or has_values(item, depth + 1) for item in value)
    return False
