"""Merge the captures of a thread; deletions and absences never replace an observed text. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reddit_archive.history import item_texts, overwrites, timeline
from reddit_archive.history.item_observation import is_page_thing
from reddit_archive.history.observation import Observations, has_same_content_fields, observe
from reddit_archive.history.timeline import OVERWRITTEN
from reddit_archive.model import completeness, content, redaction
from reddit_archive.model.capture import Capture, MissingComments, Thing
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
    observations = observe(captures)
    items: dict[str, _MergedItem] = {}
    for observation in observations:
        for name, thing in observation.things.items():
            item = items.get(name)
            if item is None:
                items[name] = _MergedItem(name, thing)
            elif thing is not item.newest:  # most are the same object as before
                item.add(thing)
    imported_names = _find_imported_names(observations, items)
    post = items.get(f"t3_{thread_id}")
    return Thread(
        thread_id,
        Post(post.build_raw(), post.deletion_status, post.name in imported_names) if post else None,
        (
            Comment(items[name].build_raw(), items[name].deletion_status, name in imported_names)
            for name in _sort_comments(observations)
        ),
        _find_missing(thread_id, observations),
    )


@dataclass(slots=True)
class _MergedItem:
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


def _find_imported_names(observations: Observations, items: Mapping[str, _MergedItem]) -> set[str]:
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


def _sort_comments(observations: Observations) -> list[str]:
    """Return the comments in the order of the fullest capture, then those that it lacks.

    Among equally full captures the newest decides.
    """
    newest_first = sorted(observations, key=lambda observation: -observation.capture_index)
    fullest_first = sorted(
        newest_first, key=lambda observation: -len(observation.things) - len(observation.stub_names)
    )
    names: dict[str, None] = {}
    for observation in fullest_first:
        names |= dict.fromkeys(observation.things)
    return [name for name in names if name.startswith("t1_")]


def _find_missing(thread_id: str, observations: Observations) -> tuple[MissingComments, ...]:
    """Return the comments that are missing after all captures."""
    capture_order = sorted(observations, key=lambda observation: observation.capture_index)
    for observation in capture_order[-1:]:
        if completeness.has_whole_thread(
            observation.capture, observation.things, observation.stubs
        ):
            return ()
    coverages = [
        completeness.build_coverage(observation.capture, observation.things, observation.stubs)
        for observation in capture_order
    ]
    return completeness.find_missing(thread_id, coverages)
