"""Fill one thread from one source."""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from reddit_archive import errors
from reddit_archive.archive import fill_log, store
from reddit_archive.config import Settings
from reddit_archive.model import capture as capture_model
from reddit_archive.model import comment_tree
from reddit_archive.model.capture import ID_PATTERN, Capture, Thing, get_data_str
from reddit_archive.model.reference import Reference
from reddit_archive.model.source_info import SOURCES, is_live
from reddit_archive.sources.base import FetchRequest, Source
from reddit_archive.workflows.deferred_interrupt import DeferredInterrupt
from reddit_archive.workflows.fetch import fetch_from
from reddit_archive.workflows.gaps import find_gaps
from reddit_archive.workflows.load import LoadedThread
from reddit_archive.workflows.reporter import Reporter
from reddit_archive.workflows.save import store_capture

MAX_ROUNDS = 3
"""How often the parents of what arrived are requested in turn, if they are missing, too."""


@dataclass(slots=True)
class ThreadFill:
    """The state of filling one thread from one source.

    Attributes:
        loaded: The thread with everything that was stored so far.
        unavailable: What the source does not have: fullnames, and keys of comments without ids.
        requested: Fullnames that were requested by name.
        unavailable_reason: Why the source does not have the thread at all, if it does not.
    """

    source: Source
    settings: Settings
    reporter: Reporter
    interrupt: DeferredInterrupt
    loaded: LoadedThread
    unavailable: set[str]
    requested: set[str] = field(default_factory=set)
    unavailable_reason: str = ""
    _known: frozenset[str] = frozenset()
    _has_fetched_all: bool = False

    @property
    def thread_id(self) -> str:
        return self.loaded.thread.id

    @property
    def post_name(self) -> str:
        return f"t3_{self.thread_id}"

    def run(self) -> None:
        """Fetch and store what is missing.

        If comments are missing whose ids nobody knows, or a long chain of parents, the whole thread
        is fetched, because that takes the fewest requests. The rest is requested by name.

        Raises:
            FetchError: The source did not answer. What arrived before is stored.
            StoreError: The archive can't be written.
            NotArchivedError: The thread was removed from the archive meanwhile.
        """
        self._known = frozenset(self.unavailable)
        try:
            if self._has_unlisted():
                self._fetch_all()
            self._fetch_by_name()
            if not self._has_fetched_all and (self._has_unlisted() or self._list_names()):
                self._fetch_all()
                self._fetch_by_name()
        finally:
            self._record_unavailable()

    def _has_unlisted(self) -> bool:
        """Return whether comments without ids are missing for which it was not asked yet."""
        return bool(find_gaps(self.loaded).unlisted_keys - self.unavailable)

    def _list_names(self) -> list[str]:
        """List what is missing and not known to be unavailable, by fullname."""
        return find_gaps(self.loaded).list_names(self.thread_id, self.unavailable)

    def _fetch_all(self) -> None:
        """Fetch the whole thread, as the source lists it."""
        self._has_fetched_all = True
        gaps = find_gaps(self.loaded)
        comment_ids = tuple(name[3:] for name in gaps.parents if name not in self.unavailable)
        fetched = fetch_from(
            self.source,
            Reference(post_id=self.thread_id),
            FetchRequest(comment_ids),
            self.settings.archive,
        )
        if not fetched.captures:
            names = gaps.list_names(self.thread_id, self.unavailable)
            self.unavailable |= {*names, *gaps.unlisted_keys}
            self.unavailable_reason = fetched.unavailable_reason
            return
        (capture,) = fetched.captures
        failure = capture.request.get("failed")
        posts = [thing for thing in capture.things if thing["kind"] == "t3"]
        if not failure or any(thing["kind"] == "t1" for thing in capture.things):
            self._store(capture)
        elif posts and not gaps.has_post:  # without the stub for all comments
            self._store(self.source.build_capture(self.thread_id, posts))
        if failure:
            raise errors.ServerUnreachableError(str(failure), "Run it again to fetch the rest.")
        self.unavailable |= find_gaps(self.loaded).unlisted_keys

    def _fetch_by_name(self) -> None:
        """Request what is missing by fullname, and then missing parents of what arrived."""
        things: dict[str, Thing] = {}
        names = self._list_names()
        try:
            for _ in range(MAX_ROUNDS):
                for batch in self._split(names):
                    things |= self._look_up(batch)
                names = [*self._iter_missing_parents(things.values())]
        except (errors.FetchError, KeyboardInterrupt):
            self._store_things(things)
            raise
        if not things and self._find_withheld(things):
            things = self._look_up([self.post_name])  # a private community returns nothing at all
        self._store_things(things)

    def _split(self, names: Sequence[str]) -> Iterator[Sequence[str]]:
        size = SOURCES[self.source.name].names_per_request
        return (names[start : start + size] for start in range(0, len(names), size))

    def _look_up(self, names: Sequence[str]) -> dict[str, Thing]:
        """Request things by fullname. Things of other threads do not count as an answer."""
        returned = self.source.look_up(names)
        things = {
            name: returned[name]
            for name in names
            if name in returned and capture_model.is_of_thread(returned[name], self.thread_id)
        }
        self.requested.update(names)
        self.unavailable.update(name for name in names if name not in things)
        return things

    def _iter_missing_parents(self, things: Iterable[Thing]) -> Iterator[str]:
        """Yield the parents of comments that are neither stored nor requested."""
        parents = dict.fromkeys(get_data_str(thing, "parent_id").lower() for thing in things)
        for parent in parents:
            comment_id = parent.removeprefix("t1_")
            if (
                parent.startswith("t1_")
                and ID_PATTERN.fullmatch(comment_id)
                and comment_id not in self.loaded.thread.comments
                and parent not in self.requested
                and parent not in self.unavailable
            ):
                yield parent

    def _store_things(self, things: dict[str, Thing]) -> None:
        """Store things as one capture, with stubs for what a live source withholds."""
        if things:
            stubs = comment_tree.build_withheld_stubs(self._find_withheld(things))
            self._store(self.source.build_capture(self.thread_id, (*things.values(), *stubs)))

    def _find_withheld(self, things: Container[str]) -> dict[str, str]:
        """Return the comments that a live source did not return, with their parents."""
        if not is_live(self.source.name):
            return {}
        return {
            name: parent or self.post_name
            for name, parent in find_gaps(self.loaded).parents.items()
            if name in self.requested and name not in things
        }

    def _store(self, capture: Capture) -> None:
        """Store a capture, unless the thread was removed from the archive meanwhile."""
        with self.interrupt.defer():
            if not store.list_digests(self.settings.archive, self.thread_id):
                raise errors.NotArchivedError(
                    f"t3_{self.thread_id} was removed from the archive while it was being filled",
                    "Nothing was stored.",
                )
            self.loaded = store_capture(capture, self.settings, self.reporter)

    def _record_unavailable(self) -> None:
        """Remember what the source does not have and what is still missing."""
        if not store.list_digests(self.settings.archive, self.thread_id):
            return  # the thread was forgotten meanwhile
        gaps = find_gaps(self.loaded)
        missing = {*gaps.list_names(self.thread_id), *gaps.unlisted_keys}
        if new := (self.unavailable - self._known) & missing:
            fill_log.record(self.settings.archive, self.thread_id, self.source.name, new)
