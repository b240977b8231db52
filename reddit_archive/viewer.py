"""Fields that are about whoever looked, not about what was posted; they are never stored.

Reddit adds them for an account that is logged in, and more of them for a moderator. `drop` also
removes what carries a login (cookies, tokens) from objects of unknown shape. Pure.
"""

from typing import Any

from reddit_archive.fields import Raw

FIELDS = frozenset(
    {
        # what the account did with the post or comment
        *("likes", "saved", "clicked", "visited", "hidden", "author_is_blocked"),
        *("unrepliable_reason", "user_selection", "user_won_amount"),
        # what only moderators see
        *("user_reports", "user_reports_dismissed", "mod_reports", "mod_reports_dismissed"),
        *("num_reports", "report_reasons", "ignore_reports", "mod_permissions"),
        *("mod_note", "mod_reason_by", "mod_reason_title", "ban_note", "removal_note"),
        *("approved", "approved_by", "approved_at_utc", "banned_by", "banned_at_utc"),
        *("removed", "removed_by", "spam"),
        # what acts in the name of the account
        *("modhash", "cookie", "cookies", "set_cookie", "authorization", "csrf_token"),
        *("access_token", "refresh_token", "id_token", "session_token", "auth_token", "token"),
        *("reddit_session", "token_v2", "session", "password", "client_secret"),
        *("logged_in_user", "viewer", "viewer_id", "current_user"),
    }
)
PREFIXES = ("can_", "user_is_", "user_has_", "user_can_", "user_sr_", "user_flair_")
MAX_DEPTH = 200


def is_field(name: str) -> bool:
    """Return whether a field of this name is about the viewer."""
    if name in FIELDS or name.startswith(PREFIXES):
        return True
    if name.islower() and "-" not in name:
        return False
    plain = name.lower().replace("-", "_")
    return plain in FIELDS or plain.startswith(PREFIXES)


def drop(value: Any, depth: int = 0) -> Any:
    """Return a value without the viewer's fields at any depth; the same object if it has none."""
    if depth > MAX_DEPTH:
        return value
    if isinstance(value, dict):
        return _drop_from_object(value, depth)
    if isinstance(value, list):
        kept = [drop(item, depth + 1) for item in value if not _is_pair(item)]
        is_same = len(kept) == len(value) and all(map(_is_identical, kept, value))
        return value if is_same else kept
    return value


def _drop_from_object(value: dict[str, Any], depth: int) -> dict[str, Any]:
    kept = {}
    is_same = True
    for key, item in value.items():
        if is_field(key):
            is_same = False
            continue
        if isinstance(item, dict | list) and item:
            kept[key] = drop(item, depth + 1)
            is_same = is_same and kept[key] is item
        else:
            kept[key] = item
    return value if is_same else kept


def _is_identical(one: Any, other: Any) -> bool:
    return one is other


def _is_pair(item: Any) -> bool:
    """Return whether this is a header as tools write them: {"name": "Cookie", "value": …}."""
    if not isinstance(item, dict) or "value" not in item:
        return False
    name = item.get("name")
    return isinstance(name, str) and is_field(name)


def drop_from_thing(thing: dict[str, Any]) -> dict[str, Any]:
    """Return a thing without the viewer's fields; the same object if it has none."""
    data = drop(thing["data"])
    return thing if data is thing["data"] else {**thing, "data": data}


def has_field(data: Raw) -> bool:
    return drop(data) is not data
