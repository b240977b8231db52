"""Build the timeline of a post or comment from its observations. Pure."""

from datetime import datetime

from reddit_archive.history import item_texts, overwrites, timeline
from reddit_archive.history.observation import Observation, has_same_content_fields
from reddit_archive.history.timeline import Event, ItemTimeline, Version
from reddit_archive.model import content, redaction
from reddit_archive.model.capture import Thing
from reddit_archive.model.deletion import (
    DELETION_PLACEHOLDERS,
    get_deletion_reason,
    is_legal_removal,
)
from reddit_archive.model.json_fields import Raw, get_str

VISIBLE_STATUSES = (None, timeline.OVERWRITTEN)
MISSING = "missing"


def build_single_observation_timeline(
    fullname: str, thing: Thing, observation: Observation
) -> ItemTimeline:
    """Return the timeline of an item that was observed once (the common case).

    It equals the timeline that `TimelineBuilder` builds.
    """
    data, observed_at = thing["data"], observation.get_observed_at(thing)
    deletion_status = _get_deletion_status(thing)
    score = observation.get_score(data)
    has_text = deletion_status is None or timeline.get_exported_status(data) is not None
    return ItemTimeline(
        fullname,
        content.get_author(data) if has_text else None,
        (Version(data, observed_at, observed_at, observation.source),) if has_text else (),
        (),
        () if score is None else ((observed_at, score),),
        observed_at,
        observed_at,
        None if deletion_status == MISSING else deletion_status,
    )


def _get_deletion_status(thing: Thing) -> str | None:
    """Return why a thing has no text, judging by the thing alone."""
    data = thing["data"]
    if exported_status := timeline.get_exported_status(data):
        return exported_status
    deletion_reason = get_deletion_reason(thing["kind"], data)
    if deletion_reason == timeline.REMOVED_BY_REDDIT and is_legal_removal(data):
        return timeline.REMOVED_BY_LAW
    if deletion_reason is None and redaction.is_content_redacted(data):
        return MISSING  # a redaction in an archive says nothing about Reddit
    return deletion_reason


