"""Several answers about one thread, joined to one capture."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reddit_archive.files import file_names
from reddit_archive.model import capture, comment_tree, completeness, html_entities
from reddit_archive.model.capture import Capture, Thing, fullname, text_of
from reddit_archive.model.deletion import lost_text


@dataclass(frozen=True, slots=True)
class Page:
    """What one file holds of a thread: `shown` is its path, `at` when it was last changed."""

    shown: str
    at: datetime
    things: tuple[Thing, ...]
    is_live: bool = False

    @property
    def name(self) -> str:
        name = "-" if self.is_live else self.shown.replace("\\", "/").rsplit("/", 1)[-1]
        return file_names.readable(name)

    @property
    def is_tree(self) -> bool:
        """Tell an answer that shows comments in their places from a list of single ones."""
        comments = [thing["data"] for thing in self.things if thing["kind"] == "t1"]
        return not comments or any("depth" in data for data in comments)


def join(thread_id: str, source: str, pages: Sequence[Page]) -> Capture:
    """Make one capture of all pages, in reading order, dated by the newest of them.

    A capture's date says when the thread stood as it is here. No single moment is right for pages
    that were saved one after the other; before the last of them not all of it had been seen. A
    single page stays as it came. Of a comment in several, a text stands before one that is gone,
    then the newest does.
    """
    if len(pages) == 1:
        page = pages[0]
        request = {"file": page.name}
        return Capture(thread_id, page.at, source, request, page.things, live=page.is_live)
    newest_first = sorted(evened(pages), key=lambda page: (page.at, page.shown), reverse=True)
    fullest_first = sorted(newest_first, key=lambda page: -_answers(page, thread_id))
    best = _best(newest_first)
    trees = [page for page in fullest_first if page.is_tree]
    lists = [page for page in fullest_first if not page.is_tree]
    things = comment_tree.assemble(_chosen(trees, best), _chosen(lists, best))
    asked: dict[str, Any] = {
        "files": list(dict.fromkeys(page.name for page in reversed(newest_first)))
    }
    told, stubs = _told(thread_id, source, newest_first[::-1])
    things = (*(thing for thing in things if thing["kind"] != "more"), *stubs)
    return Capture(thread_id, newest_first[0].at, source, asked | told, things, live=False)


def _told(
    thread_id: str, source: str, pages: Sequence[Page]
) -> tuple[dict[str, Any], tuple[Thing, ...]]:
    """Return facts about single pages, oldest first, that are lost when the pages are joined.

    These are whether one page is the thread's own, which comments may have more replies than are
    here, and the stubs with comments that are on no page.
    """
    tracker = completeness.Tracker(thread_id)
    listed: set[str] = set()
    partly: set[str] = set()
    has_thread_page = False
    for page in pages:
        seen = completeness.observe(
            Capture(thread_id, page.at, source, {"file": page.name}, page.things)
        )
        tracker.add(seen)
        listed |= seen.listed
        partly |= seen.partly_shown
        has_thread_page = has_thread_page or seen.is_thread_page
    told: dict[str, Any] = {completeness.HAS_THREAD_PAGE: has_thread_page}
    if partly - listed:
        told[completeness.PARTLY_SHOWN] = sorted(partly - listed)
    return told, tuple({"kind": "more", "data": dict(stub)} for stub in tracker.open_stubs())


def evened(pages: Sequence[Page]) -> list[Page]:
    """Give pages that are escaped alike as they are, else all with real `<`, `>` and `&`.

    Where all are alike, `escapes.plain` finds out how they are. In a mixture, what tells nothing
    by itself would be taken for what most of the others are.
    """
    plain = [html_entities.plain(page.things) for page in pages]
    changed = [after != page.things for page, after in zip(pages, plain, strict=True)]
    if all(changed) or not any(changed):
        return [*pages]
    return [
        Page(page.shown, page.at, after, page.is_live)
        for page, after in zip(pages, plain, strict=True)
    ]


def _answers(page: Page, thread_id: str) -> int:
    """How many answers to the post a page shows or names: most on the thread's own page."""
    below = [thing for thing in page.things if text_of(thing, "parent_id") == f"t3_{thread_id}"]
    stubs = [thing["data"] for thing in below if thing["kind"] == "more"]
    return len(below) + sum(len(capture.stub_ids(data)) for data in stubs)


def _best(newest_first: Iterable[Page]) -> dict[str, Thing]:
    """Choose what to keep of each post and comment.

    Of equal texts the one with a place in a tree: how deep it stands is said there alone.
    """
    met: dict[str, list[Thing]] = {}
    for page in newest_first:
        for thing in page.things:
            if thing["kind"] in ("t1", "t3") and (name := fullname(thing)):
                met.setdefault(name, []).append(thing)
    best = {}
    for name, found in met.items():
        first = max(found, key=_worth)
        same = [thing for thing in found if said(thing) == said(first)]
        best[name] = next((thing for thing in same if "depth" in thing["data"]), first)
    return best


def _worth(thing: Thing) -> tuple[bool, bool]:
    data = thing["data"]
    has_html = bool(data.get("body_html") or data.get("selftext_html"))
    return lost_text(thing["kind"], data) is None, has_html


def said(thing: Thing) -> tuple[str, ...]:
    """What somebody said, and who: that in which two looks at it may differ."""
    return tuple(text_of(thing, key) for key in ("title", "selftext", "body", "author"))


def _chosen(pages: Iterable[Page], best: dict[str, Thing]) -> Iterator[Thing]:
    """Give each post and comment once, where it is met first, and all else as it comes."""
    met: set[str] = set()
    for page in pages:
        for thing in page.things:
            name = fullname(thing) if thing["kind"] in ("t1", "t3") else None
            if name is None:
                yield thing
            elif name not in met:
                met.add(name)
                yield best[name]
