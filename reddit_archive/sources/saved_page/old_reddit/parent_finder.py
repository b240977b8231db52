"""Decide which post or comment each comment on a page of old Reddit replies to.

A comment stands inside its parent. The list in which it stands names the parent, too, and so do
its link "parent" and an attribute of its link "embed". In a damaged page they contradict each
other. Then the parent is unknown, not guessed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reddit_archive.sources.saved_page.dom import (
    Document,
    Node,
    get,
    get_ancestor,
    get_classes,
    iter_descendants,
)
from reddit_archive.sources.saved_page.old_reddit.entry_reader import Entry, is_thing

TABLE_ID_PATTERN = re.compile(r"siteTable_(t[13]_[0-9a-z]{1,13})", re.IGNORECASE)
FRAGMENT_PATTERN = re.compile(r"[^#]*#([0-9a-z]{1,13})")
COMMENT_PATH_PATTERN = re.compile(r"[^?#]*/comments/[0-9a-z]+/[^/?#]*/([0-9a-z]{1,13})(?:[/?#]|$)")
THREAD_PATH_PATTERN = re.compile(r"[^?#]*/comments/([0-9a-z]+)(?:/[^/?#]*)?/?(?:[?#]|$)")


@dataclass(frozen=True, slots=True)
class ParentHints:
    """What a comment says about its parent in its own links.

    Attributes:
        parent_name: The fullname that its link "parent" names, or "".
        has_parent_link: It has such a link. Comments on the top level have none.
        is_parent_elsewhere: The link leads to another page, because the parent is not on this one.
        has_permalink: It has a link to itself, so its links are there. Deleted ones have none.
        is_root: Whether it is on the top level, or None if it does not say.
        is_entry_found: The element with its links is there. It lacks only in damaged pages.
    """

    parent_name: str = ""
    has_parent_link: bool = False
    is_parent_elsewhere: bool = False
    has_permalink: bool = False
    is_root: bool | None = None
    is_entry_found: bool = True

    @property
    def is_any(self) -> bool:
        """Whether it says anything."""
        return bool(self.parent_name) or self.has_permalink or self.is_root is not None


def read_hints(entry: Entry) -> ParentHints:
    """Return what the links of a comment say about its parent."""
    parent_name = ""
    has_parent_link = has_permalink = is_elsewhere = False
    is_root: bool | None = None
    for link in entry.links:
        action, address = get(link, "data-event-action"), get(link, "href")
        fragment = FRAGMENT_PATTERN.fullmatch(address)
        if action == "parent" or (fragment and "bylink" in get_classes(link)):
            has_parent_link = True
            match = fragment or COMMENT_PATH_PATTERN.match(address)
            parent_name = f"t1_{match[1]}" if match else ""
            is_elsewhere = match is not None and fragment is None
        elif action == "permalink":
            has_permalink = True
        elif get(link, "data-root") in ("true", "false"):
            is_root = get(link, "data-root") == "true"
    return ParentHints(
        parent_name, has_parent_link, is_elsewhere, has_permalink, is_root, entry.is_found
    )


def read_deep_link(entry: Entry) -> ParentHints:
    """Return what a link "continue this thread" says: it leads to the parent."""
    for link in entry.links:
        if match := COMMENT_PATH_PATTERN.match(get(link, "href")):
            return ParentHints(f"t1_{match[1]}")
    return ParentHints()


def is_single_thread(document: Document, post_name: str) -> bool:
    """Return whether the page shows the thread of one comment, which can be a reply itself.

    Such a page has a notice with a link to the whole thread.
    """
    for notice in document.css(".infobar"):
        for node in iter_descendants(notice, is_thing):
            match = THREAD_PATH_PATTERN.match(get(node, "href")) if node.tag == "a" else None
            if match and f"t3_{match[1]}" == post_name:
                return True
    return False


@dataclass(frozen=True, slots=True)
class NestingPosition:
    """Where a comment or stub stands on the page.

    Attributes:
        nested_in: Fullname of the post or comment in which it stands, or "" if that has no id.
        is_exact: It stands exactly where Reddit puts a reply.
        table_name: The fullname that its list names, or "".
    """

    nested_in: str
    is_exact: bool
    table_name: str


class ParentFinder:
    """Finds the parents of the comments and stubs of one page.

    Args:
        names: The fullname of each post and comment by the identity of its element.
        post_name: The fullname of the post.
        is_single_thread: The page shows the thread of a single comment.
    """

    def __init__(self, names: Mapping[int, str], post_name: str, *, is_single_thread: bool) -> None:
        self._names = names
        self._all_names = frozenset(names.values())
        self._post_name = post_name
        self._is_single_thread = is_single_thread

    def find_parents(self, nodes: Sequence[Node], hints: Sequence[ParentHints]) -> list[str]:
        """Return the fullname of each parent, or "" where the page does not tell it.

        If hints contradict each other anywhere, the nesting of the page is damaged. Then it does
        not count for comments that have no hints of their own.

        Args:
            nodes: The comments and stubs in the order of the page.
            hints: What each of them says about its parent.
        """
        has_parent_links = any(hint.has_parent_link for hint in hints)
        positions = [self._find_position(node) for node in nodes]
        parents_or_none = [
            self._combine_hints(position, hint, has_parent_links=has_parent_links)
            for position, hint in zip(positions, hints, strict=True)
        ]
        is_damaged = None in parents_or_none
        parents, seen = [], {self._post_name}
        for node, hint, parent_or_none in zip(nodes, hints, parents_or_none, strict=True):
            parent = parent_or_none or ""
            is_later = parent in self._all_names and parent not in seen
            is_unsure = is_damaged and not hint.is_any
            parents.append("" if is_later or is_unsure or not hint.is_entry_found else parent)
            seen.add(self._names.get(node.mem_id, ""))
        return parents

    def _combine_hints(
        self, position: NestingPosition, hints: ParentHints, *, has_parent_links: bool
    ) -> str | None:
        """Return the parent, "" if the page does not tell it, or None if hints contradict it."""
        is_top = position.nested_in == self._post_name
        if is_top and (self._is_single_thread or hints.is_parent_elsewhere):
            return self._find_parent_of_single_root(hints)
        root_name = self._post_name if hints.is_root else ""
        candidates = (position.nested_in, position.table_name, hints.parent_name, root_name)
        names = [name for name in candidates if name]
        if len(set(names)) > 1:
            return None
        min_names = 1 if position.is_exact else 2
        parent = names[0] if len(names) >= min_names else ""
        if parent == self._post_name and (hints.has_parent_link or hints.is_root is False):
            return None
        lacks_link = hints.has_permalink and not hints.has_parent_link and has_parent_links
        return None if lacks_link and parent.startswith("t1_") else parent

    def _find_parent_of_single_root(self, hints: ParentHints) -> str:
        """Return the parent of the first comment on the page of a single comment's thread."""
        if hints.has_parent_link:
            return "" if hints.is_root else hints.parent_name
        is_root = hints.is_root if hints.is_root is not None else hints.has_permalink
        return self._post_name if is_root else ""

    def _find_position(self, node: Node) -> NestingPosition:
        """Return where a thing stands."""
        table = node.parent
        if table is None:
            return NestingPosition("", False, "")
        classes = get_classes(table)
        match = TABLE_ID_PATTERN.fullmatch(get(table, "id"))
        table_name = match[1].lower() if match else ""
        owner = get_ancestor(node, is_thing)
        is_table = "sitetable" in classes or bool(match)
        if "nestedlisting" in classes or table_name == self._post_name:
            is_top = owner is None or self._get_name(owner) == self._post_name
            return NestingPosition(
                self._post_name if is_top else "", is_table and is_top, table_name
            )
        holder = table.parent
        is_exact = (
            is_table
            and owner is not None
            and holder is not None
            and "child" in get_classes(holder)
            and holder.parent is not None
            and holder.parent.mem_id == owner.mem_id
        )
        return NestingPosition(self._get_name(owner), is_exact, table_name)

    def _get_name(self, owner: Node | None) -> str:
        return self._names.get(owner.mem_id, "") if owner is not None else ""
