"""Output: results on stdout, messages on stderr, progress only on a terminal."""

import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import click

from reddit_archive import errors
from reddit_archive.files import file_names

if TYPE_CHECKING:
    from pathlib import Path

    from rich.status import Status

    from reddit_archive.archive.store import DamagedFile
    from reddit_archive.workflows.reporter import Reporter

_DIRECTION_CHARACTERS = re.compile("[\u202a-\u202e\u2066-\u2069]")

_quiet = False
_debugging = False
_status: "Status | None" = None


def configure(*, verbose: int, quiet: bool) -> None:
    """Set how much is printed. Only this package's log is shown: others log keys."""
    global _quiet, _debugging
    _quiet, _debugging = quiet, verbose > 1
    if verbose:
        import logging  # 3 ms

        logger = logging.getLogger("reddit_archive")
        logger.setLevel(logging.DEBUG if _debugging else logging.INFO)
        if not logger.handlers:
            handler = logging.StreamHandler()
            handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
            logger.addHandler(handler)


def print_result(text: str) -> None:
    """Print a result in UTF-8. Raises StoreError if it can't be written.

    A terminal gets no direction characters. Quotes keep them in files, in pipes and for --copy.
    """
    if not text.isascii() and sys.stdout.isatty():
        text = _DIRECTION_CHARACTERS.sub("", text)
    try:
        click.echo(text.encode("utf-8", "replace"), nl=False)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise errors.StoreError(
            f"can't print the result: {(error.strerror or 'it failed').lower()}",
            "What was saved is safe; print it to another place.",
        ) from error


def print_path(path: "Path") -> None:
    """Print the path of a written file; bytes that are not UTF-8 are escaped."""
    print_result(f"{file_names.make_readable(str(path))}\n")


def status(message: str) -> None:
    """Print a status message, unless --quiet is given."""
    if not _quiet:
        _write_line(make_printable(message))


def warn(message: str) -> None:
    """Print a warning, even with --quiet."""
    _write_line(make_printable(message))


def warn_damaged(file: "DamagedFile") -> None:
    """Warn of a damaged file that was left out."""
    warn(f"Left out: {file.description}. {file.hint}")


def print_error(message: str, hint: str) -> None:
    """Print an error and its hint."""
    end = "" if message.endswith((".", "?", ")", "!")) else "."
    click.echo(f"archive: {make_printable(message)}{end}", err=True)
    if hint:
        click.echo(f"  {make_printable(hint)}", err=True)


def debug(text: str) -> None:
    """Print several lines to stderr with `-vv`."""
    if _debugging:
        click.echo(make_printable(text).rstrip("\n"), err=True)


def make_printable(text: str) -> str:
    """Escape control and direction characters, so that none acts on a terminal."""
    if text.isprintable():
        return text
    return "".join(
        f"\\x{ord(c):02x}" if unicodedata.category(c) in ("Cc", "Cf", "Cs") and c != "\n" else c
        for c in file_names.make_readable(text)
    )


@contextmanager
def progress(message: str) -> Iterator[Callable[[str], None]]:
    """Show on a terminal that a step is running; the function that it gives changes the text."""
    global _status
    if _quiet or _status is not None or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # 20 ms
    from rich.text import Text  # 10 ms

    with Console(stderr=True).status(Text(make_printable(message))) as _status:
        running = _status
        try:
            yield lambda update: running.update(Text(make_printable(update)))
        finally:
            _status = None


class _TerminalReporter:
    """The `Reporter` that shows the messages of workflows on the terminal."""

    def status(self, message: str) -> None:
        status(message)

    def warn(self, message: str) -> None:
        warn(message)

    def progress(self, message: str) -> AbstractContextManager[Callable[[str], None]]:
        return progress(message)


reporter: "Reporter" = _TerminalReporter()


def _write_line(line: str) -> None:
    """Write a line to stderr, above the running step."""
    if _status is None:
        click.echo(line, err=True)
        return
    _status.console.print(line, markup=False, highlight=False, emoji=False, soft_wrap=True)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, folding: int = 1) -> None:
    """Print rows: on a terminal as a table, otherwise as lines of fields separated by tabs.

    Without rows, print nothing. Where a table would cut words, each row takes two lines. The last
    `folding` fields may wrap.
    """
    if not sys.stdout.isatty():
        print_result("".join(f"{format_line(row)}\n" for row in rows))
        return
    printable_rows = [[*map(_format_cell, row)] for row in rows]
    if not printable_rows:
        return
    from reddit_archive.cli import rich_table  # 20 ms, with rich

    rich_table.print_table(columns, printable_rows, folding=folding)


def _format_cell(cell: Any) -> str:
    return make_printable(" ".join(str(cell).split()))


def format_line(cells: Sequence[Any]) -> str:
    """Return a line of fields separated by tabs, without its end."""
    return "\t".join(map(_format_cell, cells))
