"""Load a thread for an export: its merged state, its history and its snapshots."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from reddit_archive import history
from reddit_archive.archive import pseudonyms
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.history import Event, ItemTimeline, ThreadHistory
from reddit_archive.model.content import UserContent
from reddit_archive.model.thread import Thread


@dataclass(frozen=True, slots=True)
class ThreadData:
    """A thread with the last text of each post and comment, and the history of all texts."""

    thread: Thread
    history: ThreadHistory
    snapshots: tuple[Snapshot, ...]

    @property
    def contents(self) -> tuple[UserContent, ...]:
        """The post, if a snapshot has it, and the comments in reading order."""
        post = self.thread.post
        return (*((post,) if post else ()), *self.thread.comments.values())

    def get_timeline(self, content: UserContent) -> ItemTimeline:
        return self.history.timelines[content.fullname]

    def get_text_last_seen(self, content: UserContent) -> datetime:
        """Return when the text was last seen; if it never was, when the post or comment was."""
        timeline = self.get_timeline(content)
        return (
            timeline.last_author_version.last_seen
            if timeline.last_author_version
            else timeline.last_seen
        )


def build_thread_data(
    thread_id: str, snapshots: Sequence[Snapshot], *, pseudonym_key: bytes | None = None
) -> ThreadData:
    """Merge the snapshots of a thread. With a key, pseudonyms replace names."""
    observations = history.observe(snapshot.capture for snapshot in snapshots)
    thread, thread_history = (
        history.merge(thread_id, observations),
        history.trace(thread_id, observations),
    )
    if pseudonym_key is not None:
        timelines = {
            fullname: _pseudonymize_timeline(timeline, pseudonym_key)
            for fullname, timeline in thread_history.timelines.items()
        }
        thread, thread_history = (
            pseudonyms.pseudonymize_thread(thread, pseudonym_key),
            ThreadHistory(thread_id, timelines),
        )
    return ThreadData(thread, thread_history, tuple(snapshots))


def _pseudonymize_timeline(timeline: ItemTimeline, pseudonym_key: bytes) -> ItemTimeline:
    return timeline._replace(
        author=pseudonyms.build_pseudonym(timeline.author, pseudonym_key)
        if timeline.author
        else None,
        versions=tuple(
            version._replace(raw=pseudonyms.pseudonymize_raw(version.raw, pseudonym_key))
            for version in timeline.versions
        ),
        events=tuple(_pseudonymize_event(event, pseudonym_key) for event in timeline.events),
    )


def _pseudonymize_event(event: Event, pseudonym_key: bytes) -> Event:
    previous_text, text = (
        pseudonyms.pseudonymize_raw(value, pseudonym_key)
        for value in (event.previous_text, event.new_text)
    )
    return replace(event, previous_text=previous_text, new_text=text)
