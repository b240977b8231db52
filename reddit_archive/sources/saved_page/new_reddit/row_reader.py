"""Reads one row in the comments of a page of new Reddit: a comment, or a link to missing ones."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from reddit_archive.sources.saved_page import dom
from reddit_archive.sources.saved_page.dom import Node
from reddit_archive.sources.saved_page.field_values import get_profile_name, is_fullname

ROWS = 'div[id^="t1_"][tabindex], div[id^="moreComments-t1_"], div[id^="continueThread-t1_"]'
_ROW_ID = re.compile(r"(|moreComments-|continueThread-)(t1_\w{1,13})")
_KINDS = {"": "comment", "moreComments-": "more", "continueThread-": "continue"}
_AUTHOR_LINKS = ("comment_author_link", "comment_author_icon")
_DELETED = "[deleted]"
_NAME = re.compile(r"t1_\w+")
_COMMENT_CLASS = "Comment"
_NUMBER = re.compile(r"\d+")
_INDENT = re.compile(r"padding-left:\s*(\d{1,5})px")
_INDENT_STEP = 21
_COMMENT_INDENT = 16
_SKIPPED_ELEMENTS = frozenset({"button", "svg", "script", "style", "template"})
_ROLE_ID = re.compile(r"CommentTopMeta--(Mod|Admin|OP)--t1_.*")
_ROLES = {"Mod": "moderator", "Admin": "admin"}
_HEADER, _DELETED_HEADER, _TEXT = "post-comment-header", "post-comment-header-deleted", "comment"
_TIME_ID = "CommentTopMeta--Created--"


@dataclass(slots=True)
class Row:
    """What a row shows.

    Attributes:
        kind: "comment", "more" or "continue".
        id: The comment's id, the first missing one, or the one with more replies, without prefix.
        ancestors: Fullnames at the lines left of it, from the top; "" where one can't be read.
        level: How deep it is: 1 at the top. None if neither its label nor its indent tells.
        author: Its author; "" if unknown.
        permalink: The address in its time.
        header: The line above the text.
        is_deleted: Whether Reddit shows that it was deleted or removed.
        body: The element with the text; None if there is none, as in a collapsed row.
        role: "moderator", "admin" or "".
        is_submitter: Whether Reddit marks the author as the post's.
        has_two_levels: Its label and its indent contradict each other, as in a damaged page.
        time: The element with the time.
        first_text: The first element with a text: before the header, the label with the level.
    """

    kind: str
    id: str
    element: Node
    ancestors: list[str] = field(default_factory=list)
    level: int | None = None
    author: str = ""
    permalink: str = ""
    header: Node | None = None
    is_deleted: bool = False
    body: Node | None = None
    role: str = ""
    is_submitter: bool = False
    has_two_levels: bool = False
    time: Node | None = None
    first_text: Node | None = None

    @property
    def is_collapsed(self) -> bool:
        """Whether the page shows the comment without its text."""
        return self.kind == "comment" and self.body is None and not self.is_deleted


def read(element: Node) -> Row | None:
    """Return what a row shows, or None if its id is not valid."""
    match = _ROW_ID.fullmatch(dom.get(element, "id"))
    if match is None or not is_fullname(match[2], "t1"):
        return None
    row = Row(_KINDS[match[1]], match[2][3:], element)
    for node in _iter_elements(element):
        if _is_of_other_row(row, node):
            break
        _read_element(row, node)
    row.header = _find_header(row)
    label = _get_previous(row.header) if row.header is not None else row.first_text
    row.level = _get_level(label) if label is not None and row.kind == "comment" else None
    indent_level = _get_level_of_indent(row)
    row.has_two_levels = None not in (row.level, indent_level) and row.level != indent_level
    row.level = indent_level if row.level is None else row.level
    return row


def find_parent(row: Row) -> str | None:
    """Return the parent's fullname, "" at the top level, or None if it can't be told.

    A comment with a text is the last one in its own list of ancestors. A list with gaps or
    repetitions, or one that does not agree with the level, is damaged.
    """
    own_name = f"t1_{row.id}"
    is_own_line = row.ancestors[-1:] == [own_name] and row.kind != "continue"
    ancestors = row.ancestors[:-1] if is_own_line else row.ancestors
    if ancestors and len(ancestors) == row.level and ancestors[-1] == "":
        ancestors = ancestors[:-1]
    has_repetition = len({"", own_name, *ancestors}) != len(ancestors) + 2
    is_damaged = row.has_two_levels or has_repetition
    if is_damaged or (row.level is not None and len(ancestors) != row.level - 1):
        return None
    if ancestors:
        return ancestors[-1]
    return "" if is_own_line or row.level == 1 else None


def _iter_elements(row: Node) -> Iterator[Node]:
    """Yield the elements of a row without the text, buttons and other rows in it."""
    todo = [row.first_child]
    while todo:
        node = todo.pop()
        if node is None:
            continue
        todo.append(node.next)
        if not node.is_element_node or node.tag in _SKIPPED_ELEMENTS:
            continue
        if _ROW_ID.fullmatch(dom.get(node, "id")) and dom.has(node, "tabindex"):
            continue
        yield node
        if _TEXT not in (dom.get(node, "data-testid"), dom.get(node, "data-test-id")):
            todo.append(node.first_child)


def _is_of_other_row(row: Row, element: Node) -> bool:
    """Return whether an element belongs to another comment, whose row is broken.

    The lines of a row come before its first text.
    """
    if row.first_text is not None and _is_line(element):
        return True
    names = _NAME.findall(dom.get(element, "id"))
    classes = dom.get_classes(element)
    if _COMMENT_CLASS in classes:
        names += [name for name in classes if name.startswith("t1_")]
    return any(name != f"t1_{row.id}" for name in names)


def _is_line(element: Node) -> bool:
    return element.tag == "i" and "threadline" in dom.get_classes(element)


def _read_element(row: Row, element: Node) -> None:
    attributes = element.attributes
    if row.first_text is None and _has_own_text(element):
        row.first_text = element
    test_id = attributes.get("data-testid") or attributes.get("data-test-id") or ""
    element_id = attributes.get("id") or ""
    if _is_line(element) and element.parent is not None:
        row.ancestors.append(_get_line_name(element.parent))
    elif test_id in (_HEADER, _DELETED_HEADER) and row.header is None:
        row.header, row.is_deleted = element, test_id == _DELETED_HEADER
    elif test_id == _TEXT:
        # A row inside of a text is not Reddit's.
        row.body = element if element.css_first(ROWS) is None else None
    elif test_id == "comment_timestamp" or element_id.startswith(_TIME_ID):
        row.time, row.permalink = element, attributes.get("href") or ""
    elif match := _ROLE_ID.fullmatch(element_id):
        row.role = _ROLES.get(match[1], row.role)
        row.is_submitter = row.is_submitter or match[1] == "OP"
    elif not row.author and row.time is None and row.body is None:
        # The author stands before the time. The reader's own name can stand in a form below.
        row.author = _get_author(element, test_id)


def _has_own_text(element: Node) -> bool:
    child = element.first_child
    while child is not None:
        if child.is_text_node and (child.text_content or "").strip():
            return True
        child = child.next
    return False


def _get_author(element: Node, test_id: str) -> str:
    """Return the account that a link names, or "[deleted]"; "" for other elements.

    In a damaged page a link to another account can be around the whole row.
    """
    attributes = element.attributes
    if (target := attributes.get("to")) and get_profile_name(target) == _DELETED:
        return _DELETED
    if element.tag == "span" and dom.get_text(element) == _DELETED:
        return _DELETED
    href = attributes.get("href")
    name = get_profile_name(href) if href else ""
    return name if name and (test_id in _AUTHOR_LINKS or dom.get_text(element) == name) else ""


def _find_header(row: Row) -> Node | None:
    """Return the line above the text. In pages before about 2021 only its time has an id."""
    node = row.header if row.header is not None else row.time
    for _ in range(3):
        if node is None or node is row.element:
            break
        if node is not row.time and _get_previous(node) is not None:
            return node
        node = node.parent
    return row.header


def _get_previous(node: Node) -> Node | None:
    previous = node.prev
    while previous is not None and not previous.is_element_node:
        previous = previous.prev
    return previous


def _get_level_of_indent(row: Row) -> int | None:
    """Return the level that a row's indent shows, or None if the indent is not one of Reddit's."""
    match = _INDENT.search(dom.get(row.element, "style"))
    indent = int(match[1]) - _COMMENT_INDENT * (row.kind == "comment") if match else -1
    return indent // _INDENT_STEP + 1 if indent >= 0 and indent % _INDENT_STEP == 0 else None


def _get_line_name(wrapper: Node) -> str:
    """Return the comment that a line belongs to, or "" if its classes do not name one."""
    names = [name for name in dom.get_classes(wrapper) if name.startswith("t1_")]
    return names[0] if len(names) == 1 and is_fullname(names[0], "t1") else ""


def _get_level(label: Node) -> int | None:
    """Return the number in "level 2", which is in the reader's language."""
    text = dom.get_text(label)
    numbers = _NUMBER.findall(text) if len(text) < 50 else []
    return int(numbers[0]) if len(numbers) == 1 else None
