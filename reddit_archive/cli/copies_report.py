"""What is said of copies that other programs left in the archive, above all of what was removed."""

from collections.abc import Iterable
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import stray_copies
from reddit_archive.archive.stray_copies import StrayCopy
from reddit_archive.cli import terminal


def tell_copy(found: StrayCopy) -> None:
    """Name a copy: on stdout if it holds what was removed, else in a warning."""
    if found.has_removed_content:
        terminal.result(terminal.printable(f"{found.path}: {found.description}") + "\n")
    else:
        terminal.warn(f"{found.path} {found.description}.")


def tell_removed(root: Path, threads: Iterable[str]) -> int:
    """Name the copies that hold what was removed from these threads; return how many there are."""
    threads = [*dict.fromkeys(threads)]
    found = [
        each for thread_id in threads for each in stray_copies.find_file_copies(root, thread_id)
    ]
    found += stray_copies.find_folder_copies(root, thread_ids=threads) if threads else []
    held = [each for each in found if each.has_removed_content]
    for each in held:
        terminal.warn(f"{each.path} {each.description}.")
    return len(held)


def copies_left(count: int) -> errors.RedactionIncompleteError:
    """The error for copies that hold what was removed."""
    one = count == 1
    return errors.RedactionIncompleteError(
        f"what was removed is still in {terminal.counted(count, 'file')} that another program made",
        f"Remove the {'copy' if one else 'copies'} named above, and what that program keeps in a "
        "trash or as older versions. No command of this one removes files that it did not write.",
    )
