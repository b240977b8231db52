"""A life while it is put together, one look at its post or comment after the other."""

from datetime import datetime

from reddit_archive.history import overwrites, timeline
from reddit_archive.history.observation import Sight, says_same
from reddit_archive.history.timeline import Event, Life, Version
from reddit_archive.model import content, redaction
from reddit_archive.model.capture import Thing
from reddit_archive.model.deletion import NO_AUTHOR, is_lost_by_law, lost_text
from reddit_archive.model.json_fields import Raw

SHOWN = (None, timeline.OVERWRITTEN)
MISSING = "missing"


def glimpse(fullname: str, thing: Thing, seen: Sight) -> Life:
    """The life of what was looked at once: what a draft of it would come to, as most are."""
    data, at = thing["data"], seen.seen_at(thing)
    lost = _lost(thing)
    score = seen.score(data)
    is_text = lost is None or timeline.marked(data) is not None
    return Life(
        fullname,
        content.author(data) if is_text else None,
        (Version(data, at, at, seen.source),) if is_text else (),
        (),
        () if score is None else ((at, score),),
        at,
        at,
        None if lost == MISSING else lost,
    )


def _lost(thing: Thing) -> str | None:
    """Why the text of a thing is not there, as far as it tells by itself."""
    data = thing["data"]
    if mark := timeline.marked(data):
        return mark
    lost = lost_text(thing["kind"], data)
    if lost == timeline.REMOVED_BY_REDDIT and is_lost_by_law(data):
        return timeline.REMOVED_BY_LAW
    if lost is None and redaction.is_emptied(data):
        return MISSING  # redacted here, which tells nothing of Reddit
    return lost


class Draft:
    """What is known of one post or comment so far. Most looks find what the one before found."""

    thing: Thing | None = None
    lost: str | None = None
    is_vanished = False
    is_nobody = False
    author: str | None = None
    meant: Version | None = None
    version: Version | None = None

    def __init__(self, fullname: str, thing: Thing, seen: Sight) -> None:
        self.fullname = fullname
        self.look = seen
        self.at = self.first_seen = seen.seen_at(thing)
        self.seen_at = self.text_at = self.missing_at = self.first_seen
        self.versions: list[Version] = []
        self.events: list[Event] = []
        self.scores: list[tuple[datetime, int]] = []

    def appear(self, thing: Thing, seen: Sight, after: datetime) -> None:
        """Note that it was not there before, if there is something of it to be seen."""
        self.at, self.look = seen.seen_at(thing), seen
        if self._lost(thing) is None:
            self._happen(timeline.APPEARED, after, thing["data"])

    def see(self, thing: Thing, seen: Sight) -> None:
        mark = timeline.MARK in thing["data"] and timeline.marked(thing["data"])
        self.at, self.look = seen.at if mark and self.thing else seen.seen_at(thing), seen
        if thing is not self.thing:
            self._score(thing["data"])
        is_same = self.thing is not None and says_same(thing, self.thing)
        lost = self.lost if is_same else self._lost(thing)
        if lost != MISSING:
            if self.is_vanished or not is_same:
                self._change(thing["data"], lost)
            self.thing, self.lost, self.is_vanished = thing, lost, False
        if lost in SHOWN and not mark:
            self.text_at = self.at
        self.seen_at = self.at

    def miss(self, seen: Sight) -> None:
        """Note that a capture which should hold it does not; what was not yet can't vanish."""
        if seen.at < self.first_seen:
            return
        self.at, self.look = seen.at, seen
        if self.lost in SHOWN and not self.is_vanished:
            self._happen(timeline.VANISHED, self.seen_at)
            self.is_vanished = True
        self.missing_at = seen.at

    def finished(self) -> Life:
        self._close()
        return Life(
            self.fullname,
            self.author,
            tuple(self.versions),
            tuple(self.events),
            tuple(self.scores),
            self.first_seen,
            self.seen_at,
            timeline.VANISHED if self.is_vanished else self.lost,
        )

    def _lost(self, thing: Thing) -> str | None:
        lost = _lost(thing)
        if lost is None and self.meant is not None:
            text = timeline.body_of(thing["data"])
            return (
                timeline.OVERWRITTEN if overwrites.is_overwritten(text, self.meant.body) else None
            )
        return lost

    def _change(self, data: Raw, lost: str | None) -> None:
        """Name what is new since the look before, and keep the text if there is a new one."""
        is_first = self.thing is None
        if not is_first and lost is None and (self.is_vanished or self.lost):
            after = self.missing_at if self.is_vanished else self.seen_at
            self._happen(timeline.RESTORED, after, data)
        elif not is_first and lost is not None and lost != self.lost:
            self._happen(lost, self.seen_at, data if lost in SHOWN else None)
        mark = timeline.marked(data)
        if self.meant is None if mark else lost in SHOWN:
            self._name(data)
            self._keep(data, None if mark else lost)

    def _keep(self, data: Raw, lost: str | None) -> None:
        found = Version(data, self.at, self.at, self.look.source, is_overwrite=lost is not None)
        if lost is None and self.meant is not None and found.body != self.meant.body:
            self._happen(timeline.EDITED, self.meant_at, data)
        if self.version is None or _text(found) != _text(self.version):
            self._close()
            self.version = found
        if lost is None:
            self.meant = self.version

    @property
    def meant_at(self) -> datetime:
        """The last time the text that its author meant was seen."""
        if self.version is self.meant or self.meant is None:
            return self.text_at
        return next(v.last_seen for v in reversed(self.versions) if not v.is_overwrite)

    def _close(self) -> None:
        if self.version is not None:
            last_seen = max(self.text_at, self.version.first_seen)
            is_known = self.version.last_seen == last_seen  # most texts are seen once
            whole = self.version if is_known else self.version._replace(last_seen=last_seen)
            self.versions.append(whole)

    def _name(self, data: Raw) -> None:
        """Note the author; one that is gone while the text stands has deleted the account."""
        name = content.author(data)
        if name is not None:
            self.author, self.is_nobody = name, False
        elif redaction.MARK in data or redaction.DISOWNED in data:
            return  # the name was redacted, which tells nothing about the account
        elif data.get("author") in NO_AUTHOR and self.author and not self.is_nobody:
            self._happen(timeline.ACCOUNT_DELETED, self.text_at, data)
            self.is_nobody = True

    def _score(self, data: Raw) -> None:
        score = self.look.score(data)
        if score is not None and (not self.scores or self.scores[-1][1] != score):
            self.scores.append((self.at, score))

    def _happen(self, kind: str, after: datetime, data: Raw | None = None) -> None:
        """Add an event; a window that ends before it begins, by a clock set back, is open."""
        former = self.meant.body if self.meant else ""
        opened = after if after <= self.at else None
        text, number = timeline.body_of(data or {}), self.look.number
        self.events.append(Event(kind, self.fullname, opened, self.at, number, former, text))


def _text(version: Version) -> tuple[str, str, str]:
    return version.body, version.title, version.flair
