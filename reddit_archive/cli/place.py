"""Where the archive is, and what is said where there is none, or nothing in it."""

from pathlib import Path

from reddit_archive import errors, store


def opened(root: Path) -> Path:
    """Give the archive's folder back. Raises NotArchived where there is none.

    Whoever reads would else find nothing there, and take a slip in the folder's name for an
    archive that lost everything, or was checked and is whole.
    """
    if not store.is_archive(root):
        raise errors.NotArchived(
            f"there is no archive at {root.absolute()}",
            "Say where it is with --archive DIR, or `archive` in config.yaml; `archive save "
            "THREAD` begins one.",
        )
    return root


def empty(root: Path) -> str:
    """What is said of an archive that holds nothing."""
    return f"{root.absolute()} holds no thread yet; `archive save THREAD` adds one."


def not_stored(root: Path, what: str, hint: str = "") -> errors.ArchiveError:
    """Say that the archive does not hold something; where there is none, that is what to say."""
    try:
        opened(root)
    except errors.NotArchived as error:
        return error
    return errors.NotArchived(
        f"the archive {root.absolute()} holds no {what}",
        hint or "`archive list` shows what it holds; `archive save THREAD` adds one.",
    )
