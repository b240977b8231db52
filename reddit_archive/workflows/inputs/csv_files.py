"""A table as a list: Reddit's own data export, a spreadsheet, another tool's CSV.

In Reddit's export, saved_*, hidden_posts and *_votes have `id,permalink`; posts and comments have
more (in comments, `link` is the post's address). Ids have no prefix: the columns, the row's address
and then the file's name tell what they identify. Messages have ids that look like those of posts.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from reddit_archive import errors
from reddit_archive.model import reference
from reddit_archive.model.reference import Reference
from reddit_archive.workflows.inputs import entries, links_in_text
from reddit_archive.workflows.inputs.entries import ListEntry, ListProblem

PERMALINKS = ("permalink", "full_link", "comment_permalink", "post_permalink", "content_link")
ADDRESSES = ("url", "link", "thread", "post_url", "thread_url", "href", "uri", "address")
IDS = ("fullname", "name", "id", "comment_id", "post_id", "submission_id", "thread_id")
COLUMNS = frozenset((*PERMALINKS, *ADDRESSES, *IDS))
DELIMITERS = (",", ";", "\t", "|")
NEVER_THREADS = frozenset(("message_id", "channel_url", "announcement_id", "scheduled_post_id"))
"""A table with one of these columns holds chat messages, announcements or unpublished posts."""
OTHER_IDS = (
    *({"from", "to"}, {"sender", "recipient"}, {"author", "dest"}, {"thread_id", "subject"}),
    *({"send_replies"}, {"is_public_link"}, {"display_name"}, {"is_owner"}),
)
"""Tables with these sets of columns have ids of messages, drafts or lists of subreddits.
Addresses in them still count."""
OTHER_FILES = re.compile(
    r"(?:messages?|message_headers|messages_archive|messages_archive_headers|chat_history|drafts"
    r"|multireddits|announcements|scheduled_posts)(?:_\d+)?\.csv"
)
"""The names of such tables in Reddit's export."""
OTHER_ADDRESS = re.compile(
    r"(?:(?:https?:)?//)?(?:[\w-]+\.)*(?:reddit\.com)?/(?:message|chat|room|notifications)s?(?:/|$)",
    re.IGNORECASE,
)
"""Addresses of messages: a row with such an address is about a message."""
OTHER_FULLNAME = re.compile(r"t[24-9]_[0-9a-z]+", re.IGNORECASE)
LONGEST_HEADER = 10_000


def is_table(text: str) -> bool:
    """Tell whether the first line names columns that a list of threads has."""
    header, delimiter = _header(text)
    return bool(delimiter) and bool((COLUMNS | NEVER_THREADS) & set(header)) and len(header) > 1


def read(text: str, name: str) -> Iterator[ListEntry | ListProblem]:
    """Give the thread of each row. Rows are counted as a spreadsheet does: the header is row 1.

    A table without a header that names such a column is read like a page.
    """
    file = re.split(r"[/\\]", name)[-1].lower()
    header, delimiter = _header(text)
    if NEVER_THREADS & set(header):
        return
    if not COLUMNS & set(header):
        yield from links_in_text.read(text, name)
        return
    table = _Table(header, file)
    for number, row in _rows(text, delimiter or ","):
        origin = f"{name}: row {number}"
        if isinstance(row, csv.Error):
            yield ListProblem(
                origin, f"the row is not valid CSV: {row}", "Fix its quotation marks."
            )
        elif any(cell.strip() for cell in row):
            found = table.thread(row)
            if isinstance(found, Reference):
                yield entries.item(found, origin)
            elif found:
                yield ListProblem(
                    origin, found, "A row needs the permalink of a thread, or its id."
                )


