"""Stubs for the comments that a page of shreddit names or counts and does not show."""

import base64
import binascii
import re
from collections.abc import Container, Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from reddit_archive.model.capture import Thing
from reddit_archive.model.completeness.coverage import UNKNOWN_PARENT_KEY
from reddit_archive.sources.saved_page import field_values
from reddit_archive.sources.saved_page.shreddit.elements import MoreControl

_TREE_CURSOR = re.compile(r"commenttree:(?:\w{1,8}:)?(t1_.*)", re.DOTALL)
_PARAMETER = re.compile(r"[?&](cursor|at|after|comments-remaining)=([^&#]*)")
_SLOT = re.compile(r"children-t1_([0-9a-z]{1,13})-\d+")
_CURSOR_NAMES = frozenset({"cursor", "at", "after"})
_BASE64 = re.compile(r"[A-Za-z0-9+/_=-]+")


def decode_cursor(cursor: str) -> list[str]:
    """Return the ids that a cursor names; [] for a cursor of another form.

    A cursor is `commenttree:c1:t1_…,t1_…` in Base64.
    """
    text = re.sub(r"\s", "", unquote(cursor))
    if not _BASE64.fullmatch(text):
        return []
    text = text.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return []
    match = _TREE_CURSOR.fullmatch(decoded.strip())
    names = match[1].split(",") if match else []
    return field_values.parse_ids(name for name in names if name.startswith("t1_"))


def build_stubs(
    controls: Iterable[MoreControl],
    *,
    thread_id: str,
    shown_ids: Container[str],
    ids: Mapping[int, str],
    ids_with_replies: Container[int],
) -> list[Thing]:
    """Return a stub for each control, each once. A page has up to three controls for one control.

    Args:
        controls: The controls and links in the page.
        thread_id: The post's id.
        shown_ids: Ids of the comments in the page.
        ids: Ids of the comments by `id()` of their elements; "" for a deleted one without id.
        ids_with_replies: `id()` of the comments that have replies in the page.
    """
    stubs: dict[tuple[str, bool, tuple[str, ...]], Thing] = {}
    for control in controls:
        named_ids = _find_ids(control)
        missing_ids = [i for i in named_ids if i not in shown_ids]
        count = max(_count(control), len(missing_ids))
        if (named_ids and not missing_ids) or (
            control.is_link and not _is_open(control, count, ids_with_replies)
        ):
            continue
        data = _build_data(control, thread_id, shown_ids, ids) | {
            "children": missing_ids,
            "count": count,
        }
        key = (data["parent_id"], UNKNOWN_PARENT_KEY in data, tuple(missing_ids))
        if key not in stubs or count > stubs[key]["data"]["count"]:
            stubs[key] = {"kind": "more", "data": data}
    with_ids = {key[:2] for key in stubs if key[2]}
    return [stub for key, stub in stubs.items() if key[2] or key[:2] not in with_ids]


def _build_data(
    control: MoreControl, thread_id: str, shown_ids: Container[str], ids: Mapping[int, str]
) -> dict[str, Any]:
    """Return whose replies a stub stands for: what the control says, or the comment around it."""
    comment, post = control.outer_comment, f"t3_{thread_id}"
    if comment is None:
        return {"parent_id": post}
    slot = _SLOT.fullmatch(control.slot.lower())
    named = slot[1] if slot else field_values.find_comment_id(control.address)
    outer_id = ids.get(id(comment), "") if control.is_nesting_certain else ""
    comment_id = (named if named in shown_ids else "") if named else outer_id
    if not comment_id:
        return {"parent_id": post, UNKNOWN_PARENT_KEY: True}
    return {"parent_id": f"t1_{comment_id}"}


def _is_open(control: MoreControl, count: int, ids_with_replies: Container[int]) -> bool:
    """Return whether a link leads to comments that are not in the page.

    Every comment with replies has such a link. The page hides it if the replies are there. As part
    of a component it is always in the page, and a component shows it below the top level.
    """
    comment = control.outer_comment
    if comment is None or control.is_hidden:
        return False
    if count:
        return True
    is_at_top = control.is_slotted and comment.element.attributes.get("depth") == "0"
    return id(comment) not in ids_with_replies and not is_at_top


def _find_ids(control: MoreControl) -> list[str]:
    """Return the ids that a control's cursor names. The cursor is in a field or in the address."""
    parameters = _PARAMETER.findall(control.address)
    cursors = [*control.cursors, *(value for name, value in parameters if name in _CURSOR_NAMES)]
    return next(filter(None, map(decode_cursor, dict.fromkeys(cursors))), [])


def _count(control: MoreControl) -> int:
    """Return how many comments a control stands for; 0 if it does not say."""
    remaining = [
        v for name, v in _PARAMETER.findall(control.address) if name == "comments-remaining"
    ]
    for value in (*remaining, *control.numbers, " ".join(control.texts).strip()):
        if count := field_values.find_number(value):
            return count
    return 0
