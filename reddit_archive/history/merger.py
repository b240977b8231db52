"""Merge the captures of a thread; deletions and absences never replace an observed text. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from reddit_archive.history import item_texts, overwrites, timeline
from reddit_archive.history.item_observation import is_page_thing
from reddit_archive.history.observation import (
    Observation,
    Observations,
    has_same_content_fields,
    observe,
)
from reddit_archive.history.timeline import OVERWRITTEN
from reddit_archive.model import completeness, content, redaction
from reddit_archive.model.capture import Capture, MissingComments, Thing
from reddit_archive.model.completeness import CompletenessTracker
from reddit_archive.model.content import Comment, Post
from reddit_archive.model.deletion import DELETED_AUTHORS, get_deletion_reason
from reddit_archive.model.json_fields import Raw
from reddit_archive.model.source_info import PAGE_KIND_KEY
from reddit_archive.model.thing_comparison import have_same_content
from reddit_archive.model.thread import Thread

COUNT_FIELDS = ("score", "upvote_ratio", "num_comments", "controversiality", "gilded")
HIDDEN_SCORE_FIELDS = ("score_hidden", "hide_score")
AUTHOR_FIELDS = ("author", "author_fullname", "author_flair_text", "author_flair_richtext")


def merge(thread_id: str, captures: Iterable[Capture] | Observations) -> Thread:
    """Merge captures into one thread.

    Each post and comment has its newest intact text. If Reddit no longer shows that text, its
    `deletion_status` says why. Comments that later captures lack stay. A first-seen archive
    counts as older than all captures from Reddit.

    Args:
        thread_id: The post's id without prefix.
        captures: All captures of the thread, oldest first.
    """
    merger = ThreadMerger(thread_id)
    for observation in observe(captures):
        merger.add(observation)
    return merger.build()


@dataclass(slots=True)
class MergedItem:
    """A post or comment, merged from its captures, which are added oldest first.

    Attributes:
        name: Its fullname.
        newest: The newest capture of it.
        intact: The newest one whose text Reddit has not deleted.
        with_author: The newest one that names the author.
        deletion_status: What happened to its text on Reddit, or None.
        counts: The newest known scores and counts, if a saved web page shows the item.
    """

    name: str
    newest: Thing
    intact: Thing | None = None
    with_author: Thing | None = None
    deletion_status: str | None = None
    counts: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        self.deletion_status = _get_deletion_status(self.newest, None)
        self._update()

    def add(self, thing: Thing) -> None:
        """Add the next capture of the item."""
        if not has_same_content_fields(self.newest, thing):
            self.deletion_status = _get_deletion_status(thing, self.intact)
        self._add_counts(thing)
        self.newest = thing
        self._update()

    def _add_counts(self, thing: Thing) -> None:
        """Keep the newest score and counts, because a web page may lack some of them."""
        if self.counts is None:
            if not (is_page_thing(thing) or is_page_thing(self.newest)):
                return
            self.counts = _get_counts(self.newest["data"])
        self.counts |= _get_counts(thing["data"])

    def _update(self) -> None:
        thing = self.newest
        is_intact = self.deletion_status is None or (
            self.intact is None and timeline.get_exported_status(thing["data"])
        )
        if is_intact and not _is_more_redacted(thing, self.intact):
            self.intact = thing
        if thing["data"].get("author") not in DELETED_AUTHORS:
            self.with_author = thing

    @property
    def displayed(self) -> Thing:
        """The capture of the item to show."""
        return self.intact or self.newest

    def build_raw(self) -> dict[str, Any]:
        """Return the data to show, with the id and, for an intact text, the last known author."""
        data: dict[str, Any] = self.displayed["data"]
        if data.get("id") != self.name[3:]:
            data = {**data, "id": self.name[3:]}
        if data.get("author") in DELETED_AUTHORS and self.with_author and self.intact:
            data = data | {key: self.with_author["data"].get(key) for key in AUTHOR_FIELDS}
        return self._add_known_counts(data) if PAGE_KIND_KEY in data else data

    def _add_known_counts(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the data of a page with the counts that other observations tell.

        A text that another observation has as Markdown is no longer marked as the page's.
        """
        counts = self.counts or {}
        excluded = {*HIDDEN_SCORE_FIELDS} if "score" in counts and "score" not in data else set()
        if not item_texts.is_html_only(data):
            excluded.add(PAGE_KIND_KEY)
        return counts | {key: value for key, value in data.items() if key not in excluded}


class CommentOrder(NamedTuple):
    """The order of the comments in one capture.

    Attributes:
        fullness: How many things the capture shows or names.
        capture_index: Position of the capture in the list of captures.
        names: Fullnames of what it shows.
    """

    fullness: int
    capture_index: int
    names: Collection[str]


