"""Compare Reddit's things: equal JSON, and equal content whatever the vote counts are. Pure."""

import json
from collections.abc import Sequence
from typing import Any

from reddit_archive.model import viewer_fields

VOLATILE_FIELDS = frozenset(
    (
        *("score", "ups", "downs", "upvote_ratio", "likes", "score_hidden", "hide_score"),
        *("num_comments", "num_crossposts", "num_duplicates", "num_reports", "view_count"),
        *("controversiality", "subreddit_subscribers", "gilded", "gildings", "all_awardings"),
        *("awarders", "top_awarded_type", "total_awards_received", "clicked", "visited", "saved"),
        *("collapsed", "collapsed_reason", "pwls", "wls", "whitelist_status", "depth"),
        "parent_whitelist_status",
    )
)
"""Fields that change although the content stays the same, or that depend on the request."""
SCALAR_TYPES = (str, int, float)


def is_same_json(one: Any, other: Any) -> bool:
    """Return whether two values are the same JSON: 1, 1.0 and true differ, and NaN equals NaN."""
    return one is other or json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def have_same_content(
    things: Sequence[dict[str, Any]], other_things: Sequence[dict[str, Any]]
) -> bool:
    """Return whether two lists of things differ in volatile fields and viewer fields only."""
    return len(things) == len(other_things) and all(map(_has_same_content, things, other_things))


def _has_same_content(thing: dict[str, Any], other: dict[str, Any]) -> bool:
    if thing is other:
        return True
    data, other_data = _get_stable_data(thing), _get_stable_data(other)
    if isinstance(data, dict) and isinstance(other_data, dict):
        if data.keys() != other_data.keys():
            # Earlier versions stored fields about the viewer; they are not part of the content.
            data, other_data = viewer_fields.drop(data), viewer_fields.drop(other_data)
        if data.keys() == other_data.keys() and all(
            _is_equal_scalar(data[key], other_data[key]) for key in data
        ):
            return True
    return is_same_json(data, other_data) or is_same_json(
        viewer_fields.drop(data), viewer_fields.drop(other_data)
    )


def _get_stable_data(thing: dict[str, Any]) -> Any:
    data = thing["data"]
    if isinstance(data, dict):
        return {key: value for key, value in data.items() if key not in VOLATILE_FIELDS}
    return data


def _is_equal_scalar(one: Any, other: Any) -> bool:
    """Return whether two plain values are equal. The types must match: in Python, 1 == True."""
    return one is other or (type(one) is type(other) and type(one) in SCALAR_TYPES and one == other)
