"""What the person sees: results on stdout, all else on stderr, progress on a terminal alone."""

import json
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import click

from reddit_archive import errors
from reddit_archive.files import file_names
from reddit_archive.workflows.wording import format_count

if TYPE_CHECKING:
    from pathlib import Path

    from rich.status import Status

    from reddit_archive.archive.store import DamagedFile
    from reddit_archive.workflows.reporter import Reporter

counted = format_count
GAP = 2
"""Between two columns of a table."""

_quiet = False
_debugging = False
_status: "Status | None" = None


def set_up(*, verbose: int, quiet: bool) -> None:
    """Choose how much is said. Only our own log is shown: others write keys into theirs."""
    global _quiet, _debugging
    _quiet, _debugging = quiet, verbose > 1
    if verbose:
        import logging

        logger = logging.getLogger("reddit_archive")
        logger.setLevel(logging.DEBUG if _debugging else logging.INFO)
        if not logger.handlers:
            handler = logging.StreamHandler()
            handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
            logger.addHandler(handler)


def result(text: str) -> None:
    """Print a result, in UTF-8 wherever it goes. Raises StoreError where no space is left there."""
    try:
        click.echo(text.encode("utf-8", "replace"), nl=False)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise errors.StoreError(
            f"can't print the result: {(error.strerror or 'it failed').lower()}",
            "What was saved is safe; print it to another place.",
        ) from error


def result_path(path: "Path") -> None:
    """Print the path of a file that was written; bytes that are not UTF-8 are written out."""
    result(f"{file_names.make_readable(str(path))}\n")


def result_json(value: Any, *, indent: int | None = None) -> None:
    """Print a result as JSON that every parser accepts, whatever the file names in it are."""
    result(file_names.make_json_readable(json.dumps(value, indent=indent)) + "\n")


def say(sentence: str) -> None:
    """Tell something that is good to know."""
    if not _quiet:
        _tell(printable(sentence))


def warn(sentence: str) -> None:
    """Tell something that went wrong, even with --quiet."""
    _tell(printable(sentence))


def damaged(found: "DamagedFile") -> None:
    """Tell that a damaged file was left out of what is shown."""
    warn(f"Left out: {found.description}. {found.hint}")


def fail(message: str, hint: str) -> None:
    """Say in one sentence what is wrong, and what to do."""
    end = "" if message.endswith((".", "?", ")", "!")) else "."
    click.echo(f"archive: {printable(message)}{end}", err=True)
    if hint:
        click.echo(f"  {printable(hint)}", err=True)


def debug(text: str) -> None:
    """Print text of several lines to stderr with `-vv`."""
    if _debugging:
        click.echo(printable(text).rstrip("\n"), err=True)


def printable(text: str) -> str:
    """Show control and direction characters as what they are, so that none acts on a terminal."""
    return "".join(
        f"\\x{ord(c):02x}" if unicodedata.category(c) in ("Cc", "Cf", "Cs") and c != "\n" else c
        for c in file_names.make_readable(text)
    )


@contextmanager
def waiting(what: str) -> Iterator[Callable[[str], None]]:
    """Show on a terminal that something is under way; the function that it gives changes what."""
    global _status
    if _quiet or _status is not None or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status(Text(printable(what))) as _status:
        status = _status
        try:
            yield lambda now: status.update(Text(printable(now)))
        finally:
            _status = None


class _TerminalReporter:
    """The `Reporter` that shows the messages of workflows on the terminal."""

    def status(self, message: str) -> None:
        say(message)

    def warn(self, message: str) -> None:
        warn(message)

    def progress(self, message: str) -> AbstractContextManager[Callable[[str], None]]:
        return waiting(message)


reporter: "Reporter" = _TerminalReporter()


def _tell(line: str) -> None:
    """Write a line to stderr, above what is under way."""
    if _status is None:
        click.echo(line, err=True)
        return
    from rich.text import Text

    _status.console.print(Text(line), soft_wrap=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, folding: int = 1) -> None:
    """Print rows: on a terminal a table, or where it would cut words two lines for each row.

    So many of the last fields are `folding` to any width. Elsewhere, lines of fields with a tab
    between.
    """
    shown = [[printable(" ".join(str(cell).split())) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        result("".join("\t".join(row) + "\n" for row in shown))
        return
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if _is_cut(columns, shown, console.width, folding):
        for *cells, last in shown:
            console.print(Text("  ".join(filter(None, cells))))
            if last:
                console.print(Padding(Text(last), (0, 0, 0, 2)))
        return
    drawn = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in shown:
        drawn.add_row(*(Text(cell) for cell in row))
    console.print(drawn)


def _is_cut(
    columns: Sequence[str], rows: Sequence[Sequence[str]], width: int, folding: int
) -> bool:
    """Tell whether a table would cut a word, like an id, of any field but those that fold.

    Of columns that are too wide together the widest are narrowed first, to one width.
    """
    from rich.cells import cell_len

    fields = list(zip(columns, *rows, strict=True))
    widest = sorted(max(map(cell_len, field)) for field in fields)
    left = width - GAP * (len(fields) - 1)
    for number, each in enumerate(widest):
        if each * (len(widest) - number) > left:
            level = left // (len(widest) - number)
            whole = fields[: len(fields) - folding]
            words = (word for field in whole for cell in field[1:] for word in cell.split())
            return any(cell_len(word) > level for word in words)
        left -= each
    return False
