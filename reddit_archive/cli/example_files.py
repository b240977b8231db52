"""Find the example threads that the help texts name. They come with the program."""

from collections.abc import Iterable
from pathlib import Path

FOLDER_NAME = "examples"
PACKAGE = Path(__file__).parent.parent


def build_hint(words: Iterable[str]) -> str:
    """Return a hint where the examples are, if a command names one that does not exist; else ""."""
    for word in words:
        path = Path(word)
        folder = _find_folder(path.name) if path.parts[:-1] == (FOLDER_NAME,) else None
        if folder is not None and not path.exists():
            return f"The examples come with the program. Copy the folder {folder} here."
    return ""


def _find_folder(name: str) -> Path | None:
    """Return the folder of an example: in the package, or next to it in a checkout."""
    folders = (parent / FOLDER_NAME for parent in (PACKAGE, PACKAGE.parent))
    return next((folder for folder in folders if (folder / name).is_file()), None)
