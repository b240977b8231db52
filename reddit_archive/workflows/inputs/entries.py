"""One entry of a list: a thread with what to quote of it, or the reason why it is none."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from reddit_archive import errors
from reddit_archive.model import reference
from reddit_archive.model.reference import Reference
from reddit_archive.quote.blocks import QuoteOptions, options
from reddit_archive.quote.blocks.options import DEFAULT_OPTIONS, QUOTE_OPTIONS

LONGEST = 10_000
"""Characters of an entry; the longest address that browsers take has 2,000."""
THREAD_KEYS = ("thread", "url")
_FLAGS = frozenset(spec.name[2:] for spec in QUOTE_OPTIONS.values() if spec.is_flag)
_LINKED = re.compile(r"!?\[[^\]\n]*\]\(\s*<?([^\s<>()]+)>?[^()\n]*\)")


@dataclass(frozen=True, slots=True)
class ListEntry:
    """What a list names. `origin` is where: "file:line", or "file: row 3" of a table.

    A comment that the address names is among those that `options` selects.
    """

    reference: Reference
    options: QuoteOptions
    origin: str


@dataclass(frozen=True, slots=True)
class ListProblem:
    """An entry that can't be understood: what is wrong in one sentence, and what to do."""

    origin: str
    message: str
    hint: str = ""


def item(pointed: Reference, origin: str, chosen: QuoteOptions = DEFAULT_OPTIONS) -> ListEntry:
    """Make an item, with the comment that the reference names selected."""
    return ListEntry(pointed, chosen.with_comment(pointed.comment_id), origin)


def failed(error: errors.ArchiveError, origin: str) -> ListProblem:
    return ListProblem(origin, error.message, error.hint)


def line(text: str, origin: str) -> ListEntry | ListProblem:
    """Read a reference and the options around it, as on the command line."""
    if len(text) > LONGEST:
        return ListProblem(origin, "the line is too long for a thread", "Write one thread a line.")
    try:
        named, chosen = _words(text.strip())
        return thread(named, origin, chosen)
    except errors.ArchiveError as error:
        return failed(error, origin)


def _words(text: str) -> tuple[str, QuoteOptions]:
    if text and not re.search(r"[\s'\"\\]", text) and not text.startswith("-"):
        return text, DEFAULT_OPTIONS  # most lines, at a tenth of the time
    if linked := _LINKED.match(text):
        text = shlex.quote(linked[1]) + text[linked.end() :]
    return options.parse(text)


def thread(named: str, origin: str, chosen: QuoteOptions = DEFAULT_OPTIONS) -> ListEntry:
    """Make an item of what names a thread. Raises BadReference, also for a file or stdin."""
    pointed = reference.parse(named)
    if pointed.file is not None:
        raise errors.InvalidReferenceError(
            f"'{named[:80]}' is a file, not the address of a thread",
            "`archive import` takes in saved files; name threads here.",
        )
    return item(pointed, origin, chosen)


def mapping(given: Mapping[str, object], origin: str) -> ListEntry | ListProblem:
    """Read a reference and options by their long names: `{thread: URL, comment: [ID], all: true}`.

    Values are text, as it was written, or lists of text.
    """
    named = [str(given[key]) for key in THREAD_KEYS if given.get(key)]
    if not named:
        return ListProblem(origin, "no thread is named", "Name one with 'thread: URL'.")
    try:
        words = [word for key in given if key not in THREAD_KEYS for word in _option(key, given)]
        chosen = options.parse_words(["-", *words])[1]
        return thread(named[0], origin, chosen)
    except errors.ArchiveError as error:
        return failed(error, origin)


def _option(key: str, given: Mapping[str, object]) -> list[str]:
    """The words of the command line that a name and its value stand for."""
    name, value = key.strip().replace("_", "-"), given[key]
    if name in _FLAGS:
        said = str(value).lower()
        if said not in ("true", "yes", "on", "false", "no", "off"):
            raise errors.InvalidOptionsError(
                f"'{name}' must be true or false", f"Write '{name}: true'."
            )
        return [f"--{name}"] if said in ("true", "yes", "on") else []
    values = value if isinstance(value, list) else [value]
    if any(isinstance(each, list | dict) for each in values):
        raise errors.InvalidOptionsError(f"'{name}' holds more than it can", "Give it one value.")
    return [f"--{name}={each}" for each in values if each not in ("", None)]
