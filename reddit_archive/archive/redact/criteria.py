"""What is to be redacted: asked for by what became of it, by who said it, or by when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reddit_archive import history
from reddit_archive.model import redaction
from reddit_archive.model.capture import Capture
from reddit_archive.model.deletion import NOBODY, lost_text
from reddit_archive.model.json_fields import Raw, moment, text
from reddit_archive.model.redaction import ALL, AUTHOR


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be redacted: what meets all that is asked for here, and nothing if nothing is.

    deleted      lost on Reddit, by the newest snapshots; of an account that is gone, the name
    authors      said by one of these, in lower case
    before       said before this time
    everything   all that was said, by whomever
    viewer       in addition to these: the fields that are about whoever looked
    """

    deleted: bool = False
    authors: frozenset[str] = frozenset()
    before: datetime | None = None
    everything: bool = False
    viewer: bool = False
    level: str = ALL


@dataclass(slots=True)
class _Item:
    """A post or comment in all captures: its first time and its last state.

    The last state is from our own captures if there are any: imports don't decide what is redacted.
    """

    first: datetime
    kind: str
    data: Raw
    authors: set[str]
    is_ours: bool


def chosen(thread_id: str, captures: Sequence[Capture], wish: Wish) -> dict[str, str]:
    """Find what meets a wish."""
    if not (wish.deleted or wish.authors or wish.before or wish.everything):
        return {}
    lost = _lost(thread_id, captures) if wish.deleted else set()
    chosen = {}
    for name, item in _items(captures).items():
        level = wish.level
        is_lost = name in lost or lost_text(item.kind, item.data) is not None
        if wish.deleted and not is_lost:
            level = AUTHOR if _is_nobody(item.data) else ""
        if wish.authors and not item.authors & wish.authors:
            continue
        if wish.before and (moment(item.data, "created_utc") or item.first) >= wish.before:
            continue
        if level:
            chosen[name] = level
    return chosen


def _items(captures: Sequence[Capture]) -> dict[str, _Item]:
    items: dict[str, _Item] = {}
    inside: dict[int, list[tuple[str, str, Raw]]] = {}
    for taken, thing in ((each, thing) for each in captures for thing in each.things):
        if id(thing) not in inside:
            inside[id(thing)] = [*redaction.items([thing])]
        for name, kind, data in inside[id(thing)]:
            if not name:
                continue
            is_ours = not taken.is_imported
            item = items.setdefault(name, _Item(taken.captured_at, kind, data, set(), is_ours))
            item.authors.add(text(data, "author").lower())
            if is_ours or not item.is_ours:
                item.kind, item.data, item.is_ours = kind, data, is_ours
    return items


def _lost(thread_id: str, captures: Sequence[Capture]) -> set[str]:
    """Return the fullnames of what Reddit has lost, judging by our own captures if any."""
    lives = dict(history.trace(thread_id, captures).lives)
    ours = [taken for taken in captures if not taken.is_imported]
    if ours and len(ours) < len(captures):
        lives |= history.trace(thread_id, ours).lives
    return {name for name, life in lives.items() if life.lost}


def _is_nobody(data: Raw) -> bool:
    return data.get("author") in NOBODY
