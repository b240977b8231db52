"""Ask before a command removes something."""

import sys

import click

from reddit_archive import errors
from reddit_archive.cli import terminal
from reddit_archive.cli.options import Command


def confirmation_options(command: Command) -> Command:
    """Add --dry-run and --yes to a command."""
    for option in (
        click.option("--yes", is_flag=True, help="Don't ask for confirmation (for scripts)."),
        click.option("--dry-run", is_flag=True, help="Show what would be removed; change nothing."),
    ):
        command = option(command)
    return command


def confirm(question: str, *, is_confirmed: bool) -> None:
    """Ask on a terminal, unless --yes has confirmed already.

    Raises:
        UsageError: There is no terminal to ask on.
        ArchiveError: The user said no.
    """
    if is_confirmed:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(
            f"can't ask for confirmation without a terminal: {question} Pass --yes to confirm."
        )
    if not click.confirm(terminal.make_printable(question), err=True):
        raise errors.ArchiveError("canceled; nothing was changed")