class TimelineBuilder:
    """Collects the observations of a post or comment, oldest first, and builds its timeline.

    Attributes:
        thing: The thing at the last observation.
        deletion_status: Its deletion status then.
        is_vanished: It was absent from the last capture that should have shown it.
        is_author_deleted: Its author has deleted the account.
        author: The last known author.
        last_author_version: The last version that the author wrote.
        current_version: The last version, whoever wrote it; not yet in `versions`.
    """

    thing: Thing | None = None
    deletion_status: str | None = None
    is_vanished = False
    is_author_deleted = False
    author: str | None = None
    last_author_version: Version | None = None
    current_version: Version | None = None

    def __init__(self, fullname: str, observation: Observation, observed_at: datetime) -> None:
        self.fullname = fullname
        self.observation = observation
        self.observed_at = self.first_seen = observed_at
        self.last_seen = self.text_last_seen = self.last_absent = self.first_seen
        self.versions: list[Version] = []
        self.events: list[Event] = []
        self.scores: list[tuple[datetime, int]] = []

    def add_appearance(
        self, thing: Thing, observation: Observation, window_start: datetime
    ) -> None:
        """Record that the item appeared after `window_start`, if it has a text."""
        self.observed_at, self.observation = observation.get_observed_at(thing), observation
        if self._get_deletion_status(thing) is None:
            self._add_event(timeline.APPEARED, window_start, thing["data"])

    def add_observation(self, thing: Thing, observation: Observation) -> None:
        """Record what a capture shows of the item."""
        self.observation, self.observed_at = observation, observation.get_observed_at(thing)
        exported_status = timeline.get_exported_status(thing["data"])
        if exported_status and self.thing:
            self.observed_at = observation.captured_at
        if thing is not self.thing:
            self._record_score(thing["data"])
        is_same = self.thing is not None and has_same_content_fields(thing, self.thing)
        deletion_status = self.deletion_status if is_same else self._get_deletion_status(thing)
        if deletion_status != MISSING:
            if self.is_vanished or not is_same:
                self._record_change(thing["data"], deletion_status)
            self.thing, self.deletion_status, self.is_vanished = thing, deletion_status, False
        if deletion_status in VISIBLE_STATUSES and not exported_status:
            self.text_last_seen = self.observed_at
        self.last_seen = self.observed_at

    def add_absence(self, observation: Observation) -> None:
        """Record that a capture that should show the item does not show it.

        A capture from before the first observation is ignored.
        """
        if observation.captured_at < self.first_seen:
            return
        self.observed_at, self.observation = observation.captured_at, observation
        if self.deletion_status in VISIBLE_STATUSES and not self.is_vanished:
            self._add_event(timeline.VANISHED, self.last_seen)
            self.is_vanished = True
        self.last_absent = observation.captured_at

    def build(self) -> ItemTimeline:
        """Return the timeline. More observations may be added afterwards."""
        return ItemTimeline(
            self.fullname,
            self.author,
            (*self.versions, *self._finish_version()),
            tuple(self.events),
            tuple(self.scores),
            self.first_seen,
            self.last_seen,
            timeline.VANISHED if self.is_vanished else self.deletion_status,
        )

    def _get_deletion_status(self, thing: Thing) -> str | None:
        """Return why a thing has no text by its author, given the last one that it had."""
        deletion_status = _get_deletion_status(thing)
        if deletion_status is None and self.last_author_version is not None:
            text = item_texts.get_body(thing["data"])
            if overwrites.is_overwritten(text, self.last_author_version.body):
                return timeline.OVERWRITTEN
        return deletion_status

    def _record_change(self, data: Raw, deletion_status: str | None) -> None:
        """Record the event since the previous observation, and the version if it is new."""
        if self.thing is not None:
            self._record_status(data, deletion_status)
        if timeline.get_exported_status(data):
            if self.last_author_version is None:
                self._record_author(data)
                self._record_version(data, None)
        elif deletion_status in VISIBLE_STATUSES:
            self._record_author(data)
            self._record_version(data, deletion_status)

    def _record_status(self, data: Raw, deletion_status: str | None) -> None:
        """Record that the text was restored, or that it was deleted in another way."""
        if deletion_status is None and (self.is_vanished or self.deletion_status):
            window_start = self.last_absent if self.is_vanished else self.last_seen
            self._add_event(timeline.RESTORED, window_start, data)
        elif deletion_status is not None and deletion_status != self.deletion_status:
            new_data = data if deletion_status in VISIBLE_STATUSES else None
            self._add_event(deletion_status, self.last_seen, new_data)

    def _record_version(self, data: Raw, deletion_status: str | None) -> None:
        new_version = Version(
            data,
            self.observed_at,
            self.observed_at,
            self.observation.source,
            is_overwrite=deletion_status is not None,
        )
        if (
            deletion_status is None
            and self.last_author_version is not None
            and not item_texts.has_same_text(data, self.last_author_version.raw)
        ):
            self._add_event(timeline.EDITED, self.author_version_last_seen, data)
        if self.current_version is None or not _shows_same(data, self.current_version.raw):
            self.versions += self._finish_version()
            self.current_version = new_version
        if deletion_status is None:
            self.last_author_version = self.current_version

    @property
    def author_version_last_seen(self) -> datetime:
        """When the last version by the author was last observed."""
        if self.current_version is self.last_author_version or self.last_author_version is None:
            return self.text_last_seen
        return next(v.last_seen for v in reversed(self.versions) if not v.is_overwrite)

    def _finish_version(self) -> tuple[Version, ...]:
        """Return the current version, if there is one, as last seen now."""
        if self.current_version is None:
            return ()
        last_seen = max(self.text_last_seen, self.current_version.first_seen)
        return (self.current_version._replace(last_seen=last_seen),)

    def _record_author(self, data: Raw) -> None:
        """Record the author. If the author is gone and the text is not, the account is deleted."""
        name = content.get_author(data)
        if name is not None:
            self.author, self.is_author_deleted = name, False
        elif redaction.MARK_KEY in data or redaction.FOREIGN_MARK_KEY in data:
            return  # a redacted name says nothing about the account
        elif (
            data.get("author") in DELETION_PLACEHOLDERS
            and self.author
            and not self.is_author_deleted
        ):
            self._add_event(timeline.ACCOUNT_DELETED, self.text_last_seen, data)
            self.is_author_deleted = True

    def _record_score(self, data: Raw) -> None:
        score = self.observation.get_score(data)
        if score is not None and (not self.scores or self.scores[-1][1] != score):
            self.scores.append((self.observed_at, score))

    def _add_event(self, kind: str, last_seen_before: datetime, data: Raw | None = None) -> None:
        """Add an event. Its window has no start if a clock that was set back makes it negative."""
        previous = self.last_author_version.raw if self.last_author_version else {}
        previous_text, new_text = item_texts.get_comparable_texts(previous, data or {})
        window_start = last_seen_before if last_seen_before <= self.observed_at else None
        capture_index = self.observation.capture_index
        self.events.append(
            Event(
                kind,
                self.fullname,
                window_start,
                self.observed_at,
                capture_index,
                previous_text,
                new_text,
            )
        )


def _shows_same(data: Raw, other: Raw) -> bool:
    """Return whether two observations have the same text, title and flair."""
    return _get_names(data) == _get_names(other) and item_texts.has_same_text(data, other)


def _get_names(data: Raw) -> tuple[str, str]:
    return get_str(data, "title"), timeline.get_flair(data)
