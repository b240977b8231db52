"""Snapshots of a thread, compared: what happened to each post and comment, and when at most."""

from collections.abc import Iterable
from datetime import datetime

from reddit_archive.history.observation import Sight, Sights, each
from reddit_archive.history.timeline import History
from reddit_archive.history.timeline_builder import Draft, glimpse
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.model.json_fields import moment, text


def trace(thread_id: str, captures: Iterable[Capture] | Sights) -> History:
    """Compare captures, oldest first, and name every change with the window in which it came.

    What an archive of first texts holds counts as seen when that archive saw it. A comment has
    vanished only where a later capture should have held it.
    """
    looks = captures if isinstance(captures, Sights) else tuple(captures)
    if len(looks) == 1:  # in which nothing appears or vanishes
        (only,) = each(looks)
        lives = {name: glimpse(name, thing, only) for name, thing in only.things.items()}
        return History(thread_id, lives)
    taken = looks.captures if isinstance(looks, Sights) else looks
    drafts: dict[str, Draft] = {}
    parents: dict[str, str] = {}
    listing: Sight | None = None
    for seen in (look.with_listed() for look in each(looks)):
        absent = seen.absent(parents)
        fresh = {name: thing for name, thing in seen.things.items() if name not in drafts}
        parents |= {
            name: text(thing["data"], "parent_id").lower()
            for name, thing in fresh.items()
            if thing["kind"] == "t1"
        }
        since = _absent_before(taken, seen, fresh, parents, listing)
        for name, thing in seen.things.items():
            draft = drafts.get(name)
            if draft is None:
                draft = drafts[name] = Draft(name, thing, seen)
                if name in since:
                    draft.appear(thing, seen, since[name])
            draft.see(thing, seen)
        for name in absent:
            drafts[name].miss(seen)
        listing = seen if seen.listed else listing
    return History(thread_id, {name: draft.finished() for name, draft in drafts.items()})


def _absent_before(
    captures: tuple[Capture, ...],
    seen: Sight,
    fresh: dict[str, Thing],
    parents: dict[str, str],
    listing: Sight | None,
) -> dict[str, datetime]:
    """When each thing that is seen for the first time was last known not to be there.

    That it was not fetched until now tells nothing; that it was written since tells.
    """
    if not fresh or seen.number == 0:
        return {}
    before = captures[seen.number - 1].captured_at
    written = ((name, moment(thing["data"], "created_utc")) for name, thing in fresh.items())
    since = {name: before for name, at in written if at is not None and at > before}
    if listing is None or listing.number > seen.number:
        return since
    return dict.fromkeys(listing.absent(parents), listing.at) | since
