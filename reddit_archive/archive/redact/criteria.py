"""Select what to redact: by deletion, by author, or by time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reddit_archive import history
from reddit_archive.model import redaction
from reddit_archive.model.capture import Capture
from reddit_archive.model.deletion import DELETED_AUTHORS, get_deletion_reason
from reddit_archive.model.json_fields import Raw, get_datetime, get_str
from reddit_archive.model.redaction import ALL, AUTHOR


@dataclass(frozen=True, slots=True)
class RedactionCriteria:
    """What to redact: the posts and comments that meet all criteria; none without criteria.

    Attributes:
        is_deleted: Select what is deleted on Reddit. If only the account is deleted, select the
            author's name.
        authors: Select what these authors wrote; names in lower case.
        created_before: Select what was written before this time.
        matches_all: Select everything.
        has_viewer: Also remove the fields about the logged-in user.
        level: How much of a selected item to redact.
    """

    is_deleted: bool = False
    authors: frozenset[str] = frozenset()
    created_before: datetime | None = None
    matches_all: bool = False
    has_viewer: bool = False
    level: str = ALL


@dataclass(slots=True)
class _ItemState:
    """A post or comment in all captures: its first time and its last state.

    The last state is from our own captures if there are any: imports don't decide what is redacted.
    """

    first_captured_at: datetime
    kind: str
    data: Raw
    authors: set[str]
    is_own: bool


def select_levels(
    thread_id: str, captures: Sequence[Capture], criteria: RedactionCriteria
) -> dict[str, str]:
    """Return the redaction levels of the posts and comments that meet the criteria."""
    if not (
        criteria.is_deleted or criteria.authors or criteria.created_before or criteria.matches_all
    ):
        return {}
    deleted_names = _find_deleted_names(thread_id, captures) if criteria.is_deleted else set()
    levels = {}
    for name, item in _collect_items(captures).items():
        level = criteria.level
        is_deleted = name in deleted_names or get_deletion_reason(item.kind, item.data) is not None
        if criteria.is_deleted and not is_deleted:
            level = AUTHOR if _is_deleted_account(item.data) else ""
        if criteria.authors and not item.authors & criteria.authors:
            continue
        if (
            criteria.created_before
            and (get_datetime(item.data, "created_utc") or item.first_captured_at)
            >= criteria.created_before
        ):
            continue
        if level:
            levels[name] = level
    return levels


def _collect_items(captures: Sequence[Capture]) -> dict[str, _ItemState]:
    items: dict[str, _ItemState] = {}
    items_by_thing: dict[int, list[tuple[str, str, Raw]]] = {}
    for capture, thing in ((each, thing) for each in captures for thing in each.things):
        if id(thing) not in items_by_thing:
            items_by_thing[id(thing)] = [*redaction.iter_items([thing])]
        for name, kind, data in items_by_thing[id(thing)]:
            if not name:
                continue
            is_own = not capture.is_imported
            item = items.setdefault(
                name, _ItemState(capture.captured_at, kind, data, set(), is_own)
            )
            item.authors.add(get_str(data, "author").lower())
            if is_own or not item.is_own:
                item.kind, item.data, item.is_own = kind, data, is_own
    return items


def _find_deleted_names(thread_id: str, captures: Sequence[Capture]) -> set[str]:
    """Return the fullnames of deleted items, according to our own captures if there are any."""
    timelines = dict(history.trace(thread_id, captures).timelines)
    own_captures = [capture for capture in captures if not capture.is_imported]
    if own_captures and len(own_captures) < len(captures):
        timelines |= history.trace(thread_id, own_captures).timelines
    return {name for name, timeline in timelines.items() if timeline.deletion_status}


def _is_deleted_account(data: Raw) -> bool:
    return data.get("author") in DELETED_AUTHORS
