"""Check that an archive is intact, and summarize what the check found."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import forgotten_log, verify
from reddit_archive.archive.store import DamagedFile
from reddit_archive.archive.stray_copies import StrayCopy
from reddit_archive.archive.verify import (
    Finding,
    ImportedSnapshot,
    UnredactedCopy,
    UnsupportedFormat,
)
from reddit_archive.workflows import removed_copies
from reddit_archive.workflows.wording import RETURNED_HINT, format_count


@dataclass(slots=True)
class VerifySummary:
    """What a check found.

    Attributes:
        checked_count: The files that were checked.
        damaged_count: The files among them that are damaged or missing.
        unsupported_count: The files among them that have a newer format.
        unredacted_count: The intact files that hold redacted content.
        removed_copy_count: The copies by other programs that hold removed content.
        returned: The time at which each thread was forgotten that was copied back since.
    """

    checked_count: int = 0
    damaged_count: int = 0
    unsupported_count: int = 0
    unredacted_count: int = 0
    removed_copy_count: int = 0
    returned: Mapping[str, str] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        """Count a finding."""
        match finding:
            case ImportedSnapshot():
                pass
            case StrayCopy():
                self.removed_copy_count += finding.has_removed_content
            case UnredactedCopy():  # its file was counted already
                self.unredacted_count += 1
            case _:
                self.checked_count += 1
                self.damaged_count += isinstance(finding, DamagedFile)
                self.unsupported_count += isinstance(finding, UnsupportedFormat)


def verify_archive(
    root: Path, *, on_finding: Callable[[Finding], None], executor: Executor | None = None
) -> VerifySummary:
    """Check every stored byte, and change nothing.

    Args:
        root: The archive.
        on_finding: Receives each finding that is more than an intact file.
        executor: Checks many threads in several processes.
    """
    summary = VerifySummary()
    for finding in verify.verify(root, executor=executor):
        summary.add(finding)
        if not isinstance(finding, Path):
            on_finding(finding)
    summary.returned = forgotten_log.find_returned_threads(root)
    return summary


def build_error(summary: VerifySummary) -> errors.ArchiveError | None:
    """Return the error for what a check found, the most serious one; None if all is intact."""
    copies_hint = removed_copies.build_error(summary.removed_copy_count).hint
    copies_hint = f" {copies_hint}" if summary.removed_copy_count else ""
    if summary.damaged_count:
        redacted_hint = " Run `archive redact --finish` to remove the redacted content."
        return errors.DamageFoundError(
            f"{summary.damaged_count} of {summary.checked_count} files are damaged or missing",
            "Restore the files named above from a backup. This check changed nothing."
            + (redacted_hint if summary.unredacted_count else "")
            + copies_hint,
        )
    if summary.unredacted_count:  # no word of a backup: the files may have come from one
        return errors.RedactionIncompleteError(
            f"redacted content is still in {format_count(summary.unredacted_count, 'file')}",
            "Run `archive redact --finish` to remove it. Copies and backups can bring it back."
            + copies_hint,
        )
    if summary.removed_copy_count:
        return removed_copies.build_error(summary.removed_copy_count)
    if summary.returned:
        count = len(summary.returned)
        return errors.RedactionIncompleteError(
            f"{format_count(count, 'forgotten thread')} {'is' if count == 1 else 'are'} "
            "in the archive again",
            RETURNED_HINT,
        )
    if summary.unsupported_count:  # an error, because not everything was checked
        return errors.NewerFormatError(
            f"{summary.unsupported_count} of {summary.checked_count} files are intact but have a "
            "newer format, so the files that they refer to were not checked",
            "Install a newer reddit-archive.",
        )
    return None
