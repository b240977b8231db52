"""Reads tables: Reddit's own data export, spreadsheets, the CSV of other tools.

In Reddit's export, saved_*, hidden_posts and *_votes have the columns `id,permalink`; posts and
comments have more (in comments, `link` is the post's address). Ids have no prefix: the columns, the
row's address and the file's name show what they identify. Ids of messages look like ids of posts.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence

from reddit_archive import errors
from reddit_archive.model.reference import Reference
from reddit_archive.workflows.inputs import entries, links_in_text
from reddit_archive.workflows.inputs.entries import ListEntry, ListProblem

PERMALINK_COLUMNS = (
    "permalink",
    "full_link",
    "comment_permalink",
    "post_permalink",
    "content_link",
)
ADDRESS_COLUMNS = ("url", "link", "thread", "post_url", "thread_url", "href", "uri", "address")
ID_COLUMNS = ("fullname", "name", "id", "comment_id", "post_id", "submission_id", "thread_id")
COLUMNS = frozenset((*PERMALINK_COLUMNS, *ADDRESS_COLUMNS, *ID_COLUMNS))
DELIMITERS = (",", ";", "\t", "|")
OTHER_TABLE_COLUMNS = frozenset(
    ("message_id", "channel_url", "announcement_id", "scheduled_post_id")
)
"""Tables with one of these columns contain chat messages, announcements or scheduled posts."""
OTHER_TABLE_COLUMN_SETS = (
    *({"from", "to"}, {"sender", "recipient"}, {"author", "dest"}, {"thread_id", "subject"}),
    *({"send_replies"}, {"is_public_link"}, {"display_name"}, {"is_owner"}),
)
"""Tables with these sets of columns have ids of messages, drafts or lists of subreddits.
Addresses in them still count."""
OTHER_FILE_PATTERN = re.compile(
    r"(?:messages?|message_headers|messages_archive|messages_archive_headers|chat_history|drafts"
    r"|multireddits|announcements|scheduled_posts)(?:_\d+)?\.csv"
)
"""The names of such tables in Reddit's export."""
MESSAGE_ADDRESS_PATTERN = re.compile(
    r"(?:(?:https?:)?//)?(?:[\w-]+\.)*(?:reddit\.com)?/(?:message|chat|room|notifications)s?(?:/|$)",
    re.IGNORECASE,
)
"""Addresses of messages: a row with such an address is about a message."""
OTHER_FULLNAME_PATTERN = re.compile(r"t[24-9]_[0-9a-z]+", re.IGNORECASE)
MAX_HEADER_LENGTH = 10_000


def is_table(text: str) -> bool:
    """Return whether the first line has column names of a list of threads."""
    header, delimiter = _read_header(text)
    return (
        bool(delimiter) and bool((COLUMNS | OTHER_TABLE_COLUMNS) & set(header)) and len(header) > 1
    )


def read(text: str, name: str) -> Iterator[ListEntry | ListProblem]:
    """Yield the thread of each row. Rows are numbered as in a spreadsheet: the header is row 1.

    A table without such column names is read as a page with links.
    """
    file = re.split(r"[/\\]", name)[-1].lower()
    header, delimiter = _read_header(text)
    if OTHER_TABLE_COLUMNS & set(header):
        return
    if not COLUMNS & set(header):
        yield from links_in_text.read(text, name)
        return
    table = _Table(header, file)
    for number, row in _iter_rows(text, delimiter or ","):
        origin = f"{name}: row {number}"
        if isinstance(row, csv.Error):
            yield ListProblem(
                origin, f"the row is not valid CSV: {row}", "Fix its quotation marks."
            )
        elif any(cell.strip() for cell in row):
            result = table.read_row(row)
            if isinstance(result, Reference):
                yield entries.build_entry(result, origin)
            elif isinstance(result, errors.InvalidReferenceError):
                yield entries.build_problem(result, origin)
            elif result:
                yield ListProblem(
                    origin, result, "A row needs the permalink of a thread, or its id."
                )


