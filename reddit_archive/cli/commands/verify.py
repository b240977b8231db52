"""`verify`: check that every stored file is intact."""

from pathlib import Path
from typing import Any

import click

from reddit_archive import errors
from reddit_archive.archive import stray_copies, verify
from reddit_archive.archive.store import DamagedFile
from reddit_archive.archive.stray_copies import StrayCopy
from reddit_archive.archive.verify import ImportedSnapshot, UnredactedCopy, UnsupportedFormat
from reddit_archive.cli import copies_report, options, terminal, worker_options
from reddit_archive.cli.save_report import report_returned
from reddit_archive.workflows.archive_folder import opened
from reddit_archive.workflows.wording import RETURNED_HINT, format_count


@click.command(
    "verify",
    short_help="Check every stored byte.",
    epilog=options.examples(
        "archive verify",
    ),
)
@worker_options.shared
@options.common
def verify_command(**given: Any) -> None:
    """Check every byte of every snapshot and picture against the SHA-256 in its name.

    Names each damaged file on stdout and exits with 4 if there is one. Changes nothing. With exit
    code 1 it names files of a newer version, of which it checks the bytes, and files that hold what
    was redacted, as a copy from before brings them: `archive redact --finish` ends that. It also
    names copies of snapshots that other programs made, and says which of them to remove.
    """
    root = opened(worker_options.settings(given).archive)
    damaged = newer = left = count = copied = 0
    with worker_options.executor(given) as executor, terminal.waiting("Checking …"):
        for found in verify.verify(root, executor=executor):
            if isinstance(found, ImportedSnapshot):
                terminal.warn(f"{found.path} {found.description}.")
                continue
            if isinstance(found, StrayCopy):
                copied += found.has_removed_content
                copies_report.report_copy(found)
                continue
            count += not isinstance(found, UnredactedCopy)
            damaged += isinstance(found, DamagedFile)
            newer += isinstance(found, UnsupportedFormat)
            left += isinstance(found, UnredactedCopy)
            if not isinstance(found, Path):
                terminal.result(terminal.printable(f"{found.path}: {found.description}") + "\n")
    returned = stray_copies.find_returned_threads(root)
    report_returned(returned)
    finish = "`archive redact --finish` takes it out"
    if damaged:
        redacted = f" Of what was redacted, some is still here: {finish}." if left else ""
        if copied:
            redacted += f" {copies_report.build_error(copied).hint}"
        raise errors.DamageFoundError(
            f"{damaged} of {count} files are damaged or missing",
            f"Restore the files named above from a backup; nothing was changed.{redacted}",
        )
    if left:  # whole, and so nothing to restore: a backup is where it may have come from
        raise errors.RedactionIncompleteError(
            f"what was redacted is still in {format_count(left, 'file')}",
            f"{finish}; copies and backups may bring it back."
            + (f" {copies_report.build_error(copied).hint}" if copied else ""),
        )
    if copied:
        raise copies_report.build_error(copied)
    if returned:
        threads = format_count(len(returned), "thread")
        raise errors.RedactionIncompleteError(
            f"{threads} that you had forgotten came back by copying", RETURNED_HINT
        )
    if newer:  # not damage, for which one would look for a backup; but not all was checked either
        raise errors.NewerFormatError(
            f"{newer} of {count} files are whole, but of a newer format: whether what they name is "
            "here was not checked",
            "Install a newer reddit-archive.",
        )
    if count:
        terminal.say(f"Checked {format_count(count, 'file')}: all whole.")
    else:  # nothing must not pass for a whole archive
        terminal.warn(f"There is nothing to check: {root.absolute()} holds no snapshot.")