class ThreadMerger:
    """Merges the observations of a thread, which are added in the order of `observe`.

    Attributes:
        items: What was merged so far, by fullname.
        orders: The order of the comments in each capture.
        tracker: What is missing after the captures that `iter_tracked` added to it.
        has_whole_thread: Whether the last capture alone makes the thread complete.
    """

    def __init__(self, thread_id: str) -> None:
        self.thread_id = thread_id
        self.items: dict[str, MergedItem] = {}
        self.orders: list[CommentOrder] = []
        self.tracker = CompletenessTracker(thread_id)
        self.has_whole_thread = False
        self._observations: list[Observation] = []
        self._untracked: list[Observation] = []

    def add(self, observation: Observation) -> None:
        """Add the next observation."""
        items = self.items
        for name, thing in observation.things.items():
            item = items.get(name)
            if item is None:
                items[name] = MergedItem(name, thing)
            elif thing is not item.newest:  # most are the same object as before
                item.add(thing)
        fullness = len(observation.things) + len(observation.stub_names)
        self.orders.append(CommentOrder(fullness, observation.capture_index, observation.things))
        self._observations.append(observation)
        self._untracked.append(observation)

    def build(self) -> Thread:
        """Return the thread."""
        imported_names = _find_imported_names(self._observations, self.items)
        post = self.items.get(f"t3_{self.thread_id}")
        return Thread(
            self.thread_id,
            Post(post.build_raw(), post.deletion_status, post.name in imported_names)
            if post
            else None,
            (
                Comment(item.build_raw(), item.deletion_status, item.name in imported_names)
                for item in map(self.items.__getitem__, self._sort_comments())
            ),
            self._find_missing(),
        )

    def reduce_orders(self) -> list[CommentOrder]:
        """Return the orders, the fullest first, each with the comments that those before it lack.

        Among equally full captures the newest decides. The result stands for all of them, also if
        others are added.
        """
        reduced: list[CommentOrder] = []
        known: set[str] = set()
        for order in sorted(self.orders, key=lambda order: (-order.fullness, -order.capture_index)):
            if not known.issuperset(order.names):
                names = tuple(name for name in order.names if name not in known)
                known.update(names)
                reduced.append(order._replace(names=names))
        return reduced

    def _sort_comments(self) -> list[str]:
        """Return the comments in the order of the fullest capture, then those that it lacks."""
        names = (name for order in self.reduce_orders() for name in order.names)
        return [name for name in names if name.startswith("t1_")]

    def iter_tracked(self) -> Iterator[Observation]:
        """Bring `has_whole_thread` up to date, and then `tracker`, one observation at a time."""
        self._check_last_capture()
        while self._untracked:
            observation = self._untracked.pop(0)
            coverage = completeness.build_coverage(
                observation.capture, observation.things, observation.stubs
            )
            self.tracker.add(coverage)
            yield observation

    def _check_last_capture(self) -> None:
        self._untracked.sort(key=lambda observation: observation.capture_index)
        for observation in self._untracked[-1:]:
            self.has_whole_thread = completeness.has_whole_thread(
                observation.capture, observation.things, observation.stubs
            )

    def _find_missing(self) -> tuple[MissingComments, ...]:
        """Return the comments that are missing after all captures."""
        self._check_last_capture()
        if self.has_whole_thread:
            return ()
        for _ in self.iter_tracked():
            pass
        return self.tracker.find_missing()


def _get_counts(data: Raw) -> dict[str, Any]:
    """Return the visible score and the other counts of an observation."""
    counts = {key: data[key] for key in COUNT_FIELDS if data.get(key) is not None}
    if content.get_score(data) is None:
        counts.pop("score", None)
    return counts


def _get_deletion_status(thing: Thing, intact: Thing | None) -> str | None:
    """Return what happened to the text of a thing, given its last intact version."""
    if exported_status := timeline.get_exported_status(thing["data"]):
        return exported_status
    deletion_reason = get_deletion_reason(thing["kind"], thing["data"])
    if deletion_reason is None and intact is not None:
        body, intact_body = (item_texts.get_body(item["data"]) for item in (thing, intact))
        return OVERWRITTEN if overwrites.is_overwritten(body, intact_body) else None
    return deletion_reason


def _is_more_redacted(thing: Thing, intact: Thing | None) -> bool:
    """Return whether `thing` is redacted and the intact version that we have is not."""
    if intact is None or not redaction.is_content_redacted(thing["data"]):
        return False
    return not redaction.is_content_redacted(intact["data"])


def _find_imported_names(
    observations: Sequence[Observation], items: Mapping[str, MergedItem]
) -> set[str]:
    """Return the fullnames of posts and comments whose text only imported captures contain."""
    if not any(observation.capture.is_imported for observation in observations):
        return set()
    imported_names = {*items}
    for observation in observations:
        if not observation.capture.is_imported:
            imported_names -= {
                name
                for name in imported_names & observation.things.keys()
                if have_same_content([observation.things[name]], [items[name].displayed])
            }
    return imported_names
