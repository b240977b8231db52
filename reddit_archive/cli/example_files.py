"""The example threads, which the help's examples name: they come with the program."""

from collections.abc import Iterable
from pathlib import Path

NAME = "examples"
PACKAGE = Path(__file__).parent.parent


def missing(words: Iterable[str]) -> str:
    """Say where the examples lie, if a command names one that is not here; else ""."""
    for word in words:
        path = Path(word)
        folder = _folder(path.name) if path.parts[:-1] == (NAME,) else None
        if folder is not None and not path.exists():
            return f"The examples come with the program: copy the folder {folder} to here."
    return ""


def _folder(name: str) -> Path | None:
    """Where an example lies: within the package, or beside it where that is the project's."""
    folders = (parent / NAME for parent in (PACKAGE, PACKAGE.parent))
    return next((folder for folder in folders if (folder / name).is_file()), None)
