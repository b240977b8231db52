"""`verify`: check that every stored file is intact."""

from pathlib import Path
from typing import Any

import click

from reddit_archive.archive.stray_copies import StrayCopy
from reddit_archive.archive.verify import Finding, ImportedSnapshot
from reddit_archive.cli import options, terminal, worker_options
from reddit_archive.cli.forgotten_report import report_returned
from reddit_archive.workflows import verify
from reddit_archive.workflows.archive_folder import require_archive
from reddit_archive.workflows.wording import format_count


@click.command(
    "verify",
    epilog=options.format_examples(
        "archive verify",
    ),
)
@worker_options.worker_options
@options.global_options
def verify_command(**cli_options: Any) -> None:
    """Check every byte of every snapshot and picture against the SHA-256 in the file's name.

    Prints each damaged file, and exits with 4 if there is one. Changes nothing.

    Exits with 1 if it finds other problems, and prints them: files of a newer version (it checks
    only their bytes); redacted content that an older copy brought back (`archive redact --finish`
    removes it); copies of snapshots that other programs made, with advice on which to delete.
    """
    root = require_archive(worker_options.load_settings(cli_options).archive)
    with worker_options.open_executor(cli_options) as executor, terminal.progress("Checking …"):
        summary = verify.verify_archive(root, on_finding=_print_finding, executor=executor)
    report_returned(summary.returned)
    if error := verify.build_error(summary):
        raise error
    if summary.checked_count:
        terminal.status(f"Checked {format_count(summary.checked_count, 'file')}: all intact.")
    else:  # an empty archive must not look like an intact one
        terminal.warn(f"There is nothing to check: {root.absolute()} contains no snapshots.")


def _print_finding(finding: Finding) -> None:
    """Print what a user must act on to stdout, and the rest as warnings."""
    if isinstance(finding, ImportedSnapshot) or (
        isinstance(finding, StrayCopy) and not finding.has_removed_content
    ):
        terminal.warn(f"{finding.path} {finding.description}.")
    elif not isinstance(finding, Path):
        terminal.print_result(
            terminal.make_printable(f"{finding.path}: {finding.description}") + "\n"
        )
