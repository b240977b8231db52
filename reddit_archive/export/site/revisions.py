"""What the snapshots of a thread tell, put so that a page can show any of them and every change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from reddit_archive import history, markup
from reddit_archive.history import History, Life, text_diff, timeline
from reddit_archive.history.text_diff import Part
from reddit_archive.model.capture import Capture
from reddit_archive.model.content import Comment, Post
from reddit_archive.model.json_fields import Raw
from reddit_archive.model.thread import Thread

Said: TypeAlias = Post | Comment
Rename = Callable[[Any], Any]
"""What is done to raw data before anybody sees it: nothing, or pseudonyms."""


@dataclass(frozen=True, slots=True)
class Phase:
    """How a post or comment stood from the snapshot number `since` on, until the next phase."""

    since: int
    said: Said
    lost: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened between two looks; `after` is None where that is not known."""

    kind: str
    after: datetime | None
    before: datetime


@dataclass(frozen=True, slots=True)
class Text:
    """A text that somebody published, compared with the one before it word by word."""

    number: int
    is_overwrite: bool
    first_seen: datetime
    last_seen: datetime
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """All versions of a post or comment, and all that happened to it, oldest first."""

    texts: tuple[Text, ...]
    changes: tuple[Change, ...]


def past_of(known: Life, rename: Rename) -> Past | None:
    """Tell what became of a post or comment; None where nothing did."""
    changes = tuple(
        Change(event.kind, event.after, event.before)
        for event in known.events
        if event.kind != timeline.APPEARED
    )
    if not changes and len(known.versions) < 2:
        return None
    texts = []
    before = ""
    for number, version in enumerate(known.versions, 1):
        body = _typed(rename(version.raw))
        texts.append(
            Text(
                number,
                version.is_overwrite,
                version.first_seen,
                version.last_seen,
                tuple(text_diff.compare_words(before, body) if number > 1 else [("=", body)]),
            )
        )
        before = body
    return Past(tuple(texts), changes)


def typed_texts(known: Life, rename: Rename) -> list[str]:
    """Every title and text that was ever seen of a post or comment, the newest last."""
    raws = (rename(version.raw) for version in known.versions)
    return list(dict.fromkeys(_typed(raw, has_flair=False) for raw in raws))


def _typed(raw: Raw, *, has_flair: bool = True) -> str:
    """The title, flair and text of a version, as typed, or as read where only HTML is known."""
    version = timeline.Version(raw, datetime.min, datetime.min, "")
    body = version.body or markup.convert(version.html, target="text")
    flair = version.flair if has_flair and version.title else ""
    return "\n\n".join(part for part in (version.title, flair, body) if part)


def phases(captures: Sequence[Capture], past: History, merged: Thread) -> Mapping[str, list[Phase]]:
    """Tell how each post and comment stood at each snapshot, by fullname.

    At every snapshot it is what `quote --as-of` would show then; at the last one that is `merged`.
    Nothing is told where there is but one snapshot.
    """
    found: dict[str, list[Phase]] = {}
    gone: set[str] = set()
    for number in range(len(captures) if len(captures) > 1 else 0):
        gone = _vanished(past, number, gone)
        is_last = number == len(captures) - 1
        thread = merged if is_last else history.merge(past.thread_id, captures[: number + 1])
        everything: tuple[Said, ...] = (*thread.comments.values(),)
        for said in (thread.post, *everything) if thread.post else everything:
            name = said.fullname
            lost = said.lost or (timeline.VANISHED if name in gone else None)
            before = found.get(name)
            if not before or not _is_same(before[-1], said, lost):
                found.setdefault(name, []).append(Phase(number, said, lost))
    return found


def _vanished(past: History, number: int, before: set[str]) -> set[str]:
    """What has vanished by a snapshot, given what had by the one before it."""
    gone = set(before)
    for event in past.events:
        if event.capture == number:
            (gone.add if event.kind == timeline.VANISHED else gone.discard)(event.fullname)
    return gone


def _is_same(phase: Phase, said: Said, lost: str | None) -> bool:
    if phase.lost != lost:
        return False
    mine, theirs = phase.said.raw, said.raw
    if mine is theirs:
        return True
    keys = (*history.SAYING[said.fullname[:2]], "score", "score_hidden", "hide_score")
    return all(mine.get(key) == theirs.get(key) for key in keys)
