"""Join several saved pages of one thread into one capture."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from reddit_archive.files import file_names
from reddit_archive.model import capture, comment_tree, completeness, html_entities
from reddit_archive.model.capture import Capture, Thing, get_data_str, get_fullname
from reddit_archive.model.deletion import get_deletion_reason


@dataclass(frozen=True, slots=True)
class SavedPage:
    """The things of one file and its path.

    `is_live` means that it was read from stdin. `request` has facts about the fetch, for a file
    that tells them.
    """

    display_name: str
    modified_at: datetime
    things: tuple[Thing, ...]
    is_live: bool = False
    request: Mapping[str, Any] = field(default_factory=dict)

    @property
    def file_name(self) -> str:
        name = "-" if self.is_live else self.display_name.replace("\\", "/").rsplit("/", 1)[-1]
        return file_names.make_readable(name)

    @property
    def is_tree(self) -> bool:
        """Whether the page shows comments in a tree, not in a flat list."""
        comments = [thing["data"] for thing in self.things if thing["kind"] == "t1"]
        return not comments or any("depth" in data for data in comments)


def join_pages(thread_id: str, source: str, pages: Sequence[SavedPage]) -> Capture:
    """Join pages into one capture, in reading order, with the time of the newest page.

    The time of the newest page is used because the capture was not complete before. A single page
    is kept unchanged. If several pages contain a comment, a version with text wins over a deleted
    one, and otherwise the newest wins.
    """
    if len(pages) == 1:
        page = pages[0]
        request = {"file": page.file_name, **page.request}
        return Capture(
            thread_id, page.modified_at, source, request, page.things, is_live=page.is_live
        )
    newest_first = sorted(
        normalize_escaping(pages),
        key=lambda page: (page.modified_at, page.display_name),
        reverse=True,
    )
    most_replies_first = sorted(
        newest_first, key=lambda page: -_count_top_level_comments(page, thread_id)
    )
    best_versions = _choose_best_versions(newest_first)
    trees = [page for page in most_replies_first if page.is_tree]
    lists = [page for page in most_replies_first if not page.is_tree]
    things = comment_tree.merge_listings(
        _iter_unique_things(trees, best_versions), _iter_unique_things(lists, best_versions)
    )
    files_request: dict[str, Any] = {
        "files": list(dict.fromkeys(page.file_name for page in reversed(newest_first)))
    }
    page_facts, stubs = _collect_page_facts(thread_id, source, newest_first[::-1])
    things = (*(thing for thing in things if thing["kind"] != "more"), *stubs)
    return Capture(
        thread_id,
        newest_first[0].modified_at,
        source,
        files_request | page_facts,
        things,
        is_live=False,
    )


def _collect_page_facts(
    thread_id: str, source: str, pages: Sequence[SavedPage]
) -> tuple[dict[str, Any], tuple[Thing, ...]]:
    """Return facts about single pages, oldest first, that are lost when the pages are joined.

    These are whether one page is the thread's own, which comments may have more replies than are
    here, and the stubs with comments that are on no page.
    """
    tracker = completeness.CompletenessTracker(thread_id)
    complete_parents: set[str] = set()
    partial_parents: set[str] = set()
    has_thread_page = False
    for page in pages:
        request = {"file": page.file_name, **page.request}
        observation = completeness.get_coverage(
            Capture(thread_id, page.modified_at, source, request, page.things)
        )
        tracker.add(observation)
        complete_parents |= observation.complete_parents
        partial_parents |= observation.partly_shown
        has_thread_page = has_thread_page or observation.is_thread_page
    page_facts: dict[str, Any] = {completeness.HAS_THREAD_PAGE_KEY: has_thread_page}
    if partial_parents - complete_parents:
        page_facts[completeness.PARTLY_SHOWN_KEY] = sorted(partial_parents - complete_parents)
    return page_facts, tuple(
        {"kind": "more", "data": dict(stub)} for stub in tracker.iter_open_stubs()
    )


def normalize_escaping(pages: Sequence[SavedPage]) -> list[SavedPage]:
    """Unescape all pages unless all have the same escaping.

    If all are the same, `html_entities.unescape_things` detects it later. In a mixture, it would
    treat ambiguous pages like the majority.
    """
    unescaped_pages = [html_entities.unescape_things(page.things) for page in pages]
    has_changed = [
        unescaped_things != page.things
        for page, unescaped_things in zip(pages, unescaped_pages, strict=True)
    ]
    if all(has_changed) or not any(has_changed):
        return [*pages]
    return [
        replace(page, things=unescaped_things)
        for page, unescaped_things in zip(pages, unescaped_pages, strict=True)
    ]


def _count_top_level_comments(page: SavedPage, thread_id: str) -> int:
    """Count the replies to the post that a page shows or names: the thread's page has the most."""
    top_level = [
        thing for thing in page.things if get_data_str(thing, "parent_id") == f"t3_{thread_id}"
    ]
    stubs = [thing["data"] for thing in top_level if thing["kind"] == "more"]
    return len(top_level) + sum(len(capture.get_more_ids(data)) for data in stubs)


def _choose_best_versions(newest_first: Iterable[SavedPage]) -> dict[str, Thing]:
    """Choose the best version of each post and comment.

    Of versions with equal text, one in a tree is preferred, because only trees tell the depth.
    """
    versions_by_name: dict[str, list[Thing]] = {}
    for page in newest_first:
        for thing in page.things:
            if thing["kind"] in ("t1", "t3") and (name := get_fullname(thing)):
                versions_by_name.setdefault(name, []).append(thing)
    best_versions = {}
    for name, versions in versions_by_name.items():
        best_version = max(versions, key=_rank_version)
        equal_versions = [
            thing
            for thing in versions
            if get_content_fields(thing) == get_content_fields(best_version)
        ]
        best_versions[name] = next(
            (thing for thing in equal_versions if "depth" in thing["data"]), best_version
        )
    return best_versions


def _rank_version(thing: Thing) -> tuple[bool, bool]:
    data = thing["data"]
    has_html = bool(data.get("body_html") or data.get("selftext_html"))
    return get_deletion_reason(thing["kind"], data) is None, has_html


def get_content_fields(thing: Thing) -> tuple[str, ...]:
    """Return the text and the author, the fields that tell two versions apart."""
    return tuple(get_data_str(thing, key) for key in ("title", "selftext", "body", "author"))


def _iter_unique_things(
    pages: Iterable[SavedPage], best_versions: dict[str, Thing]
) -> Iterator[Thing]:
    """Yield each post and comment once, at its first position, and all other things."""
    yielded_names: set[str] = set()
    for page in pages:
        for thing in page.things:
            name = get_fullname(thing) if thing["kind"] in ("t1", "t3") else None
            if name is None:
                yield thing
            elif name not in yielded_names:
                yielded_names.add(name)
                yield best_versions[name]