def _read_header(text: str) -> tuple[list[str], str]:
    """Return the names of the columns, and the delimiter."""
    first_line = text.lstrip("\n")[:MAX_HEADER_LENGTH].partition("\n")[0]
    delimiter = max(DELIMITERS, key=lambda mark: (first_line.count(mark), mark == ","))
    if delimiter not in first_line:
        delimiter = ""
    cells = first_line.split(delimiter) if delimiter else [first_line]
    names = [cell.strip().strip("\"'").strip().lower() for cell in cells]
    return [re.sub(r"[\s-]+", "_", each) for each in names], delimiter


def _iter_rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """Yield the number of each row below the header with its cells, or an error."""
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
    """Reads the rows of a table by its columns."""

    def __init__(self, header: Sequence[str], file: str) -> None:
        self._header = header
        names = set(header)
        is_answers = bool(names & {"link_id", "parent_id"}) or {"link", "parent"} <= names
        self._is_of_comments = is_answers or "comment" in file
        self._is_from_reddit = bool(names & {*PERMALINK_COLUMNS, "subreddit", "link_id"})
        self._can_have_bare_ids = self._is_from_reddit or not names & set(ADDRESS_COLUMNS)
        self._has_other_ids = bool(OTHER_FILE_PATTERN.fullmatch(file)) or any(
            columns <= names for columns in OTHER_TABLE_COLUMN_SETS
        )

    def read_row(self, row: Sequence[str]) -> Reference | errors.InvalidReferenceError | str:
        """Return a row's thread, or what is wrong, or "" if the row is about something else."""
        cells = dict(zip(self._header, (cell.strip() for cell in row), strict=False))
        is_other = self._has_other_ids or _is_about_other(cells)
        own_id = None if is_other else self._read_id(cells)
        columns = [
            *PERMALINK_COLUMNS,
            *(ADDRESS_COLUMNS if own_id is None or self._is_of_comments else ()),
        ]
        refused: errors.InvalidReferenceError | None = None
        for column in columns:
            linked = _parse_address(cells.get(column, ""))
            if isinstance(linked, Reference):
                return self._add_comment(linked, own_id)
            refused = refused or linked
        if own_id is not None:
            return own_id
        return refused or ("" if is_other else self._explain_missing(cells))

    def _read_id(self, cells: Mapping[str, str]) -> Reference | None:
        """Return what a row's id identifies, with the thread if another column names it."""
        for column in ID_COLUMNS:
            cell = cells.get(column, "").lower()
            match = re.fullmatch(r"(t[13]_)?([0-9a-z]{2,13})", cell)
            if match is None or not (match[1] or (self._can_have_bare_ids and column != "name")):
                continue
            is_comment = self._is_of_comments if column == "id" else column == "comment_id"
            if match[1] == "t1_" or (is_comment and match[1] is None):
                link_id = re.fullmatch(
                    r"(?:t3_)?([0-9a-z]{2,13})", cells.get("link_id", "").lower()
                )
                return Reference(link_id[1] if link_id else None, match[2])
            return Reference(match[2])
        return None

    def _add_comment(self, linked: Reference, own_id: Reference | None) -> Reference:
        """Add the comment of a row to an address that names only the thread."""
        if self._is_of_comments and own_id and linked.post_id and not linked.comment_id:
            return Reference(linked.post_id, own_id.comment_id)
        return linked

    def _explain_missing(self, cells: Mapping[str, str]) -> str:
        values = [
            cells[each]
            for each in (*PERMALINK_COLUMNS, *ADDRESS_COLUMNS, *ID_COLUMNS)
            if cells.get(each)
        ]
        if not values:
            return "the row names no thread"
        is_elsewhere = any(
            re.match(r"[a-z][a-z0-9+.-]*://", each, re.IGNORECASE) for each in values
        )
        if is_elsewhere and not self._is_from_reddit:
            return ""
        return f"'{values[0][:80]}' names no thread"


def _is_about_other(cells: Mapping[str, str]) -> bool:
    """Return whether a row is about a message, a user or the like, by its address or id."""
    return any(
        MESSAGE_ADDRESS_PATTERN.match(cells.get(column, "")) for column in PERMALINK_COLUMNS
    ) or any(OTHER_FULLNAME_PATTERN.fullmatch(cells.get(column, "")) for column in ID_COLUMNS)


def _parse_address(cell: str) -> Reference | errors.InvalidReferenceError | None:
    """Return the thread of an address, or why it names none; None for other cells."""
    return entries.parse_address(cell) if "/" in cell else None