def _header(text: str) -> tuple[list[str], str]:
    """The names of the columns, and what parts them."""
    first = text.lstrip("\n")[:LONGEST_HEADER].partition("\n")[0]
    delimiter = max(DELIMITERS, key=lambda mark: (first.count(mark), mark == ","))
    if delimiter not in first:
        delimiter = ""
    cells = first.split(delimiter) if delimiter else [first]
    names = [cell.strip().strip("\"'").strip().lower() for cell in cells]
    return [re.sub(r"[\s-]+", "_", each) for each in names], delimiter


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """The rows below the header, with their numbers; an error for one that can't be read."""
    lines = (f"{line}\n" for line in text.lstrip("\n").split("\n"))
    reader = csv.reader(lines, delimiter=delimiter)
    number = 0
    while True:
        number += 1
        try:
            row: list[str] | csv.Error = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            row = error
        if number > 1:
            yield number, row


class _Table:
    """What the columns of a table say of its rows."""

    def __init__(self, header: Sequence[str], file: str) -> None:
        self._header = header
        names = set(header)
        is_answers = bool(names & {"link_id", "parent_id"}) or {"link", "parent"} <= names
        self._is_of_comments = is_answers or "comment" in file
        self._is_reddits = bool(names & {*PERMALINKS, "subreddit", "link_id"})
        self._may_be_bare = self._is_reddits or not names & set(ADDRESSES)
        self._has_other_ids = bool(OTHER_FILES.fullmatch(file)) or any(
            columns <= names for columns in OTHER_IDS
        )

    def thread(self, row: Sequence[str]) -> Reference | str:
        """Return a row's thread, or an error message, or "" if the row is about something else."""
        cells = dict(zip(self._header, (cell.strip() for cell in row), strict=False))
        is_other = self._has_other_ids or _is_about_other(cells)
        own_id = None if is_other else self._id(cells)
        columns = [*PERMALINKS, *(ADDRESSES if own_id is None or self._is_of_comments else ())]
        for column in columns:
            if found := _thread(cells.get(column, "")):
                return self._with_comment(found, own_id)
        if own_id is not None:
            return own_id
        return "" if is_other else self._why_not(cells)

    def _id(self, cells: Mapping[str, str]) -> Reference | None:
        """What a row's id is the id of, with the thread where another column names that."""
        for column in IDS:
            cell = cells.get(column, "").lower()
            match = re.fullmatch(r"(t[13]_)?([0-9a-z]{2,13})", cell)
            if match is None or not (match[1] or (self._may_be_bare and column != "name")):
                continue
            is_comment = self._is_of_comments if column == "id" else column == "comment_id"
            if match[1] == "t1_" or (is_comment and match[1] is None):
                link_id = re.fullmatch(
                    r"(?:t3_)?([0-9a-z]{2,13})", cells.get("link_id", "").lower()
                )
                return Reference(link_id[1] if link_id else None, match[2])
            return Reference(match[2])
        return None

    def _with_comment(self, found: Reference, own_id: Reference | None) -> Reference:
        """The comment that a row is about, where the address is its thread's alone."""
        if self._is_of_comments and own_id and found.post_id and not found.comment_id:
            return Reference(found.post_id, own_id.comment_id)
        return found

    def _why_not(self, cells: Mapping[str, str]) -> str:
        known = [cells[each] for each in (*PERMALINKS, *ADDRESSES, *IDS) if cells.get(each)]
        if not known:
            return "the row names no thread"
        is_elsewhere = any(re.match(r"[a-z][a-z0-9+.-]*://", each, re.IGNORECASE) for each in known)
        if is_elsewhere and not self._is_reddits:
            return ""
        return f"'{known[0][:80]}' names no thread"


def _is_about_other(cells: Mapping[str, str]) -> bool:
    """Return whether a row's address or id says that it is about a message, a user or the like."""
    return any(OTHER_ADDRESS.match(cells.get(column, "")) for column in PERMALINKS) or any(
        OTHER_FULLNAME.fullmatch(cells.get(column, "")) for column in IDS
    )


def _thread(cell: str) -> Reference | None:
    """The thread that a cell names, if it is an address; an id is no address."""
    if "/" in cell:
        with suppress(errors.InvalidReferenceError):
            found = reference.parse(cell)
            return found if found.file is None else None
    return None
