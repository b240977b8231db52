"""Find what is missing from a stored thread: comments, the post, and times that a page lacks."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from reddit_archive.model import redaction
from reddit_archive.model.capture import ID_PATTERN, Capture, MissingComments, get_fullname
from reddit_archive.model.json_fields import Raw, get_datetime
from reddit_archive.model.thread import Thread
from reddit_archive.workflows.load import LoadedThread


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is missing from a stored thread and may be fetched.

    Attributes:
        has_post: Whether the post is stored.
        parents: The missing comments whose ids are known, by fullname, with their parents; "" for
            an unknown parent.
        unlisted: Numbers of missing comments whose ids are unknown, by the fullname of the post or
            comment above them. 0 is an unknown number.
        undated: Fullnames of the post and the comments that are stored without a time, as some
            saved pages show them.
        withheld_count: Number of comments that Reddit names and returns to nobody. They are not
            missing; `archive save --recover` looks for their texts.
    """

    has_post: bool
    parents: dict[str, str]
    unlisted: dict[str, int]
    undated: tuple[str, ...]
    withheld_count: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing is missing."""
        return self.has_post and not (self.parents or self.unlisted or self.undated)

    @property
    def comment_count(self) -> int:
        """The number of missing comments, as far as it is known."""
        return len(self.parents) + sum(self.unlisted.values())

    @property
    def unlisted_keys(self) -> frozenset[str]:
        """A text for each number of comments without ids, by which a log remembers it."""
        return frozenset(f"{parent}+{count}" for parent, count in self.unlisted.items())

    def list_names(self, thread_id: str, unavailable: Collection[str] = ()) -> list[str]:
        """List what can be requested by fullname, without what is known to be unavailable."""
        post_name = f"t3_{thread_id}"
        names = dict.fromkeys((*(() if self.has_post else (post_name,)), *self.parents))
        names |= dict.fromkeys(self.undated)
        return [name for name in names if name not in unavailable]


def find_gaps(loaded: LoadedThread) -> Gaps:
    """Find what is missing from a stored thread, after all of its snapshots."""
    thread = loaded.thread
    parents: dict[str, str] = {}
    unlisted: dict[str, int] = {}
    for group in thread.missing_comments:
        if not group.is_withheld:
            # Nothing else is sent: one bad id makes a server refuse the whole request.
            parents |= {f"t1_{i}": group.parent for i in group.ids if ID_PATTERN.fullmatch(i)}
            if not group.ids or group.count > len(group.ids):
                count = group.count - len(group.ids)
                unlisted[group.parent] = unlisted.get(group.parent, 0) + count
    parents |= {name: "" for name in _iter_missing_parents(thread) if name not in parents}
    return Gaps(
        thread.post is not None,
        parents,
        unlisted,
        tuple(_find_undated(thread, (snapshot.capture for snapshot in loaded.snapshots))),
        count_withheld(thread.missing_comments),
    )


def count_withheld(missing_comments: Iterable[MissingComments]) -> int:
    """Count the comments that Reddit names and returns to nobody."""
    return sum(group.count for group in missing_comments if group.is_withheld)


def _iter_missing_parents(thread: Thread) -> Iterable[str]:
    """Yield the parents of orphans that no snapshot names as withheld."""
    withheld_ids = {i for group in thread.missing_comments if group.is_withheld for i in group.ids}
    for comment_id, comment in thread.comments.items():
        parent = comment.parent_fullname
        if (
            thread.is_orphan(comment_id)
            and parent[3:] not in thread.comments
            and parent[3:] not in withheld_ids
            and ID_PATTERN.fullmatch(parent[3:])
        ):
            yield parent


def _find_undated(thread: Thread, captures: Iterable[Capture]) -> Iterable[str]:
    """Yield what has a text and no time in any capture.

    A deleted text is left out: with its time, Arctic Shift would return the text.
    """
    contents = [*((thread.post,) if thread.post else ()), *thread.comments.values()]
    undated = {
        content.fullname: None
        for content in contents
        if not _has_time(content.raw)
        and not content.deletion_status
        and not redaction.is_content_redacted(content.raw)
    }
    if undated:
        for capture in captures:
            for thing in capture.things:
                if thing["kind"] in ("t1", "t3") and _has_time(thing["data"]):
                    undated.pop(get_fullname(thing) or "", None)
    return undated


def _has_time(data: Raw) -> bool:
    return isinstance(data, dict) and get_datetime(data, "created_utc") is not None
