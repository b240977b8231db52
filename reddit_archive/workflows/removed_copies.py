"""Copies of redacted or forgotten content that other programs left in the archive."""

from collections.abc import Iterable
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import stray_copies
from reddit_archive.archive.stray_copies import StrayCopy
from reddit_archive.workflows.wording import format_count


def find_removed_copies(root: Path, thread_ids: Iterable[str]) -> list[StrayCopy]:
    """Return the copies that hold content which was removed from these threads."""
    thread_ids = [*dict.fromkeys(thread_ids)]
    copies = [
        copy for thread_id in thread_ids for copy in stray_copies.find_file_copies(root, thread_id)
    ]
    if thread_ids:
        copies += stray_copies.find_folder_copies(root, thread_ids=thread_ids)
    return [copy for copy in copies if copy.has_removed_content]


def build_error(count: int) -> errors.RedactionIncompleteError:
    """Return the error for a number of copies that hold removed content."""
    return errors.RedactionIncompleteError(
        f"removed content is still in {format_count(count, 'file')} that another program made",
        f"Delete the {'copy' if count == 1 else 'copies'} named above, also from the trash and the "
        "old versions that this program keeps. reddit-archive deletes only files that it wrote.",
    )
