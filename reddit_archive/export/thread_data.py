"""All that the archive knows of a thread, in one hand: as it is now, its past, its snapshots."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from reddit_archive import history
from reddit_archive.archive import pseudonyms
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.history import Event, History, Life
from reddit_archive.model.content import Said
from reddit_archive.model.thread import Thread


@dataclass(frozen=True, slots=True)
class Known:
    """`thread` shows the newest whole text of each post and comment, `past` every one."""

    thread: Thread
    past: History
    shots: tuple[Snapshot, ...]

    @property
    def said(self) -> tuple[Said, ...]:
        """The post, where it was ever seen, and the comments in reading order."""
        post = self.thread.post
        return (*((post,) if post else ()), *self.thread.comments.values())

    def life(self, said: Said) -> Life:
        return self.past.lives[said.fullname]

    def text_seen(self, said: Said) -> datetime:
        """When the text was last seen on Reddit; where none ever was, when its place was."""
        life = self.life(said)
        return life.latest.last_seen if life.latest else life.last_seen


def learn(thread_id: str, shots: Sequence[Snapshot], *, key: bytes | None = None) -> Known:
    """Put together what the snapshots of a thread tell; with a `key`, under pseudonyms."""
    seen = history.look(shot.capture for shot in shots)
    thread, past = history.merge(thread_id, seen), history.trace(thread_id, seen)
    if key is not None:
        lives = {name: _disguised(life, key) for name, life in past.lives.items()}
        thread, past = pseudonyms.apply(thread, key), History(thread_id, lives)
    return Known(thread, past, tuple(shots))


def _disguised(life: Life, key: bytes) -> Life:
    return life._replace(
        author=pseudonyms.name(life.author, key) if life.author else None,
        versions=tuple(v._replace(raw=pseudonyms.data(v.raw, key)) for v in life.versions),
        events=tuple(_disguised_event(event, key) for event in life.events),
    )


def _disguised_event(event: Event, key: bytes) -> Event:
    former, text = (pseudonyms.data(each, key) for each in (event.former, event.text))
    return replace(event, former=former, text=text)
