"""Entries of lists: a thread with what to quote of it, or why an entry can't be understood."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from reddit_archive import errors
from reddit_archive.model import reference
from reddit_archive.model.reference import Reference
from reddit_archive.quote.blocks import options
from reddit_archive.quote.blocks.options import DEFAULT_OPTIONS, QUOTE_OPTIONS, QuoteOptions

MAX_LENGTH = 10_000
"""Characters of an entry; browsers accept addresses of up to 2,000."""
THREAD_KEYS = ("thread", "url")
_FLAGS = frozenset(spec.name[2:] for spec in QUOTE_OPTIONS.values() if spec.is_flag)
_MARKDOWN_LINK = re.compile(r"!?\[[^\]\n]*\]\(\s*<?([^\s<>()]+)>?[^()\n]*\)")


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A thread that a list names.

    Attributes:
        reference: The thread.
        options: What to quote of it; a comment that the address names is selected.
        origin: Where the list names it: "file:line", or "file: row 3" in a table.
    """

    reference: Reference
    options: QuoteOptions
    origin: str


@dataclass(frozen=True, slots=True)
class ListProblem:
    """An entry that can't be understood, with the reason and a hint."""

    origin: str
    message: str
    hint: str = ""


def build_entry(
    reference: Reference, origin: str, options: QuoteOptions = DEFAULT_OPTIONS
) -> ListEntry:
    """Build an entry; the comment that the reference names is selected."""
    return ListEntry(reference, options.with_comment(reference.comment_id), origin)


def build_problem(error: errors.ArchiveError, origin: str) -> ListProblem:
    return ListProblem(origin, error.message, error.hint)


def parse_address(address: str) -> Reference | errors.InvalidReferenceError | None:
    """Parse an address among other texts.

    Returns an error for an address that looks like that of a thread and names none, and None for
    other texts and for files.
    """
    try:
        parsed = reference.parse(address)
    except errors.InvalidReferenceError as error:
        return error if reference.looks_like_thread(address) else None
    return parsed if parsed.file is None else None


def parse_line(text: str, origin: str) -> ListEntry | ListProblem:
    """Parse a reference and the options around it, as on the command line."""
    if len(text) > MAX_LENGTH:
        return ListProblem(origin, "the line is too long", "Write one thread per line.")
    try:
        name, line_options = _split_line(text.strip())
        return parse_thread(name, origin, line_options)
    except errors.ArchiveError as error:
        return build_problem(error, origin)


def _split_line(text: str) -> tuple[str, QuoteOptions]:
    if text and not re.search(r"[\s'\"\\]", text) and not text.startswith("-"):
        return text, DEFAULT_OPTIONS  # most lines; ten times as fast
    if match := _MARKDOWN_LINK.match(text):
        text = shlex.quote(match[1]) + text[match.end() :]
    return options.parse(text)


def parse_thread(
    name: str, origin: str, thread_options: QuoteOptions = DEFAULT_OPTIONS
) -> ListEntry:
    """Build the entry of a thread. Raises InvalidReferenceError, also for files and stdin."""
    parsed = reference.parse(name)
    if parsed.file is not None:
        raise errors.InvalidReferenceError(
            f"'{name[:80]}' is a file, not the address of a thread",
            "Import saved files with `archive import`; name threads here.",
        )
    return build_entry(parsed, origin, thread_options)


def parse_mapping(values: Mapping[str, object], origin: str) -> ListEntry | ListProblem:
    """Parse a mapping with the names of options: `{thread: URL, comment: [ID], all: true}`.

    Values are text as written, or lists of text.
    """
    names = [str(values[key]) for key in THREAD_KEYS if values.get(key)]
    if not names:
        return ListProblem(origin, "no thread is named", "Name one with 'thread: URL'.")
    try:
        words = [
            word for key in values if key not in THREAD_KEYS for word in _build_words(key, values)
        ]
        entry_options = options.parse_words(["-", *words])[1]
        return parse_thread(names[0], origin, entry_options)
    except errors.ArchiveError as error:
        return build_problem(error, origin)


def _build_words(key: str, values: Mapping[str, object]) -> list[str]:
    """Return the words of the command line for an option's name and value."""
    name, value = key.strip().replace("_", "-"), values[key]
    if name in _FLAGS:
        text = str(value).lower()
        if text not in ("true", "yes", "on", "false", "no", "off"):
            raise errors.InvalidOptionsError(
                f"'{name}' must be true or false", f"Write '{name}: true'."
            )
        return [f"--{name}"] if text in ("true", "yes", "on") else []
    items = value if isinstance(value, list) else [value]
    if any(isinstance(item, list | dict) for item in items):
        raise errors.InvalidOptionsError(f"'{name}' has a nested value", "Give it one value.")
    return [f"--{name}={item}" for item in items if item not in ("", None)]
