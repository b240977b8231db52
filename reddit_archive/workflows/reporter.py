"""How a workflow reports to its caller: status messages, warnings and progress."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from reddit_archive.archive.store import DamagedFile


class Reporter(Protocol):
    """Receives the messages of a workflow. The command line prints them."""

    def status(self, message: str) -> None:
        """Report something that is good to know."""

    def warn(self, message: str) -> None:
        """Report something that went wrong while the workflow continues."""

    def progress(self, message: str) -> AbstractContextManager[Callable[[str], None]]:
        """Show that a step is running; the function that it gives changes the message."""


def warn_of_damage(reporter: Reporter) -> Callable[[DamagedFile], None]:
    """Return a callback for readers that warns of each damaged file that they leave out."""
    return lambda file: reporter.warn(f"Left out: {file.description}. {file.hint}")
