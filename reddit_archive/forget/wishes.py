"""What is to be redacted: asked for by what became of it, by who said it, or by when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reddit_archive import history, redaction
from reddit_archive.capture import Capture
from reddit_archive.fields import Raw, moment, text
from reddit_archive.losses import NOBODY, lost_text
from reddit_archive.redaction import ALL, AUTHOR


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


def chosen(thread_id: str, captures: Sequence[Capture], wish: Wish) -> dict[str, str]:
    """Find what meets a wish."""
    if not (wish.deleted or wish.authors or wish.before or wish.everything):
        return {}
    lives = history.trace(thread_id, captures).lives if wish.deleted else {}
    lost = {name for name, life in lives.items() if life.lost}
    seen: dict[str, list[tuple[datetime, str, Raw]]] = {}
    inside: dict[int, list[tuple[str, str, Raw]]] = {}
    for at, thing in ((each.captured_at, thing) for each in captures for thing in each.things):
        if id(thing) not in inside:
            inside[id(thing)] = [*redaction.items([thing])]
        for name, kind, data in inside[id(thing)]:
            if name:
                seen.setdefault(name, []).append((at, kind, data))
    chosen = {}
    for name, sights in seen.items():
        first, kind, data = sights[0][0], *sights[-1][1:]
        level = wish.level
        if wish.deleted and name not in lost and lost_text(kind, data) is None:
            level = AUTHOR if _is_nobody(data) else ""
        authors = {text(data, "author").lower() for _, _, data in sights}
        if wish.authors and not authors & wish.authors:
            continue
        if wish.before and (moment(data, "created_utc") or first) >= wish.before:
            continue
        if level:
            chosen[name] = level
    return chosen


def _is_nobody(data: Raw) -> bool:
    return data.get("author") in NOBODY
