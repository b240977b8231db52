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
class Signs:
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


def read_signs(entry: Entry) -> Signs:
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
    return Signs(parent_name, has_parent_link, is_elsewhere, has_permalink, is_root, entry.is_found)


def read_deep_link(entry: Entry) -> Signs:
    """Return what a link "continue this thread" says: it leads to the parent."""
    for link in entry.links:
        if match := COMMENT_PATH_PATTERN.match(get(link, "href")):
            return Signs(f"t1_{match[1]}")
    return Signs()


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
class Place:
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

    def find_parents(self, nodes: Sequence[Node], signs: Sequence[Signs]) -> list[str]:
        """Return the fullname of each parent, or "" where the page does not tell it.

        If signs contradict each other anywhere, the nesting of the page is damaged. Then it does
        not count for comments that have no signs of their own.

        Args:
            nodes: The comments and stubs in the order of the page.
            signs: What each of them says about its parent.
        """
        has_parent_links = any(sign.has_parent_link for sign in signs)
        places = [self._locate(node) for node in nodes]
        verdicts = [
            self._judge(place, sign, has_parent_links=has_parent_links)
            for place, sign in zip(places, signs, strict=True)
        ]
        is_damaged = None in verdicts
        parents, seen = [], {self._post_name}
        for node, sign, verdict in zip(nodes, signs, verdicts, strict=True):
            parent = verdict or ""
            is_later = parent in self._all_names and parent not in seen
            is_unsure = is_damaged and not sign.is_any
            parents.append("" if is_later or is_unsure or not sign.is_entry_found else parent)
            seen.add(self._names.get(node.mem_id, ""))
        return parents

    def _judge(self, place: Place, signs: Signs, *, has_parent_links: bool) -> str | None:
        """Return the parent, "" if the page does not tell it, or None if signs contradict it."""
        is_top = place.nested_in == self._post_name
        if is_top and (self._is_single_thread or signs.is_parent_elsewhere):
            return self._find_parent_of_single_root(signs)
        root_name = self._post_name if signs.is_root else ""
        claims = (place.nested_in, place.table_name, signs.parent_name, root_name)
        names = [name for name in claims if name]
        if len(set(names)) > 1:
            return None
        min_names = 1 if place.is_exact else 2
        parent = names[0] if len(names) >= min_names else ""
        if parent == self._post_name and (signs.has_parent_link or signs.is_root is False):
            return None
        lacks_link = signs.has_permalink and not signs.has_parent_link and has_parent_links
        return None if lacks_link and parent.startswith("t1_") else parent

    def _find_parent_of_single_root(self, signs: Signs) -> str:
        """Return the parent of the first comment on the page of a single comment's thread."""
        if signs.has_parent_link:
            return "" if signs.is_root else signs.parent_name
        is_root = signs.is_root if signs.is_root is not None else signs.has_permalink
        return self._post_name if is_root else ""

    def _locate(self, node: Node) -> Place:
        """Return where a thing stands."""
        table = node.parent
        if table is None:
            return Place("", False, "")
        classes = get_classes(table)
        match = TABLE_ID_PATTERN.fullmatch(get(table, "id"))
        table_name = match[1].lower() if match else ""
        owner = get_ancestor(node, is_thing)
        is_table = "sitetable" in classes or bool(match)
        if "nestedlisting" in classes or table_name == self._post_name:
            is_top = owner is None or self._get_name(owner) == self._post_name
            return Place(self._post_name if is_top else "", is_table and is_top, table_name)
        holder = table.parent
        is_exact = (
            is_table
            and owner is not None
            and holder is not None
            and "child" in get_classes(holder)
            and holder.parent is not None
            and holder.parent.mem_id == owner.mem_id
        )
        return Place(self._get_name(owner), is_exact, table_name)

    def _get_name(self, owner: Node | None) -> str:
        return self._names.get(owner.mem_id, "") if owner is not None else ""
